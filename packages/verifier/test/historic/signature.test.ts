/** Signatures that others let pass: lenient padding, small exponents, zero and non-canonical values. */
import { constants, createHash, generateKeyPairSync, privateEncrypt, sign } from 'node:crypto';
import { validatePath } from '@jpki-rp/verifier/path';
import { describe, expect, test } from 'vitest';
import { readPublicKeyInfo } from '../../src/certificate/public-key.ts';
import { DerReader } from '../../src/der/reader.ts';
import { verifyMessage } from '../../src/signature/message.ts';
import {
  AT,
  assemble,
  CA_KEY_USAGE,
  CRL,
  ctx,
  der,
  extension,
  int,
  judge,
  LEAF_KEY,
  MESSAGE,
  mintPerson,
  mintRoot,
  nul,
  octets,
  oid,
  ROOT,
  ROOT_NAME,
  said,
  seq,
  yes,
} from './case.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weak = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
const spkiOf = (key: typeof rsa.publicKey): Uint8Array => new Uint8Array(key.export({ type: 'spki', format: 'der' }));
const sha256 = (data: Uint8Array): Buffer => createHash('sha256').update(data).digest();

const RSA_SHA256 = seq(oid('1.2.840.113549.1.1.11'), nul());
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');
const CA_EXTENSIONS = [CA_KEY_USAGE, extension('2.5.29.19', seq(yes()), true)];

const rootOf = (keys: typeof rsa): Uint8Array =>
  assemble({
    algorithm: RSA_SHA256,
    spki: spkiOf(keys.publicKey),
    subject: ROOT_NAME,
    serial: int(1),
    extensions: CA_EXTENSIONS,
    signature: (tbs) => new Uint8Array(sign('sha256', tbs, keys.privateKey)),
  });

const underRoot = (root: Uint8Array, target: Uint8Array): string => {
  const verdict = validatePath({ target, intermediates: [], anchors: [root], at: new Date(AT), revocation: 'none' });
  return verdict.result === 'valid' ? 'valid' : `${verdict.result} ${verdict.code}`;
};

/** The private-key operation over a whole block: only the holder of the key can do that, so whatever it holds is the issuer's own fault or a forgery. */
const signedBlock = (t: Uint8Array, { type = 0x01, fill = 0xff, after = 0 } = {}): Uint8Array => {
  const block = Buffer.alloc(256, fill);
  block[0] = 0x00;
  block[1] = type;
  const end = 256 - after;
  block[end - t.length - 1] = 0x00;
  block.set(t, end - t.length);
  block.fill(0x42, end);
  return new Uint8Array(privateEncrypt({ key: rsa.privateKey, padding: constants.RSA_NO_PADDING }, block));
};

describe('PKCS#1 v1.5 on a certificate', () => {
  const ROOT_CERTIFICATE = rootOf(rsa);
  const target = (t: (hash: Buffer) => Uint8Array, options?: Parameters<typeof signedBlock>[1]): Uint8Array =>
    assemble({ algorithm: RSA_SHA256, signature: (tbs) => signedBlock(t(sha256(tbs)), options) });
  const info = (hash: Buffer): Uint8Array => Buffer.concat([DIGEST_INFO, hash]);

  test('is verified where the block is right', () => {
    expect(underRoot(ROOT_CERTIFICATE, target(info))).toBe('valid');
  });

  test.each<[string, Uint8Array]>([
    ['octets after the digest (Bleichenbacher 2006)', target(info, { after: 100 })],
    [
      'octets after the digest, inside the DigestInfo',
      target((h) => seq(seq(oid('2.16.840.1.101.3.4.2.1'), nul()), octets(h), octets(new Uint8Array(64)))),
    ],
    [
      'octets in the parameters of the hash (CVE-2006-4339 variants)',
      target((h) => seq(seq(oid('2.16.840.1.101.3.4.2.1'), octets(new Uint8Array(64))), octets(h))),
    ],
    ['no parameters where NULL belongs', target((h) => seq(seq(oid('2.16.840.1.101.3.4.2.1')), octets(h)))],
    ['a long-form length (BERserk)', target((h) => Buffer.concat([Buffer.from('308131300d060960864801650304020105000420', 'hex'), h]))],
    ['block type 2', target(info, { type: 0x02 })],
    ['padding that is not FF', target(info, { fill: 0xfe })],
    ['the bare digest without DigestInfo', target((h) => h)],
    ['another hash’s DigestInfo', target((h) => seq(seq(oid('1.3.14.3.2.26'), nul()), octets(h)))],
    ['a digest of nothing', target(() => info(sha256(new Uint8Array(0))))],
    ['a truncated digest', target((h) => seq(seq(oid('2.16.840.1.101.3.4.2.1'), nul()), octets(h.subarray(0, 20))))],
  ])('is refused with %s', (_, forged) => {
    expect(underRoot(ROOT_CERTIFICATE, forged)).toBe('invalid path-signature');
  });

  test.each<[string, (good: Uint8Array) => Uint8Array]>([
    ['zero', () => new Uint8Array(256)],
    ['one', () => Uint8Array.from({ length: 256 }, (_, i) => (i === 255 ? 1 : 0))],
    ['empty', () => new Uint8Array(0)],
    ['with a zero octet in front', (good) => Uint8Array.from([0, ...good])],
    ['with a zero octet behind', (good) => Uint8Array.from([...good, 0])],
    ['not below the modulus', () => new Uint8Array(256).fill(0xff)],
  ])('is refused where the signature is %s', (_, bend) => {
    const bent = assemble({ algorithm: RSA_SHA256, signature: (tbs) => bend(signedBlock(info(sha256(tbs)))) });
    expect(underRoot(ROOT_CERTIFICATE, bent)).toBe('invalid path-signature');
  });
});

describe('a public exponent of 3', () => {
  /** The cube root from above: its cube begins with whatever the forger wants. No private key takes part. */
  const cubeRoot = (n: bigint): bigint => {
    let low = 0n;
    let high = 1n << 700n;
    while (low < high) {
      const middle = (low + high) / 2n;
      if (middle ** 3n < n) low = middle + 1n;
      else high = middle;
    }
    return low;
  };
  const forge = (tbs: Uint8Array): Uint8Array => {
    const head = Buffer.concat([Buffer.from('0001ffffffffffffffff00', 'hex'), DIGEST_INFO, sha256(tbs)]);
    const wanted = BigInt(`0x${head.toString('hex')}${'00'.repeat(256 - head.length)}`);
    const root = cubeRoot(wanted).toString(16);
    return Uint8Array.from(Buffer.from(root.padStart(512, '0'), 'hex'));
  };

  test('makes padding forgeable, so that such a key signs nothing here, honest or forged', () => {
    const anchor = rootOf(weak);
    const honest = assemble({ algorithm: RSA_SHA256, signature: (tbs) => new Uint8Array(sign('sha256', tbs, weak.privateKey)) });
    const forged = assemble({ algorithm: RSA_SHA256, signature: forge });
    // A verifier that parses the padding from the left would believe it.
    const cube = BigInt(`0x${Buffer.from(forge(MESSAGE)).toString('hex')}`) ** 3n;
    expect(cube.toString(16)).toMatch(new RegExp(`^1f{16}00${DIGEST_INFO.toString('hex')}${sha256(MESSAGE).toString('hex')}`));
    expect(underRoot(anchor, honest)).toBe('invalid algorithm-not-allowed');
    expect(underRoot(anchor, forged)).toBe('invalid algorithm-not-allowed');
  });

  test('is refused in a person’s certificate, though the message’s signature verifies', async () => {
    const certificate = mintPerson({ key: { ...LEAF_KEY, spki: spkiOf(weak.publicKey) } });
    const signature = new Uint8Array(sign('sha256', MESSAGE, weak.privateKey));
    expect(await said(judge({ certificate, signature, scheme: 'rsa-pkcs1-sha256' }))).toBe('invalid algorithm-not-allowed');
    const strong = mintPerson({ key: { ...LEAF_KEY, spki: spkiOf(rsa.publicKey) } });
    const good = new Uint8Array(sign('sha256', MESSAGE, rsa.privateKey));
    expect(await said(judge({ certificate: strong, signature: good, scheme: 'rsa-pkcs1-sha256' }))).toBe('valid');
  });
});

describe('ECDSA', () => {
  const good = new Uint8Array(sign('sha256', MESSAGE, LEAF_KEY.privateKey));
  const [r, s] = [good.subarray(4, 4 + (good[3] as number)), good.subarray(6 + (good[3] as number))];
  const N = Buffer.from('00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
  const number = (bytes: Uint8Array): Uint8Array => der(0x02, bytes);

  test('the parts taken from the good signature make the good signature', async () => {
    expect([...seq(number(r), number(s))]).toEqual([...good]);
    expect(await said(judge({ signature: good }))).toBe('valid');
  });

  test.each<[string, Uint8Array]>([
    ['r and s zero (CVE-2022-21449)', seq(int(0), int(0))],
    ['r zero', seq(int(0), number(s))],
    ['s zero', seq(number(r), int(0))],
    ['r of the group order', seq(number(N), number(s))],
    ['s of the group order', seq(number(r), number(N))],
    ['r negative', seq(der(0x02, Uint8Array.of(0xff)), number(s))],
    ['r with a superfluous zero octet', seq(number(Uint8Array.from([0, 0, ...r])), number(s))],
    ['a long-form length', Uint8Array.from([0x30, 0x81, good.length - 2, ...good.subarray(2)])],
    ['an element after s', seq(number(r), number(s), nul())],
    ['an octet after it', Uint8Array.from([...good, 0])],
    ['an empty SEQUENCE', seq()],
    ['nothing at all', new Uint8Array(0)],
    ['64 zero octets', new Uint8Array(64)],
    ['r and s side by side (P1363)', new Uint8Array(sign('sha256', MESSAGE, { key: LEAF_KEY.privateKey, dsaEncoding: 'ieee-p1363' }))],
  ])('is refused with %s, on a message and on a certificate', async (_, signature) => {
    expect(await said(judge({ signature }))).toBe('invalid signature-mismatch');
    const certificate = assemble({ algorithm: seq(oid('1.2.840.10045.4.3.2')), signature: () => signature });
    expect(underRoot(mintRoot(), certificate)).toBe('invalid path-signature');
  });

  test('a point that is not on the curve makes a key that verifies nothing', async () => {
    const off = Uint8Array.from(LEAF_KEY.spki);
    off[off.length - 1] = (off[off.length - 1] as number) ^ 1;
    const certificate = mintPerson({ key: { ...LEAF_KEY, spki: off } });
    expect((await said(judge({ certificate }))).startsWith('invalid ')).toBe(true);
  });

  test('curve parameters spelled out in the key (CVE-2020-0601) are no curve we know', async () => {
    const explicit = seq(seq(oid('1.2.840.10045.2.1'), seq(int(1), ctx(0))), LEAF_KEY.spki.subarray(-68));
    const certificate = mintPerson({ key: { ...LEAF_KEY, spki: explicit } });
    expect(await said(judge({ certificate }))).toBe('invalid algorithm-not-allowed');
  });
});

test('a signature made for another message, or under another key, is a mismatch', async () => {
  const other = new Uint8Array(sign('sha256', Buffer.from('another message'), LEAF_KEY.privateKey));
  expect(await said(judge({ signature: other, crls: [CRL] }))).toBe('invalid signature-mismatch');
  const stranger = new Uint8Array(sign('sha256', MESSAGE, ROOT.privateKey));
  expect(await said(judge({ signature: stranger }))).toBe('invalid signature-mismatch');
});

test('a signature that begins with a zero octet is one octet short without it, in every scheme', () => {
  const key = readPublicKeyInfo(new DerReader(spkiOf(rsa.publicKey)));
  const found = { bare: false, full: false };
  // One signature in 256 begins so.
  for (let i = 0; i < 20_000 && !(found.bare && found.full); i++) {
    const digest = sha256(Uint8Array.of(i >> 8, i & 255));
    for (const [name, scheme, t] of [
      ['bare', 'rsa-pkcs1-bare-sha256', digest],
      ['full', 'rsa-pkcs1-sha256', Buffer.concat([DIGEST_INFO, digest])],
    ] as const) {
      if (found[name]) continue;
      const signature = signedBlock(t);
      if (signature[0] !== 0) continue;
      found[name] = true;
      expect(verifyMessage(scheme, key, { digest }, signature)).toBe(true);
      expect(verifyMessage(scheme, key, { digest }, signature.subarray(1))).toBe(false);
    }
  }
  expect(found).toEqual({ bare: true, full: true });
});
