import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLASSES } from '../src/authority/profiles.ts';
import { type Person, type Simulator, startSimulator } from '../src/index.ts';
import { anchorOf } from './environment.ts';
import { type Folder, folder, openssl, pem } from './openssl.ts';

let simulator: Simulator;
let person: Person;
let files: Folder;

beforeAll(async () => {
  files = folder();
  simulator = await startSimulator();
  person = await simulator.person();
});

afterAll(async () => {
  await simulator.close();
  files.remove();
});

interface Query {
  readonly url?: string;
  readonly generation?: number;
  readonly options?: readonly string[];
}

async function query(holder: Person, { carrier, purpose, class: certificateClass }: (typeof CLASSES)[number], use: Query = {}) {
  const certificate = holder.certificate(carrier, purpose);
  if (certificate === null) throw new Error('nothing to ask about');
  const issuer = files.write('issuer.pem', pem('CERTIFICATE', anchorOf(simulator, purpose, use.generation ?? 2)));
  return openssl(
    'ocsp',
    ...(use.options ?? []),
    '-issuer',
    issuer,
    '-cert',
    files.write('leaf.pem', pem('CERTIFICATE', certificate.der)),
    '-CAfile',
    issuer,
    '-url',
    use.url ?? simulator.urls.ocsp(certificateClass),
  );
}

describe.each(CLASSES)('the responder of $class', (shape) => {
  test('says good, verified by openssl ocsp, with the nonce it was sent', async () => {
    const { code, output } = await query(person, shape);
    expect(output).toContain('Response verify OK');
    expect(output).not.toContain('WARNING: no nonce');
    expect(output).toMatch(/: good/);
    expect(code).toBe(0);
  });

  test('understands a SHA-256 certID', async () => {
    expect((await query(person, shape, { options: ['-sha256'] })).output).toMatch(/Response verify OK[\s\S]*: good/);
  });

  test('answers for an older generation with that generation’s responder', async () => {
    const older = await simulator.person({ generation: 1 });
    expect((await query(older, shape, { generation: 1 })).output).toMatch(/Response verify OK[\s\S]*: good/);
  });

  test('says revoked, with reason, after the revocation', async () => {
    const unlucky = await simulator.person();
    simulator.revoke(unlucky, shape.carrier, shape.purpose, 'keyCompromise');
    const { output } = await query(unlucky, shape);
    expect(output).toMatch(/Response verify OK[\s\S]*: revoked[\s\S]*Reason: keyCompromise/);
  });

  test('knows nothing of the other carrier’s certificates, though the issuer is the same', async () => {
    const other = CLASSES.find(({ carrier, purpose }) => carrier !== shape.carrier && purpose === shape.purpose);
    if (other === undefined) throw new Error('no other carrier');
    expect((await query(person, shape, { url: simulator.urls.ocsp(other.class) })).output).toMatch(/Response verify OK[\s\S]*: unknown/);
  });

  test('has no authority over the other CA’s certificates', async () => {
    const other = CLASSES.find(({ carrier, purpose }) => carrier === shape.carrier && purpose !== shape.purpose);
    if (other === undefined) throw new Error('no other purpose');
    expect((await query(person, shape, { url: simulator.urls.ocsp(other.class) })).output).toContain('unauthorized (6)');
  });
});
