/** What several views are made of. */
import type { Transaction } from '../../flow/transaction.ts';
import type { LabelName } from '../../i18n/labels.ts';
import { h, rich } from '../dom.ts';
import { type IconName, icon } from '../icons.ts';
import type { ViewContext } from './view.ts';

export const heading = (text: string): HTMLHeadingElement => h('h2', { part: 'title', tabindex: -1 }, text);

export const cancelButton = ({ flow, texts }: ViewContext): HTMLButtonElement =>
  h('button', { type: 'button', class: 'quiet', part: 'cancel', click: () => flow.cancel() }, texts.label('cancel'));

export const startOverButton = ({ flow, texts }: ViewContext): HTMLButtonElement =>
  h(
    'button',
    {
      type: 'button',
      class: 'secondary',
      part: 'start-over',
      click: () => {
        flow.cancel();
        flow.retry();
      },
    },
    texts.label('startOver'),
  );

/** Who asks, and what for: the same words must stand on the phone. */
export const requestBox = ({ texts }: ViewContext, { show }: Transaction): HTMLElement =>
  h(
    'dl',
    { class: 'request', part: 'request' },
    h('div', {}, h('dt', {}, texts.label('requestedBy')), h('dd', { part: 'relying-party' }, show.relyingParty)),
    h('div', {}, h('dt', {}, texts.label('operation')), h('dd', { part: 'operation' }, show.operation)),
  );

/** The carrier that will be used: the choice where the operation accepts it. */
export function carrierFor({ choice, show }: Transaction): 'card' | 'smartphone' {
  const wanted = choice === 'auto' ? 'smartphone' : choice;
  return show.carriers.includes(wanted) ? wanted : (show.carriers[0] ?? wanted);
}

const SECRET: Readonly<Record<'card' | 'smartphone', Readonly<Record<Transaction['show']['purpose'], LabelName>>>> = {
  smartphone: { 'digital-signature': 'pinSmartphoneSigning', 'user-authentication': 'pinSmartphoneAuthentication' },
  card: { 'digital-signature': 'pinCardSigning', 'user-authentication': 'pinCardAuthentication' },
};

/** Which PIN or password of which carrier the app will ask for. Biometrics are never promised for signing. */
export const secretLabel = (transaction: Transaction): LabelName => SECRET[carrierFor(transaction)][transaction.show.purpose];

export const factItem = ({ texts }: ViewContext, name: IconName, label: LabelName): HTMLElement =>
  h('li', {}, icon(name), h('span', {}, ...rich(texts.label(label))));

export const notice = (text: string, part: string): HTMLElement => h('p', { class: 'notice', part }, icon('alert'), h('span', {}, text));
