import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson, type EvidenceRecord, sealEvidence, verifyEvidence } from '../../src/evidence/index.ts';
import { createVerifier, type Environment, loadEnvironment, type VerifierOptions, type VerifyInput } from '../../src/index.ts';
import { environmentJson, vector, verifyInput } from '../vectors.ts';

const environment = loadEnvironment(environmentJson());
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const GOOD_OCSP = 'happy/smartphone-user-authentication-g3-ocsp';
const GOOD_CRL = 'happy/card-digital-signature-g3-crl';

const inputOf = (id: string): VerifyInput => verifyInput(vector(id));

const recordOf = async (id: string, mode: 'crl' | 'ocsp', change: Partial<VerifyInput> = {}): Promise<EvidenceRecord> =>
  (await createVerifier({ environment, role: 'verifier', revocation: mode }).verify({ ...inputOf(id), ...change })).evidence();

const open = (jws: string, options: Partial<{ environment: Environment; keys: KeyObject[]; at: Date; maxBytes: number }> = {}) =>
  verifyEvidence(jws, { environment, keys: [publicKey], ...options });

let good: EvidenceRecord;
let sealed: string;
beforeAll(async () => {
  good = await recordOf(GOOD_OCSP, 'ocsp');
  sealed = await sealEvidence(good, privateKey);
});

describe('sealed evidence', () => {
  test.each([
    [GOOD_OCSP, 'ocsp'],
    [GOOD_CRL, 'crl'],
  ] as const)('of %s gives the same verdict again, offline', async (id, mode) => {
    const record = await recordOf(id, mode);
    const result = await open(await sealEvidence(record, privateKey));
    expect(result).toMatchObject({ ok: true, verdict: { result: 'valid', class: record.verdict.class } });
    expect(result.ok && result.record).toEqual(record);
  });

  test('of a refusal gives the same refusal again', async () => {
    for (const change of [
      { signature: new Uint8Array(256) },
      { ocspResponses: [] },
      { at: new Date('2050-01-01T00:00:00Z') },
      { certificate: Uint8Array.of(48, 0) },
    ]) {
      const record = await recordOf(GOOD_OCSP, 'ocsp', change);
      const result = await open(await sealEvidence(record, privateKey));
      expect(result).toMatchObject({ ok: true, verdict: { result: record.verdict.result, code: record.verdict.code } });
    }
  });

  test('of a verification with sources is repeated from what they gave, without asking them', async () => {
    const { ocspResponses, ocspNonce, ...rest } = inputOf(GOOD_OCSP);
    let asked = 0;
    const verifier = createVerifier({
      environment,
      role: 'verifier',
      revocation: {
        policy: { mode: 'ocspcheck' },
        sources: [
          {
            kind: 'ocsp',
            classes: ['smartphone-user-authentication'],
            async check() {
              asked++;
              return { kind: 'data', ocspResponses: ocspResponses ?? [], ...(ocspNonce == null ? {} : { ocspNonce }) };
            },
          },
        ],
      },
    });
    const verdict = await verifier.verify(rest);
    expect(verdict.result).toBe('valid');
    expect(await open(await sealEvidence(verdict.evidence(), privateKey))).toMatchObject({ ok: true, verdict: { result: 'valid' } });
    expect(asked).toBe(1);
  });

  test('of a source that failed is the same indeterminate verdict offline, whatever the fault was called', async () => {
    const { ocspResponses: _, ...rest } = inputOf(GOOD_OCSP);
    const verifier = createVerifier({
      environment,
      role: 'verifier',
      revocation: {
        policy: { mode: 'ocspcheck' },
        sources: [{ kind: 'ocsp', classes: ['smartphone-user-authentication'], check: () => Promise.reject(new Error('down')) }],
      },
    });
    const verdict = await verifier.verify(rest);
    expect(verdict.result).toBe('indeterminate');
    expect(await open(await sealEvidence(verdict.evidence(), privateKey))).toMatchObject({
      ok: true,
      verdict: { result: 'indeterminate' },
    });
  });

  test('opens by KeyObject, CryptoKey and JWK, and names its key by thumbprint', async () => {
    const jwk = publicKey.export({ format: 'jwk' });
    const web = await crypto.subtle.importKey('jwk', jwk as JsonWebKeyLike, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']);
    for (const key of [publicKey, privateKey, jwk, web])
      expect(await verifyEvidence(sealed, { environment, keys: [key] })).toMatchObject({ ok: true });
    expect(await open(await sealEvidence(good, privateKey.export({ format: 'jwk' })))).toMatchObject({ ok: true });
    const header = JSON.parse(Buffer.from(sealed.split('.')[0] ?? '', 'base64url').toString()) as Record<string, unknown>;
    expect(Object.keys(header).sort()).toEqual(['alg', 'kid', 'typ']);
  });

  test('is refused where any byte of it differs: evidence-seal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.constantFrom(...'Aa0_-.'), async (index, character) => {
        fc.pre(sealed[index] !== character);
        expect(await open(sealed.slice(0, index) + character + sealed.slice(index + 1))).toMatchObject({
          ok: false,
          code: 'evidence-seal',
        });
      }),
      { numRuns: 150 },
    );
  });

  test.each(['', '.', '..', 'a.b', 'a.b.c', 'a.b.c.d'])('that is no JWS (%j) is refused', async (text) => {
    expect(await open(text)).toMatchObject({ ok: false, code: 'evidence-seal' });
  });

  test('sealed by another key is refused, tampered with or not', async () => {
    const tampered = { ...good, at: '2026-01-01T00:00:00.000Z' };
    expect(await open(await sealEvidence(tampered, other.privateKey))).toMatchObject({ ok: false, code: 'evidence-seal' });
    expect(await open(sealed, { keys: [other.publicKey] })).toMatchObject({ ok: false, code: 'evidence-seal' });
    expect(await open(sealed, { keys: [other.publicKey, publicKey] })).toMatchObject({ ok: true });
  });

  const forged = (header: object, sign: (input: string) => string): string => {
    const input = [JSON.stringify(header), canonicalJson(good)].map((part) => Buffer.from(part).toString('base64url')).join('.');
    return `${input}.${sign(input)}`;
  };
  const header = (): { alg: string; kid: string; typ: string } =>
    JSON.parse(Buffer.from(sealed.split('.')[0] ?? '', 'base64url').toString());

  test('with alg none is refused', async () => {
    expect(await open(forged({ ...header(), alg: 'none' }, () => ''))).toMatchObject({ ok: false, code: 'evidence-seal' });
  });

  test('with HS256 keyed by the public key is refused', async () => {
    for (const secret of [publicKey.export({ type: 'spki', format: 'pem' }), publicKey.export({ type: 'spki', format: 'der' })]) {
      const jws = forged({ ...header(), alg: 'HS256' }, (input) => createHmac('sha256', secret).update(input).digest('base64url'));
      expect(await open(jws)).toMatchObject({ ok: false, code: 'evidence-seal' });
    }
  });

  test('with a key it brings itself is refused', async () => {
    const { CompactSign } = await import('jose');
    const payload = new TextEncoder().encode(canonicalJson(good));
    const jwk = other.publicKey.export({ format: 'jwk' });
    const own = await new CompactSign(payload).setProtectedHeader({ ...header(), jwk: jwk as object }).sign(other.privateKey);
    expect(await open(own)).toMatchObject({ ok: false, code: 'evidence-seal' });
    const extra = await new CompactSign(payload).setProtectedHeader({ ...header(), jku: 'https://example.com' }).sign(privateKey);
    expect(await open(extra)).toMatchObject({ ok: false, code: 'evidence-seal' });
    const otherType = await new CompactSign(payload).setProtectedHeader({ ...header(), typ: 'JWT' }).sign(privateKey);
    expect(await open(otherType)).toMatchObject({ ok: false, code: 'evidence-seal' });
  });

  const sealedText = async (text: string): Promise<string> => {
    const { CompactSign } = await import('jose');
    return await new CompactSign(new TextEncoder().encode(text)).setProtectedHeader(header()).sign(privateKey);
  };

  test('too large to be verified is not sealed', async () => {
    const crls = Array.from({ length: 49 }, () => 'A'.repeat(1024 * 1024));
    const record = { ...good, revocation: { ...good.revocation, crls } };
    await expect(sealEvidence(record, privateKey)).rejects.toMatchObject({ code: 'argument-invalid' });
  });

  test('beyond its budget is not even read', async () => {
    expect(await open(sealed, { maxBytes: sealed.length - 1 })).toMatchObject({ ok: false, code: 'evidence-seal', detail: 'size' });
    expect(await open(sealed, { maxBytes: sealed.length })).toMatchObject({ ok: true });
  });

  test.each([
    ['not JSON', () => 'evidence'],
    ['not canonical', () => JSON.stringify(good, null, 1)],
    ['with a member twice', () => canonicalJson(good).replace('{', '{"at":"2020-01-01T00:00:00.000Z",')],
    ['of another format', () => canonicalJson({ ...good, format: 'evidence.v9' })],
    ['with an unknown member', () => canonicalJson({ ...good, note: 'x' })],
    ['with an unknown member inside', () => canonicalJson({ ...good, input: { ...good.input, url: 'x' } })],
    ['without a member', () => canonicalJson({ ...good, role: undefined })],
    ['with another spelling of base64', () => canonicalJson({ ...good, input: { ...good.input, signature: 'AB==' } })],
    ['with a time in another spelling', () => canonicalJson({ ...good, at: good.at.replace('Z', '+00:00') })],
    ['with an unknown code', () => canonicalJson({ ...good, verdict: { ...good.verdict, code: 'constructor' } })],
    ['with an unknown mode', () => canonicalJson({ ...good, revocation: { ...good.revocation, mode: 'trust' } })],
    ['with neither message nor digest', () => canonicalJson({ ...good, input: { ...good.input, message: undefined } })],
  ])('%s is evidence-malformed', async (_, text) => {
    expect(await open(await sealedText(text()))).toMatchObject({ ok: false, code: 'evidence-malformed' });
  });

  test('from the future of the check is evidence-malformed', async () => {
    expect(await open(sealed, { at: new Date(Date.parse(good.at) - 1) })).toMatchObject({
      ok: false,
      code: 'evidence-malformed',
      detail: 'at',
    });
    expect(await open(sealed, { at: new Date(good.at) })).toMatchObject({ ok: true });
  });

  test('of another environment is evidence-environment', async () => {
    const json = environmentJson();
    const renamed = loadEnvironment({ ...json, id: 'another' });
    expect(await open(sealed, { environment: renamed })).toMatchObject({ ok: false, code: 'evidence-environment', detail: 'environment' });
    const digest = { ...good, environment: { ...good.environment, digest: '0'.repeat(64) } };
    expect(await open(await sealEvidence(digest, privateKey))).toMatchObject({ ok: false, code: 'evidence-environment', detail: 'digest' });
    const anchor = { ...good, anchor: { id: 'elsewhere', sha256: '0'.repeat(64) } };
    expect(await open(await sealEvidence(anchor, privateKey))).toMatchObject({ ok: false, code: 'evidence-environment', detail: 'anchor' });
  });

  test.each<[string, (record: EvidenceRecord) => EvidenceRecord]>([
    ['a message exchanged', (r) => ({ ...r, input: { ...r.input, message: Buffer.from('another').toString('base64') } })],
    ['a certificate exchanged', (r) => ({ ...r, input: { ...r.input, certificate: vector(GOOD_CRL).input.certificate } })],
    ['a verdict reversed', (r) => ({ ...r, verdict: { ...r.verdict, result: 'invalid', code: 'revoked' } })],
    ['a class exchanged', (r) => ({ ...r, verdict: { ...r.verdict, class: 'card-user-authentication' } })],
    ['a check left out', (r) => ({ ...r, verdict: { ...r.verdict, checks: r.verdict.checks.slice(1) } })],
    ['a warning invented', (r) => ({ ...r, verdict: { ...r.verdict, warnings: ['x'] } })],
    ['a detail invented', (r) => ({ ...r, verdict: { ...r.verdict, detail: 'x' } })],
    ['the status data left out', (r) => ({ ...r, revocation: { ...r.revocation, ocspResponses: [] } })],
    ['status data and sources left out', (r) => ({ ...r, revocation: { ...r.revocation, ocspResponses: [], sources: [] } })],
    ['no certificate', ({ input: { certificate: _, ...input }, ...r }) => ({ ...r, input })],
    ['another instant', (r) => ({ ...r, at: '2019-01-01T00:00:00.000Z' })],
  ])('with %s is evidence-differs, even under the right seal', async (_, change) => {
    const result = await open(await sealEvidence(change(good), privateKey));
    expect(result).toMatchObject({ ok: false, code: 'evidence-differs' });
    expect(result.ok || result.record).toBeTruthy();
  });
});

describe('evidence that cannot be repeated says so, and is not taken for false:', () => {
  const determined = (kind: 'crl' | 'platform'): VerifierOptions['revocation'] => ({
    policy: { mode: 'ocspcheck' as const, ...(kind === 'crl' ? { mode: 'crlcheck' as const } : {}) },
    sources: [
      {
        kind,
        classes: ['smartphone-user-authentication'],
        check: async (_, { at }) => ({
          kind: 'determination',
          report: {
            kind,
            status: 'good',
            origin: 'fetched',
            thisUpdate: at,
            nextUpdate: at,
            ...(kind === 'crl' ? { sha256: '0'.repeat(64) } : {}),
          },
        }),
      },
    ],
  });
  test.each<[string, Pick<VerifierOptions, 'role' | 'revocation'>]>([
    ['an index determined the status', { role: 'verifier', revocation: determined('crl') }],
    ['a platform operator determined it', { role: 'verifier', revocation: determined('platform') }],
    ['no certificate was retained', { role: 'delegating', revocation: determined('platform') }],
  ])('%s', async (_, options) => {
    const { ocspResponses, ocspNonce, ...rest } = inputOf(GOOD_OCSP);
    const verdict = await createVerifier({ environment, ...options }).verify(rest);
    expect(verdict.result).toBe('valid');
    expect(await open(await sealEvidence(verdict.evidence(), privateKey))).toMatchObject({
      ok: false,
      code: 'evidence-differs',
      detail: 'not-repeatable',
    });
  });
});

describe('a key for evidence', () => {
  test.each<[string, () => unknown]>([
    ['an RSA key', () => generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey],
    ['a P-384 key', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['a shared secret', () => ({ kty: 'oct', k: 'AAAA' })],
    ['nothing', () => ({})],
  ])('is not %s', async (_, key) => {
    await expect(sealEvidence(good, key() as KeyObject)).rejects.toMatchObject({ code: 'argument-invalid' });
    await expect(verifyEvidence(sealed, { environment, keys: [key() as KeyObject] })).rejects.toMatchObject({ code: 'argument-invalid' });
  });

  test('seals only with its private half, and verifies by at least one', async () => {
    await expect(sealEvidence(good, publicKey)).rejects.toMatchObject({ code: 'argument-invalid' });
    await expect(sealEvidence(good, createPublicKey(privateKey))).rejects.toMatchObject({ code: 'argument-invalid' });
    await expect(verifyEvidence(sealed, { environment, keys: [] })).rejects.toMatchObject({ code: 'argument-invalid' });
  });
});

type JsonWebKeyLike = Parameters<typeof crypto.subtle.importKey>[1] & object;
