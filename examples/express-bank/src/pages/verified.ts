/** What was verified and why the bank believed it: one identification, laid open to the person it is about. */
import type { Account, Identification } from '../accounts/account.ts';
import type { OperationName } from '../operations/operations.ts';
import { OPERATION_NAMES } from '../operations/operations.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import { dateOf, type Lang, type Page, timeOf } from './page.ts';
import { facts, pageTitle } from './parts.ts';
import { CHECK_WORDS, CLASS_WORDS, REVOCATION_WORDS } from './words.ts';

export interface EvidenceCheck {
  readonly ok: boolean;
  /** A code where it is not. */
  readonly code?: string;
}

export const operationName = (lang: Lang, operation: string): string => OPERATION_NAMES[operation as OperationName]?.[lang] ?? operation;

export function personFacts({ t, lang }: Page, { person }: Account): Html {
  const birth = person.dateOfBirth === null ? null : dateOf(lang, new Date(`${person.dateOfBirth}T00:00:00+09:00`));
  const gender = person.gender === null ? null : person.gender === 'female' ? t('女性', 'Female') : t('男性', 'Male');
  return facts([
    [t('氏名', 'Name'), html`<span lang="ja" data-testid="person-name">${person.name}</span>`],
    [t('住所', 'Address'), html`<span lang="ja">${person.address}</span>`],
    [t('生年月日', 'Date of birth'), birth],
    [t('性別', 'Gender'), gender],
  ]);
}

export function verification(page: Page, identification: Identification): Html {
  const { t, lang } = page;
  const { checks, revocation, carrierWitnesses } = identification;
  const passed = checks.filter(({ status }) => status === 'passed').length;
  const mark = { passed: icon('check'), failed: icon('cross'), 'not-run': icon('dash') } as const;
  return html`
<section class="card" aria-labelledby="verified-${identification.id}">
<div class="card-head"><h2 id="verified-${identification.id}">${t('確かめたこと', 'What was verified')}</h2><span class="pill good" data-testid="checks-passed">${icon('shield')}${t(`${checks.length} 件中 ${passed} 件 合格`, `${passed} of ${checks.length} passed`)}</span></div>
${facts([
  [
    t('証明書の種類', 'Class'),
    html`<span data-testid="class" data-class="${identification.class}">${CLASS_WORDS[identification.class][lang]}</span>`,
  ],
  [
    t('媒体の証人', 'Carrier, according to'),
    carrierWitnesses.length === 2
      ? t('証明書とアプリの二者が一致', 'Certificate and app: two witnesses agree')
      : t('証明書のみ', 'The certificate alone'),
  ],
  [t('検証した時刻', 'Verified at'), timeOf(lang, identification.at)],
])}
<ol class="checks">${checks.map(({ name, status }) => html`<li class="${status}" data-check="${name}" data-status="${status}"><span class="tick">${mark[status]}</span><div><b>${CHECK_WORDS[name].name[lang]}</b><p>${CHECK_WORDS[name].why[lang]}</p></div></li>`)}</ol>
<h3>${t('失効情報の出どころ', 'Where the status came from')}</h3>
<ul class="sources">${revocation.sources.map(
    (
      source,
    ) => html`<li><span class="pill ${source.status === 'good' ? 'good' : 'bad'}">${source.status === 'good' ? t('有効', 'good') : source.status === 'revoked' ? t('失効', 'revoked') : t('使えず', 'unusable')}</span><div><b>${REVOCATION_WORDS[source.kind][lang]}</b>
<p>${source.thisUpdate !== undefined && t(`発行 ${timeOf(lang, source.thisUpdate)}`, `Issued ${timeOf(lang, source.thisUpdate)}`)}${source.nextUpdate !== undefined && t(`、次回 ${timeOf(lang, source.nextUpdate)} まで`, `, next by ${timeOf(lang, source.nextUpdate)}`)}</p>${source.sha256 !== undefined && html`<code>SHA-256 ${source.sha256.slice(0, 16)}…</code>`}</div></li>`,
  )}</ul>
</section>`;
}

export function evidenceCard(page: Page, identification: Identification, again: EvidenceCheck | null): Html {
  const { t } = page;
  const at = `/account/identifications/${identification.id}`;
  return html`
<section class="card" aria-labelledby="evidence-title">
<h2 id="evidence-title">${t('証跡', 'Evidence')}</h2>
<p>${t(
    '判定の根拠(証明書、署名、署名した文面、失効情報)を一つのファイルに封印しています。封印の確認と判定のやり直しは、通信なしで何度でもできます。',
    'Everything the verdict stood on (certificate, signature, the signed text, status data) is sealed in one file. Seal and verdict can be checked again, offline, as often as you like.',
  )}</p>
${
  again !== null &&
  html`<p class="notice ${again.ok ? 'good' : 'bad'}" role="status" data-testid="evidence-result" data-ok="${String(again.ok)}">${icon(again.ok ? 'check' : 'cross')}<span>${
    again.ok
      ? t(
          '封印は破られていません。記録された根拠から、同じ判定がもう一度得られました。',
          'The seal is unbroken, and the recorded grounds give the same verdict again.',
        )
      : t(`証跡を確認できませんでした(${again.code ?? ''})。`, `The evidence could not be confirmed (${again.code ?? ''}).`)
  }</span></p>`
}
<div class="actions"><form method="post" action="${at}/verify#evidence-title"><button class="button" data-testid="verify-evidence">${icon('shield')}${t('もう一度検証する', 'Verify again')}</button></form>
<a class="button" href="${at}/evidence.jws" download data-testid="download-evidence">${icon('file')}${t('ファイルを保存', 'Save the file')}</a></div>
<p class="small">${t('このファイルには個人情報が含まれます。大切に保管してください。', 'The file contains personal data. Keep it safe.')}</p>
</section>`;
}

export function identificationPage(page: Page, account: Account, identification: Identification, again: EvidenceCheck | null): string {
  const { t, lang } = page;
  const signed = identification.class.endsWith('digital-signature');
  return layout(page, {
    title: t('本人確認の記録', 'Identification'),
    current: 'account',
    body: html`
<p class="crumb"><a href="/account">${t('マイページ', 'My account')}</a></p>
${pageTitle(operationName(lang, identification.operation), t('何を確かめ、なぜ信じたかの記録です。', 'What was verified, and why it was believed.'))}
${signed && html`<section class="card"><h2>${t('電子証明書から受け取った情報', 'From your certificate')}</h2>${personFacts(page, account)}</section>`}
${verification(page, identification)}
${evidenceCard(page, identification, again)}`,
  });
}
