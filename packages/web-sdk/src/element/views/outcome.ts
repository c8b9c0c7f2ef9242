import type { FlowState } from '../../flow/machine.ts';
import { h } from '../dom.ts';
import { icon } from '../icons.ts';
import { heading } from './pieces.ts';
import type { View, ViewContext } from './view.ts';

/** What came of it: what happened, who can do something about it and where, and the way on. */
export function outcomeView(context: ViewContext, state: Extract<FlowState, { phase: 'done' }>): View {
  const { flow, texts, close } = context;
  const { outcome } = state;
  const identified = outcome.result === 'identified';
  const stoppedHere = state.by === 'page' && outcome.code === 'cancelled';
  const place = stoppedHere ? null : texts.place(outcome);
  const again = outcome.retryable ?? outcome.result === 'try-again';
  const title = identified ? 'identified' : outcome.result === 'refused' ? 'refused' : 'tryAgain';
  return {
    root: h(
      'div',
      { class: 'view narrow', part: 'outcome', 'data-result': outcome.result, 'data-code': outcome.code ?? null },
      h(
        'div',
        { class: 'centre' },
        h(
          'div',
          { class: `mark ${outcome.result}` },
          icon(identified ? 'check' : outcome.result === 'refused' ? 'cross' : stoppedHere ? 'cross' : 'alert'),
        ),
        heading(texts.label(title)),
        h('p', { part: 'message' }, stoppedHere ? texts.label('cancelledHere') : texts.message(outcome)),
        !identified &&
          outcome.remainingTries !== undefined &&
          h('p', { class: 'error', part: 'tries-left' }, texts.label('triesLeft', { count: outcome.remainingTries })),
        place !== null && h('div', { class: 'where', part: 'place' }, h('span', {}, texts.label('where')), h('strong', {}, place)),
        !identified &&
          !stoppedHere &&
          outcome.code !== undefined &&
          h('p', { class: 'small', part: 'code' }, `${texts.label('code')}: ${outcome.code}`),
      ),
      (!identified || close !== null) &&
        h(
          'div',
          { class: 'actions' },
          // Also after a refusal: another carrier, or another certificate, may do.
          !identified &&
            h(
              'button',
              { type: 'button', class: again ? 'primary' : 'secondary', part: 'retry', click: () => flow.retry() },
              icon('retry'),
              texts.label('retry'),
            ),
          close &&
            h('button', { type: 'button', class: identified ? 'primary' : 'quiet', part: 'close', click: close }, texts.label('close')),
        ),
    ),
  };
}
