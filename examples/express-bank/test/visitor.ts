/** A browser without a screen: cookies, forms, and what the identification element does over the wire. */
import type { PublicOutcome, StartDescriptor, TransactionStatus } from '@jpki-rp/node-sdk';
import type { AppOutcome, AppSession, Person } from '@jpki-rp/simulator';
import type { Carrier } from '@jpki-rp/verifier';
import type { Bank } from '../src/bank.ts';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly sent: string;
  readonly received: string;
}

export interface Identified {
  readonly outcome: PublicOutcome;
  /** Where the bank sends the page, where it does. */
  readonly to: string | null;
}

export interface Choice {
  readonly start?: 'app-link' | 'qr';
  readonly outcome?: AppOutcome;
  readonly tamper?: Parameters<AppSession['answer']>[0]['tamper'];
  readonly match?: (shown: string) => string;
}

export class Visitor {
  readonly #bank: Bank;
  readonly #cookies = new Map<string, string>();
  /** Everything this browser sent and received. */
  readonly seen: Seen[] = [];

  constructor(bank: Bank) {
    this.#bank = bank;
  }

  async fetch(
    path: string,
    options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
  ): Promise<Response> {
    const url = new URL(path, this.#bank.origin).href;
    const method = options.method ?? 'GET';
    const own = method === 'GET' ? {} : { origin: this.#bank.origin, 'sec-fetch-site': 'same-origin' };
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...own, ...(cookie === '' ? {} : { cookie }), ...options.headers },
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    for (const header of response.headers.getSetCookie()) {
      const [pair = ''] = header.split(';');
      const at = pair.indexOf('=');
      if (/Max-Age=0/.test(header)) this.#cookies.delete(pair.slice(0, at));
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    this.seen.push({ method, url, status: response.status, sent: options.body ?? '', received: await response.clone().text() });
    return response;
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  /** The page at the end of the redirects. */
  async page(path: string): Promise<string> {
    let response = await this.fetch(path);
    for (let hops = 0; response.status === 303 && hops < 5; hops += 1) response = await this.fetch(response.headers.get('location') ?? '/');
    return response.text();
  }

  async submit(path: string, fields: Readonly<Record<string, string>> = {}): Promise<string> {
    const response = await this.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
    return response.status === 303 ? this.page(response.headers.get('location') ?? '/') : response.text();
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: T }> {
    const response = await this.fetch(path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? (null as T) : JSON.parse(text) };
  }

  async begin(operation: string, start: 'app-link' | 'qr' = 'app-link'): Promise<StartDescriptor> {
    const { status, body } = await this.json<StartDescriptor>('POST', '/jpki/transactions', { v: 1, operation, start, returnTo: '/' });
    if (status !== 201) throw new Error(`begin answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  complete(transactionId: string, match?: string): Promise<{ readonly status: number; readonly body: PublicOutcome }> {
    return this.json('POST', `/jpki/transactions/${transactionId}/complete`, { v: 1, ...(match === undefined ? {} : { match }) });
  }

  async status(transactionId: string): Promise<TransactionStatus> {
    return (await this.json<TransactionStatus>('GET', `/jpki/transactions/${transactionId}`)).body;
  }

  /** The whole way: begin, the phone answers, back in this browser, complete. */
  async identify(operation: string, person: Person, carrier: Carrier, choice: Choice = {}): Promise<Identified> {
    const { start, transactionId } = await this.begin(operation, choice.start);
    const phone = await this.#bank.simulator.app.open(start.kind === 'qr' ? start.content : start.href);
    const { returnUrl } = await phone.answer({
      person,
      carrier,
      ...(choice.outcome === undefined ? {} : { outcome: choice.outcome }),
      ...(choice.tamper === undefined ? {} : { tamper: choice.tamper }),
    });
    if (start.kind !== 'qr') await this.fetch(returnUrl);
    const { matchNumber } = phone.request;
    const shown = matchNumber === undefined ? undefined : (choice.match ?? ((digits) => digits))(matchNumber);
    const { body: outcome } = await this.complete(transactionId, shown);
    const next = outcome.next as { readonly to?: string } | undefined;
    return { outcome, to: next?.to ?? null };
  }

  /** An account, from the home page on. */
  async openAccount(person: Person, carrier: Carrier, choice: Choice = {}): Promise<Identified> {
    await this.submit('/open', { branch: 'hoshimi-chuo', purpose: 'living' });
    return this.identify('open-account', person, carrier, choice);
  }
}
