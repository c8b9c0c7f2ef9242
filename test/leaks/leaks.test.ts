/** A whole day at the bank, good and bad, with everything that leaves a room written down. Personal data, serials, certificates and signatures are searched in it. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Person } from '@jpki-rp/simulator';
import type { Carrier, Purpose } from '@jpki-rp/verifier';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Bank, startBank } from '../../examples/express-bank/src/bank.ts';
import { type Choice, Visitor } from '../../examples/express-bank/test/visitor.ts';

const CARRIERS: readonly Carrier[] = ['card', 'smartphone'];
const PURPOSES: readonly Purpose[] = ['digital-signature', 'user-authentication'];
const CHUNK = 24;

/** What was heard, by where. */
const heard = {
  output: [] as string[],
  events: [] as string[],
  urls: [] as string[],
  wire: [] as string[],
  pages: [] as string[],
  rest: [] as string[],
};
/** What must not be heard: values of people, and the bytes of what they hold. */
const values = new Set<string>();
const bytes = new Set<string>();
const outcomes: string[] = [];
let evidence = '';

const served = (message: unknown): void => {
  const { request } = message as { request: IncomingMessage };
  heard.urls.push(`${request.url} ${request.headers.referer ?? ''}`);
};
const requested = (message: unknown): void => {
  const { request } = message as { request: { origin: string | URL; path: string } };
  heard.urls.push(`${String(request.origin)}${request.path}`);
};

let bank: Bank;

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      heard.output.push(String(chunk));
      return true;
    });
  }
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => void heard.output.push(parts.map(String).join(' ')));
  }
  subscribe('http.server.request.start', served);
  subscribe('undici:request:create', requested);
  try {
    bank = await startBank({
      people: 0,
      audit: (event) => heard.events.push(JSON.stringify(event)),
      onEvent: (event) => heard.events.push(JSON.stringify(event)),
      onError: (error) => heard.events.push(error instanceof Error ? `${error.message}\n${error.stack}` : String(error)),
    });
    await day();
  } finally {
    unsubscribe('http.server.request.start', served);
    unsubscribe('undici:request:create', requested);
    vi.restoreAllMocks();
  }
}, 60_000);
afterAll(() => bank.close());

async function day(): Promise<void> {
  const [first, second] = [await bank.simulator.person(), await bank.simulator.person()];
  const visitor = new Visitor(bank);
  const identify = async (who: Visitor, operation: string, person: Person, carrier: Carrier, choice: Choice = {}): Promise<void> => {
    const { outcome } = await who.identify(operation, person, carrier, { ...choice, tamper: overhear(choice.tamper) });
    outcomes.push(outcome.code ?? outcome.result);
  };
  await visitor.submit('/open', { branch: 'hoshimi-chuo', purpose: 'living' });
  await identify(visitor, 'open-account', first, 'smartphone');
  await visitor.page('/open/done');
  await identify(visitor, 'register-login', first, 'card', { start: 'qr' });
  await visitor.submit('/link');
  await identify(visitor, 'link-card', first, 'card');
  await identify(visitor, 'link-smartphone', first, 'smartphone');
  const [, saved = ''] = /href="(\/account\/identifications\/[^"]+)\/evidence\.jws"/.exec(await visitor.page('/open/done')) ?? [];
  await visitor.submit(`${saved}/verify`);
  evidence = await (await visitor.fetch(`${saved}/evidence.jws`)).text();
  for (const path of ['/account', '/account/certificates']) await visitor.page(path);

  const stranger = new Visitor(bank);
  await stranger.page('/login');
  await identify(stranger, 'login', second, 'card');
  await identify(stranger, 'login', first, 'card', { outcome: 'pin-wrong' });
  await identify(stranger, 'login', first, 'card', { tamper: (message) => ({ ...message, holder: 'SP' }) });
  await identify(stranger, 'login', first, 'card', { tamper: (message) => ({ ...message, cert: changed(String(message['cert'])) }) });
  await identify(stranger, 'login', first, 'card', { tamper: (message) => ({ ...message, sig: changed(String(message['sig'])) }) });
  await identify(stranger, 'login', first, 'card', { tamper: (message) => ({ ...message, cert: '%%%' }) });
  bank.simulator.faults.set('ocsp', 'garbage');
  bank.simulator.faults.set('crl', 'down');
  await identify(stranger, 'login', second, 'smartphone');
  bank.simulator.faults.set('ocsp', null);
  bank.simulator.faults.set('crl', null);
  bank.simulator.revoke(first, 'card', 'user-authentication');
  await identify(stranger, 'login', first, 'card');
  await stranger.json('GET', '/jpki/transactions/AAAAAAAAAAAAAAAAAAAAAA');
  await stranger.page('/login');

  const { person } = bank.desk.accounts.byId(bank.desk.sessions.read(`${cookieOf(visitor)}`)?.account) ?? {};
  for (const value of [
    person?.name,
    person?.address,
    person?.dateOfBirth,
    person?.dateOfBirth?.replaceAll('-', ''),
    first.name,
    second.name,
  ]) {
    if (typeof value === 'string')
      for (const form of [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]) values.add(form);
  }
  for (const one of [first, second]) {
    for (const carrier of CARRIERS) {
      for (const purpose of PURPOSES) {
        const certificate = one.certificate(carrier, purpose);
        if (certificate === null) continue;
        const hex = certificate.serialNumber.replace(/[^0-9a-f]/gi, '').toLowerCase();
        for (const form of [hex, hex.toUpperCase(), BigInt(`0x${hex}`).toString()]) bytes.add(form);
        remember(certificate.der);
      }
    }
  }
  for (const { url, sent, received } of [...visitor.seen, ...stranger.seen]) {
    heard.urls.push(url);
    if (url.includes('/jpki/')) heard.wire.push(sent, received);
    else if (!url.endsWith('.jws')) heard.pages.push(received);
  }
  const account = bank.desk.sessions.read(cookieOf(visitor))?.account ?? '';
  const history = await bank.desk.ledger.history(account);
  heard.rest.push(JSON.stringify(history), JSON.stringify(bank.desk.accounts.byId(account)?.certificates));
}

const cookieOf = (visitor: Visitor): string => `__Host-komorebi=${visitor.cookie('__Host-komorebi')}`;

/** The app's answers pass by here: their signatures are what must not be heard elsewhere. */
const overhear =
  (tamper: Choice['tamper']) =>
  (message: Record<string, unknown>): Record<string, unknown> => {
    if (typeof message['sig'] === 'string') remember(Buffer.from(message['sig'], 'base64'));
    return tamper?.(message) ?? message;
  };

const changed = (base64: string): string =>
  `${base64.slice(0, 400 % base64.length)}${base64[400 % base64.length] === 'A' ? 'B' : 'A'}${base64.slice((400 % base64.length) + 1)}`;

/** Pieces of the bytes in hex and in base64 at each of its three alignments. */
function remember(der: Uint8Array): void {
  const buffer = Buffer.from(der);
  for (let at = 0; at + CHUNK <= buffer.length; at += CHUNK) {
    bytes.add(buffer.subarray(at, at + CHUNK).toString('hex'));
    for (const shift of [0, 1, 2]) {
      const piece = buffer.subarray(at + shift, at + shift + CHUNK);
      if (piece.length === CHUNK) for (const encoding of ['base64', 'base64url'] as const) bytes.add(piece.toString(encoding));
    }
  }
}

const found = (needles: Iterable<string>, haystack: readonly string[]): number => {
  const text = haystack.join('\n');
  // The value itself is not printed: a failing test must not leak either.
  return [...needles].filter((needle) => text.includes(needle)).length;
};

test('the day was as varied as it was meant to be', () => {
  expect(outcomes).toEqual([
    'identified',
    'identified',
    'identified',
    'identified',
    'identified',
    'pin-wrong',
    'carrier-mismatch',
    expect.stringMatching(/^(malformed|certificate-signature|class-unknown|issuer-untrusted|class-conflict)$/),
    'signature-mismatch',
    'app-message-invalid',
    expect.stringMatching(/^(ocsp|crl)-/),
    'revoked',
  ]);
  expect(values.size).toBeGreaterThan(4);
  expect(bytes.size).toBeGreaterThan(1_000);
});

test('the search finds what is there: the evidence, opened, holds the certificate, and the account page the name', () => {
  const record = Buffer.from(evidence.split('.')[1] ?? '', 'base64url').toString('utf8');
  expect(found(bytes, [record])).toBeGreaterThan(10);
  expect(found(values, heard.pages)).toBeGreaterThan(0);
});

test('both ends of every request are listened to: status data fetched by the verifier, the app’s answer, the way back', () => {
  const urls = heard.urls.join('\n');
  for (const part of [
    `${bank.simulator.urls.origin}/ocsp/`,
    `${bank.simulator.urls.origin}/crl/`,
    '/callback/virtual-app?r=',
    '/request/virtual-app',
  ]) {
    expect(urls).toContain(part);
  }
});

test('nothing is written to the terminal', () => {
  expect(heard.output.filter((line) => !/^\s*$/.test(line))).toEqual([]);
});

test.each(['events', 'urls', 'wire', 'rest'] as const)('%s carry no attribute, serial, certificate or signature', (where) => {
  expect(heard[where].length).toBeGreaterThan(1);
  expect(found(values, heard[where])).toBe(0);
  expect(found(bytes, heard[where])).toBe(0);
});

test('pages carry no serial, certificate or signature', () => {
  expect(found(bytes, heard.pages)).toBe(0);
});

test('names are shown to their own account only', () => {
  const anonymous = heard.pages.filter((page) => page.includes('href="/login"'));
  expect(anonymous.length).toBeGreaterThan(0);
  expect(found(values, anonymous)).toBe(0);
});
