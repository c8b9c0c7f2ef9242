import type { Flow } from '../../flow/controller.ts';
import type { FlowState } from '../../flow/machine.ts';
import type { Choice, StartKind } from '../../flow/transaction.ts';
import type { Texts } from '../../i18n/texts.ts';

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
    /** Whether the other way to start is worth offering: a PC without a touch screen has no app to open. */
    readonly canSwitch: boolean;
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
