import { PAYEES } from '../accounts/account.ts';
import type { Words } from '../notices/texts.ts';
import type { StepUp, TransferOrder } from '../session/session.ts';
import { DEMANDS, LARGE_AMOUNT, type StepUpReason } from '../trust/demand.ts';
import { html } from './html.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import { type Page, yen } from './page.ts';
import { identify, pageTitle, progress } from './parts.ts';

const days = (seconds: number): number => seconds / 86_400;

const WHY: Readonly<Record<StepUpReason, (of: StepUp['of']) => Words>> = {
  'link-status-age': (of) => {
    const limit = days(of === 'login' ? DEMANDS.login.maxStatusAgeSeconds : DEMANDS.transfer.maxStatusAgeSeconds);
    return {
      ja: `スマートフォンのもとになったカードの電子証明書を、最後に確かめてから ${limit} 日を過ぎました。いまも有効であることを、カードで確かめさせてください。`,
      en: `It is more than ${limit} days since the certificate of the card behind your smartphone was last seen to be good. Please show the card.`,
    };
  },
  'link-cooling-off': () => ({
    ja: '登録したばかりのスマートフォンです。カードとあわせて確認すれば、いますぐお振込みいただけます。',
    en: 'This smartphone was added only just now. Together with your card, the transfer goes through at once.',
  }),
  'large-amount': () => ({
    ja: `登録から ${days(DEMANDS['large-transfer'].coolingOffSeconds)} 日以内のスマートフォンから ${yen(LARGE_AMOUNT)} を超えるお振込みには、カードによる確認が必要です。`,
    en: `For a transfer of more than ${yen(LARGE_AMOUNT)} from a smartphone added within ${days(DEMANDS['large-transfer'].coolingOffSeconds)} days, your card is needed too.`,
  }),
};

export function stepUpPage(page: Page, { of, why }: StepUp, order: TransferOrder | null): string {
  const { t, lang } = page;
  const steps = [t('スマートフォン', 'Smartphone'), t('カード', 'Card'), of === 'login' ? t('ログイン', 'Logged in') : t('完了', 'Done')];
  return layout(page, {
    title: t('カードで確認', 'Confirm with your card'),
    current: of === 'login' ? 'login' : 'transfer',
    identifies: true,
    body: html`
${progress(page, steps, 1)}
${pageTitle(t('カードでも確認します', 'Your card, please'))}
<p class="notice warn" data-testid="step-up" data-why="${why}">${icon('shield')}<span>${WHY[why](of)[lang]}</span></p>
${of === 'transfer' && order !== null && html`<p class="order"><span>${PAYEES[order.payee][lang]}</span><b>${yen(order.amount)}</b></p>`}
${identify(page, 'step-up', '/step-up')}
<p class="after"><a href="${of === 'login' ? '/login' : '/transfer'}">${t('やめる', 'Cancel')}</a></p>`,
  });
}
