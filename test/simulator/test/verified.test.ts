/** The simulator mints with other people's code, the verifier reads with its own: here the two check each other. */
import { createVerifier, crlSource, loadEnvironment, ocspSource, type Verifier } from '@jpki-rp/verifier';
import { createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signMessage } from '../src/app/sign.ts';
import { CLASSES } from '../src/authority/profiles.ts';
import { type Person, type Simulator, startSimulator } from '../src/index.ts';

const MESSAGE = new TextEncoder().encode('message');

let simulator: Simulator;
let close: () => Promise<void>;
let byCrl: Verifier;
let byOcsp: Verifier;

beforeAll(async () => {
  simulator = await startSimulator({ generations: 3 });
  const environment = loadEnvironment(simulator.environment);
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment) });
  close = async () => {
    await fetcher.close();
    await simulator.close();
  };
  const common = { environment, role: 'verifier', clock: simulator.now } as const;
  byCrl = createVerifier({ ...common, revocation: { sources: [crlSource({ fetcher, cacheBytes: 0 })], policy: { mode: 'crlcheck' } } });
  byOcsp = createVerifier({ ...common, revocation: { sources: [ocspSource({ fetcher })], policy: { mode: 'ocspcheck' } } });
});
afterAll(() => close());

function check(verifier: Verifier, person: Person, { carrier, purpose }: (typeof CLASSES)[number]) {
  const certificate = person.certificate(carrier, purpose);
  if (certificate === null) throw new Error('nothing to verify');
  return verifier.verify({
    certificate: certificate.der,
    message: MESSAGE,
    signature: signMessage('rsa-pkcs1-sha256', MESSAGE, certificate.privateKey),
    scheme: 'rsa-pkcs1-sha256',
    purpose,
    acceptCarriers: [carrier],
    reportedCarrier: carrier,
  });
}

describe.each([1, 2, 3])('generation %i', (generation) => {
  test.each(CLASSES)('$class is valid by CRL and by OCSP, and revoked in both as soon as it is', async (shape) => {
    const person = await simulator.person({ generation });
    for (const verifier of [byCrl, byOcsp]) {
      expect(await check(verifier, person, shape)).toMatchObject({ result: 'valid', class: shape.class, warnings: [] });
    }
    simulator.revoke(person, shape.carrier, shape.purpose, 'cessationOfOperation');
    for (const verifier of [byCrl, byOcsp]) {
      expect(await check(verifier, person, shape)).toMatchObject({
        result: 'invalid',
        code: 'revoked',
        revocation: { status: 'revoked', reason: 'cessationOfOperation' },
      });
    }
  });
});

test('the six attributes come out as they went in', async () => {
  const person = await simulator.person({ name: '見本　千尋', municipality: 'sazanami-shi' });
  const verdict = await check(byCrl, person, CLASSES[2] ?? CLASSES[0]!);
  expect(verdict).toMatchObject({
    result: 'valid',
    attributes: {
      name: '見本　千尋',
      nameSubstitution: '00000',
      gender: expect.stringMatching(/^[12]$/),
      dateOfBirth: expect.stringMatching(/^[345](19|20)\d{6}$/),
      address: expect.stringMatching(/^例府漣浜市/),
      derived: { dateOfBirth: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) },
      others: [],
    },
  });
});

test.each([
  ['down', 'indeterminate'],
  ['garbage', 'indeterminate'],
  ['try-later', 'indeterminate'],
] as const)('a responder that is %s never makes anything valid', async (fault, result) => {
  const person = await simulator.person();
  for (const target of ['crl', 'ocsp'] as const) simulator.faults.set(target, fault);
  for (const verifier of [byCrl, byOcsp]) expect(await check(verifier, person, CLASSES[0]!)).toMatchObject({ result });
  for (const target of ['crl', 'ocsp'] as const) simulator.faults.set(target, null);
});
