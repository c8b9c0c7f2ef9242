import { type Account, PAYEES, type Transfer } from '../accounts/account.ts';
import type { TransferOrder } from '../session/session.ts';
import { LARGE_AMOUNT } from '../trust/demand.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import { type Page, timeOf, yen } from './page.ts';
import { facts, identify, pageTitle, progress } from './parts.ts';

const steps = (page: Page, current: number): Html =>
  progress(page, [page.t('振込先と金額', 'Payee and amount'), page.t('確認', 'Confirm'), page.t('完了', 'Done')], current);

export function transferForm(page: Page, { balance }: Account): string {
  const { t, lang } = page;
  return layout(page, {
    title: t('お振込み', 'Transfer'),
    current: 'transfer',
    body: html`
${steps(page, 0)}
${pageTitle(t('お振込み', 'Transfer'), t('振込先も、残高も、見本のためのものです。', 'Payees and balance are there for the sample only.'))}
<form method="post" action="/transfer" class="card form">
<fieldset><legend>${t('振込先', 'Payee')}</legend><div class="options">${Object.entries(PAYEES).map(
      ([id, payee], index) =>
        html`<label class="option"><input type="radio" name="payee" value="${id}" required ${index === 0 && html`checked`}><span><b>${payee[lang]}</b><small lang="ja">${payee.account}</small></span></label>`,
    )}</div></fieldset>
<div class="field"><label for="amount">${t('金額', 'Amount')}</label><div class="amount"><span aria-hidden="true">¥</span><input id="amount" name="amount" inputmode="numeric" pattern="[1-9][0-9]{0,8}" maxlength="9" autocomplete="off" required value="30000" aria-describedby="amount-hint" data-testid="amount"></div>
<p class="small" id="amount-hint">${t(`残高 ${yen(balance)}。${yen(LARGE_AMOUNT)} を超える場合や、登録したばかりのスマートフォンからは、カードもお使いいただきます。`, `Balance ${yen(balance)}. Above ${yen(LARGE_AMOUNT)}, or from a smartphone added just now, your card is needed too.`)}</p></div>
<p class="actions"><button class="button primary" data-testid="review-transfer">${t('内容を確認する', 'Review')}${icon('arrow')}</button></p>
</form>`,
  });
}

export function confirmTransferPage(page: Page, { payee, amount }: TransferOrder): string {
  const { t, lang } = page;
  return layout(page, {
    title: t('お振込みの確認', 'Confirm the transfer'),
    current: 'transfer',
    identifies: true,
    body: html`
${steps(page, 1)}
${pageTitle(t('お振込みの確認', 'Confirm the transfer'))}
<p class="order"><span>${PAYEES[payee][lang]}<small lang="ja">${PAYEES[payee].account}</small></span><b>${yen(amount)}</b></p>
${identify(page, 'transfer', '/transfer/confirm')}
<p class="after"><a href="/transfer">${t('内容を変更する', 'Change it')}</a></p>`,
  });
}

export function transferDonePage(page: Page, account: Account, { payee, amount, at, shown }: Transfer): string {
  const { t, lang } = page;
  const by = shown.map((carrier) => (carrier === 'card' ? t('カード', 'card') : t('スマートフォン', 'smartphone'))).join(t('と', ' and '));
  return layout(page, {
    title: t('お振込みが完了しました', 'The transfer is done'),
    current: 'transfer',
    body: html`
${steps(page, 3)}
<header class="title centre"><span class="halo">${icon('check')}</span><h1 data-testid="transferred">${t('お振込みが完了しました', 'The transfer is done')}</h1></header>
<section class="card">${facts([
      [t('振込先', 'Payee'), PAYEES[payee][lang]],
      [t('金額', 'Amount'), yen(amount)],
      [t('時刻', 'Time'), timeOf(lang, at)],
      [t('確認', 'Confirmed with'), html`<span data-testid="confirmed-with" data-shown="${shown.join(' ')}">${by}</span>`],
      [t('残高', 'Balance'), yen(account.balance)],
    ])}</section>
<p class="actions"><a class="button" href="/account">${t('マイページへ', 'To my account')}</a></p>`,
  });
}
