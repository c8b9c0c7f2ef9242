import { BRANCHES, PURPOSES } from '../accounts/account.ts';
import { type Html, html } from './html.ts';
import { layout } from './layout.ts';
import type { Page } from './page.ts';
import { identify, pageTitle, progress } from './parts.ts';

export const openSteps = (page: Page, current: number): Html =>
  progress(page, [page.t('お申込み', 'Application'), page.t('署名', 'Signature'), page.t('完了', 'Done')], current);

export function applicationForm(page: Page): string {
  const { t, lang } = page;
  const choice = (name: string, id: string, label: string, hint: string, checked: boolean): Html =>
    html`<label class="option"><input type="radio" name="${name}" value="${id}" required ${checked && html`checked`}><span><b>${label}</b>${hint !== '' && html`<small>${hint}</small>`}</span></label>`;
  return layout(page, {
    title: t('口座開設のお申込み', 'Open an account'),
    current: 'open',
    body: html`
${openSteps(page, 0)}
${pageTitle(t('口座開設のお申込み', 'Apply for an account'), t('氏名・住所・生年月日・性別は、次の画面で電子証明書から受け取ります。ご入力は不要です。', 'Name, address, date of birth and gender come from your certificate in the next step. There is nothing to type.'))}
<form method="post" action="/open" class="card form">
<fieldset><legend>${t('お取引店', 'Branch')}</legend><div class="options">${Object.entries(BRANCHES).map(([id, branch], index) => choice('branch', id, branch[lang], t(`店番 ${branch.code}`, `No. ${branch.code}`), index === 0))}</div></fieldset>
<fieldset><legend>${t('お取引の目的', 'Purpose')}</legend><div class="options">${Object.entries(PURPOSES).map(([id, purpose], index) => choice('purpose', id, purpose[lang], '', index === 0))}</div></fieldset>
<p class="actions"><button class="button primary" data-testid="apply">${t('申込書を確認する', 'Review the application')}</button></p>
</form>`,
  });
}

export function signApplication(page: Page, declaration: string): string {
  const { t } = page;
  const [title = '', ...lines] = declaration.split('\n');
  return layout(page, {
    title: t('申込書への署名', 'Sign the application'),
    current: 'open',
    identifies: true,
    body: html`
${openSteps(page, 1)}
${pageTitle(t('申込書に署名する', 'Sign the application'), t('この文面そのものに、署名用の電子証明書で署名します。', 'Your certificate signs exactly this text.'))}
<details class="paper" open lang="ja" data-testid="declaration"><summary>${title}</summary>${lines.map((line) => (line === '' ? html`<br>` : html`<p>${line}</p>`))}</details>
${identify(page, 'open-account', '/open/sign')}
<p class="after"><a href="/open">${t('申込内容を変更する', 'Change the application')}</a></p>`,
  });
}
