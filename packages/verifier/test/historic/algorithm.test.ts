/** The algorithm is the policy’s and the key’s, never the message’s; its identifier and parameters are pinned. */
import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { validatePath } from '@jpki-rp/verifier/path';
import { describe, expect, test } from 'vitest';
import { readPublicKeyInfo } from '../../src/certificate/public-key.ts';
import { DerReader } from '../../src/der/reader.ts';
import { keyAllowed } from '../../src/signature/algorithm.ts';
import {
  AT,
  assemble,
  bits,
  byCrls,
  byOcsp,
  CA,
  CA_KEY_USAGE,
  CA_NAME,
  ctx,
  extension,
  int,
  judge,
  keyed,
  LEAF_KEY,
  MESSAGE,
  mintCrl,
  mintOcsp,
  mintPerson,
  nul,
  oid,
  ROOT_NAME,
  SIGNATURE_ALGORITHMS,
  said,
  seq,
  yes,
} from './case.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const p256 = keyed();
type Pair = typeof rsa;

const rootOf = (keys: Pair, algorithm: Uint8Array, hash: string): Uint8Array =>
  assemble({
    algorithm,
    spki: new Uint8Array(keys.publicKey.export({ type: 'spki', format: 'der' })),
    subject: ROOT_NAME,
    serial: int(1),
    extensions: [CA_KEY_USAGE, extension('2.5.29.19', seq(yes()), true)],
    signature: (tbs) => new Uint8Array(sign(hash, tbs, keys.privateKey)),
  });
const under = (root: Uint8Array, target: Uint8Array): string => {
  const verdict = validatePath({ target, intermediates: [], anchors: [root], at: new Date(AT), revocation: 'none' });
  return verdict.result === 'valid' ? 'valid' : `${verdict.result} ${verdict.code}`;
};

const ID = {
  sha256Rsa: oid('1.2.840.113549.1.1.11'),
  sha384Rsa: oid('1.2.840.113549.1.1.12'),
  pss: oid('1.2.840.113549.1.1.10'),
  sha1Rsa: oid('1.2.840.113549.1.1.5'),
  md5Rsa: oid('1.2.840.113549.1.1.4'),
  rsa: oid('1.2.840.113549.1.1.1'),
  ecdsa256: oid('1.2.840.10045.4.3.2'),
  ecdsa384: oid('1.2.840.10045.4.3.3'),
  ecdsa1: oid('1.2.840.10045.4.1'),
  sha256: oid('2.16.840.1.101.3.4.2.1'),
  sha1: oid('1.3.14.3.2.26'),
  mgf1: oid('1.2.840.113549.1.1.8'),
};

describe('RSA', () => {
  const root = rootOf(rsa, seq(ID.sha256Rsa, nul()), 'sha256');
  const pkcs1 = (algorithm: Uint8Array, hash = 'sha256'): string =>
    under(root, assemble({ algorithm, signature: (tbs) => new Uint8Array(sign(hash, tbs, rsa.privateKey)) }));

  test.each<[string, Uint8Array, string, string]>([
    ['SHA-256 with NULL', seq(ID.sha256Rsa, nul()), 'sha256', 'valid'],
    ['SHA-256 without parameters, which RFC 4055 §5 makes users accept', seq(ID.sha256Rsa), 'sha256', 'valid'],
    ['SHA-256 with other parameters', seq(ID.sha256Rsa, seq()), 'sha256', 'invalid algorithm-not-allowed'],
    ['SHA-256 with the key’s algorithm identifier', seq(ID.rsa, nul()), 'sha256', 'invalid algorithm-not-allowed'],
    ['a hash other than the one named', seq(ID.sha384Rsa, nul()), 'sha256', 'invalid path-signature'],
    ['SHA-1', seq(ID.sha1Rsa, nul()), 'sha1', 'invalid algorithm-not-allowed'],
    ['MD5', seq(ID.md5Rsa, nul()), 'md5', 'invalid algorithm-not-allowed'],
    ['an ECDSA identifier over an RSA key', seq(ID.ecdsa256), 'sha256', 'invalid algorithm-not-allowed'],
    ['an identifier nobody knows', seq(oid('2.999.1'), nul()), 'sha256', 'invalid algorithm-not-allowed'],
  ])('%s', (_, algorithm, hash, expected) => {
    expect(pkcs1(algorithm, hash)).toBe(expected);
  });

  const pssParameters = (hash: Uint8Array, mgfHash: Uint8Array, salt: number, ...more: Uint8Array[]): Uint8Array =>
    seq(ctx(0, seq(hash, nul())), ctx(1, seq(ID.mgf1, seq(mgfHash, nul()))), ctx(2, int(salt)), ...more);
  const pss = (parameters: Uint8Array | null, saltLength = 32): string =>
    under(
      root,
      assemble({
        algorithm: parameters === null ? seq(ID.pss) : seq(ID.pss, parameters),
        signature: (tbs) =>
          new Uint8Array(sign('sha256', tbs, { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })),
      }),
    );

  test.each<[string, Uint8Array | null, number, string]>([
    ['SHA-256, MGF1 of SHA-256, 32 octets of salt', pssParameters(ID.sha256, ID.sha256, 32), 32, 'valid'],
    ['without parameters', null, 32, 'invalid algorithm-not-allowed'],
    ['the defaults, which are SHA-1', seq(), 32, 'invalid algorithm-not-allowed'],
    ['NULL for parameters', nul(), 32, 'invalid algorithm-not-allowed'],
    ['MGF1 of SHA-1', pssParameters(ID.sha256, ID.sha1, 32), 32, 'invalid algorithm-not-allowed'],
    ['a salt of 20 octets', pssParameters(ID.sha256, ID.sha256, 20), 20, 'invalid algorithm-not-allowed'],
    ['a salt of 0 octets', pssParameters(ID.sha256, ID.sha256, 0), 0, 'invalid algorithm-not-allowed'],
    ['another salt than stated', pssParameters(ID.sha256, ID.sha256, 32), 20, 'invalid path-signature'],
    ['the default trailer spelled out', pssParameters(ID.sha256, ID.sha256, 32, ctx(3, int(1))), 32, 'invalid algorithm-not-allowed'],
  ])('PSS: %s', (_, parameters, salt, expected) => {
    expect(pss(parameters, salt)).toBe(expected);
  });

  test('a key too short signs nothing', () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const anchor = rootOf(short, seq(ID.sha256Rsa, nul()), 'sha256');
    const target = assemble({
      algorithm: seq(ID.sha256Rsa, nul()),
      signature: (tbs) => new Uint8Array(sign('sha256', tbs, short.privateKey)),
    });
    expect(under(anchor, target)).toBe('invalid algorithm-not-allowed');
  });

  test('a key whose parameters are absent, or a key marked for PSS only, is no RSA key of ours', async () => {
    const spki = new Uint8Array(rsa.publicKey.export({ type: 'spki', format: 'der' }));
    const bitString = spki.subarray(4 + 15);
    const signature = new Uint8Array(sign('sha256', MESSAGE, rsa.privateKey));
    const withKey = (key: Uint8Array): Promise<string> =>
      said(judge({ certificate: mintPerson({ key: { ...LEAF_KEY, spki: key } }), signature, scheme: 'rsa-pkcs1-sha256' }));
    expect(await withKey(seq(seq(ID.rsa, nul()), bitString))).toBe('valid');
    expect(await withKey(seq(seq(ID.rsa), bitString))).toBe('invalid algorithm-not-allowed');
    expect(await withKey(seq(seq(ID.pss), bitString))).toBe('invalid algorithm-not-allowed');
  });
});

describe('ECDSA', () => {
  const root256 = rootOf({ privateKey: p256.privateKey, publicKey: rsa.publicKey } as Pair, seq(ID.ecdsa256), 'sha256');
  const root384 = rootOf(p384 as Pair, seq(ID.ecdsa384), 'sha384');
  const by = (keys: Pair, root: Uint8Array, algorithm: Uint8Array, hash: string): string =>
    under(root, assemble({ algorithm, signature: (tbs) => new Uint8Array(sign(hash, tbs, keys.privateKey)) }));

  test.each<[string, Uint8Array, string, string]>([
    ['SHA-384 on P-384', seq(ID.ecdsa384), 'sha384', 'valid'],
    ['SHA-256 on P-384', seq(ID.ecdsa256), 'sha256', 'invalid algorithm-not-allowed'],
    ['SHA-1', seq(ID.ecdsa1), 'sha1', 'invalid algorithm-not-allowed'],
    ['NULL for parameters, which RFC 5758 §3.2 forbids', seq(ID.ecdsa384, nul()), 'sha384', 'invalid algorithm-not-allowed'],
    ['the curve for parameters', seq(ID.ecdsa384, oid('1.3.132.0.34')), 'sha384', 'invalid algorithm-not-allowed'],
    ['an RSA identifier over an EC key', seq(ID.sha256Rsa, nul()), 'sha256', 'invalid path-signature'],
  ])('%s', (_, algorithm, hash, expected) => {
    expect(by(p384 as Pair, root384, algorithm, hash)).toBe(expected);
  });

  test('under an RSA key of the right name nothing verifies', () => {
    expect(by({ privateKey: p256.privateKey, publicKey: rsa.publicKey } as Pair, root256, seq(ID.ecdsa256), 'sha256')).toBe(
      'invalid algorithm-not-allowed',
    );
  });
});

describe('an algorithm named twice', () => {
  const ecdsa = seq(ID.ecdsa256);
  const signature = (tbs: Uint8Array): Uint8Array => new Uint8Array(sign('sha256', tbs, CA.privateKey));

  test.each<[string, Uint8Array, string]>([
    ['the same', ecdsa, 'invalid malformed'],
    ['NULL added outside', seq(ID.ecdsa256, nul()), 'invalid malformed'],
    ['another hash outside', seq(ID.ecdsa384), 'invalid malformed'],
  ])('inside and outside a certificate: %s', async (what, outerAlgorithm, expected) => {
    const certificate = assemble({ algorithm: ecdsa, outerAlgorithm, issuer: CA_NAME, signature });
    expect(await said(judge({ certificate }))).toBe(what === 'the same' ? 'invalid issuer-unidentified' : expected);
  });

  test('inside and outside a CRL', async () => {
    expect(await byCrls(mintCrl({ innerAlgorithm: seq(ID.ecdsa384) }))).toBe('indeterminate crl-malformed');
    expect(await byCrls(mintCrl({ innerAlgorithm: SIGNATURE_ALGORITHMS.ecdsa }))).toBe('valid');
  });
});

test('the environment’s list is the list: what validatePath would take, a class without it refuses', async () => {
  const spki = new Uint8Array(p384.publicKey.export({ type: 'spki', format: 'der' }));
  const certificate = mintPerson({ key: { ...LEAF_KEY, spki } });
  const signature = new Uint8Array(sign('sha384', MESSAGE, p384.privateKey));
  expect(await said(judge({ certificate, signature, scheme: 'ecdsa-p384-sha384' }))).toBe('invalid algorithm-not-allowed');
});

test.each(['rsa-pkcs1-sha256', 'rsa-pkcs1-bare-sha256', 'ecdsa-p384-sha384'] as const)(
  'the declared scheme is the scheme: a P-256 signature declared as %s is not tried as another',
  async (scheme) => {
    expect(await said(judge({ scheme }))).toBe('invalid scheme-mismatch');
  },
);

test('an OCSP answer cannot bring its own algorithm', async () => {
  const good = mintOcsp();
  expect(await byOcsp(good)).toBe('valid');
  // The OID of ecdsa-with-SHA256 in the outer SEQUENCE of the answer, made ecdsa-with-SHA384.
  const at = Buffer.from(good).indexOf(Buffer.from(SIGNATURE_ALGORITHMS.ecdsa));
  const renamed = Uint8Array.from(good);
  renamed.set(SIGNATURE_ALGORITHMS.ecdsaSha384, at);
  expect(await byOcsp(renamed)).toBe('indeterminate ocsp-signature');
});

test('SHA-384 is for P-384 and SHA-256 for P-256, though either verifies with either', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' }) as unknown as Pair;
  const root = rootOf(pair, seq(ID.ecdsa256), 'sha256');
  const issued = (algorithm: Uint8Array, hash: string): string =>
    under(root, assemble({ algorithm, signature: (tbs) => new Uint8Array(sign(hash, tbs, pair.privateKey)) }));
  expect(issued(seq(ID.ecdsa256), 'sha256')).toBe('valid');
  expect(issued(seq(ID.ecdsa384), 'sha384')).toBe('invalid algorithm-not-allowed');
});

test.each<[string, number, number[], boolean]>([
  ['2048 bits and 65537', 256, [1, 0, 1], true],
  ['8192 bits', 1024, [1, 0, 1], true],
  ['8200 bits, which cost too much', 1025, [1, 0, 1], false],
  ['2040 bits', 255, [1, 0, 1], false],
  ['the exponent 65535', 256, [0xff, 0xff], false],
  ['the exponent 65536', 256, [1, 0, 0], false],
  ['an even exponent', 256, [1, 0, 2], false],
  ['the exponent 1', 256, [1], false],
  ['an exponent of 32 octets', 256, [...new Array(31).fill(1), 1], true],
  ['an exponent of 33 octets', 256, [...new Array(32).fill(1), 1], false],
])('an RSA key of %s', (_, octetsOfModulus, exponent, allowed) => {
  const modulus = [0, ...new Array(octetsOfModulus).fill(0xc1)];
  const key = seq(int(...modulus), int(...((exponent[0] as number) >= 0x80 ? [0] : []), ...exponent));
  const spki = seq(seq(ID.rsa, nul()), bits(key));
  const info = readPublicKeyInfo(new DerReader(spki));
  expect(keyAllowed(info, { algorithms: ['rsa-pkcs1-sha256'], minimumRsaBits: 2048 })).toBe(allowed);
  expect(keyAllowed(info, { algorithms: ['ecdsa-p256-sha256'], minimumRsaBits: 2048 })).toBe(false);
});
