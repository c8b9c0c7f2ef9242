/** The people's mailboxes, as the sample shows them. In the world outside, each reaches its owner alone. */
import { BANK } from '../name.ts';
import type { Mail } from '../notices/mailbox.ts';
import type { Desk } from '../operations/desk.ts';
import { TICKET_DAYS } from '../undo/tickets.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import { type Page, timeOf } from './page.ts';
import { pageTitle } from './parts.ts';

export function mailPage(page: Page, { mailbox, accounts, tickets }: Desk): string {
  const { t } = page;
  const mails = mailbox.all().slice(0, 20);
  return layout(page, {
    title: t('届いたメール', 'Mail'),
    current: 'backstage',
    body: html`
<p class="crumb"><a href="/backstage">${t('舞台裏', 'Behind the scenes')}</a></p>
<div class="stage">
<p class="pill warn">${icon('mail')}${t('メールの見本', 'Mail, for show')}</p>
${pageTitle(t('届いたメール', 'Mail'), t('銀行からのメールは、口座にログインしている人ではなく、ご本人に届きます。この見本では、全員のメールを見られます。', 'The bank’s mail reaches the person, whoever is logged in. In this sample, everybody’s mail can be seen.'))}
</div>
${mails.length === 0 ? html`<p class="empty">${t('まだ届いていません。スマートフォンを登録すると届きます。', 'Nothing yet. Add a smartphone and mail will come.')}</p>` : mails.map((mail) => letter(page, mail, accounts.byId(mail.account)?.person.name ?? '', mail.undo !== null && tickets.read(mail.undo) !== null))}`,
  });
}

function letter(page: Page, { at, subject, text, undo }: Mail, name: string, open: boolean): Html {
  const { t, lang } = page;
  return html`<article class="letter" data-testid="mail">
<header><h2>${subject[lang]}</h2><p class="small"><span>${t(`${BANK.ja}より`, `From ${BANK.en}`)}</span><span>${t('宛先', 'To')} <span lang="ja">${name}</span></span><time datetime="${at.toISOString()}">${timeOf(lang, at)}</time></p></header>
<p><span lang="ja">${name}</span>${t(' 様', ',')}</p>
${text[lang].split('\n').map((paragraph) => html`<p>${paragraph}</p>`)}
${
  undo !== null &&
  html`<div class="ask ${open ? '' : 'spent'}"><p><b>${t('心当たりがありませんか。', 'Was it not you?')}</b> ${t('カードと暗証番号を知る、ほかの誰かかもしれません。', 'It may be someone who has your card and knows its PIN.')}</p>
${
  open
    ? html`<a class="button alarm" href="/undo/${undo}" data-testid="mail-undo">${icon('shield')}${t('心当たりがない', 'This was not me')}</a><p class="small">${t(`${TICKET_DAYS} 日間、一度だけ使えます。ログインは要りません。`, `Works once, for ${TICKET_DAYS} days, without logging in.`)}</p>`
    : html`<p class="small">${t('このリンクは使用済みか、期限が過ぎています。', 'This link has been used or is too old.')}</p>`
}</div>`
}
</article>`;
}
