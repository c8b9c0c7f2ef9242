/** Signing as the card or the secure element would: the scheme asked for, over the bytes given. */
import { constants, createHash, createPrivateKey, privateEncrypt, sign } from 'node:crypto';
import type { SignatureScheme } from '@jpki-rp/verifier';
import { AppFailure } from './failure.ts';

export function signMessage(scheme: SignatureScheme, message: Uint8Array, privateKeyPem: string): Uint8Array {
  const key = createPrivateKey(privateKeyPem);
  switch (scheme) {
    case 'rsa-pkcs1-sha256':
      return new Uint8Array(sign('sha256', message, key));
    case 'rsa-pkcs1-bare-sha256':
      // PKCS#1 v1.5 over the bare digest, without DigestInfo.
      return new Uint8Array(privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, createHash('sha256').update(message).digest()));
    default:
      throw new AppFailure('scheme-unsupported', 'these certificates have RSA keys');
  }
}
