/** "I did not do this": the question, the result, and the link that no longer works. Nothing here tells whose account it is. */
import type { Session } from '../session/session.ts';
import { TICKET_DAYS } from '../undo/tickets.ts';
import { html } from './html.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import type { Page } from './page.ts';
import { pageTitle } from './parts.ts';

type What = NonNullable<Session['undone']>['what'];

export function confirmUndoPage(page: Page, what: What, ticket: string): string {
  const { t } = page;
  return layout(page, {
    title: t('心当たりがないとき', 'It was not you?'),
    body: html`
${pageTitle(t('心当たりがないとき', 'It was not you?'), what === 'link' ? t('登録されたスマートフォンを、口座から切り離します。', 'This takes the smartphone off your account.') : t('登録されたログイン方法を、口座から取り除きます。', 'This takes the way to log in off your account.'))}
<section class="card">
<ul class="bullets">
<li>${what === 'link' ? t('カードとスマートフォンのつながりを、いますぐ取り消します。', 'The link between card and smartphone ends at once.') : t('登録された電子証明書では、ログインできなくなります。', 'The certificate can no longer log in.')}</li>
<li>${t('口座を開いているすべての端末から、ログアウトします。', 'Everyone who is logged in to your account is logged out.')}</li>
<li>${t('同じスマートフォンを、もう一度登録することはできなくなります。', 'The same smartphone cannot be added again.')}</li>
</ul>
<form method="post" action="/undo" class="actions"><input type="hidden" name="ticket" value="${ticket}"><button class="button alarm" data-testid="undo">${icon('shield')}${t('取り消す', 'Undo it')}</button></form>
<p class="small">${t('ご自身のお手続きだったときは、このページを閉じてください。何も変わりません。', 'If it was you, just close this page. Nothing changes.')}</p>
</section>`,
  });
}

export function undoneDonePage(page: Page, { what, replaced }: NonNullable<Session['undone']>): string {
  const { t } = page;
  return layout(page, {
    title: t('取り消しました', 'It is undone'),
    body: html`
<header class="title centre"><span class="halo">${icon('check')}</span><h1 data-testid="undone">${t('取り消しました', 'It is undone')}</h1><p class="lead">${what === 'link' ? t('そのスマートフォンでは、もうログインできません。', 'That smartphone can no longer log in.') : t('その電子証明書では、もうログインできません。', 'That certificate can no longer log in.')}${t('すべての端末からログアウトしました。', ' Everyone has been logged out.')}</p></header>
<section class="card"><h2>${t('つぎに、していただきたいこと', 'What to do next')}</h2>
<ol class="steps">
<li>${t('マイナンバーカードはお手元にありますか。見当たらないときは、いますぐカードの一時停止をお申し出ください。', 'Do you still have your My Number card? If not, have it put on hold at once.')}</li>
<li>${t('お手元にあるときも、暗証番号を知られたおそれがあります。お住まいの市区町村で変更してください。', 'Even if you do, someone may know your PIN. Change it at your municipality.')}</li>
<li>${t('カードでログインして、お取引に覚えのないものがないか、ご確認ください。', 'Log in with your card and look through your transactions.')}</li>
${replaced && html`<li>${t('以前のスマートフォンのつながりは、自動では元に戻りません。もう一度ご登録ください。', 'The smartphone you used before is not linked again by itself. Please add it again.')}</li>`}
</ol>
<p class="actions"><a class="button primary" href="/login">${t('ログイン', 'Log in')}</a></p></section>`,
  });
}

export function ticketGonePage(page: Page): string {
  const { t } = page;
  return layout(page, {
    title: t('このリンクは使えません', 'This link no longer works'),
    body: html`
${pageTitle(t('このリンクは使えません', 'This link no longer works'), t(`取消しのリンクは一度だけ、お送りしてから ${TICKET_DAYS} 日間使えます。`, `A link to undo works once, for ${TICKET_DAYS} days.`))}
<section class="card" data-testid="ticket-gone"><p>${t('すでに取り消されているか、期限が過ぎています。いまの状態は、ログインして「電子証明書とつながり」でご確認いただけます。有効なつながりは、そこからいつでも取り消せます。', 'It has been used, or it is too old. Log in to see how things stand under “Certificates”: an active link can be undone there at any time.')}</p>
<p class="actions"><a class="button primary" href="/login">${t('ログイン', 'Log in')}</a></p></section>`,
  });
}

export function undoneFailedPage(page: Page): string {
  const { t } = page;
  return layout(page, {
    title: t('取り消せませんでした', 'It could not be undone'),
    body: html`
${pageTitle(t('取り消せませんでした', 'It could not be undone'), t('処理が混み合っています。同じリンクから、もう一度お試しください。', 'We are busy. Please try again with the same link.'))}`,
  });
}
