import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createVerifier, JpkiError, loadEnvironment, type Verdict, type VerifierEvent, type VerifyInput } from '../src/index.ts';
import { environmentJson, vector, verifyInput } from './vectors.ts';

const environment = loadEnvironment(environmentJson());
const GOOD = 'happy/smartphone-user-authentication-g3-ocsp';

const inputOf = (id: string): VerifyInput => verifyInput(vector(id));
const verify = (input: VerifyInput, revocation: 'crl' | 'ocsp' | 'none' = 'ocsp'): Promise<Verdict> =>
  createVerifier({ environment, role: 'verifier', revocation }).verify(input);

const misuse = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (error) {
    if (error instanceof JpkiError) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('a verifier', () => {
  test('says valid with every check passed, in the order of the specification', async () => {
    const verdict = await verify(inputOf(GOOD));
    expect(verdict.result).toBe('valid');
    expect(verdict.checks.map((c) => `${c.name} ${c.status}`)).toEqual([
      'parse passed',
      'critical-extensions passed',
      'end-entity passed',
      'issuer passed',
      'certificate-signature passed',
      'class passed',
      'purpose passed',
      'carrier passed',
      'anchor-validity passed',
      'validity passed',
      'scheme passed',
      'message-signature passed',
      'revocation passed',
    ]);
  });

  test('keeps as evidence what was asked, whatever happens to the question afterwards', async () => {
    const acceptCarriers: ('card' | 'smartphone')[] = ['smartphone'];
    const ocspNonce = new Uint8Array(inputOf(GOOD).ocspNonce ?? [1, 2, 3, 4]);
    const verdict = await verify({ ...inputOf(GOOD), acceptCarriers, ocspNonce });
    const before = structuredClone(verdict.evidence());
    acceptCarriers.push('card');
    ocspNonce.fill(0);
    expect(verdict.evidence()).toEqual(before);
  });

  test('never says valid without status data, whatever else is in order', async () => {
    expect(await verify(inputOf(GOOD), 'none')).toMatchObject({ result: 'indeterminate', code: 'revocation-not-checked' });
    expect(await verify({ ...inputOf(GOOD), ocspResponses: [] })).toMatchObject({ result: 'indeterminate', code: 'ocsp-missing' });
    expect(await verify(inputOf(GOOD), 'crl')).toMatchObject({ result: 'indeterminate', code: 'crl-missing' });
  });

  test('goes on with independent checks after a failure, names the first, and asks for no status', async () => {
    const late = {
      ...inputOf(GOOD),
      purpose: 'digital-signature' as const,
      at: new Date('2050-01-01T00:00:00Z'),
      signature: new Uint8Array(256),
    };
    const verdict = await verify(late);
    expect(verdict).toMatchObject({ result: 'invalid', code: 'purpose-mismatch' });
    const failed = verdict.checks.filter((c) => c.status === 'failed').map((c) => c.code);
    expect(failed).toEqual(['purpose-mismatch', 'issuer-expired', 'certificate-expired', 'signature-mismatch']);
    expect(verdict.checks.at(-1)).toEqual({ name: 'revocation', status: 'not-run' });
    expect(verdict.revocation).toEqual({ status: 'not-checked', sources: [] });
  });

  test('runs nothing on bytes that are no certificate', async () => {
    const verdict = await verify({ ...inputOf(GOOD), certificate: Uint8Array.of(0x30, 0x00) });
    expect(verdict).toMatchObject({ result: 'invalid', code: 'malformed', class: null });
    expect(verdict.checks.slice(1).every((c) => c.status === 'not-run')).toBe(true);
  });

  test('does not even read a certificate beyond its budget', async () => {
    expect(await verify({ ...inputOf(GOOD), certificate: new Uint8Array(65_537) })).toMatchObject({
      result: 'invalid',
      code: 'budget-certificate',
    });
  });

  test('takes the digest in place of the message for RSA schemes', async () => {
    const { message, ...rest } = inputOf(GOOD);
    const digest = new Uint8Array(
      createHash('sha256')
        .update(message as Uint8Array)
        .digest(),
    );
    expect((await verify({ ...rest, digest })).result).toBe('valid');
    digest[0] = (digest[0] as number) ^ 1;
    expect(await verify({ ...rest, digest })).toMatchObject({ code: 'signature-mismatch' });
  });

  test('uses its clock where no time is given', async () => {
    const { at, ...rest } = inputOf(GOOD);
    const verifier = createVerifier({ environment, role: 'verifier', revocation: 'ocsp', clock: () => at as Date });
    expect((await verifier.verify(rest)).result).toBe('valid');
    expect((await createVerifier({ environment, role: 'verifier', revocation: 'ocsp' }).verify(rest)).result).not.toBe('valid');
  });

  test('tells its listener the result and the class, and nothing about the person', async () => {
    const events: VerifierEvent[] = [];
    const verifier = createVerifier({ environment, role: 'verifier', revocation: 'crl', onEvent: (event) => events.push(event) });
    const input = inputOf('happy/card-digital-signature-g3-crl');
    const verdict = await verifier.verify(input);
    expect(verdict.result).toBe('valid');
    expect(events).toEqual([
      { type: 'verified', result: 'valid', code: null, class: 'card-digital-signature', at: (input.at as Date).toISOString() },
    ]);
  });

  test.each([
    ['Uint8Array', (b: Uint8Array) => b],
    ['Buffer', (b: Uint8Array) => Buffer.from(b)],
  ])('judges and keeps what it was given, whatever happens to a %s meanwhile', async (_, as) => {
    const good = inputOf(GOOD);
    const input = { ...good, certificate: as(good.certificate), signature: as(good.signature), message: as(good.message as Uint8Array) };
    const before = Buffer.from(input.certificate).toString('base64');
    const pending = verify(input);
    for (const buffer of [input.certificate, input.signature, input.message, ...(input.ocspResponses ?? [])]) buffer.fill(0);
    const verdict = await pending;
    expect(verdict.result).toBe('valid');
    expect(verdict.evidence().input.certificate).toBe(before);
  });

  test('freezes what it says', async () => {
    const verdict = await verify(inputOf(GOOD));
    expect(() => Object.assign(verdict, { result: 'invalid' })).toThrow(TypeError);
    expect(() => Object.assign(verdict.checks[0] as object, { status: 'failed' })).toThrow(TypeError);
  });

  test('names the certificate of a valid verdict by issuer key and serial number', async () => {
    const verdict = await verify(inputOf(GOOD));
    if (verdict.result !== 'valid') throw new Error(verdict.code);
    expect(verdict.certificate.sha256).toBe(createHash('sha256').update(inputOf(GOOD).certificate).digest('hex'));
    expect(verdict.certificate.serialNumber).toMatch(/^[0-9a-f]+$/);
  });
});

describe('misuse of a verifier', () => {
  const input = inputOf(GOOD);
  const { message, ...without } = input;
  test.each<[string, VerifyInput, string]>([
    ['neither message nor digest', without, 'argument-invalid'],
    ['both message and digest', { ...input, digest: new Uint8Array(32) }, 'argument-invalid'],
    ['a digest of another length', { ...without, digest: new Uint8Array(20) }, 'argument-invalid'],
    ['a digest for ECDSA', { ...without, digest: new Uint8Array(32), scheme: 'ecdsa-p384-sha384' }, 'digest-needs-message'],
    ['no accepted carrier', { ...input, acceptCarriers: [] }, 'argument-invalid'],
    ['an unknown scheme', { ...input, scheme: 'rsa-pkcs1-sha1' as VerifyInput['scheme'] }, 'argument-invalid'],
    ['an unknown purpose', { ...input, purpose: 'any' as VerifyInput['purpose'] }, 'argument-invalid'],
    ['an unknown reported carrier', { ...input, reportedCarrier: 'tablet' as 'card' }, 'argument-invalid'],
    ['an invalid time', { ...input, at: new Date('never') }, 'argument-invalid'],
    ['a certificate as text', { ...input, certificate: 'MII' as unknown as Uint8Array }, 'argument-invalid'],
  ])('is thrown for %s', async (_, bad, code) => {
    expect(message).toBeInstanceOf(Uint8Array);
    expect(await misuse(() => verify(bad))).toBe(code);
  });

  test('is thrown for an unknown role', async () => {
    expect(await misuse(() => createVerifier({ environment, role: 'anyone' as 'verifier', revocation: 'none' }))).toBe('argument-invalid');
  });

  test('is thrown where a delegating relying party would handle revocation data', async () => {
    expect(await misuse(() => createVerifier({ environment, role: 'delegating', revocation: 'crl' }))).toBe('role-forbids-revocation-data');
    expect(await misuse(() => createVerifier({ environment, role: 'delegating', revocation: 'none' }).verify(input))).toBe(
      'role-forbids-revocation-data',
    );
  });
});

describe('a delegating relying party', () => {
  test('learns at most that the status was not checked, and keeps no certificate', async () => {
    const { ocspResponses: _, crls: __, ...input } = inputOf(GOOD);
    const verdict = await createVerifier({ environment, role: 'delegating', revocation: 'none' }).verify(input);
    expect(verdict).toMatchObject({ result: 'indeterminate', code: 'revocation-not-checked', class: 'smartphone-user-authentication' });
    const record = verdict.evidence();
    expect(record.input.certificate).toBeUndefined();
    expect(JSON.stringify(record)).not.toContain(Buffer.from(input.certificate).toString('base64').slice(0, 60));
  });
});

describe('the authority information access of a certificate', () => {
  test('is recorded where it differs from the environment, and changes nothing', async () => {
    const verdict = await verify(inputOf(GOOD));
    const json = structuredClone(environmentJson()) as { classes: Record<string, { ocsp: { url: string } }> };
    (json.classes['smartphone-user-authentication'] as { ocsp: { url: string } }).ocsp.url = 'http://ocsp.elsewhere.example/';
    const elsewhere = await createVerifier({ environment: loadEnvironment(json), role: 'verifier', revocation: 'ocsp' }).verify(
      inputOf(GOOD),
    );
    expect([verdict.result, elsewhere.result]).toEqual(['valid', 'valid']);
    expect(elsewhere.warnings).toEqual(['aia-differs']);
  });
});
