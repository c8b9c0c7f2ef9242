/** A person's certificates and what ties them together: a drawing, the state of each link, and what happened. */

import type { Carrier } from '@jpki-rp/verifier';
import type { History, Link } from '@jpki-rp/verifier/links';
import type { Account } from '../accounts/account.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import { dateOf, type Page, timeOf } from './page.ts';
import { facts, pageTitle } from './parts.ts';
import { CLASS_WORDS, LINK_STATE_WORDS } from './words.ts';

const isLive = (link: Link): boolean => link.state === 'active' || link.state === 'suspended' || link.state === 'proposed';

export function certificatesPage(page: Page, account: Account, history: History | null): string {
  const { t } = page;
  const links = [...(history?.links ?? [])].reverse();
  return layout(page, {
    title: t('電子証明書とつながり', 'Certificates and links'),
    current: 'certificates',
    body: html`
${pageTitle(t('電子証明書とつながり', 'Certificates and links'), t('証明書の番号は保管していません。鍵付きの識別子だけで見分けています。', 'No serial numbers are kept: certificates are told apart by keyed identifiers only.'))}
<section class="card">${drawing(page, account, links[0] ?? null)}</section>
${links.length === 0 && html`<section class="next"><span class="badge">${icon('link')}</span><div><h2>${t('つながりはまだありません', 'No links yet')}</h2><p>${t('カードとスマートフォンを結び付けると、次からスマートフォンだけでログインできます。', 'Link card and smartphone to log in with the smartphone alone.')}</p></div><a class="button primary" href="/link" data-testid="go-link">${t('結び付ける', 'Link them')}</a></section>`}
${links.map((link) => linkCard(page, link))}
${history !== null && timeline(page, account, history)}`,
  });
}

function linkCard(page: Page, link: Link): Html {
  const { t, lang } = page;
  const live = isLive(link);
  return html`<section class="card" data-testid="link" data-state="${link.state}">
<div class="card-head"><h2>${t('カードとスマートフォン', 'Card and smartphone')}</h2><span class="pill ${link.state === 'active' ? 'good' : live ? 'warn' : ''}">${LINK_STATE_WORDS[link.state][lang]}</span></div>
${facts([
  [t('根拠', 'Basis'), link.basis === 'same-session' ? t('一続きの手続きで両方の鍵を使用', 'Both keys used in one procedure') : link.basis],
  [
    t('確かさ', 'Assurance'),
    link.assurance === 'control' ? t('両方を操作できたこと', 'Control of both keys') : t('発行者による確認', 'Confirmed by the issuer'),
  ],
  [t('開始', 'Since'), link.activeSince === null ? null : timeOf(lang, new Date(link.activeSince))],
  [t('カードの有効確認', 'Card last known good'), timeOf(lang, new Date(link.from.statusAsOf))],
  [t('遅くとも', 'Ends by'), live ? dateOf(lang, new Date(link.expiresBy)) : null],
  [t('終了', 'Ended'), link.endedAt === null ? null : `${timeOf(lang, new Date(link.endedAt))}(${endReason(page, link)})`],
])}
${live && html`<form method="post" action="/account/links/${link.id}/end" class="actions"><button class="button danger" data-testid="undo-link">${t('つながりを取り消す', 'Undo this link')}</button></form>`}
</section>`;
}

function endReason({ t }: Page, { endReason: reason }: Link): string {
  const words: Readonly<Record<string, string>> = {
    'card-revoked': t('カードの失効', 'card revoked'),
    'smartphone-revoked': t('スマートフォンの失効', 'smartphone revoked'),
    expired: t('有効期限', 'expired'),
    withdrawn: t('ご本人による取消し', 'undone by you'),
    undone: t('心当たりがないとの申出', 'said not to be yours'),
    superseded: t('新しい端末へ引き継ぎ', 'superseded'),
  };
  return words[reason ?? ''] ?? reason ?? '';
}

/** The account, the two certificates, and the line between them as it stands. */
function drawing(page: Page, account: Account, link: Link | null): Html {
  const { t, lang } = page;
  const state = link?.state ?? 'none';
  const label = link === null ? t('つながりなし', 'Not linked') : LINK_STATE_WORDS[link.state][lang];
  const isRegistered = (carrier: Carrier): boolean => account.certificates.some((one) => one.class === `${carrier}-user-authentication`);
  // The account knows the smartphone through the link, or by itself; a line is drawn for nothing else.
  const card = isRegistered('card') ? 'known' : 'unknown';
  const smartphone = isRegistered('smartphone') || link?.state === 'active' ? 'known' : 'unknown';
  return html`<svg class="graph ${state}" viewBox="0 0 340 186" role="img" aria-label="${t(`カードとスマートフォンのつながり: ${label}`, `Link between card and smartphone: ${label}`)}">
<g class="node account"><rect x="110" y="12" width="120" height="40" rx="20"/><text x="170" y="37">${t('口座', 'Account')}</text></g>
<path class="branch ${card}" d="M150 52C146 78 80 76 74 104"/><path class="branch ${smartphone}" d="M190 52c4 26 70 24 76 52"/>
<g class="node ${card}"><rect x="18" y="104" width="112" height="72" rx="14"/><rect class="glyph" x="58" y="118" width="32" height="22" rx="4"/><path class="glyph" d="M63 126h9v7h-9z"/><text x="74" y="163">${t('カード', 'Card')}</text></g>
<g class="node ${smartphone}"><rect x="210" y="104" width="112" height="72" rx="14"/><rect class="glyph" x="257" y="114" width="18" height="30" rx="4"/><path class="glyph" d="M263 139.500h6"/><text x="266" y="163">${t('スマートフォン', 'Smartphone')}</text></g>
<path class="tie" d="M130 140h80"/><g class="state"><rect x="140" y="128" width="60" height="24" rx="12"/><text x="170" y="144.500">${label}</text></g>
</svg>`;
}

function timeline(page: Page, account: Account, history: History): Html {
  const { t, lang } = page;
  const words: Readonly<Record<string, string>> = {
    opened: t('つながりの記録をはじめました', 'Record opened'),
    'link-proposed': t('カードとスマートフォンの両方を確認しました', 'Card and smartphone both confirmed'),
    'link-activated': t('結び付けました', 'Linked'),
    'link-suspended': t('一時停止しました', 'Suspended'),
    'link-resumed': t('再開しました', 'Resumed'),
    'link-superseded': t('新しいつながりに引き継ぎました', 'Superseded'),
    'link-ended': t('終了しました', 'Ended'),
  };
  const events = [
    ...account.certificates.map((one) => ({
      at: one.registeredAt,
      text: t(`登録: ${CLASS_WORDS[one.class].ja}`, `Registered: ${CLASS_WORDS[one.class].en}`),
    })),
    ...history.events.flatMap(({ event }) =>
      words[event.type] === undefined ? [] : [{ at: new Date(event.at), text: words[event.type] ?? '' }],
    ),
  ]
    // What happened in one instant stays in its order.
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .reverse();
  return html`<section class="card"><div class="card-head"><h2>${t('あゆみ', 'What happened')}</h2>${icon('clock')}</div><ol class="timeline" data-testid="timeline">${events.map(({ at, text }) => html`<li><time>${timeOf(lang, at)}</time><p>${text}</p></li>`)}</ol></section>`;
}
