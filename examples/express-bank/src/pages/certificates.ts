/** A person's certificates and what ties them together: a drawing, the state of each link, and what happened. */

import type { History, Link } from '@jpki-rp/verifier/links';
import type { Account } from '../accounts/account.ts';
import { type Life, lifeOf, newsOf } from '../life/life.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import { lifeDrawing } from './life-drawing.ts';
import { eventWords, whyOf } from './link-words.ts';
import { dateOf, type Page, timeOf } from './page.ts';
import { facts, pageTitle } from './parts.ts';
import { ASSURANCE_WORDS, BASIS_WORDS, CLASS_WORDS, LINK_STATE_WORDS } from './words.ts';

const isLive = ({ state }: Link): boolean => state === 'active' || state === 'suspended' || state === 'proposed';

export function certificatesPage(page: Page, account: Account, history: History | null): string {
  const { t } = page;
  const life = lifeOf(account, history);
  const linked = life.cards.flatMap(({ card, links }) => links.map((row) => ({ ...row, card })));
  return layout(page, {
    title: t('電子証明書とつながり', 'Certificates and links'),
    current: 'certificates',
    wide: true,
    body: html`
${pageTitle(t('電子証明書とつながり', 'Certificates and links'), t('証明書の番号は保管していません。鍵付きの識別子だけで見分けています。', 'No serial numbers are kept: certificates are told apart by keyed identifiers only.'))}
<div class="columns even"><div>
<section class="card figure">${lifeDrawing(page, life)}</section>
</div><div>
${
  !linked.some(({ link }) => isLive(link)) &&
  html`<section class="next stacked"><span class="badge">${icon('link')}</span><div><h2>${linked.length === 0 ? t('つながりはまだありません', 'No links yet') : t('いま有効なつながりはありません', 'No link is active now')}</h2><p>${t('カードとスマートフォンを結び付けると、次からスマートフォンだけでログインできます。', 'Link card and smartphone to log in with the smartphone alone.')}</p></div><a class="button primary" href="/link" data-testid="go-link">${t('結び付ける', 'Link them')}</a></section>`
}
${linked.map(({ link, card, phone }) => linkCard(page, life, link, { card, phone }))}
${timeline(page, account, life, history)}
</div></div>`,
  });
}

const pairTitle = (
  { t }: Page,
  { cardCount, phoneCount }: Life,
  { card, phone }: { readonly card: number; readonly phone: number },
): string =>
  t(
    `カード${cardCount > 1 ? ` ${card} ` : ''}とスマートフォン${phoneCount > 1 ? ` ${phone}` : ''}`,
    `Card${cardCount > 1 ? ` ${card}` : ''} and smartphone${phoneCount > 1 ? ` ${phone}` : ''}`,
  );

function linkCard(page: Page, life: Life, link: Link, { card, phone }: { readonly card: number; readonly phone: number }): Html {
  const { t, lang } = page;
  const live = isLive(link);
  const why = whyOf(page, link);
  const title = pairTitle(page, life, { card, phone });
  const rows = facts([
    [t('根拠', 'Basis'), BASIS_WORDS[link.basis][lang]],
    [t('確かさ', 'Assurance'), ASSURANCE_WORDS[link.assurance][lang]],
    [t('開始', 'Since'), link.activeSince === null ? null : timeOf(lang, new Date(link.activeSince))],
    [t('カードの有効確認', 'Card last known good'), live ? timeOf(lang, new Date(link.from.statusAsOf)) : null],
    [t('遅くとも', 'Ends by'), live ? dateOf(lang, new Date(link.expiresBy)) : null],
    [t('終了', 'Ended'), link.endedAt === null ? null : timeOf(lang, new Date(link.endedAt))],
    [t('理由', 'Reason'), why],
  ]);
  const head = html`<h2>${title}</h2><span class="pill ${link.state === 'active' ? 'good' : live ? 'warn' : ''}">${LINK_STATE_WORDS[link.state][lang]}</span>`;
  if (!live)
    return html`<details class="card past" data-testid="link" data-state="${link.state}"><summary class="card-head">${head}</summary>${rows}</details>`;
  return html`<section class="card" data-testid="link" data-state="${link.state}">
<div class="card-head">${head}</div>
${link.state === 'suspended' && html`<p class="notice warn" data-testid="why-suspended">${icon('dash')}<span>${why ?? ''}${t('。解除されたことを確かめるまで、このスマートフォンではログインできません。', '. Until it is seen to be lifted, this smartphone cannot log in.')}</span></p>`}
${rows}
<div class="actions"><form method="post" action="/account/links/${link.id}/end"><button class="button" data-testid="withdraw-link">${t('使うのをやめる', 'Stop using it')}</button></form>
<form method="post" action="/account/links/${link.id}/undo"><button class="button danger" data-testid="not-me">${t('心当たりがない', 'This was not me')}</button></form></div>
<p class="small">${t('「心当たりがない」を押すと、つながりを取り消し、すべての端末からログアウトします。', '“This was not me” undoes the link and logs everyone out, everywhere.')}</p>
</section>`;
}

function timeline(page: Page, account: Account, life: Life, history: History | null): Html {
  const { t, lang } = page;
  const entries = [
    ...account.certificates.map((one) => ({
      at: one.registeredAt,
      tone: 'plain',
      about: null,
      text: t(`登録: ${CLASS_WORDS[one.class].ja}`, `Registered: ${CLASS_WORDS[one.class].en}`),
    })),
    ...newsOf(life, history).flatMap(({ event, pair }) => {
      const words = eventWords(page, event);
      return words === null ? [] : [{ at: new Date(event.at), ...words, about: pair === null ? null : pairTitle(page, life, pair) }];
    }),
  ]
    // What happened in one instant stays in its order.
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .reverse();
  return html`<section class="card"><div class="card-head"><h2>${t('あゆみ', 'What happened')}</h2>${icon('clock')}</div><ol class="timeline" data-testid="timeline">${entries.map(({ at, tone, text, about }) => html`<li class="${tone}"><time datetime="${at.toISOString()}">${timeOf(lang, at)}</time><p>${text}${about !== null && html`<small>${about}</small>`}</p></li>`)}</ol></section>`;
}
