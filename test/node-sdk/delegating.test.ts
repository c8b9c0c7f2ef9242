/** A relying party that may not ask the issuer identifies people all the same: a platform operator answers for each certificate. */
import type { AddressInfo } from 'node:net';
import { createRelyingParty, identityOf, memoryTransactionStore, type Outcome, type StartDescriptor } from '@jpki-rp/node-sdk';
import { jpki } from '@jpki-rp/node-sdk/express';
import { type Person, type Simulator, startSimulator } from '@jpki-rp/simulator';
import {
  createVerifier,
  httpPlatformOperator,
  loadEnvironment,
  ocspSource,
  platformContractV1,
  platformSource,
  type RevocationSource,
} from '@jpki-rp/verifier';
import { createFetcher } from '@jpki-rp/verifier/net';
import express from 'express';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const DECLARATION = '私は、見本銀行に普通預金口座の開設を申し込みます。';

let simulator: Simulator;
let person: Person;
let origin: string;
let source: RevocationSource;
const lines: string[] = [];
const outcomes: Outcome[] = [];
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ seed: 11, onRequest: ({ method, path }) => lines.push(`${method} ${path}`) });
  const { url, token } = simulator.platform;
  // The operator's host and nobody else's: no CRL and no responder could be reached even by mistake.
  const fetcher = createFetcher({ allowedHosts: [new URL(url).host] });
  const operator = httpPlatformOperator({ fetcher, profile: platformContractV1(url), authorization: () => `Bearer ${token}` });
  source = platformSource({ operator });
  const verifier = createVerifier({
    environment: loadEnvironment(simulator.environment),
    role: 'delegating',
    clock: simulator.now,
    revocation: { sources: [source], policy: { mode: 'ocspcheck', freshness: { platformSeconds: 900 } } },
  });
  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const operation = (purpose: 'digital-signature' | 'user-authentication', document?: { readonly text: string }) => ({
    policy: { name: { ja: '手続き', en: 'Procedure' }, purpose, carriers: ['card', 'smartphone'] as const },
    ...(document === undefined ? {} : { prepare: () => ({ document }) }),
    onOutcome: (outcome: Outcome) => {
      outcomes.push(outcome);
      return null;
    },
  });
  const party = createRelyingParty({
    origin,
    name: { ja: '見本証券', en: 'Mihon Securities' },
    verifier,
    door: simulator.doorProfile,
    transactions: memoryTransactionStore(),
    operations: { open: operation('digital-signature', { text: DECLARATION }), login: operation('user-authentication') },
    clock: simulator.now,
  });
  app.use('/jpki', jpki(party));
  closers.push(
    () => {
      server.closeAllConnections();
      server.close();
    },
    () => fetcher.close(),
    () => simulator.close(),
  );
});
afterAll(async () => {
  for (const close of closers) await close();
});
beforeEach(async () => {
  person = await simulator.person();
  simulator.platform.fail(null);
  for (const list of [lines, outcomes]) list.length = 0;
});

/** What a browser does, with its cookie. */
async function identify(operation: 'open' | 'login', carrier: 'card' | 'smartphone', signInstead?: Uint8Array): Promise<Outcome> {
  const headers: Record<string, string> = { origin, 'content-type': 'application/json' };
  const send = async (method: string, path: string, body?: object): Promise<Response> => {
    const response = await fetch(path.startsWith('http') ? path : `${origin}/jpki${path}`, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
    if (cookie !== undefined) headers['cookie'] = cookie;
    return response;
  };
  const begun = (await (await send('POST', '/transactions', { v: 1, operation })).json()) as StartDescriptor;
  const session = await simulator.app.open(begun.start.kind === 'qr' ? begun.start.content : begun.start.href);
  const { returnUrl } = await session.answer({ person, carrier, ...(signInstead === undefined ? {} : { signInstead }) });
  await send('GET', returnUrl);
  const match = session.request.matchNumber;
  await send('POST', `/transactions/${begun.transactionId}/complete`, { v: 1, ...(match === undefined ? {} : { match }) });
  const outcome = outcomes.at(-1);
  if (outcome === undefined) throw new Error('no outcome');
  return outcome;
}

describe.each(['card', 'smartphone'] as const)('with %s', (carrier) => {
  test('a person opens an account: the operator is asked once, and no status data come near', async () => {
    const before = simulator.platform.asked();
    const outcome = await identify('open', carrier);
    if (outcome.result !== 'identified') throw new Error(outcome.code);
    expect(identityOf(outcome.verdict)).toMatchObject({ carrier, person: { name: person.name } });
    expect(outcome.verdict.revocation.sources).toEqual([
      { kind: 'platform', status: 'good', origin: 'fetched', producedAt: expect.any(Date), thisUpdate: expect.any(Date) },
    ]);
    expect(simulator.platform.asked() - before).toBe(1);
    expect(lines.filter((line) => /crl|ocsp/.test(line))).toEqual([]);
  });

  test('the evidence keeps no certificate and no status data', async () => {
    const outcome = await identify('login', carrier);
    if (outcome.result !== 'identified') throw new Error(outcome.code);
    const record = outcome.verdict.evidence();
    expect(record).toMatchObject({
      role: 'delegating',
      revocation: { mode: 'ocspcheck', crls: [], ocspResponses: [], freshness: { platformSeconds: 900 } },
    });
    expect(record.input.certificate).toBeUndefined();
    const der = person.certificate(carrier, 'user-authentication')?.der ?? new Uint8Array();
    expect(der.length).toBeGreaterThan(500);
    expect(JSON.stringify(record)).not.toContain(Buffer.from(der.subarray(100, 160)).toString('base64').slice(4, 60));
  });

  test('who has been revoked is refused, with the reason', async () => {
    simulator.revoke(person, carrier, 'user-authentication', 'keyCompromise');
    expect(await identify('login', carrier)).toMatchObject({ result: 'refused', code: 'revoked', detail: 'keyCompromise' });
  });

  test('where the operator cannot be reached nobody is let in', async () => {
    simulator.platform.fail('down');
    expect(await identify('login', carrier)).toMatchObject({ code: 'revocation-not-checked', detail: 'connection' });
  });

  test('where the operator talks nonsense nobody is let in', async () => {
    simulator.platform.fail('garbage');
    expect(await identify('login', carrier)).toMatchObject({ code: 'revocation-not-checked', detail: 'answer-malformed' });
  });

  test('the operator is not asked about what fails here already', async () => {
    const before = simulator.platform.asked();
    expect(await identify('login', carrier, new Uint8Array(32))).toMatchObject({ code: 'signature-mismatch' });
    expect(simulator.platform.asked()).toBe(before);
  });
});

describe('the role', () => {
  const environment = () => loadEnvironment(simulator.environment);
  test('takes platform sources or none, and nothing beside them', () => {
    const fetcher = createFetcher({ allowedHosts: ['127.0.0.1:1'] });
    closers.unshift(() => fetcher.close());
    const policy = { mode: 'eithercheck' } as const;
    for (const revocation of ['crl', 'ocsp', { sources: [source, ocspSource({ fetcher })], policy }] as const) {
      expect(() => createVerifier({ environment: environment(), role: 'delegating', revocation })).toThrowError(
        expect.objectContaining({ code: 'role-forbids-revocation-data' }),
      );
    }
  });

  test('is not loosened by changing the configuration afterwards', async () => {
    const fetcher = createFetcher({ allowedHosts: ['127.0.0.1:1'] });
    closers.unshift(() => fetcher.close());
    const sources: RevocationSource[] = [];
    const policy: { mode: 'bothcheck' | 'ocspcheck' } = { mode: 'bothcheck' };
    const verifier = createVerifier({
      environment: environment(),
      role: 'delegating',
      clock: simulator.now,
      revocation: { sources, policy },
    });
    sources.push(source);
    policy.mode = 'ocspcheck';
    const certificate = person.certificate('card', 'user-authentication');
    if (certificate === null) throw new Error('no certificate');
    const { createSign } = await import('node:crypto');
    const message = new Uint8Array([1, 2, 3]);
    const verdict = await verifier.verify({
      certificate: certificate.der,
      signature: new Uint8Array(createSign('sha256').update(message).sign(certificate.privateKey)),
      message,
      scheme: 'rsa-pkcs1-sha256',
      purpose: 'user-authentication',
      acceptCarriers: ['card'],
    });
    expect(verdict).toMatchObject({ result: 'indeterminate' });
  });
});
