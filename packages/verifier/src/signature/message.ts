/** The signature over the relying party's message, under the declared scheme and no other. */
import { constants, createHash, publicDecrypt, timingSafeEqual } from 'node:crypto';
import type { PublicKeyInfo } from '../certificate/public-key.ts';
import type { SignatureScheme } from '../verdict.ts';
import { verifyPrimitive } from './signed-data.ts';

/** True where the declared scheme is one for this key (type and curve). */
export const schemeFits = (scheme: SignatureScheme, key: PublicKeyInfo): boolean => {
  const { description } = key;
  switch (scheme) {
    case 'rsa-pkcs1-sha256':
    case 'rsa-pkcs1-bare-sha256':
      return description.type === 'rsa';
    case 'ecdsa-p256-sha256':
      return description.type === 'ec' && description.curve === 'P-256';
    case 'ecdsa-p384-sha384':
      return description.type === 'ec' && description.curve === 'P-384';
  }
};

export type SignedMessage = { readonly message: Uint8Array } | { readonly digest: Uint8Array };

/**
 * True proves that the holder of `key` signed the message (or the message with this SHA-256) under exactly this scheme.
 * RFC 8017 §8.2.2; for `rsa-pkcs1-bare-sha256` the encoded message is `00 01 FF…FF 00 ‖ H` without DigestInfo.
 */
export const verifyMessage = (scheme: SignatureScheme, key: PublicKeyInfo, signed: SignedMessage, signature: Uint8Array): boolean => {
  const { keyObject } = key;
  if (keyObject === null || !schemeFits(scheme, key)) return false;
  if (scheme === 'rsa-pkcs1-bare-sha256') return verifyEncodedBlock(key, signature, digestOf(signed));
  if ('message' in signed) return verifyPrimitive(scheme, keyObject, signed.message, signature);
  if (scheme === 'rsa-pkcs1-sha256') return verifyEncodedBlock(key, signature, Buffer.concat([DIGEST_INFO_SHA256, signed.digest]));
  return false;
};

const DIGEST_INFO_SHA256 = Buffer.from('3031300d060960864801650304020105000420', 'hex');

const digestOf = (signed: SignedMessage): Uint8Array =>
  'digest' in signed ? signed.digest : createHash('sha256').update(signed.message).digest();

/**
 * Encodes, then compares: the whole block `00 01 FF…FF 00 ‖ T` is built and compared in constant time. Padding is never parsed, so nothing
 * can hide in it.
 */
const verifyEncodedBlock = (key: PublicKeyInfo, signature: Uint8Array, t: Uint8Array): boolean => {
  const { description, keyObject } = key;
  if (description.type !== 'rsa' || keyObject === null) return false;
  const k = description.modulus.length;
  if (signature.length !== k || t.length + 11 > k) return false;
  const expected = Buffer.alloc(k, 0xff);
  expected[0] = 0x00;
  expected[1] = 0x01;
  expected[k - t.length - 1] = 0x00;
  expected.set(t, k - t.length);
  try {
    const block = publicDecrypt({ key: keyObject, padding: constants.RSA_NO_PADDING }, signature);
    return block.length === k && timingSafeEqual(block, expected);
  } catch {
    // The representative is not below the modulus.
    return false;
  }
};
