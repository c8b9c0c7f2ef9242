import { type Html, html } from './html.ts';
import { type IconName, icon } from './icons.ts';
import { layout } from './layout.ts';
import type { Page } from './page.ts';

const illustration = (
  page: Page,
): Html => html`<svg class="scene" viewBox="0 0 440 400" role="img" aria-label="${page.t('スマートフォンで署名が済んだ画面', 'A smartphone showing a completed signature')}">
<circle class="light a" cx="300" cy="120" r="112"/><circle class="light b" cx="118" cy="250" r="84"/><circle class="light c" cx="350" cy="300" r="58"/><circle class="light b" cx="86" cy="84" r="34"/><circle class="light a" cx="196" cy="54" r="20"/>
<g class="plastic"><rect x="36" y="196" width="206" height="130" rx="14"/><rect class="chip" x="58" y="236" width="34" height="27" rx="5"/><path class="line" d="M58 288h92M58 304h62"/><circle class="seal" cx="204" cy="228" r="17"/></g>
<g class="device"><rect class="body" x="196" y="42" width="176" height="326" rx="26"/><rect class="screen" x="205" y="51" width="158" height="308" rx="19"/>
<path class="line" d="M226 88h66M226 106h104"/><circle class="halo" cx="284" cy="180" r="46"/><circle class="disc" cx="284" cy="180" r="34"/><path class="tick" d="m269 181 11 11 20-24"/>
<path class="line strong" d="M240 252h88"/><path class="line" d="M250 270h68"/><rect class="button" x="226" y="306" width="116" height="30" rx="15"/></g>
</svg>`;

export function home(page: Page): string {
  const { t } = page;
  const step = (name: IconName, title: string, text: string): Html =>
    html`<li><span class="badge">${icon(name)}</span><h3>${title}</h3><p>${text}</p></li>`;
  const promise = (name: IconName, title: string, text: string): Html =>
    html`<li>${icon(name)}<div><h3>${title}</h3><p>${text}</p></div></li>`;
  return layout(page, {
    title: t('スマートフォンで、口座開設', 'Open an account with your smartphone'),
    wide: true,
    body: html`
<section class="hero">
<div>
<p class="eyebrow">${t('普通預金 こもれび', 'Komorebi savings account')}</p>
<h1>${t('口座開設は、', 'An account, opened')}<br>${t('木かげの三分で。', 'while you rest in the shade.')}</h1>
<p class="lead">${t(
      '印鑑も、郵送も、来店もいりません。スマートフォンの電子証明書かマイナンバーカードで、最短三分。',
      'No seal, no post, no visit. Three minutes with the certificate in your smartphone, or with your My Number card.',
    )}</p>
<p class="actions"><a class="button primary" href="/open" data-testid="open-account">${t('口座を開設する', 'Open an account')}${icon('arrow')}</a><a class="button" href="/login" data-testid="go-login">${t('ログイン', 'Log in')}</a></p>
</div>
${illustration(page)}
</section>
<section class="block" aria-labelledby="steps-title">
<h2 id="steps-title">${t('三つのステップで', 'Three steps')}</h2>
<ol class="step-cards">
${step('pen', t('申し込む', 'Apply'), t('支店と取引の目的を選ぶだけ。住所や氏名の入力は要りません。', 'Choose a branch and a purpose. No typing of names or addresses.'))}
${step('phone', t('署名する', 'Sign'), t('マイナアプリで申込書を確かめ、署名用の電子証明書で署名します。', 'Read the application in the Myna app and sign it with your certificate.'))}
${step('check', t('使いはじめる', 'Begin'), t('その場で口座番号が決まり、次からはスマートフォンひとつでログインできます。', 'You get an account number at once, and log in with your smartphone from then on.'))}
</ol>
</section>
<section class="block promises" aria-labelledby="why-title">
<h2 id="why-title">${t('確かめたことは、すべてお見せします', 'You see everything we checked')}</h2>
<ul>
${promise('shield', t('何を、なぜ信じたか', 'What we believed, and why'), t('電子証明書の種類、発行者、署名、失効の確認。十三の検査を一つずつ、言葉で説明します。', 'Class, issuer, signature, revocation: thirteen checks, each explained in words.'))}
${promise('file', t('証跡はお手元にも', 'Evidence you can keep'), t('判定の根拠を封印したファイルを保存し、いつでも、もう一度検証できます。', 'The grounds of the verdict are sealed in a file that can be verified again at any time.'))}
${promise('link', t('スマートフォンへの引き継ぎも', 'Your smartphone takes over'), t('カードとスマートフォンを結び付ければ、カードをかざす必要はなくなります。取り消しもいつでも。', 'Link card and smartphone once, and leave the card at home. Undo it whenever you like.'))}
</ul>
</section>`,
  });
}
