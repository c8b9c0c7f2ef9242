import { createHash, createPrivateKey, createPublicKey, type JsonWebKey, KeyObject, type webcrypto } from 'node:crypto';
import { CompactSign } from 'jose';
import { JpkiError } from '../errors.ts';
import { canonicalJson } from './jcs.ts';
import type { EvidenceRecord } from './record.ts';

/** An EC P-256 key. Private for sealing; for verifying, its public half is enough. */
export type EvidenceKey = KeyObject | webcrypto.CryptoKey | JsonWebKey;

export const EVIDENCE_TYPE = 'jpki-rp-evidence+jws';

/** Characters of a JWS: what is sealed can be verified, whatever CRLs it carries. */
export const MAXIMUM_EVIDENCE: number = 64 * 1024 * 1024;

/**
 * Seals a record as a compact JWS (RFC 7515), ES256. The payload is the record's canonical JSON (RFC 8785); the protected header names the
 * type and the key by its RFC 7638 thumbprint. The record holds personal data, and a seal does not hide it: encrypt it at rest.
 * Throws `argument-invalid` where the key is not a private P-256 key, and where the evidence would have more than 64 Mi characters.
 */
export const sealEvidence = async (record: EvidenceRecord, key: EvidenceKey): Promise<string> => {
  const privateKey = keyObjectOf(key);
  if (privateKey.type !== 'private') throw new JpkiError('argument-invalid', 'evidence is sealed with a private key');
  const jws = await new CompactSign(new TextEncoder().encode(canonicalJson(record)))
    .setProtectedHeader({ alg: 'ES256', kid: thumbprintOf(privateKey), typ: EVIDENCE_TYPE })
    .sign(privateKey);
  if (jws.length > MAXIMUM_EVIDENCE) throw new JpkiError('argument-invalid', 'the evidence is larger than what verifyEvidence takes');
  return jws;
};

/** Imports a P-256 key. Throws `argument-invalid` for every other kind: a shared secret can never stand where a public key is expected. */
export const keyObjectOf = (key: EvidenceKey): KeyObject => {
  const imported = importKey(key);
  if (imported.asymmetricKeyType !== 'ec' || imported.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new JpkiError('argument-invalid', 'a key for evidence is an EC key on P-256');
  }
  return imported;
};

const importKey = (key: EvidenceKey): KeyObject => {
  if (key instanceof KeyObject) return key;
  try {
    if (isCryptoKey(key)) return KeyObject.from(key);
    return 'd' in key ? createPrivateKey({ key, format: 'jwk' }) : createPublicKey({ key, format: 'jwk' });
  } catch {
    throw new JpkiError('argument-invalid', 'a key for evidence is an EC key on P-256');
  }
};

const isCryptoKey = (key: webcrypto.CryptoKey | JsonWebKey): key is webcrypto.CryptoKey => 'algorithm' in key && 'usages' in key;

/** SHA-256 JWK thumbprint, RFC 7638 §3, of the public half. */
export const thumbprintOf = (key: KeyObject): string => {
  const { crv, kty, x, y } = publicHalf(key).export({ format: 'jwk' });
  return createHash('sha256').update(canonicalJson({ crv, kty, x, y })).digest('base64url');
};

export const publicHalf = (key: KeyObject): KeyObject => (key.type === 'private' ? createPublicKey(key) : key);
