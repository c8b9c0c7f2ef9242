import { html } from './html.ts';
import { layout } from './layout.ts';
import type { Page } from './page.ts';
import { identify, pageTitle } from './parts.ts';

export function loginPage(page: Page): string {
  const { t } = page;
  return layout(page, {
    title: t('ログイン', 'Log in'),
    current: 'login',
    identifies: true,
    body: html`
${pageTitle(t('ログイン', 'Log in'), t('IDもパスワードもありません。電子証明書でログインします。', 'No user name, no password: you log in with your certificate.'))}
${identify(page, 'login', '/login')}
<p class="after">${t('はじめての方は', 'New here?')} <a href="/open">${t('口座開設', 'Open an account')}</a></p>`,
  });
}

export function registerPage(page: Page): string {
  const { t } = page;
  return layout(page, {
    title: t('ログイン方法の登録', 'Register for logging in'),
    current: 'account',
    identifies: true,
    body: html`
<p class="crumb"><a href="/account">${t('マイページ', 'My account')}</a></p>
${pageTitle(t('ログインに使う電子証明書を登録する', 'Register a certificate for logging in'), t('スマートフォンでもカードでも登録できます。', 'Either your smartphone or your card will do.'))}
${identify(page, 'register-login', '/register')}`,
  });
}
