/** The signature over the relying party's message, under the declared scheme and no other. */
import type { PublicKeyInfo } from '../certificate/public-key.ts';
import type { SignatureScheme } from '../verdict.ts';
import { sha256, verifyPkcs1 } from './pkcs1.ts';
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
  if (!schemeFits(scheme, key)) return false;
  if (scheme === 'rsa-pkcs1-sha256' || scheme === 'rsa-pkcs1-bare-sha256') {
    const digest = 'digest' in signed ? signed.digest : sha256(signed.message);
    return verifyPkcs1(key, scheme === 'rsa-pkcs1-sha256' ? 'digest-info' : 'bare', digest, signature);
  }
  const { keyObject } = key;
  return keyObject !== null && 'message' in signed && verifyPrimitive(scheme, keyObject, signed.message, signature);
};
