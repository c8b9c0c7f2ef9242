import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type VerifyCmsInput, verifyCms } from '../../src/signature/cms.ts';
import { ctx, der, extension, int, name, nul, octets, oid, prim, seq, set, utcTime } from '../revocation/der.ts';
import { AT, keyed, mintCertificate } from '../revocation/mint.ts';

const SIGNER = keyed();
const STRANGER = keyed();
const ISSUER = name(['CN', 'Issuer']);
const SERIAL = int(0x21);
const certificate = mintCertificate({
  serial: SERIAL,
  issuer: ISSUER,
  key: SIGNER,
  signer: STRANGER,
  extensions: [extension('2.5.29.14', octets(SIGNER.ski))],
});
/** A negative serial number: the codec lets it pass, our reader does not. */
const unreadable = mintCertificate({
  serial: int(0x80),
  issuer: ISSUER,
  key: SIGNER,
  signer: STRANGER,
  extensions: [extension('2.999.1', octets())],
});
const CONTENT = new TextEncoder().encode('口座開設の申込み');

const DATA = '1.2.840.113549.1.7.1';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_TIME = '1.2.840.113549.1.9.5';
const SHA256 = seq(oid('2.16.840.1.101.3.4.2.1'));
const ECDSA_SHA256 = seq(oid('1.2.840.10045.4.3.2'));

const attributeOf = (id: string, ...values: readonly Uint8Array[]): Uint8Array => seq(oid(id), set(...values));
const digestOf = (content: Uint8Array): Uint8Array => createHash('sha256').update(content).digest();
const contentType = attributeOf(CONTENT_TYPE, oid(DATA));
const messageDigest = (content: Uint8Array = CONTENT): Uint8Array => attributeOf(MESSAGE_DIGEST, octets(digestOf(content)));
const signingTime = attributeOf(SIGNING_TIME, utcTime(AT));
const sorted = (attributes: readonly Uint8Array[]): Uint8Array[] => [...attributes].sort((a, b) => Buffer.compare(a, b));
const ATTRIBUTES = sorted([contentType, messageDigest(), signingTime]);

const SHA384 = seq(oid('2.16.840.1.101.3.4.2.2'));
const SHA384_DIGEST = attributeOf(MESSAGE_DIGEST, octets(createHash('sha384').update(CONTENT).digest()));
/** Another certificate with a key identifier, and one without. */
const other = mintCertificate({
  serial: int(0x22),
  issuer: ISSUER,
  key: STRANGER,
  signer: STRANGER,
  extensions: [extension('2.5.29.14', octets(STRANGER.ski))],
});
const silent = mintCertificate({
  serial: int(0x23),
  issuer: ISSUER,
  key: STRANGER,
  signer: STRANGER,
  extensions: [extension('2.999.1', octets())],
});
const LISTS = { harmless: set(signingTime) };

interface Parts {
  readonly content?: Uint8Array | null;
  readonly type?: string;
  /** null: none. */
  readonly attributes?: readonly Uint8Array[] | null;
  readonly unsigned?: readonly Uint8Array[];
  readonly key?: typeof SIGNER;
  readonly id?: Uint8Array;
  readonly signerVersion?: number;
  readonly version?: number;
  readonly digests?: readonly Uint8Array[];
  readonly digest?: Uint8Array;
  readonly algorithm?: Uint8Array;
  readonly certificates?: readonly Uint8Array[];
  readonly signers?: number;
  /** What is signed, where it is not what should be. */
  readonly signs?: Uint8Array;
}

const mint = (p: Parts = {}): Uint8Array => {
  const content = p.content === undefined ? CONTENT : p.content;
  const attributes = p.attributes === undefined ? ATTRIBUTES : p.attributes;
  const signed = p.signs ?? (attributes === null ? (content ?? CONTENT) : set(...attributes));
  const signer = seq(
    int(p.signerVersion ?? 1),
    p.id ?? seq(ISSUER, SERIAL),
    p.digest ?? SHA256,
    ...(attributes === null ? [] : [ctx(0, ...attributes)]),
    p.algorithm ?? ECDSA_SHA256,
    octets(new Uint8Array(sign('sha256', signed, (p.key ?? SIGNER).privateKey))),
    ...(p.unsigned === undefined ? [] : [ctx(1, ...p.unsigned)]),
  );
  return seq(
    oid('1.2.840.113549.1.7.2'),
    ctx(
      0,
      seq(
        int(p.version ?? 1),
        set(...(p.digests ?? [SHA256])),
        seq(oid(p.type ?? DATA), ...(content === null ? [] : [ctx(0, octets(content))])),
        ctx(0, ...(p.certificates ?? [certificate])),
        set(...Array<Uint8Array>(p.signers ?? 1).fill(signer)),
      ),
    ),
  );
};

const outcome = (parts: Parts = {}, more: Omit<VerifyCmsInput, 'cms'> = {}): string => {
  const result = verifyCms({ cms: mint(parts), ...more });
  return result.result === 'valid' ? 'valid' : `${result.code}/${result.detail}`;
};

describe('an RSA signer under rsaEncryption', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const key = { ...SIGNER, privateKey, spki };
  const bearer = mintCertificate({ serial: SERIAL, issuer: ISSUER, key, signer: STRANGER, extensions: [extension('2.999.1', octets())] });
  const RSA = '1.2.840.113549.1.1.1';
  const run = (algorithm: Uint8Array, more: Parts = {}): string => outcome({ key, certificates: [bearer], algorithm, ...more });

  test('signs PKCS#1 v1.5 with the digest it names, as under the identifier that says both', () => {
    expect(run(seq(oid(RSA), nul()))).toBe('valid');
    expect(run(seq(oid('1.2.840.113549.1.1.11'), nul()))).toBe('valid');
  });

  test('has NULL parameters and no other', () => {
    expect(run(seq(oid(RSA)))).toBe('algorithm-not-allowed/signature');
    expect(run(seq(oid(RSA), octets()))).toBe('algorithm-not-allowed/signature');
  });

  test('signs with the digest it names', () => {
    const parts = { digest: SHA384, digests: [SHA384], attributes: sorted([contentType, SHA384_DIGEST]) };
    // The signature is made with SHA-256.
    expect(run(seq(oid(RSA), nul()), parts)).toBe('signature-mismatch/signature');
    expect(run(seq(oid('1.2.840.113549.1.1.11'), nul()), parts)).toBe('algorithm-not-allowed/signature');
  });

  test('is no ECDSA signer', () => {
    expect(outcome({ algorithm: seq(oid(RSA), nul()) })).toMatch(/^(signature-mismatch|algorithm-not-allowed)\/signature$/);
  });
});

describe('SignedData', () => {
  test('with the content inside names content, signer and claimed time', () => {
    expect(verifyCms({ cms: mint() })).toEqual({
      result: 'valid',
      contentType: DATA,
      content: CONTENT,
      signers: [{ unverifiedCertificate: certificate, claimedSigningTime: new Date(AT) }],
    });
  });

  test.each([
    ['detached', { content: null }, { content: CONTENT }],
    ['with the content inside and handed in alike', {}, { content: CONTENT }],
    ['without attributes', { attributes: null }, {}],
    ['by subjectKeyIdentifier', { id: prim(0, SIGNER.ski), signerVersion: 3, version: 3 }, {}],
    ['whose signer’s certificate is handed in', { certificates: [] }, { certificates: [certificate] }],
    ['with NULL for digest parameters', { digest: seq(oid('2.16.840.1.101.3.4.2.1'), nul()) }, {}],
    ['with an attribute nobody knows', { attributes: sorted([...ATTRIBUTES, attributeOf('2.999.5', int(1))]) }, {}],
    ['with several signatures', { signers: 2 }, {}],
    ['with as many signatures as allowed', { signers: 8 }, {}],
    ['with as many certificates as allowed', { certificates: Array<Uint8Array>(31).fill(certificate) }, { certificates: [certificate] }],
    [
      'by subjectKeyIdentifier, with other certificates first',
      { id: prim(0, SIGNER.ski), signerVersion: 3, version: 3, certificates: [silent, other, certificate] },
      {},
    ],
    ['whose content is a list of attributes without a digest', { content: LISTS.harmless, attributes: null }, {}],
    ['with a certificate that cannot be read beside the signer’s', { certificates: [unreadable, certificate] }, {}],
  ])('%s is valid', (_, parts: Parts, more) => {
    expect(outcome(parts, more)).toBe('valid');
  });

  test.each([
    ['over other content', {}, { content: Uint8Array.of(1) }, 'signature-mismatch/content-differs'],
    ['without its content', { content: null }, {}, 'signature-mismatch/content-missing'],
    [
      'whose digest is of other content',
      { attributes: sorted([contentType, messageDigest(Uint8Array.of(1))]) },
      {},
      'signature-mismatch/message-digest',
    ],
    ['by a stranger', { key: STRANGER }, {}, 'signature-mismatch/signature'],
    ['without signer', { signers: 0 }, {}, 'signature-mismatch/no-signer'],
    ['whose signer has no certificate', { certificates: [] }, {}, 'signature-mismatch/signer-certificate-missing'],
    ['whose signer is another serial number', { id: seq(ISSUER, int(0x22)) }, {}, 'signature-mismatch/signer-certificate-missing'],
    ['without content-type', { attributes: sorted([messageDigest()]) }, {}, 'malformed/content-type-attribute'],
    ['with two content-types', { attributes: sorted([contentType, contentType, messageDigest()]) }, {}, 'malformed/content-type-attribute'],
    [
      'with two values of content-type',
      { attributes: sorted([attributeOf(CONTENT_TYPE, oid(DATA), oid(DATA)), messageDigest()]) },
      {},
      'malformed/content-type-attribute',
    ],
    [
      'with another content-type',
      { attributes: sorted([attributeOf(CONTENT_TYPE, oid('2.999.1')), messageDigest()]) },
      {},
      'malformed/content-type-attribute',
    ],
    ['without message-digest', { attributes: [contentType] }, {}, 'malformed/message-digest-attribute'],
    ['with two signing-times', { attributes: sorted([...ATTRIBUTES, signingTime]) }, {}, 'malformed/signing-time-attribute'],
    [
      'with a signing-time that is none',
      { attributes: sorted([contentType, messageDigest(), attributeOf(SIGNING_TIME, int(1))]) },
      {},
      'malformed/encoding',
    ],
    ['with an unsigned signing-time', { unsigned: [signingTime] }, {}, 'malformed/unsigned-attribute'],
    ['with attributes out of order', { attributes: [...ATTRIBUTES].reverse() }, {}, 'malformed/encoding'],
    ['of another type without attributes', { type: '2.999.1', attributes: null }, {}, 'malformed/content-type-attribute'],
    ['whose digest is not announced', { digests: [] }, {}, 'malformed/digest-not-listed'],
    ['with a digest that is not allowed', { digest: seq(oid('1.3.14.3.2.26')) }, {}, 'algorithm-not-allowed/digest'],
    ['with an algorithm of another hash', { algorithm: seq(oid('1.2.840.10045.4.3.3')) }, {}, 'algorithm-not-allowed/signature'],
    ['with an algorithm for another key', { algorithm: seq(oid('1.2.840.113549.1.1.11'), nul()) }, {}, 'signature-mismatch/signature'],
    [
      'with an algorithm off the list',
      {},
      { algorithms: { algorithms: ['rsa-pkcs1-sha256' as const], minimumRsaBits: 2048 } },
      'algorithm-not-allowed/signature',
    ],
    ['with a version for another signer id', { signerVersion: 3 }, {}, 'malformed/signer-version'],
    ['of a version that does not exist', { version: 2 }, {}, 'malformed/version'],
    ['with more signatures than allowed', { signers: 9 }, {}, 'budget-signatures/signers'],
    [
      'with more certificates than allowed',
      { certificates: Array<Uint8Array>(33).fill(certificate) },
      {},
      'budget-certificate/certificates',
    ],
    [
      'with more certificates than allowed, of which some are handed in',
      { certificates: Array<Uint8Array>(32).fill(certificate) },
      { certificates: [certificate] },
      'budget-certificate/certificates',
    ],
    [
      'with parameters of the digest that are not NULL',
      { digest: seq(oid('2.16.840.1.101.3.4.2.1'), octets()) },
      {},
      'algorithm-not-allowed/digest',
    ],
    ['with a digest other than the announced one', { digest: seq(oid('2.16.840.1.101.3.4.2.2')) }, {}, 'malformed/digest-not-listed'],
    [
      'whose signer’s digest is another than its signature’s',
      { digest: SHA384, digests: [SHA384], attributes: sorted([contentType, SHA384_DIGEST]) },
      {},
      'algorithm-not-allowed/signature',
    ],
    [
      'by the subjectKeyIdentifier of another',
      { id: prim(0, STRANGER.ski), signerVersion: 3, version: 3 },
      {},
      'signature-mismatch/signer-certificate-missing',
    ],
    ['larger than allowed', {}, { limits: { maxBytes: 100 } }, 'budget-certificate/too-large'],
    ['with more elements than allowed', {}, { limits: { maxElements: 20 } }, 'budget-certificate/too-large'],
  ])('%s is refused', (_, parts: Parts, more, expected) => {
    expect(outcome(parts, more)).toBe(expected);
  });

  test('that claims no time names none', () => {
    const result = verifyCms({ cms: mint({ attributes: sorted([contentType, messageDigest()]) }) });
    expect(result).toMatchObject({ result: 'valid', signers: [{ claimedSigningTime: null }] });
  });

  test('does not pass its attributes off as content', () => {
    const attributes = set(...ATTRIBUTES);
    expect(outcome({ content: attributes, attributes: null, signs: attributes })).toBe('signature-mismatch/attributes-as-content');
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['another content type', seq(oid(DATA), ctx(0, octets(CONTENT)))],
    ['an indefinite length', new Uint8Array([0x30, 0x80, 0, 0])],
    ['a byte after its end', new Uint8Array([...mint(), 0])],
    ['a string in parts', seq(der(0x24, octets(CONTENT)))],
    ['nesting without end', Array.from({ length: 40 }).reduce<Uint8Array>((inner) => seq(inner), nul())],
  ])('%s is malformed', (_, cms) => {
    expect(verifyCms({ cms })).toEqual({ result: 'invalid', code: 'malformed', detail: 'encoding' });
  });
});

test('one changed bit never leaves another meaning valid', () => {
  const good = mint();
  fc.assert(
    fc.property(fc.nat(good.length * 8 - 1), (bit) => {
      const changed = Uint8Array.from(good);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      const result = verifyCms({ cms: changed });
      // The message's version and the certificate's own signature are not what the signer signed.
      if (result.result === 'valid') expect(result.content).toEqual(CONTENT);
      else expect(['malformed', 'algorithm-not-allowed', 'signature-mismatch']).toContain(result.code);
    }),
    { seed: 20260915, numRuns: 300 },
  );
});

test('whatever comes in, an answer comes out', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(mint().length), (noise, at) => {
      const cms = mint();
      const mixed = new Uint8Array([...cms.subarray(0, at), ...noise, ...cms.subarray(at)]);
      expect(['valid', 'invalid']).toContain(verifyCms({ cms: mixed }).result);
      expect(verifyCms({ cms: noise }).result).toBe('invalid');
    }),
    { seed: 20260915, numRuns: 150 },
  );
});
