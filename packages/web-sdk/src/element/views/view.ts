import type { Flow } from '../../flow/controller.ts';
import type { FlowState } from '../../flow/machine.ts';
import type { Choice, StartKind, Transaction } from '../../flow/transaction.ts';
import type { Texts } from '../../i18n/texts.ts';
import { h } from '../dom.ts';

export interface View {
  readonly root: HTMLElement;
  /** Called for a later state with the same key. */
  update?(state: FlowState): void;
  dispose?(): void;
}

export interface ViewContext {
  readonly flow: Flow;
  readonly texts: Texts;
  readonly settings: {
    /** The carrier fixed by the page, if any. */
    readonly preset: Choice;
    readonly start: StartKind;
    /** The app whose built-in browser this is, or `null`. */
    readonly inAppBrowser: string | null;
    readonly showQrText: boolean;
  };
  /** Monotonic milliseconds. */
  now(): number;
  /** Says something to assistive technology without moving the focus. */
  announce(message: string): void;
  switchStart(): void;
  begin(choice: Choice): void;
  /** Leaves a finished identification; `null` where the element stands in a page and has nowhere to go. */
  readonly close: (() => void) | null;
}

export const heading = (text: string): HTMLHeadingElement => h('h2', { part: 'title', tabindex: -1 }, text);

export const cancelButton = ({ flow, texts }: ViewContext): HTMLButtonElement =>
  h('button', { type: 'button', class: 'quiet', part: 'cancel', click: () => flow.cancel() }, texts.label('cancel'));

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
