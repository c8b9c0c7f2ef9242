import type { LabelName } from '../../i18n/labels.ts';
import { h } from '../dom.ts';
import { icon } from '../icons.ts';
import { heading } from './pieces.ts';
import type { View, ViewContext } from './view.ts';

/** Card or smartphone, the smartphone first: a hint for app and server, never authority. */
export function choiceView(context: ViewContext): View {
  const { texts, settings } = context;
  const fixed = settings.preset !== 'auto';
  const choice = (carrier: 'card' | 'smartphone', name: LabelName, hint: LabelName, first: boolean): HTMLElement =>
    h(
      'button',
      { type: 'button', class: first ? 'choice first' : 'choice', part: `choice-${carrier} choice`, click: () => context.begin(carrier) },
      h('span', { class: 'badge' }, icon(carrier)),
      h('span', {}, h('span', { class: 'name' }, texts.label(name)), h('span', { class: 'hint' }, texts.label(hint))),
      svgGo(),
      first && h('span', { class: 'tag', part: 'tag' }, texts.label('recommended')),
    );
  const switchStart = h(
    'button',
    { type: 'button', class: 'quiet', part: 'switch-device', click: () => context.switchStart() },
    texts.label(settings.start === 'qr' ? 'usePhone' : 'useQr'),
  );
  return {
    root: h(
      'div',
      { class: 'view' },
      heading(texts.label(fixed ? 'startTitle' : 'chooseTitle')),
      h('p', { class: 'lead' }, texts.label('chooseLead')),
      fixed
        ? h(
            'button',
            { type: 'button', class: 'primary', part: 'start', click: () => context.begin(settings.preset) },
            icon('shield'),
            texts.label('start'),
          )
        : h(
            'div',
            { class: 'choices', role: 'group', 'aria-label': texts.label('chooseTitle') },
            choice('smartphone', 'smartphone', 'smartphoneHint', true),
            choice('card', 'card', 'cardHint', false),
          ),
      h('div', { class: 'actions' }, settings.canSwitch && switchStart, context.close && closeButton(context)),
    ),
  };
}

const svgGo = (): SVGElement => {
  const arrow = icon('arrow');
  arrow.setAttribute('class', 'icon go');
  return arrow;
};

const closeButton = ({ texts, close }: ViewContext): HTMLElement =>
  h('button', { type: 'button', class: 'quiet', part: 'cancel', click: () => close?.() }, texts.label('cancel'));
