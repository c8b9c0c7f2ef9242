/** On the phone: what to have at hand, then the link itself. The person's own tap opens the app; no script navigates, no timer, no store. */
import type { FlowState } from '../../flow/machine.ts';
import type { Transaction } from '../../flow/transaction.ts';
import type { LabelName } from '../../i18n/labels.ts';
import { h } from '../dom.ts';
import { type IconName, icon } from '../icons.ts';
import { cancelButton, carrierFor, factItem, heading, notice, requestBox, secretLabel, startOverButton } from './pieces.ts';
import type { View, ViewContext } from './view.ts';

const FALLBACK_AFTER_MILLISECONDS = 2_500;

export function linkView(context: ViewContext, transaction: Transaction): View {
  const { flow, texts, settings } = context;
  const carrier = carrierFor(transaction);
  const fact = (name: IconName, label: LabelName): HTMLElement => factItem(context, name, label);

  const title = heading(texts.label('prepareTitle'));
  const otherCarrier = transaction.choice !== 'auto' && transaction.choice !== carrier;
  const preflight = h(
    'ul',
    { class: 'facts', part: 'preflight' },
    fact('key', secretLabel(transaction)),
    fact('shield', 'pinOnlyInApp'),
    fact('page', 'keepOpen'),
    fact('eye', 'noPrivateMode'),
  );
  const openText = document.createTextNode(texts.label('openApp'));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const link =
    transaction.href === undefined
      ? null
      : h(
          'a',
          {
            class: 'primary',
            part: 'app-link',
            href: transaction.href,
            referrerpolicy: 'no-referrer',
            click: () => {
              flow.followed();
              clearTimeout(timer);
              timer = setTimeout(showFallback, FALLBACK_AFTER_MILLISECONDS);
            },
          },
          openText,
          icon('arrow'),
        );
  const waiting = h(
    'div',
    { class: 'row', part: 'waiting' },
    h('div', { class: 'spinner' }),
    h('p', { class: 'lead' }, texts.label('waitingLead')),
  );
  const fallback = h(
    'section',
    { class: 'fallback', part: 'fallback' },
    h('h3', {}, texts.label('fallbackTitle')),
    h('ul', {}, h('li', {}, texts.label('fallbackInstall')), h('li', {}, texts.label('fallbackBrowser'))),
    startOverButton(context),
  );
  fallback.hidden = true;
  waiting.hidden = true;
  const showFallback = (): void => {
    fallback.hidden = false;
  };

  const update = (state: FlowState): void => {
    if (state.phase !== 'waiting') return;
    title.textContent = texts.label('waitingTitle');
    preflight.remove();
    waiting.hidden = false;
    openText.data = texts.label('openAgain');
    link?.classList.replace('primary', 'secondary');
    // Come back from a navigation: the person may have returned because nothing opened.
    if (!link) showFallback();
  };

  return {
    root: h(
      'div',
      { class: 'view' },
      title,
      requestBox(context, transaction),
      otherCarrier && notice(texts.label(carrier === 'card' ? 'otherCarrierCard' : 'otherCarrierSmartphone'), 'notice-carrier'),
      settings.inAppBrowser !== null && notice(texts.label('inAppBrowser', { app: settings.inAppBrowser }), 'notice-in-app-browser'),
      preflight,
      waiting,
      h('div', { class: 'actions' }, link, fallback, cancelButton(context)),
    ),
    update,
    dispose: () => clearTimeout(timer),
  };
}
