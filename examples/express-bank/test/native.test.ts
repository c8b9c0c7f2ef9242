/** The bank's native app: no cookie, no browser; a secret it holds, fixed by its hash when the transaction begins. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRelyingParty, memoryTransactionStore, type Outcome, type PublicOutcome, type StartDescriptor } from '@jpki-rp/node-sdk';
import { jpki } from '@jpki-rp/node-sdk/express';
import { type Person, type Simulator, startSimulator } from '@jpki-rp/simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Jpki } from '../src/jpki.ts';
import { BANK } from '../src/name.ts';

let simulator: Simulator;
let connected: Jpki;
let server: Server;
let origin: string;
let person: Person;
const outcomes: Outcome[] = [];

beforeAll(async () => {
  simulator = await startSimulator();
  connected = connect(simulator);
  person = await simulator.person();
  server = createServer((request, response) => jpki(rp)(request, response, () => response.writeHead(404).end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rp = createRelyingParty({
    origin,
    name: BANK,
    verifier: connected.verifier,
    door: simulator.doorProfile,
    transactions: memoryTransactionStore(),
    operations: {
      login: {
        policy: { name: { ja: 'ログイン', en: 'Log in' }, purpose: 'user-authentication', carriers: ['smartphone', 'card'] },
        onOutcome: (outcome) => {
          outcomes.push(outcome);
          return { welcome: outcome.result === 'identified' };
        },
      },
    },
  });
});
afterAll(async () => {
  await connected.close();
  await simulator.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const newSecret = (): string => randomBytes(32).toString('base64url');

async function call<T>(
  method: string,
  path: string,
  secret: string | null,
  body?: unknown,
): Promise<{ status: number; body: T; cookies: string[] }> {
  const response = await fetch(`${origin}/jpki${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(secret === null ? {} : { authorization: `JPKI-Binding ${secret}` }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T, cookies: response.headers.getSetCookie() };
}

/** Begun by this secret, and answered by the phone. */
async function answered(secret: string): Promise<string> {
  const { status, body, cookies } = await call<StartDescriptor>('POST', '/transactions', secret, {
    v: 1,
    operation: 'login',
    start: 'app-link',
  });
  expect(status).toBe(201);
  expect(cookies).toEqual([]);
  const { start, transactionId } = body;
  const phone = await simulator.app.open(start.kind === 'qr' ? start.content : start.href);
  const { status: received, returnUrl } = await phone.answer({ person, carrier: 'smartphone', unlock: 'biometrics' });
  expect(received).toBe(204);
  // The way back is a link that the system hands to the native app; it follows it with its secret.
  const back = await fetch(returnUrl, { redirect: 'manual', headers: { authorization: `JPKI-Binding ${secret}` } });
  expect(back.status).toBe(303);
  return transactionId;
}

test('a native app completes what it began, by its secret alone', async () => {
  const secret = newSecret();
  const id = await answered(secret);
  const { status, body } = await call<PublicOutcome>('POST', `/transactions/${id}/complete`, secret, { v: 1 });
  expect(status).toBe(200);
  expect(body).toMatchObject({ result: 'identified', next: { welcome: true } });
  expect(outcomes.at(-1)).toMatchObject({ result: 'identified', carrierWitnesses: ['certificate', 'app'] });
});

test('another secret finds nothing, and leaves the transaction to its owner', async () => {
  const secret = newSecret();
  const id = await answered(secret);
  expect((await call('POST', `/transactions/${id}/complete`, newSecret(), { v: 1 })).status).toBe(404);
  expect((await call('GET', `/transactions/${id}`, newSecret())).status).toBe(404);
  expect((await call<PublicOutcome>('POST', `/transactions/${id}/complete`, secret, { v: 1 })).body.result).toBe('identified');
});

test('the same secret as a cookie is not the same binding', async () => {
  const secret = newSecret();
  const id = await answered(secret);
  const response = await fetch(`${origin}/jpki/transactions/${id}/complete`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin', cookie: `__Host-jpki=${secret}` },
    body: JSON.stringify({ v: 1 }),
  });
  expect(response.status).toBe(404);
});

test('what was completed once is not completed twice', async () => {
  const secret = newSecret();
  const id = await answered(secret);
  const both = await Promise.all([0, 1].map(() => call<PublicOutcome>('POST', `/transactions/${id}/complete`, secret, { v: 1 })));
  expect(both.filter(({ body }) => body.result === 'identified')).toHaveLength(1);
});
