/** The frame of every page: header, notice, footer. */
import { BANK } from '../name.ts';
import { type Html, html, type Value } from './html.ts';
import { icon } from './icons.ts';
import type { Page } from './page.ts';

export interface Frame {
  readonly title: string;
  readonly body: Html;
  /** Whether the identification element is on the page. */
  readonly identifies?: boolean;
  readonly current?: 'open' | 'login' | 'account' | 'transfer' | 'certificates' | 'backstage';
  readonly wide?: boolean;
}

const logo = (page: Page): Html =>
  html`<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><rect class="ground" width="48" height="48" rx="13"/><path class="leaf" d="M34.5 11.5C20 11 12.500 18 12.500 27c0 3.400 1.100 6.300 2.800 8.500C26.500 36.500 36 29.500 34.500 11.500Z"/><path class="vein" d="M12 38.500c3-8 8.500-14.500 15.500-19"/></svg><span class="wordmark"><b>${page.t(BANK.ja, BANK.en)}</b><small lang="${page.lang === 'ja' ? 'en' : 'ja'}">${page.t(BANK.en, BANK.ja)}</small></span>`;

export function layout(page: Page, frame: Frame): string {
  const { t, lang, assets, account } = page;
  const item = (href: string, name: Frame['current'], label: Value): Html =>
    html`<a href="${href}" ${frame.current === name ? html`aria-current="page"` : ''}>${label}</a>`;
  const other = lang === 'ja' ? 'en' : 'ja';
  const notice = page.session?.notice ?? null;
  if (page.session !== null) page.session.notice = null;
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${frame.title}${t(` | ${BANK.ja}`, ` | ${BANK.en}`)}</title>
<link rel="icon" type="image/svg+xml" href="${assets.icon.href}">
<link rel="stylesheet" href="${assets.style.href}" integrity="${assets.style.integrity}">
${
  frame.identifies === true &&
  html`<script defer src="${assets.element.href}" integrity="${assets.element.integrity}"></script>
<script defer src="${assets.script.href}" integrity="${assets.script.integrity}"></script>`
}
</head>
<body>
<a class="skip" href="#main">${t('本文へ', 'Skip to content')}</a>
<header class="top"><div class="bar">
<a class="brand" href="/">${logo(page)}</a>
<nav aria-label="${t('メニュー', 'Menu')}">${
    account === null
      ? [item('/open', 'open', t('口座開設', 'Open an account')), item('/login', 'login', t('ログイン', 'Log in'))]
      : [
          item('/account', 'account', t('マイページ', 'My account')),
          item('/transfer', 'transfer', t('振込', 'Transfer')),
          item('/account/certificates', 'certificates', t('電子証明書', 'Certificates')),
          html`<form method="post" action="/logout"><button class="plain" data-testid="logout">${t('ログアウト', 'Log out')}</button></form>`,
        ]
  }</nav>
<a class="language" href="/language/${other}?to=${encodeURIComponent(page.path)}" lang="${other}" hreflang="${other}">${lang === 'ja' ? 'English' : '日本語'}</a>
</div></header>
<main id="main" class="${frame.wide === true ? 'wide' : 'measure'}">
${notice !== null && html`<p class="notice ${notice.tone}" role="status" data-testid="notice">${icon(notice.tone === 'good' ? 'check' : 'cross')}<span>${t(notice.ja, notice.en)}</span></p>`}
${frame.body}
</main>
<footer class="bottom"><div class="bar">
<p>${t(
    'こもれび銀行は、動作を確かめるための架空の銀行です。登場する人物・自治体・電子証明書もすべて架空で、実在の認証局にはつながりません。',
    'Komorebi Bank does not exist: it shows how things work. People, municipalities and certificates are fictional, and no real authority is contacted.',
  )}</p>
<p><a class="backstage-link" href="/backstage" ${frame.current === 'backstage' ? html`aria-current="page"` : ''}>${icon('gear')}${t('舞台裏(シミュレーター)', 'Behind the scenes (simulator)')}</a></p>
</div></footer>
</body>
</html>
`.toString();
}
