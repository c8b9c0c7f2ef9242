/** On a PC: the code, what the phone must show, and how long it lasts. */
import type { Transaction } from '../../flow/transaction.ts';
import { qrMatrix } from '../../qr/matrix.ts';
import { QUIET_ZONE, qrPath } from '../../qr/path.ts';
import { h, rich, svg } from '../dom.ts';
import { icon } from '../icons.ts';
import { cancelButton, carrierFor, factItem, heading, notice, requestBox, secretLabel } from './pieces.ts';
import type { View, ViewContext } from './view.ts';

const SPOKEN_SECONDS = [60, 30, 10];

export function qrView(context: ViewContext, transaction: Transaction, expired: boolean): View {
  const { flow, texts, settings } = context;
  const content = transaction.content ?? '';
  const refresh = (style: string): HTMLElement =>
    h('button', { type: 'button', class: style, part: 'refresh', click: () => flow.refresh() }, icon('retry'), texts.label('qrRefresh'));

  const left = h('span', { part: 'countdown' });
  const fill = h('span');
  const total = Math.max(1, transaction.deadline - context.now());
  let timer: ReturnType<typeof setInterval> | undefined;
  let spoken = Number.POSITIVE_INFINITY;
  const tick = (): void => {
    const milliseconds = Math.max(0, transaction.deadline - context.now());
    const seconds = Math.ceil(milliseconds / 1000);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    left.textContent = texts.label('qrLeft', { time });
    fill.style.setProperty('transform', `scaleX(${Math.max(0, milliseconds - 1000) / total})`);
    const mark = SPOKEN_SECONDS.find((candidate) => seconds <= candidate && candidate < spoken && seconds > candidate - 3);
    if (mark !== undefined && mark < spoken) {
      spoken = mark;
      context.announce(left.textContent);
    }
  };
  if (!expired) {
    tick();
    timer = setInterval(tick, 1000);
  }

  const carrier = carrierFor(transaction);
  return {
    root: h(
      'div',
      { class: 'view' },
      heading(texts.label(expired ? 'qrExpired' : 'qrTitle')),
      transaction.choice !== 'auto' &&
        transaction.choice !== carrier &&
        notice(texts.label(carrier === 'card' ? 'otherCarrierCard' : 'otherCarrierSmartphone'), 'notice-carrier'),
      h(
        'div',
        { class: 'scan' },
        h(
          'div',
          { class: 'code' },
          h(
            'div',
            { class: 'frame', part: 'qr-frame' },
            expired ? h('div', { class: 'over', part: 'qr-expired' }, refresh('primary')) : drawing(content, texts.label('qrAlt')),
          ),
          !expired && h('div', { class: 'time', part: 'time' }, left, h('div', { class: 'bar', 'aria-hidden': 'true' }, fill)),
          h('p', { class: 'note' }, texts.label('qrWarning')),
        ),
        h(
          'div',
          { class: 'view' },
          h('ol', { class: 'steps' }, ...(['qrStep1', 'qrStep2', 'qrStep3'] as const).map((step) => stepItem(texts.label(step)))),
          requestBox(context, transaction),
          h(
            'ul',
            { class: 'facts', part: 'preflight' },
            factItem(context, 'key', secretLabel(transaction)),
            factItem(context, 'shield', 'pinOnlyInApp'),
          ),
          settings.showQrText && !expired && textCode(texts.label('qrText'), content),
        ),
      ),
      h('div', { class: 'actions' }, cancelButton(context)),
    ),
    dispose: () => clearInterval(timer),
  };
}

const stepItem = (label: string): HTMLElement => h('li', {}, h('span', {}, ...rich(label)));

function drawing(content: string, alt: string): Element {
  const matrix = qrMatrix(content);
  const side = matrix.size + 2 * QUIET_ZONE;
  return svg(
    'svg',
    {
      class: 'qr',
      part: 'qr',
      'data-testid': 'qr',
      'data-content': content,
      viewBox: `0 0 ${side} ${side}`,
      role: 'img',
      'aria-label': alt,
      'shape-rendering': 'crispEdges',
    },
    svg('rect', { width: side, height: side, fill: '#ffffff' }),
    svg('path', { d: qrPath(matrix), fill: 'currentColor' }),
  );
}

/** For trying things out with the virtual app on the same screen; shown only where the page asks for it. */
const textCode = (label: string, content: string): HTMLElement =>
  h(
    'label',
    { class: 'text-code' },
    label,
    h('input', { part: 'qr-text', readonly: true, value: content, focus: (event) => select(event.target) }),
  );

const select = (target: EventTarget | null): void => {
  if (target instanceof HTMLInputElement) target.select();
};
