import { createVerifier, loadEnvironment, ocspSource, type RevocationSourceReport } from '@jpki-rp/verifier';
import { createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { signMessage } from '../../src/app/sign.ts';
import { FAULTS, type Fault, type Person, type Simulator, startSimulator } from '../../src/index.ts';

let simulator: Simulator;
let person: Person;

beforeAll(async () => {
  simulator = await startSimulator({ secondResponder: true, crlPublication: 'on-demand' });
  person = await simulator.person({ municipality: 'minori-shi' });
});
afterAll(() => simulator.close());
afterEach(() => {
  for (const target of ['ocsp', 'second-ocsp', 'crl'] as const) simulator.faults.set(target, null);
});

const verify = async () => {
  const environment = loadEnvironment(simulator.environment);
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment) });
  const issued = person.certificate('card', 'user-authentication');
  if (issued === null) throw new Error('no certificate');
  const message = new TextEncoder().encode('faults');
  const verdict = await createVerifier({
    environment,
    role: 'verifier',
    clock: simulator.now,
    revocation: { sources: [ocspSource({ fetcher, timeoutMs: 600, retry: { rounds: 1 } })], policy: { mode: 'ocspcheck' } },
  }).verify({
    certificate: issued.der,
    signature: signMessage('rsa-pkcs1-sha256', message, issued.privateKey),
    message,
    scheme: 'rsa-pkcs1-sha256',
    purpose: 'user-authentication',
    acceptCarriers: ['card'],
  });
  await fetcher.destroy();
  return verdict;
};

/** What a relying party is told of each. */
const TOLD: Readonly<Record<Fault, string>> = {
  down: 'ocsp-missing connection',
  reset: 'ocsp-missing connection',
  truncated: 'ocsp-missing connection',
  slow: 'ocsp-missing timeout',
  'slow-loris': 'ocsp-missing timeout',
  'content-type': 'ocsp-missing content-type',
  garbage: 'ocsp-malformed',
  'try-later': 'ocsp-error-status try-later',
  skewed: 'ocsp-not-yet-valid produced-at',
};

const told = ({ code, detail }: RevocationSourceReport): string => [code, detail].filter((word) => word !== undefined).join(' ');

describe('a responder that misbehaves', () => {
  test.each(FAULTS)('%s: the second answers in its place, and the first is told of', async (fault) => {
    const before = simulator.faults.met('ocsp', fault);
    simulator.faults.set('ocsp', fault);
    const verdict = await verify();
    expect(verdict.result).toBe('valid');
    expect(verdict.revocation.sources.filter(({ status }) => status === 'unusable').map(told)).toEqual([TOLD[fault]]);
    expect(simulator.faults.met('ocsp', fault)).toBe(before + 1);
  });

  test.each(FAULTS)('%s of both: nothing is known', async (fault) => {
    simulator.faults.set('ocsp', fault);
    simulator.faults.set('second-ocsp', fault);
    const { result, revocation } = await verify();
    expect(result).toBe('indeterminate');
    expect(revocation.sources.every((report) => told(report) === TOLD[fault])).toBe(true);
  });
});

describe('CRLs on demand', () => {
  const url = (): string => simulator.urls.crl('card-user-authentication', 2, 'minori-shi');
  const crl = (): Uint8Array => simulator.crl('card-user-authentication', 2, 'minori-shi');

  test('stay as they are until they are published anew', async () => {
    const other = await simulator.person({ municipality: 'minori-shi' });
    const before = crl();
    simulator.hold(other, 'card', 'user-authentication');
    expect(crl()).toEqual(before);
    simulator.publishCrls();
    const held = crl();
    expect(held).not.toEqual(before);
    simulator.release(other, 'card', 'user-authentication');
    expect(crl()).toEqual(held);
    simulator.publishCrls();
    expect(crl().length).toBeLessThan(held.length);
  });

  test('are not sent to who has them', async () => {
    const first = await fetch(url());
    const etag = first.headers.get('etag') ?? '';
    expect(new Uint8Array(await first.arrayBuffer())).toEqual(crl());
    expect((await fetch(url(), { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await fetch(url(), { headers: { 'if-none-match': '"another"' } })).status).toBe(200);
  });

  test('are nobody else’s to publish', async () => {
    const immediate = await startSimulator();
    expect(() => immediate.publishCrls()).toThrow(RangeError);
    await immediate.close();
  });
});
