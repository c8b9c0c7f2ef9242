/** A relying party, its browsers, its native app and a phone, all in memory. The verifier is a double that keeps the real one's contract. */
import { createHash, randomBytes } from 'node:crypto';
import type { ProvenVerdict, Verdict, VerifyInput } from '@jpki-rp/verifier';
import type { AuditEvent } from '../src/audit/audit.ts';
import type { AppLinkDoorProfile } from '../src/door/profile.types.ts';
import type { VerifierPort } from '../src/flow/rooms.ts';
import type { Json, StartDescriptor } from '../src/http/wire.ts';
import type { Operation, OutcomeContext } from '../src/operation/operation.ts';
import type { Outcome } from '../src/operation/outcome.ts';
import { createRelyingParty, type RelyingParty, type RelyingPartyOptions } from '../src/relying-party.ts';
import { memoryTransactionStore } from '../src/transaction/memory.ts';

export const ORIGIN = 'https://bank.example';

export const PROFILE: AppLinkDoorProfile = {
  v: 1,
  kind: 'app-link',
  id: 'test-door',
  revision: '1',
  visibility: 'public',
  synthetic: true,
  basis: { document: 'made up', date: '2026-01-01', reviewer: 'nobody' },
  start: { appLink: 'https://phone.example/app?r={requestUrl}&t={ticket}', qr: 'made-up-app://qr?r={requestUrl}&t={ticket}' },
  request: {
    version: { constant: 1 },
    tx: { value: 'transactionId' },
    name: { value: 'relyingPartyName' },
    origin: { value: 'relyingPartyOrigin' },
    why: { value: 'operationName' },
    kind: { value: 'purpose' },
    carriers: { value: 'carriers' },
    scheme: { value: 'scheme' },
    message: { value: 'message', encode: ['base64url'] },
    text: { value: 'documentText', encode: ['utf8', 'base64'] },
    answerTo: { value: 'callbackUrl' },
    backTo: { value: 'returnUrl' },
    number: { value: 'matchNumber' },
    until: { value: 'expiresAt' },
  },
  response: {
    transactionId: { path: '/tx' },
    result: { path: '/result' },
    certificate: { path: '/body/cert', encoding: 'base64' },
    signature: { path: '/body/sig', encoding: 'base64' },
    carrier: { path: '/body/holder', map: { I: 'card', S: 'smartphone' } },
    remainingTries: { path: '/tries' },
  },
  results: {
    ok: 'ok',
    stop: 'cancelled',
    late: 'timed-out',
    pin: 'pin-wrong',
    lock: 'pin-locked',
    none: 'no-certificate',
    missing: 'app-missing',
    old: 'app-outdated',
    device: 'device-unsupported',
    down: 'app-unavailable',
    list: 'rp-not-allowed',
  },
  timing: { transactionSeconds: 600, qrSeconds: 120 },
};

/** The double's certificate: JSON that names its class. Its signature: the SHA-256 of the message. */
export const certificate = (className: string): Uint8Array => new TextEncoder().encode(JSON.stringify({ class: className }));
export const sign = (message: Uint8Array): Uint8Array => createHash('sha256').update(message).digest();

export function doubleVerifier(overrides: Partial<VerifierPort> = {}): VerifierPort & { readonly asked: VerifyInput[] } {
  const asked: VerifyInput[] = [];
  return {
    role: 'verifier',
    environment: { kind: 'test' },
    asked,
    async verify(input) {
      asked.push(input);
      const base = {
        checks: [],
        revocation: { status: 'good', sources: [] },
        at: new Date(0),
        warnings: [],
        evidence: () => {
          throw new Error('not here');
        },
      } as const;
      const refused = (code: string): Verdict => ({ ...base, class: null, result: 'invalid', code }) as unknown as Verdict;
      let className: string;
      try {
        className = JSON.parse(new TextDecoder().decode(input.certificate)).class;
      } catch {
        return refused('malformed');
      }
      const carrier = className.startsWith('card') ? 'card' : 'smartphone';
      if (!className.endsWith(input.purpose)) return refused('purpose-mismatch');
      if (!input.acceptCarriers.includes(carrier)) return refused('carrier-not-accepted');
      if (input.reportedCarrier != null && input.reportedCarrier !== carrier) return refused('carrier-mismatch');
      const good = input.message !== undefined && Buffer.from(input.signature).equals(sign(input.message));
      if (!good) return refused('signature-mismatch');
      const identity = { issuerKeyId: 'aa', serialNumber: 'c0ffee5e21a1', notBefore: new Date(0), notAfter: new Date(1), sha256: 'bb' };
      return { ...base, class: className, result: 'valid', certificate: identity } as unknown as ProvenVerdict;
    },
    ...overrides,
  };
}

export const DECLARATION = '私は口座の開設を申し込みます。';

export interface Stage {
  readonly rp: RelyingParty;
  readonly events: AuditEvent[];
  readonly errors: unknown[];
  readonly handled: { readonly outcome: Outcome; readonly context: OutcomeContext }[];
  readonly verifier: ReturnType<typeof doubleVerifier>;
  advance(seconds: number): void;
  browser(): Client;
  native(secret?: string): Client;
  open(link: string): Promise<Phone>;
}

export interface StageOptions extends Partial<Omit<RelyingPartyOptions, 'operations' | 'appLinkCompletion'>> {
  /** Most stories are not about the way back: `without-return` unless they say so. `default` leaves it to the relying party. */
  readonly appLinkCompletion?: RelyingPartyOptions['appLinkCompletion'] | 'default';
  readonly operations?: Record<string, Partial<Operation>>;
}

const POLICIES = {
  'open-account': {
    name: { ja: '口座開設', en: 'Open an account' },
    purpose: 'digital-signature',
    carriers: ['smartphone', 'card'],
  },
  login: { name: { ja: 'ログイン', en: 'Sign in' }, purpose: 'user-authentication', carriers: ['smartphone', 'card'] },
} as const;

export function stage(options: StageOptions = {}): Stage {
  let now = Date.UTC(2026, 3, 1);
  const events: AuditEvent[] = [];
  const errors: unknown[] = [];
  const handled: { outcome: Outcome; context: OutcomeContext }[] = [];
  const verifier = doubleVerifier();
  const onOutcome: Operation['onOutcome'] = (outcome, context) => {
    handled.push({ outcome, context });
    return { greeting: outcome.result };
  };
  const operation = (name: keyof typeof POLICIES): Operation => ({
    policy: POLICIES[name],
    prepare: () => (name === 'login' ? {} : { account: 'account-1', document: { text: DECLARATION } }),
    onOutcome,
    ...options.operations?.[name],
  });
  const { operations: _operations, appLinkCompletion = 'without-return', ...rest } = options;
  const rp = createRelyingParty({
    origin: ORIGIN,
    name: { ja: '見本銀行', en: 'Sample Bank' },
    verifier,
    door: PROFILE,
    transactions: memoryTransactionStore(),
    operations: { 'open-account': operation('open-account'), login: operation('login') },
    clock: () => new Date(now),
    audit: (event) => events.push(event),
    onError: (error) => errors.push(error),
    ...rest,
    ...(appLinkCompletion === 'default' ? {} : { appLinkCompletion }),
  });
  const phoneSend = (url: string, body: Json): Promise<Response> =>
    rp.handler(new Request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }));
  return {
    rp,
    events,
    errors,
    handled,
    verifier,
    advance: (seconds) => {
      now += seconds * 1_000;
    },
    browser: () => client(rp, {}),
    native: (secret = randomBytes(32).toString('base64url')) => client(rp, { authorization: `JPKI-Binding ${secret}` }),
    open: (link) => openPhone(link, phoneSend),
  };
}

export interface Client {
  readonly headers: Record<string, string>;
  cookie(): string | undefined;
  send(method: string, path: string, body?: Json | Uint8Array | string, headers?: Record<string, string>): Promise<Response>;
  begin(body?: Record<string, Json>): Promise<StartDescriptor>;
  complete(id: string, match?: string): Promise<Response>;
  status(id: string, query?: string): Promise<Response>;
}

function client(rp: RelyingParty, own: Record<string, string>): Client {
  let cookie: string | undefined;
  const headers: Record<string, string> = own['authorization'] === undefined ? { origin: rp.origin, 'sec-fetch-site': 'same-origin' } : own;
  const send: Client['send'] = async (method, path, body, more = {}) => {
    const text = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    const all: Record<string, string> = { ...headers, ...(cookie === undefined ? {} : { cookie }), ...more };
    if (text !== undefined && all['content-type'] === undefined) all['content-type'] = 'application/json';
    for (const [name, value] of Object.entries(all)) if (value === '') delete all[name];
    const url = path.startsWith('https:') ? path : `${rp.origin}${rp.basePath}${path}`;
    const init = { method, headers: all, ...(text === undefined ? {} : { body: typeof text === 'string' ? text : new Uint8Array(text) }) };
    const response = await rp.handler(new Request(url, init));
    for (const set of response.headers.getSetCookie()) cookie = set.split(';')[0];
    return response;
  };
  return {
    headers,
    cookie: () => cookie,
    send,
    begin: async (body = {}) => {
      const response = await send('POST', '/transactions', { v: 1, operation: 'open-account', ...body });
      if (response.status !== 201) throw new Error(`begin: ${response.status} ${await response.text()}`);
      return (await response.json()) as StartDescriptor;
    },
    complete: (id, match) => send('POST', `/transactions/${id}/complete`, { v: 1, ...(match === undefined ? {} : { match }) }),
    status: (id, query = '') => send('GET', `/transactions/${id}${query}`),
  };
}

export interface Phone {
  readonly request: { readonly [name: string]: Json };
  readonly message: Uint8Array;
  /** What a well-behaved app would send. */
  genuine(className?: string): { [name: string]: Json };
  send(answer: Json): Promise<Response>;
}

export const linkOf = (descriptor: StartDescriptor): string =>
  descriptor.start.kind === 'qr' ? descriptor.start.content : descriptor.start.href;

export const ticketOf = (link: string): { readonly requestUrl: string; readonly ticket: string } => {
  const parameters = new URL(link).searchParams;
  return { requestUrl: parameters.get('r') ?? '', ticket: parameters.get('t') ?? '' };
};

async function openPhone(link: string, send: (url: string, body: Json) => Promise<Response>): Promise<Phone> {
  const { requestUrl, ticket } = ticketOf(link);
  const response = await send(requestUrl, { ticket });
  if (response.status !== 200) throw new Error(`ticket: ${response.status} ${await response.text()}`);
  const request = (await response.json()) as { [name: string]: Json };
  const message = new Uint8Array(Buffer.from(String(request['message']), 'base64url'));
  return {
    request,
    message,
    genuine: (className = `smartphone-${request['kind']}`) => ({
      tx: String(request['tx']),
      result: 'ok',
      body: {
        cert: Buffer.from(certificate(className)).toString('base64'),
        sig: Buffer.from(sign(message)).toString('base64'),
        holder: className.startsWith('card') ? 'I' : 'S',
      },
    }),
    send: (answer) => send(String(request['answerTo']), answer),
  };
}

/** A good way through, up to the moment where the answer waits. */
export async function answered(on: Stage, who: Client, begin: Record<string, Json> = {}): Promise<{ id: string; phone: Phone }> {
  const descriptor = await who.begin(begin);
  const phone = await on.open(linkOf(descriptor));
  const response = await phone.send(phone.genuine());
  if (response.status !== 204) throw new Error(`callback: ${response.status}`);
  return { id: descriptor.transactionId, phone };
}

export const bodyOf = async (response: Response): Promise<Record<string, Json>> => (await response.json()) as Record<string, Json>;
