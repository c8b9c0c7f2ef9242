/** Behind the scenes: the simulated JPKI and its people. Nothing of this exists in a real bank. */
import type { Person, Simulator } from '@jpki-rp/simulator';
import type { Carrier, Purpose } from '@jpki-rp/verifier';
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

const DONE: Readonly<Record<string, { readonly ja: string; readonly en: string }>> = {
  advance: { ja: '認証局の時計を進めました。', en: 'The authority’s clock is moved.' },
  person: { ja: '住民が一人増えました。', en: 'One more person lives here now.' },
  status: {
    ja: '電子証明書の状態を変えました。銀行には、次に使われたときに伝わります。',
    en: 'The certificate’s status is changed. The bank learns of it when it is used next.',
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
${message !== null && html`<p class="notice good" role="status">${icon('check')}<span>${message[lang]}</span></p>`}
<section class="card tools"><div><p class="label">${t('認証局の時計', 'The authority’s clock')}</p><p class="clock" data-testid="clock">${timeOf(lang, simulator.now())}</p></div>
<div class="actions">${[
      ['1h', t('1 時間進める', '+1 hour')],
      ['1d', t('1 日進める', '+1 day')],
      ['1y', t('1 年進める', '+1 year')],
    ].map(
      ([by, label]) =>
        html`<form method="post" action="/backstage/advance"><input type="hidden" name="by" value="${by}"><button class="button">${icon('clock')}${label}</button></form>`,
    )}
<form method="post" action="/backstage/person"><button class="button" data-testid="new-person">${t('住民を増やす', 'Add a person')}</button></form>
<a class="button primary" href="${page.simulatorApp}" target="_blank" rel="noopener noreferrer">${icon('phone')}${t('仮想アプリを開く', 'Open the virtual app')}</a></div></section>
<div class="people">${simulator.people().map((person) => personCard(page, person))}</div>`,
  });
}

function personCard(page: Page, person: Person): Html {
  const { t, lang } = page;
  return html`<section class="card person" data-testid="person" data-person="${person.id}"><div class="card-head"><h2 lang="ja">${person.name}</h2></div>
<dl class="pins"><div><dt>${t('暗証番号(4 桁)', 'PIN')}</dt><dd><code>${person.pins.authentication}</code></dd></div><div><dt>${t('署名用パスワード', 'Signing password')}</dt><dd><code>${person.pins.signing}</code></dd></div></dl>
<table><thead><tr><th scope="col">${t('電子証明書', 'Certificate')}</th><th scope="col">${t('有効期限', 'Until')}</th><th scope="col"><span class="unseen">${t('操作', 'Actions')}</span></th></tr></thead><tbody>${CARRIERS.flatMap(
    (carrier) =>
      KINDS.map((kind) => {
        const certificate = person.certificate(carrier.id, kind.id);
        return html`<tr><th scope="row">${carrier[lang]}<small>${kind[lang]}</small></th><td>${certificate === null ? t('なし', 'none') : shortDateOf(lang, certificate.notAfter)}</td><td>${
          certificate !== null &&
          html`<form method="post" action="/backstage/status"><input type="hidden" name="person" value="${person.id}"><input type="hidden" name="carrier" value="${carrier.id}"><input type="hidden" name="purpose" value="${kind.id}"><button class="mini" name="do" value="hold">${t('一時停止', 'Hold')}</button><button class="mini danger" name="do" value="revoke" data-testid="revoke-${carrier.id}-${kind.id}">${t('失効', 'Revoke')}</button></form>`
        }</td></tr>`;
      }),
  )}</tbody></table>
<div class="actions">${[
    ['device', t('機種変更', 'New phone')],
    ['renew', t('カードの更新', 'Renew the card')],
    ['move', t('引っ越し', 'Move house')],
  ].map(
    ([what, label]) =>
      html`<form method="post" action="/backstage/life"><input type="hidden" name="person" value="${person.id}"><button class="mini" name="do" value="${what}">${label}</button></form>`,
  )}</div></section>`;
}
