/** The two digits that the phone shows: whoever relays a code to someone else's phone cannot type them here. */
import type { FlowState } from '../../flow/machine.ts';
import { h } from '../dom.ts';
import { cancelButton, heading } from './pieces.ts';
import type { View, ViewContext } from './view.ts';

/** Half-width digits; Japanese keyboards often type full-width ones. */
export const digitsOf = (typed: string): string => typed.normalize('NFKC').replace(/\D/g, '').slice(0, 2);

export function matchView(context: ViewContext): View {
  const { flow, texts } = context;
  const error = h('p', { class: 'error', part: 'match-error', id: 'match-error' });
  error.hidden = true;
  const input = h('input', {
    class: 'digits',
    part: 'match-input',
    id: 'match',
    type: 'text',
    inputmode: 'numeric',
    autocomplete: 'off',
    maxlength: 2,
    required: true,
    'aria-describedby': 'match-error',
    'data-focus': true,
    input: (event) => {
      // An input method composes full-width digits in steps; it is left alone until it is done.
      if (!(event instanceof InputEvent && event.isComposing)) input.value = digitsOf(input.value);
    },
    compositionend: () => {
      input.value = digitsOf(input.value);
    },
  });
  const fail = (...messages: readonly string[]): void => {
    const message = messages.join(' ');
    error.replaceChildren(...messages.map((piece) => h('span', {}, piece)));
    error.hidden = false;
    input.setAttribute('aria-invalid', 'true');
    input.focus();
    context.announce(message);
  };
  return {
    root: h(
      'div',
      { class: 'view narrow centred' },
      heading(texts.label('matchTitle')),
      h('p', { class: 'lead' }, texts.label('matchLead')),
      h(
        'form',
        {
          novalidate: true,
          part: 'match-form',
          submit: (event) => {
            event.preventDefault();
            const digits = digitsOf(input.value);
            if (digits.length === 2) flow.submitMatch(digits);
            else fail(texts.label('matchFormat'));
          },
        },
        h('label', { for: 'match' }, texts.label('matchLabel')),
        input,
        error,
        h('button', { type: 'submit', class: 'primary', part: 'match-submit' }, texts.label('matchSubmit')),
      ),
      h('div', { class: 'actions' }, cancelButton(context)),
    ),
    update(state: FlowState) {
      if (state.phase !== 'match' || !state.wrong) return;
      const wrong = texts.message({ v: 1, result: 'try-again', code: 'match-wrong' });
      input.value = '';
      if (state.remaining === undefined) fail(wrong);
      else fail(wrong, texts.label('matchLeft', { count: state.remaining }));
    },
  };
}
