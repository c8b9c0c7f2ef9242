import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLASSES } from '../src/authority/profiles.ts';
import { type Person, type Simulator, startSimulator } from '../src/index.ts';
import { anchorOf } from './environment.ts';
import { type Folder, folder, openssl, pem } from './openssl.ts';

const MUNICIPALITY = 'minori-shi';

let simulator: Simulator;
let person: Person;
let files: Folder;

beforeAll(async () => {
  files = folder();
  simulator = await startSimulator();
  person = await simulator.person({ municipality: MUNICIPALITY });
});

afterAll(async () => {
  await simulator.close();
  files.remove();
});

/** Trusts one generation of the CA only, and the CRL of one partition. */
async function verify(
  holder: Person,
  { class: certificateClass, carrier, purpose }: (typeof CLASSES)[number],
  use: { generation?: number; crl?: Uint8Array } = {},
) {
  const generation = use.generation ?? simulatorGenerations;
  const crl = use.crl ?? simulator.crl(certificateClass, generation, MUNICIPALITY);
  const certificate = holder.certificate(carrier, purpose);
  if (certificate === null) throw new Error('nothing to verify');
  return openssl(
    'verify',
    '-x509_strict',
    '-crl_check',
    '-extended_crl',
    '-attime',
    String(Math.floor(simulator.now().getTime() / 1000)),
    '-CAfile',
    files.write('ca.pem', pem('CERTIFICATE', anchorOf(simulator, purpose, generation))),
    '-CRLfile',
    files.write('crl.pem', pem('X509 CRL', crl)),
    files.write('leaf.pem', pem('CERTIFICATE', certificate.der)),
  );
}
const simulatorGenerations = 2;

describe.each(CLASSES)('a $class certificate', (shape) => {
  test('is accepted by openssl verify -crl_check with the CRL of its partition', async () => {
    expect(await verify(person, shape)).toEqual({ code: 0, output: expect.stringContaining(': OK') });
  });

  test('is refused under the other generation of the CA, which has the same name', async () => {
    const { code, output } = await verify(person, shape, { generation: 1 });
    expect(code).not.toBe(0);
    expect(output).toMatch(/authority and subject key identifier mismatch|unable to get/);
  });

  test('is not covered by the CRL of another municipality', async () => {
    const { code, output } = await verify(person, shape, { crl: simulator.crl(shape.class, 2, 'komorebi-mura') });
    expect(code).not.toBe(0);
    expect(output).toMatch(/different CRL scope|unable to get certificate CRL/i);
  });

  test('is not covered by the CRL of the other carrier', async () => {
    const other = shape.carrier === 'card' ? 'smartphone' : 'card';
    const { code, output } = await verify(person, shape, { crl: simulator.crl(`${other}-${shape.purpose}`, 2, MUNICIPALITY) });
    expect(code).not.toBe(0);
    expect(output).toMatch(/different CRL scope|unable to get certificate CRL/i);
  });

  test('is refused as soon as it is revoked', async () => {
    const unlucky = await simulator.person({ municipality: MUNICIPALITY });
    simulator.revoke(unlucky, shape.carrier, shape.purpose);
    const { code, output } = await verify(unlucky, shape);
    expect(code).not.toBe(0);
    expect(output).toContain('certificate revoked');
  });

  test('of an older generation is accepted under that generation', async () => {
    const older = await simulator.person({ municipality: MUNICIPALITY, generation: 1 });
    expect(await verify(older, shape, { generation: 1 })).toMatchObject({ code: 0 });
  });
});
