import type { PublicOutcome } from '@jpki-rp/node-sdk/wire';
import type { Choice } from '../flow/transaction.ts';
import type { LabelOverrides } from '../i18n/texts.ts';
import { h } from './dom.ts';
import { defineJpkiIdentify, type StateDetail } from './identify.ts';
import { browserPending } from './ports.ts';
import { adopt } from './style.ts';

export interface IdentificationOptions {
  /** Where the relying party's handler is mounted; same origin as the page. */
  readonly endpoint: string;
  readonly operation: string;
  /** `auto` (default) shows the choice, smartphone first. A hint, never authority. */
  readonly carrier?: Choice;
  /** Default: the document's language; Japanese where it is neither. */
  readonly lang?: 'ja' | 'en';
  /** Same-origin path that the app's way back leads to. */
  readonly returnTo?: string;
  /** Where to show it. Default: a modal dialog. */
  readonly container?: Element;
  readonly labels?: LabelOverrides;
  readonly signal?: AbortSignal;
  onState?(state: StateDetail): void;
}

const CANCELLED: PublicOutcome = {
  v: 1,
  result: 'try-again',
  code: 'cancelled',
  messageKey: 'cancelled',
  actor: 'user',
  place: 'browser',
  retryable: true,
};

/**
 * Lets the person identify. Resolves with the outcome once identified, or when the person closes a failed or cancelled attempt; failures
 * are outcomes, not rejections. An attempt that a navigation interrupted is continued.
 *
 * The outcome is for showing: what it is worth, the relying party's server knows from its own handler.
 *
 * @throws TypeError on a missing operation or an endpoint of another origin; the signal's reason when it aborts
 */
export function startIdentification(options: IdentificationOptions): Promise<PublicOutcome> {
  return new Promise((resolve, reject) => {
    if (options.operation === '') throw new TypeError('operation is missing');
    browserPending(options.endpoint, options.operation);
    options.signal?.throwIfAborted();
    defineJpkiIdentify();

    const element = document.createElement('jpki-identify');
    element.setAttribute('endpoint', options.endpoint);
    element.setAttribute('operation', options.operation);
    if (options.carrier) element.setAttribute('carrier', options.carrier);
    if (options.lang) element.setAttribute('lang', options.lang);
    if (options.returnTo !== undefined) element.setAttribute('return-to', options.returnTo);
    if (options.labels) element.labels = options.labels;

    let last: PublicOutcome = CANCELLED;
    const shown = options.container ? inContainer(options.container, element) : inDialog(element, () => leave());
    const finish = (settle: () => void): void => {
      options.signal?.removeEventListener('abort', onAbort);
      shown();
      settle();
    };
    const leave = (): void => {
      // Closing while the server decides would hide an outcome that has already been redeemed.
      if (element.phase === 'completing') return;
      element.cancel();
      finish(() => resolve(last));
    };
    const onAbort = (): void => {
      element.cancel();
      finish(() => reject(options.signal?.reason));
    };
    element.onclosed = leave;
    options.signal?.addEventListener('abort', onAbort);
    element.addEventListener('jpki-state', (event) => {
      if (event instanceof CustomEvent) options.onState?.(event.detail);
    });
    element.addEventListener('jpki-outcome', (event) => {
      if (!(event instanceof CustomEvent)) return;
      last = event.detail;
      if (last.result === 'identified') finish(() => resolve(last));
    });
    void element.resumed.then((resumed) => {
      if (!resumed && (options.carrier ?? 'auto') !== 'auto') element.begin(options.carrier);
    });
  });
}

/** Whether an identification was interrupted by a navigation in this browser: call `startIdentification` to continue it. */
export function hasPendingIdentification(options: Pick<IdentificationOptions, 'endpoint' | 'operation'>): boolean {
  return browserPending(options.endpoint, options.operation).load() !== null;
}

function inContainer(container: Element, element: Element): () => void {
  container.append(element);
  return () => element.remove();
}

function inDialog(element: Element, leave: () => void): () => void {
  const host = h('div');
  const root = host.attachShadow({ mode: 'open' });
  adopt(root, 'dialog');
  const dialog = h('dialog', {
    part: 'dialog',
    cancel: (event) => {
      event.preventDefault();
      leave();
    },
  });
  dialog.append(element);
  root.append(dialog);
  document.body.append(host);
  dialog.showModal();
  return () => {
    dialog.close();
    host.remove();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'jpki-identify': import('./identify.ts').JpkiIdentifyElement;
  }
}
