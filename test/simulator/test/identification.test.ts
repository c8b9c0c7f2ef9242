/** The phone speaks to the relying party we ship, over real HTTP, and the verdict stands on the simulator's own status services. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRelyingParty, memoryTransactionStore, type Outcome, type RelyingParty } from '@jpki-rp/node-sdk';
import { jpki } from '@jpki-rp/node-sdk/express';
import { createVerifier, loadEnvironment, ocspSource } from '@jpki-rp/verifier';
import { createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppOutcome, type Person, type Simulator, startSimulator } from '../src/index.ts';

const DOCUMENT = '口座の開設を申し込みます。';
const CARRIERS = ['card', 'smartphone'] as const;

let simulator: Simulator;
let server: Server;
let rp: RelyingParty;
let person: Person;
let close: () => Promise<void>;

beforeAll(async () => {
  simulator = await startSimulator();
  person = await simulator.person();
  const environment = loadEnvironment(simulator.environment);
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment) });
  server = createServer((request, response) => jpki(rp)(request, response, () => response.writeHead(500).end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const operation = (purpose: 'digital-signature' | 'user-authentication', ja: string) => ({
    policy: { name: { ja, en: ja }, purpose, carriers: CARRIERS },
    onOutcome: () => null,
  });
  rp = createRelyingParty({
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    name: { ja: 'みほん銀行', en: 'Mihon Bank' },
    verifier: createVerifier({
      environment,
      role: 'verifier',
      clock: simulator.now,
      revocation: { sources: [ocspSource({ fetcher })], policy: { mode: 'ocspcheck' } },
    }),
    door: simulator.doorProfile,
    transactions: memoryTransactionStore(),
    operations: { login: operation('user-authentication', 'ログイン'), open: operation('digital-signature', '口座開設') },
    clock: simulator.now,
  });
  close = async () => {
    server.closeAllConnections();
    server.close();
    await fetcher.close();
    await simulator.close();
  };
});
afterAll(() => close());

async function identify(
  operation: 'login' | 'open',
  how: {
    carrier: 'card' | 'smartphone';
    start?: 'qr';
    outcome?: AppOutcome;
    tamper?: (message: Record<string, unknown>) => Record<string, unknown>;
  },
): Promise<Outcome> {
  const binding = { kind: 'secret', value: randomBytes(32).toString('base64url') } as const;
  const begun = await rp.begin({
    operation,
    binding,
    ...(operation === 'open' ? { document: { text: DOCUMENT } } : {}),
    ...(how.start === undefined ? {} : { start: how.start }),
  });
  const link = begun.start.kind === 'qr' ? begun.start.content : begun.start.href;
  const session = await simulator.app.open(link);
  expect(session.request).toMatchObject({ relyingPartyName: 'みほん銀行', relyingPartyOrigin: rp.origin });
  expect(session.request.documentText).toBe(operation === 'open' ? DOCUMENT : undefined);
  const { status, returnUrl } = await session.answer({
    person,
    carrier: how.carrier,
    ...(how.outcome === undefined ? {} : { outcome: how.outcome }),
    ...(how.tamper === undefined ? {} : { tamper: how.tamper }),
  });
  expect(status).toBe(204);
  await fetch(returnUrl, { headers: { authorization: `JPKI-Binding ${binding.value}` }, redirect: 'manual' });
  const { matchNumber } = session.request;
  return rp.complete(begun.transactionId, { binding, ...(matchNumber === undefined ? {} : { match: matchNumber }) });
}

describe('the shipped relying party and the virtual app', () => {
  test.each([
    ['login', 'card'],
    ['login', 'smartphone'],
    ['open', 'card'],
    ['open', 'smartphone'],
  ] as const)('identify a person: %s with the %s', async (operation, carrier) => {
    expect(await identify(operation, { carrier })).toMatchObject({ result: 'identified' });
  });

  test('identify a person by QR code with the number shown on the phone', async () => {
    expect(await identify('login', { carrier: 'smartphone', start: 'qr' })).toMatchObject({ result: 'identified' });
  });

  test.each([
    ['cancel', 'cancelled'],
    ['pin-wrong', 'pin-wrong'],
    ['pin-locked', 'pin-locked'],
    ['no-certificate', 'no-certificate'],
    ['app-outdated', 'app-outdated'],
    ['rp-not-allowed', 'rp-not-allowed'],
  ] as const)('agree on what %s means', async (outcome, code) => {
    expect(await identify('login', { carrier: 'card', outcome })).toMatchObject({ code });
  });

  test('disagree about the carrier when the app lies', async () => {
    expect(await identify('login', { carrier: 'card', tamper: (sent) => ({ ...sent, holder: 'SP' }) })).toMatchObject({
      result: 'refused',
      code: 'carrier-mismatch',
    });
  });

  test('refuse a card revoked a moment ago, and the smartphone only once the linked revocation has run', async () => {
    const before = person;
    person = await simulator.person();
    simulator.revoke(person, 'card', 'user-authentication', 'cessationOfOperation');
    expect(await identify('login', { carrier: 'card' })).toMatchObject({ result: 'refused', code: 'revoked' });
    expect(await identify('login', { carrier: 'smartphone' })).toMatchObject({ result: 'identified' });
    simulator.advanceTo(new Date(simulator.now().getTime() + 3_600_000));
    expect(await identify('login', { carrier: 'smartphone' })).toMatchObject({ result: 'refused', code: 'revoked' });
    person = before;
  });
});
