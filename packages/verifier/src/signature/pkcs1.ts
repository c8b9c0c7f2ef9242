/** RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2): the encoded message is built and compared whole. Padding is never parsed, so nothing can hide in it. */
import { hash, publicDecrypt, timingSafeEqual } from 'node:crypto';
import type { PublicKeyInfo } from '../certificate/public-key.ts';
import { isWorthAnOperation } from './algorithm.ts';

/** `digest-info`: T is the DigestInfo of SHA-256 with NULL parameters. `bare`: T is the 32 octets themselves, as some apps sign. */
export type EncodedForm = 'digest-info' | 'bare';

/** SHA-256 as a string of 32 characters, one per octet: the form that costs no buffer. */
export const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'binary');

const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');
const DIGEST_LENGTH = 32;
const MAXIMUM_KEPT = 1024;

/** `00 01 FF…FF 00 ‖ T`, the digest to be filled in; by length of the modulus. Keys of a few lengths occur. */
const blocks: Readonly<Record<EncodedForm, Map<number, Buffer>>> = { 'digest-info': new Map(), bare: new Map() };

const blockOf = (form: EncodedForm, length: number): Buffer | null => {
  const known = blocks[form].get(length);
  if (known !== undefined) return known;
  const prefix = form === 'bare' ? Buffer.alloc(0) : DIGEST_INFO;
  const padding = length - 3 - prefix.length - DIGEST_LENGTH;
  if (padding < 8) return null;
  const block = Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(padding, 0xff), Buffer.from([0]), prefix, Buffer.alloc(DIGEST_LENGTH)]);
  // A stranger's modulus of absurd size is not worth remembering.
  if (length <= MAXIMUM_KEPT) blocks[form].set(length, block);
  return block;
};

/**
 * False, and no operation made, under a modulus or an exponent that no policy allows. True where `signature` is that of exactly this SHA-256 under the RSA key. The same as one call of node's `verify`, without its digest context; and the
 * only way where the DigestInfo is missing or only the digest is at hand.
 */
export const verifyPkcs1 = (key: PublicKeyInfo, form: EncodedForm, digest: Uint8Array | string, signature: Uint8Array): boolean => {
  const { description } = key;
  // The key may be of anybody's making: a certificate that nobody issued is looked at to its end.
  if (description.type !== 'rsa' || !isWorthAnOperation(description)) return false;
  const length = Math.ceil(description.bits / 8);
  if (signature.length !== length || digest.length !== DIGEST_LENGTH) return false;
  const expected = blockOf(form, length);
  const { rsa } = key;
  if (expected === null || rsa === null) return false;
  if (typeof digest === 'string') expected.write(digest, length - DIGEST_LENGTH, 'latin1');
  else expected.set(digest, length - DIGEST_LENGTH);
  try {
    const block = publicDecrypt(rsa, signature);
    return block.length === expected.length && timingSafeEqual(block, expected);
  } catch {
    // The representative is not below the modulus, or node:crypto refuses the key.
    return false;
  }
};
