import { h } from '../dom.ts';
import { cancelButton, heading } from './pieces.ts';
import type { View, ViewContext } from './view.ts';

export function busyView(context: ViewContext, title: string, lead: string | null, cancellable: boolean): View {
  return {
    root: h(
      'div',
      { class: 'view' },
      h(
        'div',
        { class: 'centre' },
        h('div', { class: 'spinner', part: 'spinner' }),
        heading(title),
        lead !== null && h('p', { class: 'lead' }, lead),
      ),
      cancellable && h('div', { class: 'actions' }, cancelButton(context)),
    ),
  };
}
