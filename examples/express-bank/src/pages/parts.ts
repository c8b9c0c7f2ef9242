/** Pieces that several pages are made of. */
import type { OperationName } from '../operations/operations.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import type { Page } from './page.ts';

export const pageTitle = (title: string, lead?: string): Html =>
  html`<header class="title"><h1>${title}</h1>${lead !== undefined && html`<p class="lead">${lead}</p>`}</header>`;

export const progress = (page: Page, steps: readonly string[], current: number): Html =>
  html`<ol class="progress" aria-label="${page.t('手続きの進み具合', 'Progress')}">${steps.map(
    (label, index) =>
      html`<li class="${index < current ? 'done' : index === current ? 'now' : 'later'}" ${index === current && html`aria-current="step"`}><span class="dot">${index < current ? icon('check') : index + 1}</span><span>${label}</span></li>`,
  )}</ol>`;

/** The identification element. `qr-text` and the hint are there because the phone is simulated too. */
export const identify = (page: Page, operation: OperationName, returnTo: string): Html => html`
<jpki-identify endpoint="/jpki" operation="${operation}" lang="${page.lang}" return-to="${returnTo}" qr-text></jpki-identify>
<aside class="hint">${icon('gear')}<p>${page.t('この見本では、マイナアプリの代わりに', 'In this sample, a ')}<a href="${page.simulatorApp}" target="_blank" rel="noopener noreferrer">${page.t('仮想アプリ', 'virtual app')}</a>${page.t(
  'が応えます。パソコンでは、二次元コードの文字列をそこに貼り付けてください。暗証番号は',
  ' stands in for the Myna app. On a PC, paste the code’s text there. PINs are listed ',
)}<a href="/backstage" target="_blank">${page.t('舞台裏', 'behind the scenes')}</a>${page.t('にあります。', '.')}</p></aside>`;

export const facts = (rows: readonly (readonly [label: string, value: string | Html | null])[]): Html =>
  html`<dl class="facts">${rows.map(([label, value]) => value !== null && html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
