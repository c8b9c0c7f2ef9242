import type { PublicOutcome } from '@jpki-rp/node-sdk/wire';
import { deviceOf, factsOf, inAppBrowserOf } from '../device/device.ts';
import { IN_APP_BROWSERS, type InAppBrowser } from '../device/in-app-browsers.ts';
import { createFlow, type Flow } from '../flow/controller.ts';
import type { FlowState, Phase } from '../flow/machine.ts';
import type { Choice, StartKind } from '../flow/transaction.ts';
import { createTexts, type LabelOverrides, type Lang, langOf, type Texts } from '../i18n/texts.ts';
import { h } from './dom.ts';
import { icon } from './icons.ts';
import { browserPorts } from './ports.ts';
import { adopt } from './style.ts';
import { keyOf, viewFor } from './views/select.ts';
import type { View, ViewContext } from './views/view.ts';

/** Detail of `jpki-state`: where the identification stands. Carries no link and no code. */
export interface StateDetail {
  readonly phase: Phase;
  readonly transactionId?: string;
  readonly expiresAt?: string;
}

/** Phases in which nothing is waited for: a lost connection is not worth a word. */
const SETTLED: readonly Phase[] = ['choosing', 'starting', 'completing', 'done'];

// Importing on a server (for its types, or in a universal bundle) must not fail for want of a DOM.
const Base: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as unknown as typeof HTMLElement);

/**
 * `<jpki-identify endpoint operation [carrier] [lang] [return-to] [device] [qr-text]>`
 *
 * Emits `jpki-state` (detail: {@link StateDetail}) and `jpki-outcome` (detail: the outcome as the server told it). The outcome on the page
 * is for showing; what it is worth, the relying party's server knows from its own handler.
 */
export class JpkiIdentifyElement extends Base {
  static readonly observedAttributes: readonly string[] = ['endpoint', 'operation', 'lang', 'carrier', 'return-to', 'device', 'qr-text'];

  #flow: Flow | null = null;
  #view: View | null = null;
  #key = '';
  #start: StartKind | null = null;
  #labels: LabelOverrides = {};
  #close: (() => void) | null = null;
  #misconfigured = false;
  #inAppBrowsers: readonly InAppBrowser[] = IN_APP_BROWSERS;
  #run = 0;
  readonly #card: HTMLElement | null = null;
  readonly #live: HTMLElement | null = null;
  readonly #lost: HTMLElement | null = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    adopt(root, 'element');
    this.#live = h('div', { class: 'unseen', role: 'status', 'aria-live': 'polite', part: 'live' });
    this.#lost = h('p', { class: 'lost', part: 'connection' });
    this.#lost.hidden = true;
    this.#card = h('section', { class: 'card', part: 'card' });
    root.append(this.#card, this.#live);
  }

  get labels(): LabelOverrides {
    return this.#labels;
  }
  /** Replaces words of the page; see the label names, and `code.<code>` for the text of a code. */
  set labels(labels: LabelOverrides) {
    this.#labels = { ...labels };
    this.#refresh();
  }

  /** Browsers inside other apps that are warned about. */
  get inAppBrowsers(): readonly InAppBrowser[] {
    return this.#inAppBrowsers;
  }
  set inAppBrowsers(list: readonly InAppBrowser[]) {
    this.#inAppBrowsers = [...list];
    this.#refresh();
  }

  /** What to do when the person leaves: where set, a way out is shown. */
  get onclosed(): (() => void) | null {
    return this.#close;
  }
  set onclosed(close: (() => void) | null) {
    this.#close = close;
    this.#refresh();
  }

  get phase(): Phase {
    return this.#flow?.state.phase ?? 'choosing';
  }

  connectedCallback(): void {
    // Set before the script had loaded: then they stand on the instance and hide the accessors.
    for (const name of ['labels', 'inAppBrowsers', 'onclosed'] as const) {
      const early = Object.getOwnPropertyDescriptor(this, name);
      if (early && Reflect.deleteProperty(this, name)) Reflect.set(this, name, early.value);
    }
    this.#restart();
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    if (name === 'lang' || name === 'carrier' || name === 'device' || name === 'qr-text') this.#refresh();
    else this.#restart();
  }

  /** Begins at once, without the choice being shown: as from the page's own button. */
  begin(carrier?: Choice): void {
    this.#flow?.choose(carrier ?? this.#preset(), this.#startKind());
  }

  /** Ends what is under way; the server forgets it too. */
  cancel(): void {
    this.#flow?.cancel();
  }

  /** Resolves once it is known whether an interrupted identification is being continued. */
  get resumed(): Promise<boolean> {
    return this.#resumed;
  }
  #resumed: Promise<boolean> = Promise.resolve(false);

  #restart(): void {
    this.#stop();
    const endpoint = this.getAttribute('endpoint') ?? '/jpki';
    const operation = this.getAttribute('operation') ?? '';
    const returnTo = this.getAttribute('return-to');
    const run = ++this.#run;
    const lang = (): Lang => this.#texts().lang;
    try {
      if (operation === '') throw new TypeError('operation is missing');
      this.#flow = createFlow(browserPorts(endpoint, operation), {
        operation,
        get lang() {
          return lang();
        },
        ...(returnTo === null ? {} : { returnTo }),
        onState: (state) => {
          if (run === this.#run) this.#onState(state);
        },
        onOutcome: (outcome) => {
          if (run === this.#run) this.#emit('jpki-outcome', outcome);
        },
        onConnection: (connection) => this.#onConnection(connection),
      });
      this.#misconfigured = false;
    } catch {
      this.#misconfigured = true;
    }
    this.#refresh();
    this.#resumed = this.#flow?.resume() ?? Promise.resolve(false);
  }

  #stop(): void {
    this.#flow?.dispose();
    this.#flow = null;
    this.#view?.dispose?.();
    this.#view = null;
    this.#key = '';
  }

  #texts(): Texts {
    const lang = this.getAttribute('lang') ?? this.closest('[lang]')?.getAttribute('lang') ?? document.documentElement.lang;
    return createTexts(langOf(lang), this.#labels);
  }

  #preset(): Choice {
    const carrier = this.getAttribute('carrier');
    return carrier === 'card' || carrier === 'smartphone' ? carrier : 'auto';
  }

  #startKind(): StartKind {
    if (this.#start) return this.#start;
    const device = this.getAttribute('device');
    const found = device === 'phone' || device === 'desktop' ? device : deviceOf(factsOf(navigator));
    return found === 'phone' ? 'app-link' : 'qr';
  }

  #onState(state: FlowState): void {
    this.#render(state);
    const transaction = 'transaction' in state ? state.transaction : null;
    const detail: StateDetail = {
      phase: state.phase,
      ...(transaction ? { transactionId: transaction.id, expiresAt: transaction.expiresAt } : {}),
    };
    this.#emit('jpki-state', detail);
  }

  #emit(type: string, detail: StateDetail | PublicOutcome): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  #onConnection(connection: 'ok' | 'lost'): void {
    if (!this.#lost) return;
    this.#lost.hidden = connection === 'ok';
    if (connection === 'lost') {
      const text = this.#texts().label('lost');
      this.#lost.replaceChildren(icon('alert'), text);
      this.#announce(text);
    }
  }

  #announce(message: string): void {
    if (this.#live) this.#live.textContent = message;
  }

  #refresh(): void {
    if (!this.isConnected) return;
    this.#key = '';
    this.#render(this.#flow?.state ?? { phase: 'choosing' });
  }

  #render(state: FlowState): void {
    const key = keyOf(state);
    if (key === this.#key && this.#view) {
      this.#view.update?.(state);
      return;
    }
    const card = this.#card;
    if (!card) return;
    const hadFocus = this.shadowRoot?.activeElement !== null;
    const isFirst = this.#view === null;
    this.#view?.dispose?.();
    const texts = this.#texts();
    const view = this.#viewFor(state, texts);
    view.root.lang = texts.lang;
    this.#view = view;
    this.#key = key;
    card.setAttribute('aria-label', texts.label('region'));
    card.dataset['phase'] = state.phase;
    if (this.#lost) {
      if (SETTLED.includes(state.phase)) this.#lost.hidden = true;
      card.replaceChildren(view.root, this.#lost);
    }
    view.update?.(state);
    const title = view.root.querySelector('h2');
    const wanted = view.root.querySelector('[data-focus]') ?? title;
    if ((hadFocus || state.phase === 'match') && wanted instanceof HTMLElement) wanted.focus({ preventScroll: !hadFocus });
    else if (!isFirst && title) this.#announce(title.textContent ?? '');
  }

  #viewFor(state: FlowState, texts: Texts): View {
    const flow = this.#flow;
    if (!flow || this.#misconfigured) {
      return {
        root: h('div', { class: 'view', part: 'misconfigured' }, h('p', { class: 'notice' }, icon('alert'), texts.label('misconfigured'))),
      };
    }
    const context: ViewContext = {
      flow,
      texts,
      settings: {
        preset: this.#preset(),
        start: this.#startKind(),
        canSwitch: this.#startKind() === 'app-link' || navigator.maxTouchPoints > 0,
        inAppBrowser: inAppBrowserOf(navigator.userAgent, this.#inAppBrowsers),
        showQrText: this.hasAttribute('qr-text'),
      },
      now: () => performance.now(),
      announce: (message) => this.#announce(message),
      switchStart: () => {
        this.#start = this.#startKind() === 'qr' ? 'app-link' : 'qr';
        this.#refresh();
      },
      begin: (choice) => flow.choose(choice, this.#startKind()),
      close: this.#close,
    };
    return viewFor(context, state);
  }
}

/** Registers the element; harmless when repeated or without a DOM. */
export function defineJpkiIdentify(): void {
  const registry = globalThis.customElements;
  if (registry && !registry.get('jpki-identify')) registry.define('jpki-identify', JpkiIdentifyElement);
}
