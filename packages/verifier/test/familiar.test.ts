/** What a verifier remembers of certificates spares work, and never changes a verdict. Work is counted, not timed. */
import type * as Crypto from 'node:crypto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { FamiliarCertificates } from '../src/familiar.ts';
import {
  createVerifier,
  type Environment,
  JpkiError,
  loadEnvironment,
  type Verdict,
  type VerifierOptions,
  type VerifyInput,
} from '../src/index.ts';
import type { RevocationAnswer } from '../src/revocation/types.ts';
import { environmentJson, vector, verifyInput } from './vectors.ts';

const work = vi.hoisted(() => ({ operations: 0, imports: 0 }));
vi.mock('node:crypto', async (importOriginal) => {
  const actual = await importOriginal<typeof Crypto>();
  return {
    ...actual,
    publicDecrypt: (...args: Parameters<typeof actual.publicDecrypt>) => {
      work.operations += 1;
      return actual.publicDecrypt(...args);
    },
    createPublicKey: (key: Parameters<typeof actual.createPublicKey>[0]) => {
      work.imports += 1;
      return actual.createPublicKey(key);
    },
  };
});

const environment = loadEnvironment(environmentJson());
const USER = 'happy/card-user-authentication-g3-crl';
const PERSON = 'happy/card-digital-signature-g3-crl';
const good = (id = USER): VerifyInput => verifyInput(vector(id));

const verifierOf = (options: Partial<VerifierOptions> = {}) =>
  createVerifier({ environment, role: 'verifier', revocation: 'crl', ...options });

/** Public-key operations and key imports of one call; CRLs are left out, so that their signatures are not counted. */
const counted = async (run: () => Promise<Verdict>): Promise<{ verdict: Verdict; operations: number; imports: number }> => {
  work.operations = 0;
  work.imports = 0;
  const verdict = await run();
  return { verdict, ...work };
};

const STATUS_GOOD: RevocationAnswer = {
  kind: 'determination',
  report: {
    kind: 'crl',
    status: 'good',
    origin: 'fetched',
    thisUpdate: new Date('2026-09-14T21:11:11Z'),
    nextUpdate: new Date('2026-09-16T09:11:11Z'),
  },
};
/** A source that answers at once, and counts. */
const sourceOf = (answer: () => RevocationAnswer) => {
  const check = vi.fn(answer);
  return {
    check,
    revocation: {
      sources: [{ kind: 'crl', classes: ['card-user-authentication', 'card-digital-signature'], check }],
      policy: { mode: 'crlcheck' },
    } as const,
  };
};

const plain = (input: VerifyInput): VerifyInput => {
  const { crls: _, ocspResponses: __, ...rest } = input;
  return rest;
};

beforeEach(() => vi.useRealTimers());

describe('a certificate seen before', () => {
  test('costs one public-key operation instead of two, and no import after its second time', async () => {
    const verifier = verifierOf({ revocation: sourceOf(() => STATUS_GOOD).revocation });
    const calls = [];
    for (let call = 0; call < 4; call++) calls.push(await counted(() => verifier.verify(plain(good()))));
    expect(calls.map(({ verdict }) => verdict.result)).toEqual(['valid', 'valid', 'valid', 'valid']);
    expect(calls.map(({ operations }) => operations)).toEqual([2, 1, 1, 1]);
    expect(calls.map(({ imports }) => imports)).toEqual([0, 1, 0, 0]);
  });

  test.each(Object.entries({ verify: [2, 2, 2], remember: [2, 1, 1] }))(
    'with issuerSignature %s costs %j operations',
    async (issuerSignature, operations) => {
      const verifier = verifierOf({
        revocation: sourceOf(() => STATUS_GOOD).revocation,
        remember: { issuerSignature: issuerSignature as 'verify' | 'remember' },
      });
      for (const expected of operations) {
        expect(await counted(() => verifier.verify(plain(good())))).toMatchObject({ verdict: { result: 'valid' }, operations: expected });
      }
    },
  );

  test('gives the same verdict and evidence as one never seen', async () => {
    const verifier = verifierOf();
    const first = await verifier.verify(good());
    const second = await verifier.verify(good());
    expect(second).toEqual({ ...first, evidence: expect.any(Function) });
    expect(second.evidence()).toEqual(first.evidence());
    expect(second.evidence()).toEqual((await verifierOf({ remember: { certificates: 0 } }).verify(good())).evidence());
  });

  test('has its status asked for each time, and is revoked when it is', async () => {
    let answer = STATUS_GOOD;
    const { check, revocation } = sourceOf(() => answer);
    const verifier = verifierOf({ revocation });
    await verifier.verify(plain(good()));
    await verifier.verify(plain(good()));
    answer = { ...STATUS_GOOD, report: { ...STATUS_GOOD.report, status: 'revoked' }, reason: 'keyCompromise' } as RevocationAnswer;
    expect(await verifier.verify(plain(good()))).toMatchObject({ result: 'invalid', code: 'revoked' });
    expect(check).toHaveBeenCalledTimes(3);
  });

  test.each<[string, (input: VerifyInput) => VerifyInput, string]>([
    ['its message changed', (input) => ({ ...input, message: Uint8Array.of(1) }), 'signature-mismatch'],
    ['another signature', (input) => ({ ...input, signature: new Uint8Array(256).fill(1) }), 'signature-mismatch'],
    ['a time after its end', (input) => ({ ...input, at: new Date('2029-12-21T15:00:00Z') }), 'certificate-expired'],
    ['a time before its beginning', (input) => ({ ...input, at: new Date('2025-12-15T03:11:10Z') }), 'certificate-not-yet-valid'],
    ['another purpose', (input) => ({ ...input, purpose: 'digital-signature' }), 'purpose-mismatch'],
    ['a carrier not accepted', (input) => ({ ...input, acceptCarriers: ['smartphone'] }), 'carrier-not-accepted'],
    ['another carrier reported', (input) => ({ ...input, reportedCarrier: 'smartphone' }), 'carrier-mismatch'],
    ['another scheme', (input) => ({ ...input, scheme: 'ecdsa-p256-sha256' }), 'scheme-mismatch'],
    ['no status data', (input) => ({ ...input, crls: [] }), 'crl-missing'],
  ])('is refused with %s, as one never seen', async (_, change, code) => {
    const verifier = verifierOf();
    await verifier.verify(good());
    const known = await verifier.verify(change(good()));
    const fresh = await verifierOf().verify(change(good()));
    expect(known).toMatchObject({ code });
    expect(known).toEqual({ ...fresh, evidence: expect.any(Function) });
  });

  test('is believed only octet for octet: no bit of it may be another', async () => {
    const verifier = verifierOf({ revocation: sourceOf(() => STATUS_GOOD).revocation });
    const input = plain(good());
    expect(await verifier.verify(input)).toMatchObject({ result: 'valid' });
    // Every bit of signed part and signature would take minutes: each octet has one flipped, a different one from octet to octet.
    for (let i = 0; i < input.certificate.length; i++) {
      const certificate = new Uint8Array(input.certificate);
      certificate[i] = (certificate[i] as number) ^ (1 << (i & 7));
      expect((await verifier.verify({ ...input, certificate })).result, `octet ${i}`).toBe('invalid');
    }
    expect(await counted(() => verifier.verify(input))).toMatchObject({ verdict: { result: 'valid' }, operations: 1 });
  });
});

test('another issuer’s certificate with the signature of one that is remembered is not taken for it', async () => {
  const verifier = verifierOf({ revocation: sourceOf(() => STATUS_GOOD).revocation });
  const known = plain(good());
  const other = plain(good(PERSON));
  expect(await verifier.verify(known)).toMatchObject({ result: 'valid' });
  expect(await verifier.verify(other)).toMatchObject({ result: 'valid' });
  // Found by its last octets, and so in the same place: 2048 bits of signature.
  const certificate = Uint8Array.from(other.certificate);
  certificate.set(known.certificate.subarray(-256), certificate.length - 256);
  const { verdict, operations } = await counted(() => verifier.verify({ ...other, certificate }));
  expect(verdict).toMatchObject({ result: 'invalid', code: 'certificate-signature' });
  expect(operations).toBe(2);
  expect(await counted(() => verifier.verify(known))).toMatchObject({ verdict: { result: 'valid' }, operations: 1 });
});

test('two verdicts on one certificate have nothing in common that can be changed', async () => {
  const verifier = verifierOf();
  await verifier.verify(good());
  const [one, two] = [await verifier.verify(good()), await verifier.verify(good())];
  if (one.result !== 'valid' || two.result !== 'valid') throw new Error('not valid');
  const { notAfter, sha256 } = two.certificate;
  const end = notAfter.getTime();
  one.certificate.notAfter.setTime(0);
  one.at.setTime(0);
  for (const { thisUpdate } of one.revocation.sources) thisUpdate?.setTime(0);
  expect(two.certificate.notAfter.getTime()).toBe(end);
  expect(await verifier.verify(good())).toEqual({ ...two, evidence: expect.any(Function) });
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  const frozen = [two, two.checks, two.warnings, two.certificate, two.revocation, two.revocation.sources, ...two.revocation.sources];
  expect(frozen.every((part) => Object.isFrozen(part))).toBe(true);
});

describe('nothing is remembered', () => {
  const operationsOfSecond = async (options: Partial<VerifierOptions>, first: VerifyInput, second: VerifyInput): Promise<number> => {
    const verifier = verifierOf({ revocation: sourceOf(() => STATUS_GOOD).revocation, ...options });
    await verifier.verify(first);
    return (await counted(() => verifier.verify(second))).operations;
  };
  const input = plain(good());

  test('of a certificate with personal attributes', async () => {
    expect(await operationsOfSecond({}, plain(good(PERSON)), plain(good(PERSON)))).toBe(2);
  });

  test('of a verification that failed, be it for its message alone', async () => {
    expect(await operationsOfSecond({}, { ...input, message: Uint8Array.of(1) }, input)).toBe(2);
    expect(await operationsOfSecond({}, { ...input, acceptCarriers: ['smartphone'] }, input)).toBe(2);
    expect(await operationsOfSecond({}, { ...input, at: new Date('2030-01-01T00:00:00Z') }, input)).toBe(2);
  });

  test('where the operator says so', async () => {
    expect(await operationsOfSecond({ remember: { certificates: 0 } }, input, input)).toBe(2);
  });

  test('outside the certificate’s validity: the signature is verified again', async () => {
    expect(await operationsOfSecond({}, input, { ...input, at: new Date('2030-01-01T00:00:00Z') })).toBe(2);
  });

  test('for another verifier, be it of the same environment', async () => {
    await verifierOf({ revocation: sourceOf(() => STATUS_GOOD).revocation }).verify(input);
    const other = verifierOf({ revocation: sourceOf(() => STATUS_GOOD).revocation });
    expect(await counted(() => other.verify(input))).toMatchObject({ operations: 2 });
  });

  test('where an issuer’s key has two certificates: the instant decides which of them speaks', async () => {
    const json = environmentJson() as unknown as { anchors: { id: string; certificate: string }[] };
    const anchor = json.anchors.find(({ id }) => id === 'user-authentication-g3');
    const { anchors } = loadEnvironment(json);
    const twin = anchors.find(({ id }) => id === 'user-authentication-g3');
    if (anchor === undefined || twin === undefined) throw new Error('no such anchor');
    const twice: Environment = { ...environment, anchors: [...environment.anchors, { ...twin, id: 'twin' }] };
    expect(await operationsOfSecond({ environment: twice }, input, input)).toBe(2);
  });

  test('under the role that retains no certificate, and asking for it is misuse', async () => {
    const misuse = (remember: VerifierOptions['remember']): string => {
      try {
        createVerifier({ environment, role: 'delegating', revocation: 'none', ...(remember === undefined ? {} : { remember }) });
        return 'accepted';
      } catch (error) {
        return error instanceof JpkiError ? error.code : 'thrown';
      }
    };
    expect([misuse(undefined), misuse({ certificates: 0 }), misuse({ certificates: 1 })]).toEqual([
      'accepted',
      'accepted',
      'argument-invalid',
    ]);
    // Its verification is indeterminate without a platform, and offline in order.
    expect(await operationsOfSecond({ role: 'delegating', revocation: 'none' }, input, input)).toBe(2);
  });

  test.each([-1, 0.5, Number.NaN])('in %j certificates: that is no number of them', (certificates) => {
    expect(() => verifierOf({ remember: { certificates } })).toThrow(JpkiError);
  });

  test('in a way that is none of the two', () => {
    expect(() => verifierOf({ remember: { issuerSignature: 'never' as 'verify' } })).toThrow(JpkiError);
  });
});

test('the caller’s buffers may change afterwards: what is remembered is a copy', async () => {
  const verifier = verifierOf({ revocation: sourceOf(() => STATUS_GOOD).revocation });
  const input = plain(good());
  await verifier.verify(input);
  input.certificate.fill(0);
  expect(await verifier.verify(input)).toMatchObject({ code: 'malformed' });
  expect(await counted(() => verifier.verify(plain(good())))).toMatchObject({ verdict: { result: 'valid' }, operations: 1 });
});

test('what was remembered longest ago and not asked for since goes first, and never are there more than allowed', () => {
  const familiar = new FamiliarCertificates({ certificates: 4, issuerSignature: 'remember' });
  const entry = (n: number) => ({ certificate: { der: Uint8Array.of(9, 9, n, n) } }) as unknown as Parameters<typeof familiar.remember>[0];
  const has = (n: number): boolean => familiar.find(Uint8Array.of(9, 9, n, n)) !== null;
  for (let n = 0; n < 100; n++) {
    familiar.remember(entry(n));
    expect(has(0), `after ${n}`).toBe(true);
    expect(familiar.size).toBeLessThanOrEqual(4);
  }
  expect([has(99), has(1), has(50)]).toEqual([true, false, false]);
});

test('evidence is assembled when asked for, and not before', async () => {
  const toBase64 = vi.spyOn(Buffer.prototype, 'toString');
  const verdict = await verifierOf({ revocation: sourceOf(() => STATUS_GOOD).revocation }).verify(plain(good()));
  const encoded = (): number => toBase64.mock.calls.filter(([encoding]) => encoding === 'base64').length;
  expect(encoded()).toBe(0);
  verdict.evidence();
  expect(encoded()).toBeGreaterThan(0);
  toBase64.mockRestore();
});
