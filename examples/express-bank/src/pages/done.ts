import { type Account, BRANCHES, type Identification } from '../accounts/account.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import { openSteps } from './open.ts';
import { type Page, yen } from './page.ts';
import { evidenceCard, personFacts, verification } from './verified.ts';

export const passbook = (page: Page, account: Account, balance: boolean): Html => {
  const { lang, t } = page;
  const branch = BRANCHES[account.application.branch];
  return html`<section class="passbook" aria-label="${t('口座', 'Account')}"><div><p class="label">${t('普通預金', 'Savings account')}</p><p class="number" data-testid="account-number">${account.number}</p><p class="label">${branch[lang]} <span>${t(`店番 ${branch.code}`, `No. ${branch.code}`)}</span></p></div>${
    balance
      ? html`<p class="balance"><small>${t('残高', 'Balance')}</small><b data-testid="balance">${yen(account.balance)}</b></p>`
      : html`<p class="stamp">${icon('check')}${t('開設済み', 'Open')}</p>`
  }<svg class="dapple" viewBox="0 0 300 160" aria-hidden="true"><circle cx="250" cy="40" r="70"/><circle cx="170" cy="120" r="44"/><circle cx="285" cy="135" r="34"/><circle cx="120" cy="30" r="18"/></svg></section>`;
};

export function openedPage(page: Page, account: Account, identification: Identification): string {
  const { t } = page;
  const canLogIn = account.certificates.some((certificate) => certificate.class.endsWith('user-authentication'));
  return layout(page, {
    title: t('口座を開設しました', 'Your account is open'),
    body: html`
${openSteps(page, 3)}
<header class="title centre"><span class="halo">${icon('check')}</span><h1 data-testid="opened">${t('口座を開設しました', 'Your account is open')}</h1><p class="lead">${t('お申込みありがとうございました。', 'Thank you for choosing us.')}</p></header>
${passbook(page, account, false)}
${
  !canLogIn &&
  html`<section class="next"><span class="badge">${icon('key')}</span><div><h2>${t('次は、ログイン方法の登録', 'Next: how you will log in')}</h2><p>${t('署名用とは別の「利用者証明用」の電子証明書を登録します。', 'Register your certificate for user authentication. It is a different one from the one you signed with.')}</p></div><a class="button primary" href="/register" data-testid="register-login">${t('登録する', 'Register')}${icon('arrow')}</a></section>`
}
<section class="card"><div class="card-head"><h2>${t('お届けいただいた情報', 'Your details')}</h2><span class="pill">${t('電子証明書より', 'From your certificate')}</span></div>${personFacts(page, account)}</section>
${verification(page, identification)}
${evidenceCard(page, identification, null)}`,
  });
}
