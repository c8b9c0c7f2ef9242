import { html } from './html.ts';
import { layout } from './layout.ts';
import type { Page } from './page.ts';
import { pageTitle } from './parts.ts';

export function errorPage(page: Page, status: 400 | 404 | 500): string {
  const { t } = page;
  const title =
    status === 404
      ? t('ページが見つかりません', 'Page not found')
      : status === 400
        ? t('受け付けられない内容です', 'This cannot be accepted')
        : t('うまく表示できませんでした', 'Something went wrong');
  return layout(page, {
    title,
    body: html`${pageTitle(title)}<p class="actions"><a class="button" href="/">${t('トップへ戻る', 'Back to the start')}</a></p>`,
  });
}
