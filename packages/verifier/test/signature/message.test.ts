import { constants, createHash, createPublicKey, generateKeyPairSync, privateEncrypt, sign } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { readPublicKeyInfo } from '../../src/certificate/public-key.ts';
import { DerReader } from '../../src/der/reader.ts';
import { schemeFits, verifyMessage } from '../../src/signature/message.ts';
import { verifyPrimitive } from '../../src/signature/signed-data.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const info = (key: typeof rsa.publicKey) => readPublicKeyInfo(new DerReader(new Uint8Array(key.export({ type: 'spki', format: 'der' }))));
const rsaKey = info(rsa.publicKey);

const message = new TextEncoder().encode('口座開設の申込み');
const digest = new Uint8Array(createHash('sha256').update(message).digest());
const DIGEST_INFO = '3031300d060960864801650304020105000420';

/** The private-key operation over any block of 256 octets. */
const raw = (block: Uint8Array): Uint8Array =>
  new Uint8Array(privateEncrypt({ key: rsa.privateKey, padding: constants.RSA_NO_PADDING }, block));
const block = (tHex: string, type = '01', padding = 'ff'): Uint8Array => {
  const pad = 256 - 3 - tHex.length / 2;
  return Uint8Array.from(Buffer.from(`00${type}${padding.repeat(pad)}00${tHex}`, 'hex'));
};
const digestHex = Buffer.from(digest).toString('hex');
const good = new Uint8Array(sign('sha256', message, rsa.privateKey));
const bare = raw(block(digestHex));

describe('a message signed with PKCS#1 v1.5', () => {
  test('verifies by message and by digest under its own scheme', () => {
    expect(verifyMessage('rsa-pkcs1-sha256', rsaKey, { message }, good)).toBe(true);
    expect(verifyMessage('rsa-pkcs1-sha256', rsaKey, { digest }, good)).toBe(true);
    expect(verifyMessage('rsa-pkcs1-bare-sha256', rsaKey, { message }, bare)).toBe(true);
    expect(verifyMessage('rsa-pkcs1-bare-sha256', rsaKey, { digest }, bare)).toBe(true);
  });

  test('never verifies under the other scheme', () => {
    expect(verifyMessage('rsa-pkcs1-bare-sha256', rsaKey, { message }, good)).toBe(false);
    expect(verifyMessage('rsa-pkcs1-sha256', rsaKey, { message }, bare)).toBe(false);
    expect(verifyMessage('rsa-pkcs1-sha256', rsaKey, { digest }, bare)).toBe(false);
  });

  test.each([
    ['block type 02', block(DIGEST_INFO + digestHex, '02')],
    ['a padding octet that is not FF', block(DIGEST_INFO + digestHex, '01', 'fe')],
    [
      'garbage after the digest',
      Uint8Array.from(Buffer.from(`0001ffffffffffffffff00${DIGEST_INFO}${digestHex}${'42'.repeat(256 - 11 - 51)}`, 'hex')),
    ],
    ['DigestInfo without NULL', block(`302f300b0609608648016503040201${'0420'}${digestHex}`)],
    ['DigestInfo with a long-form length', block(`308131300d060960864801650304020105000420${digestHex}`)],
    ['DigestInfo of SHA-1 around the SHA-256 digest', block(`302d300906052b0e03021a05000420${digestHex}`)],
    ['a digest of 31 octets', block(`3030300d06096086480165030402010500041f${digestHex.slice(0, 62)}`)],
  ])('is refused with %s, by message and by digest', (_, forged) => {
    const signature = raw(forged);
    expect(verifyMessage('rsa-pkcs1-sha256', rsaKey, { message }, signature)).toBe(false);
    expect(verifyMessage('rsa-pkcs1-sha256', rsaKey, { digest }, signature)).toBe(false);
    expect(verifyMessage('rsa-pkcs1-bare-sha256', rsaKey, { digest }, signature)).toBe(false);
  });

  test.each([
    ['empty', new Uint8Array(0)],
    ['zero', new Uint8Array(256)],
    ['one octet short', good.subarray(1)],
    ['one octet long', Uint8Array.from([...good, 0])],
    ['led by a zero octet', Uint8Array.from([0, ...good])],
    ['the modulus itself', rsaKey.description.type === 'rsa' ? rsaKey.description.modulus : new Uint8Array()],
    ['not below the modulus', new Uint8Array(256).fill(0xff)],
  ])('is refused when it is %s', (_, signature) => {
    for (const scheme of ['rsa-pkcs1-sha256', 'rsa-pkcs1-bare-sha256'] as const) {
      expect(verifyMessage(scheme, rsaKey, { message }, signature)).toBe(false);
      expect(verifyMessage(scheme, rsaKey, { digest }, signature)).toBe(false);
    }
  });

  test('is refused when it was made with PSS', () => {
    const pss = new Uint8Array(sign('sha256', message, { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }));
    expect(verifyMessage('rsa-pkcs1-sha256', rsaKey, { message }, pss)).toBe(false);
  });
});

describe('a message signed under an RSA key of a stranger’s making', () => {
  const base64url = (n: bigint): string =>
    Buffer.from(n.toString(16).padStart(2 * Math.ceil(n.toString(16).length / 2), '0'), 'hex').toString('base64url');
  const keyOf = (modulus: bigint, exponent: bigint) =>
    info(createPublicKey({ key: { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) }, format: 'jwk' }));
  const power = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
    let [result, square] = [1n, base];
    for (let rest = exponent; rest > 0n; rest >>= 1n) {
      if ((rest & 1n) === 1n) result = (result * square) % modulus;
      square = (square * square) % modulus;
    }
    return result;
  };
  const inverse = (value: bigint, modulus: bigint): bigint => {
    let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
    while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x];
    return ((x % modulus) + modulus) % modulus;
  };
  /** A genuine signature under a modulus whose order is known. */
  const signedUnder = (modulus: bigint, order: bigint, exponent: bigint) => {
    const length = Math.ceil(modulus.toString(2).length / 8);
    const padding = 'ff'.repeat(length - 3 - 51);
    const encoded = BigInt(`0x0001${padding}00${DIGEST_INFO}${digestHex}`);
    const signature = power(encoded, inverse(exponent, order), modulus);
    return {
      key: keyOf(modulus, exponent),
      signature: new Uint8Array(Buffer.from(signature.toString(16).padStart(2 * length, '0'), 'hex')),
    };
  };
  const numberOf = (text: string | undefined): bigint => BigInt(`0x${Buffer.from(text ?? '', 'base64url').toString('hex')}`);
  const jwk = rsa.privateKey.export({ format: 'jwk' });
  const [n, order] = [numberOf(jwk.n), (numberOf(jwk.p) - 1n) * (numberOf(jwk.q) - 1n)];
  /** Odd, and without a common factor. */
  const above = (bits: bigint): bigint => {
    const common = (a: bigint, b: bigint): bigint => (b === 0n ? a : common(b, a % b));
    let exponent = (1n << bits) + 1n;
    while (common(exponent, order) !== 1n) exponent += 2n;
    return exponent;
  };
  // 2^9689 - 1 is prime: a modulus of more than 8 192 bits that takes no search.
  const large = (1n << 9_689n) - 1n;

  test.each([
    ['the longest that a policy allows', above(255n)],
    ['below 65 537, which costs little: the certificate is refused for its key', above(2n)],
  ])('verifies where the exponent is %s', (_, exponent) => {
    const { key, signature } = signedUnder(n, order, exponent);
    const operations = vi.spyOn(key, 'rsa', 'get');
    expect(verifyMessage('rsa-pkcs1-sha256', key, { message }, signature)).toBe(true);
    expect(operations).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['an exponent of 257 bits', () => signedUnder(n, order, above(256n))],
    ['an exponent of 2 000 bits', () => signedUnder(n, order, above(2_000n))],
    ['a modulus of 9 689 bits', () => signedUnder(large, large - 1n, 65_537n)],
  ])('is refused before any operation for %s, genuine as it is', (_, signed) => {
    const { key, signature } = signed();
    const operations = vi.spyOn(key, 'rsa', 'get');
    for (const scheme of ['rsa-pkcs1-sha256', 'rsa-pkcs1-bare-sha256'] as const) {
      expect(verifyMessage(scheme, key, { message }, signature)).toBe(false);
      expect(verifyMessage(scheme, key, { digest }, signature)).toBe(false);
    }
    expect(operations).not.toHaveBeenCalled();
  });
});

describe('a message signed with ECDSA', () => {
  const key = info(p384.publicKey);
  const der = new Uint8Array(sign('sha384', message, p384.privateKey));

  test('verifies as DER, over the hash of its curve', () => {
    expect(verifyMessage('ecdsa-p384-sha384', key, { message }, der)).toBe(true);
  });

  test.each([
    ['r and s side by side', new Uint8Array(sign('sha384', message, { key: p384.privateKey, dsaEncoding: 'ieee-p1363' }))],
    ['another hash', new Uint8Array(sign('sha256', message, p384.privateKey))],
    ['r and s of zero', Uint8Array.from([0x30, 6, 2, 1, 0, 2, 1, 0])],
    ['r and s of one', Uint8Array.from([0x30, 6, 2, 1, 1, 2, 1, 1])],
    ['an octet after it', Uint8Array.from([...der, 0])],
  ])('is refused with %s', (_, signature) => {
    expect(verifyMessage('ecdsa-p384-sha384', key, { message }, signature)).toBe(false);
  });

  test('cannot be judged by a digest alone', () => {
    expect(verifyMessage('ecdsa-p384-sha384', key, { digest }, der)).toBe(false);
  });
});

describe('a genuine signature of another kind of key', () => {
  const overSha256 = new Uint8Array(sign('sha256', message, p256.privateKey));

  test.each([
    ['an RSA key under an ECDSA scheme', 'ecdsa-p256-sha256', rsaKey, good],
    ['a P-256 key under the RSA scheme', 'rsa-pkcs1-sha256', info(p256.publicKey), overSha256],
    ['a P-256 key under the bare scheme', 'rsa-pkcs1-bare-sha256', info(p256.publicKey), overSha256],
    [
      'a P-384 key under the P-256 scheme',
      'ecdsa-p256-sha256',
      info(p384.publicKey),
      new Uint8Array(sign('sha256', message, p384.privateKey)),
    ],
  ] as const)('never verifies: %s', (_, scheme, key, signature) => {
    expect(verifyMessage(scheme, key, { message }, signature)).toBe(false);
  });
});

test('a key that node:crypto cannot verify with has verified nothing', () => {
  const { publicKey } = generateKeyPairSync('x25519');
  for (const name of ['rsa-pkcs1-sha256', 'rsa-pss-sha256', 'ecdsa-p256-sha256'] as const) {
    expect(verifyPrimitive(name, publicKey, message, good)).toBe(false);
  }
});

describe('a scheme', () => {
  test.each([
    ['rsa-pkcs1-sha256', rsaKey, true],
    ['rsa-pkcs1-bare-sha256', rsaKey, true],
    ['ecdsa-p256-sha256', rsaKey, false],
    ['ecdsa-p256-sha256', info(p256.publicKey), true],
    ['ecdsa-p256-sha256', info(p384.publicKey), false],
    ['ecdsa-p384-sha384', info(p256.publicKey), false],
    ['rsa-pkcs1-sha256', info(p256.publicKey), false],
  ] as const)('%s fits only its own keys', (scheme, key, fits) => {
    expect(schemeFits(scheme, key)).toBe(fits);
  });
});
