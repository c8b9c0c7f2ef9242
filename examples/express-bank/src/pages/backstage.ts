/** Behind the scenes: the simulated JPKI and its people. Nothing of this exists in a real bank. */
import type { Person, Simulator } from '@jpki-rp/simulator';
import type { Carrier, Purpose } from '@jpki-rp/verifier';
import type { Words } from '../notices/texts.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import { type Page, shortDateOf, timeOf } from './page.ts';
import { pageTitle } from './parts.ts';

const CARRIERS = [
  { id: 'card', ja: 'カード', en: 'Card' },
  { id: 'smartphone', ja: 'スマートフォン', en: 'Smartphone' },
] as const satisfies readonly { id: Carrier; ja: string; en: string }[];
const KINDS = [
  { id: 'digital-signature', ja: '署名用', en: 'Signature' },
  { id: 'user-authentication', ja: '利用者証明用', en: 'Authentication' },
] as const satisfies readonly { id: Purpose; ja: string; en: string }[];

const STATUS: Readonly<Record<'good' | 'hold' | 'revoked', { readonly ja: string; readonly en: string; readonly tone: string }>> = {
  good: { ja: '有効', en: 'good', tone: 'good' },
  hold: { ja: '一時停止', en: 'on hold', tone: 'warn' },
  revoked: { ja: '失効', en: 'revoked', tone: 'bad' },
};

const DONE: Readonly<Record<string, Words>> = {
  advance: { ja: '認証局の時計を進めました。', en: 'The authority’s clock is moved.' },
  person: { ja: '住民が一人増えました。', en: 'One more person lives here now.' },
  status: {
    ja: '電子証明書の状態を変えました。銀行には、次に使われたときか、夜間の照合で伝わります。',
    en: 'The certificate’s status is changed. The bank learns of it when it is used next, or from its night batch.',
  },
  sweep: {
    ja: '失効リストを取り寄せ、すべてのつながりと照合しました。',
    en: 'The revocation lists were fetched and held against every link.',
  },
  impossible: {
    ja: 'いまの状態では、その手続きは受け付けられません。',
    en: 'As things stand, the authority does not accept that.',
  },
  life: { ja: '手続きが済み、電子証明書が入れ替わりました。', en: 'Done: the certificates have been replaced.' },
};

export function backstagePage(page: Page, simulator: Simulator, done: unknown): string {
  const { t, lang } = page;
  const message = typeof done === 'string' && Object.hasOwn(DONE, done) ? (DONE[done] ?? null) : null;
  return layout(page, {
    title: t('舞台裏', 'Behind the scenes'),
    current: 'backstage',
    wide: true,
    body: html`
<div class="stage">
<p class="pill warn">${icon('gear')}${t('シミュレーター', 'Simulator')}</p>
${pageTitle(t('舞台裏', 'Behind the scenes'), t('ここは銀行ではありません。架空の認証局(シミュレーター)を動かして、銀行がどう応えるかを確かめる場所です。', 'This is not the bank. Here you run the simulated authority and watch how the bank responds.'))}
</div>
${message !== null && html`<p class="notice ${done === 'impossible' ? 'bad' : 'good'}" role="status" data-testid="lever">${icon(done === 'impossible' ? 'cross' : 'check')}<span>${message[lang]}</span></p>`}
<section class="card tools"><div><p class="label">${t('認証局の時計', 'The authority’s clock')}</p><p class="clock" data-testid="clock">${timeOf(lang, simulator.now())}</p></div>
<div class="actions">${[
      ['1h', t('1 時間進める', '+1 hour')],
      ['1d', t('1 日進める', '+1 day')],
      ['1m', t('1 か月進める', '+1 month')],
      ['1y', t('1 年進める', '+1 year')],
    ].map(
      ([by, label]) =>
        html`<form method="post" action="/backstage/advance"><button class="button" name="by" value="${by}" data-testid="advance-${by}">${icon('clock')}${label}</button></form>`,
    )}</div></section>
<div class="doors">
<section class="card door"><span class="badge">${icon('phone')}</span><div><h2>${t('仮想アプリ', 'Virtual app')}</h2><p>${t('マイナアプリの代わり。暗証番号は下の一覧に。', 'Stands in for the Myna app. PINs are listed below.')}</p></div><a class="button primary" href="${page.simulatorApp}" target="_blank" rel="noopener noreferrer">${t('開く', 'Open')}</a></section>
<section class="card door"><span class="badge">${icon('mail')}</span><div><h2>${t('届いたメール', 'Mail')}</h2><p>${t('銀行からご本人への知らせ。「心当たりがない」もここから。', 'What the bank tells people, with “this was not me”.')}</p></div><a class="button" href="/backstage/mail" data-testid="go-mail">${t('見る', 'Look')}</a></section>
<section class="card door"><span class="badge">${icon('shield')}</span><div><h2>${t('夜間の照合', 'Night batch')}</h2><p>${t('失効リストと、すべてのつながりを照らし合わせます。', 'Holds the revocation lists against every link.')}</p></div><form method="post" action="/backstage/sweep"><button class="button" data-testid="sweep">${t('実行する', 'Run it')}</button></form></section>
</div>
<details class="card guide"><summary>${t('試してみる: 乗っ取りと取り消し', 'Try it: a takeover, and its undoing')}</summary><ol class="steps">
<li>${t('ある人の口座を開き、カードをログインに登録します。', 'Open an account for someone and register their card for logging in.')}</li>
<li>${t('別のブラウザー(シークレットウィンドウ)で、その人のカードと暗証番号でログインし、別の人のスマートフォンを登録します。盗んだ人のつもりです。', 'In another browser (a private window), log in with that person’s card and PIN and add somebody else’s smartphone, as a thief would.')}</li>
<li>${t('「届いたメール」で「心当たりがない」を押すと、つながりは取り消され、盗んだ人の画面もその場で使えなくなります。', 'Under “Mail”, press “this was not me”: the link is undone and the thief’s open pages are dead.')}</li>
</ol></details>
<div class="people-head"><h2>${t('住民', 'People')}</h2><form method="post" action="/backstage/person"><button class="button" data-testid="new-person">${t('住民を増やす', 'Add a person')}</button></form></div>
<div class="people">${simulator.people().map((person) => personCard(page, simulator, person))}</div>`,
  });
}

function personCard(page: Page, simulator: Simulator, person: Person): Html {
  const { t, lang } = page;
  return html`<section class="card person" data-testid="person" data-person="${person.id}"><div class="card-head"><h2 lang="ja">${person.name}</h2></div>
<dl class="pins"><div><dt>${t('暗証番号(4 桁)', 'PIN')}</dt><dd><code>${person.pins.authentication}</code></dd></div><div><dt>${t('署名用パスワード', 'Signing password')}</dt><dd><code>${person.pins.signing}</code></dd></div></dl>
<table><thead><tr><th scope="col">${t('電子証明書', 'Certificate')}</th><th scope="col">${t('状態', 'Status')}</th><th scope="col"><span class="unseen">${t('操作', 'Actions')}</span></th></tr></thead><tbody>${CARRIERS.flatMap(
    (carrier) =>
      KINDS.map((kind) => {
        const certificate = person.certificate(carrier.id, kind.id);
        const reason = certificate === null ? null : simulator.revocation(person, carrier.id, kind.id);
        const status = reason === null ? 'good' : reason === 'certificateHold' ? 'hold' : 'revoked';
        return html`<tr><th scope="row">${carrier[lang]}<small>${kind[lang]}</small></th><td>${
          certificate === null
            ? t('なし', 'none')
            : html`<span class="pill ${STATUS[status].tone}" data-status="${status}" data-testid="status-${carrier.id}-${kind.id}">${STATUS[status][lang]}</span><small>${t(`${shortDateOf(lang, certificate.notAfter)} まで`, `until ${shortDateOf(lang, certificate.notAfter)}`)}</small>`
        }</td><td>${
          certificate !== null &&
          status !== 'revoked' &&
          html`<form method="post" action="/backstage/status"><input type="hidden" name="person" value="${person.id}"><input type="hidden" name="carrier" value="${carrier.id}"><input type="hidden" name="purpose" value="${kind.id}">${
            status === 'hold'
              ? html`<button class="mini" name="do" value="release" data-testid="release-${carrier.id}-${kind.id}">${t('解除', 'Release')}</button>`
              : html`<button class="mini" name="do" value="hold" data-testid="hold-${carrier.id}-${kind.id}">${t('一時停止', 'Hold')}</button>`
          }<button class="mini danger" name="do" value="revoke" data-testid="revoke-${carrier.id}-${kind.id}">${t('失効', 'Revoke')}</button></form>`
        }</td></tr>`;
      }),
  )}</tbody></table>
<div class="actions">${[
    ['device', t('機種変更', 'New phone')],
    ['renew', t('カードの更新', 'Renew the card')],
    ['move', t('引っ越し', 'Move house')],
  ].map(
    ([what, label]) =>
      html`<form method="post" action="/backstage/life"><input type="hidden" name="person" value="${person.id}"><button class="mini" name="do" value="${what}" data-testid="${what}">${label}</button></form>`,
  )}</div></section>`;
}
