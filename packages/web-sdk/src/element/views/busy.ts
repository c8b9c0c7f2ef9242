import type { LabelName } from '../../i18n/labels.ts';
import { h } from '../dom.ts';
import { cancelButton, heading, startOverButton } from './pieces.ts';
import type { View, ViewContext } from './view.ts';

export function busyView(context: ViewContext, title: LabelName, lead: LabelName | null, ways: readonly ('start-over' | 'cancel')[]): View {
  const { texts } = context;
  return {
    root: h(
      'div',
      { class: 'view' },
      h(
        'div',
        { class: 'centre' },
        h('div', { class: 'spinner', part: 'spinner' }),
        heading(texts.label(title)),
        lead !== null && h('p', { class: 'lead' }, texts.label(lead)),
      ),
      ways.length > 0 &&
        h(
          'div',
          { class: 'actions' },
          ways.includes('start-over') && startOverButton(context),
          ways.includes('cancel') && cancelButton(context),
        ),
    ),
  };
}
