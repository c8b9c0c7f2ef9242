import { html } from './html.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import type { Page } from './page.ts';
import { identify, pageTitle, progress } from './parts.ts';

export function linkPage(page: Page): string {
  const { t, session } = page;
  const step = session?.ceremony?.step ?? null;
  const current = step === null ? 0 : step === 'card' ? 1 : 2;
  const steps = progress(page, [t('説明', 'Overview'), t('カード', 'Card'), t('スマートフォン', 'Smartphone'), t('完了', 'Done')], current);
  const body =
    step === null
      ? html`
${pageTitle(t('これからはスマートフォンで', 'Use my smartphone from now on'), t('カードとスマートフォンの電子証明書を、一度ずつ続けて使います。', 'Use the certificates of your card and of your smartphone, one after the other.'))}
<section class="card">
<div class="pair" aria-hidden="true"><span class="badge big">${icon('card')}</span><span class="wire"></span><span class="badge big">${icon('phone')}</span></div>
<ul class="bullets">
<li>${t('同じ手続きの中で、同じ口座の方が両方の鍵を使えたことを記録します。', 'We record that one account holder could use both keys in one procedure.')}</li>
<li>${t('同じ方の証明書であることまでは、これだけでは証明されません。証明できる範囲のお取引に使います。', 'It does not prove by itself that both belong to one person, and is used for no more than it shows.')}</li>
<li>${t('カードの電子証明書が失効すると、つながりもすぐに終わります。取り消しはいつでもできます。', 'When the card’s certificate is revoked, the link ends too. You can undo it at any time.')}</li>
</ul>
<form method="post" action="/link" class="actions"><button class="button primary" data-testid="start-link">${t('カードからはじめる', 'Begin with the card')}${icon('arrow')}</button></form>
</section>`
      : step === 'card'
        ? html`
${pageTitle(t('まず、カードで', 'First, your card'), t('マイナンバーカードの利用者証明用電子証明書を使います。', 'With the user-authentication certificate on your My Number card.'))}
${identify(page, 'link-card', '/link')}`
        : html`
${pageTitle(t('つづいて、スマートフォンで', 'Now your smartphone'), t('カードを確認しました。スマートフォンの利用者証明用電子証明書を使います。', 'Your card is confirmed. Now with the certificate in your smartphone.'))}
${identify(page, 'link-smartphone', '/link')}`;
  return layout(page, {
    title: t('スマートフォンの登録', 'Add your smartphone'),
    current: 'account',
    identifies: step !== null,
    body: html`${steps}${body}`,
  });
}
