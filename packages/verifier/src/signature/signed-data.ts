/** Signatures over certificates, CRLs and OCSP responses. The primitives are node:crypto's; what may be verified, and with what, is decided here. */
import { constants, type KeyObject, verify } from 'node:crypto';
import type { AlgorithmIdentifier, PublicKeyInfo } from '../certificate/public-key.ts';
import { type AlgorithmName, type AlgorithmPolicy, algorithmOf, keyAllowed } from './algorithm.ts';
import { sha256, verifyPkcs1 } from './pkcs1.ts';

export { type AlgorithmName, type AlgorithmPolicy, algorithmOf, keyAllowed } from './algorithm.ts';

export interface SignedData {
  readonly tbs: Uint8Array;
  readonly algorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

/**
 * `ok` proves: algorithm and key are on the policy's list, the algorithm is one for this key, and the signature verifies over `tbs`.
 * The algorithm named by the message only selects among those that the policy allows.
 */
export const verifySignedData = (
  signed: SignedData,
  key: PublicKeyInfo,
  policy: AlgorithmPolicy,
): 'ok' | 'algorithm-not-allowed' | 'signature-invalid' => {
  const name = algorithmOf(signed.algorithm, key);
  if (name === null || !policy.algorithms.includes(name) || !keyAllowed(key, policy)) return 'algorithm-not-allowed';
  const isRsaKey = key.description.type === 'rsa';
  if (name.startsWith('rsa-') !== isRsaKey) return 'signature-invalid';
  if (name === 'rsa-pkcs1-sha256')
    return verifyPkcs1(key, 'digest-info', sha256(signed.tbs), signed.signature) ? 'ok' : 'signature-invalid';
  return key.keyObject !== null && verifyPrimitive(name, key.keyObject, signed.tbs, signed.signature) ? 'ok' : 'signature-invalid';
};

const HASH: Readonly<Record<AlgorithmName, string>> = {
  'rsa-pkcs1-sha1': 'sha1',
  'rsa-pkcs1-sha256': 'sha256',
  'rsa-pkcs1-sha384': 'sha384',
  'rsa-pkcs1-sha512': 'sha512',
  'rsa-pss-sha256': 'sha256',
  'ecdsa-p256-sha256': 'sha256',
  'ecdsa-p384-sha384': 'sha384',
};

/** One public-key operation. ECDSA signatures are strict DER: node:crypto re-encodes and compares. */
export const verifyPrimitive = (name: AlgorithmName, key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean => {
  try {
    return name === 'rsa-pss-sha256'
      ? verify('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature)
      : verify(HASH[name], data, key, signature);
  } catch {
    return false;
  }
};
