import type { Link } from '@jpki-rp/verifier/links';
import type { Account, Message } from '../accounts/account.ts';
import { passbook } from './done.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import { type Page, timeOf } from './page.ts';
import { operationName, personFacts } from './verified.ts';
import { CLASS_WORDS } from './words.ts';

export function accountPage(page: Page, account: Account, links: readonly Link[]): string {
  const { t, lang } = page;
  const loginCertificates = account.certificates.filter((certificate) => certificate.class.endsWith('user-authentication'));
  const name = account.person.name ?? '';
  const isLinked = links.some(({ relation, state }) => relation === 'authentication' && state === 'active');
  const suspended = links.some(({ relation, state }) => relation === 'authentication' && state === 'suspended');
  return layout(page, {
    title: t('マイページ', 'My account'),
    current: 'account',
    wide: true,
    body: html`
<header class="title"><h1 data-testid="greeting"><span lang="ja">${name}</span>${t(' 様', '')}</h1>${loggedInBy(page)}</header>
<div class="columns"><div>
${passbook(page, account, true)}
<section class="card"><div class="card-head"><h2>${t('お知らせ', 'Messages')}</h2>${icon('mail')}</div>
<ul class="inbox" data-testid="inbox">${account.inbox.slice(0, 6).map((message) => inboxLine(page, message, links))}</ul></section>
<section class="card"><div class="card-head"><h2>${t('本人確認の記録', 'Identifications')}</h2>${icon('shield')}</div>
<ul class="records">${account.identifications
      .slice(0, 8)
      .map(
        (one) =>
          html`<li><a href="/account/identifications/${one.id}"><span><b>${operationName(lang, one.operation)}</b><small>${CLASS_WORDS[one.class][lang]}</small></span><time>${timeOf(lang, one.at)}</time></a></li>`,
      )}</ul></section>
</div><div>
${
  loginCertificates.length === 0
    ? html`<section class="next stacked"><span class="badge">${icon('key')}</span><div><h2>${t('ログイン方法が未登録です', 'No way to log in yet')}</h2><p>${t('次回のために、利用者証明用の電子証明書を登録してください。', 'Register your user-authentication certificate for next time.')}</p></div><a class="button primary" href="/register" data-testid="register-login">${t('登録する', 'Register')}</a></section>`
    : null
}
${
  suspended &&
  html`<section class="next stacked" data-testid="is-suspended"><span class="badge">${icon('dash')}</span><div><h2>${t('スマートフォンは一時停止中です', 'Your smartphone is suspended')}</h2><p>${t('電子証明書の一時停止が届いています。', 'A certificate is on hold.')}</p><p><a class="nowrap" href="/account/certificates">${t('理由を見る', 'See why')}</a></p></div></section>`
}
${
  isLinked
    ? html`<section class="next stacked calm" data-testid="is-linked"><span class="badge">${icon('phone')}</span><div><h2>${t('スマートフォンでお使いいただけます', 'Your smartphone is linked')}</h2><p>${t('次からはカードをかざさずにログインできます。', 'You can log in without your card.')}</p><p><a class="nowrap" href="/account/certificates">${t('つながりを見る', 'See the link')}</a></p></div></section>`
    : suspended
      ? null
      : html`<section class="next stacked"><span class="badge">${icon('phone')}</span><div><h2>${t('これからはスマートフォンで', 'Use my smartphone from now on')}</h2><p>${t('カードとスマートフォンを一度ずつ使って結び付けます。次からカードは要りません。', 'Use card and smartphone once each to link them. You will not need the card again.')}</p></div><a class="button primary" href="/link" data-testid="go-link">${t('はじめる', 'Begin')}</a></section>`
}
<section class="card"><div class="card-head"><h2>${t('ログインに使える電子証明書', 'Certificates for logging in')}</h2>${icon('key')}</div>
${
  loginCertificates.length === 0
    ? html`<p class="empty">${t('まだありません。', 'None yet.')}</p>`
    : html`<ul class="records plain-list">${loginCertificates.map((one) => html`<li><span><b>${CLASS_WORDS[one.class][lang]}</b><small>${t(`${timeOf(lang, one.registeredAt)} に登録`, `Registered ${timeOf(lang, one.registeredAt)}`)}</small></span></li>`)}</ul>`
}
<p class="after left"><a href="/account/certificates">${t('電子証明書とつながりを見る', 'See certificates and links')}</a></p></section>
<section class="card"><h2>${t('お届けの情報', 'Your details')}</h2>${personFacts(page, account)}</section>
</div></div>`,
  });
}

/** By what this session came to be, and how fresh the knowledge behind it is. */
function loggedInBy({ t, lang, session }: Page): Html | null {
  const through = session?.through ?? null;
  if (through === null || through.carriers.length === 0) return null;
  const by = through.carriers
    .map((carrier) => (carrier === 'card' ? t('カード', 'card') : t('スマートフォン', 'smartphone')))
    .join(t('と', ' and '));
  const asOf = through.cardStatusAsOf;
  return html`<p class="through" data-testid="through" data-carriers="${through.carriers.join(' ')}"><span class="pill good">${icon(through.carriers[0] === 'card' ? 'card' : 'phone')}${t(`${by}でログイン`, `Logged in by ${by}`)}</span>${
    asOf !== null &&
    html`<span class="small" data-testid="card-status">${t('カードの電子証明書: ', 'The card’s certificate was good as of ')}<time datetime="${asOf.toISOString()}">${timeOf(lang, asOf)}</time>${t(' の時点で有効', '')}</span>`
  }</p>`;
}

function inboxLine({ t, lang }: Page, message: Message, links: readonly Link[]): Html {
  const told = links.find(({ id }) => id === message.link);
  const undoable = told !== undefined && (told.state === 'active' || told.state === 'suspended');
  return html`<li><time datetime="${message.at.toISOString()}">${timeOf(lang, message.at)}</time><p>${message[lang]}</p>${
    undoable &&
    html`<form method="post" action="/account/links/${told.id}/undo"><button class="mini danger" data-testid="inbox-undo">${t('心当たりがない', 'This was not me')}</button></form>`
  }</li>`;
}
