/** Carries a proven verdict through a store and back: only the verifier's own code makes one out of the bytes again. */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { JpkiError } from '../errors.ts';
import type { EvidenceRecord } from '../evidence/record.ts';
import { factsOfProven, mintProven, type ProvenParts } from '../proven.ts';
import type { ProvenVerdict } from '../verdict.ts';

const VERSION = 'v1';
const DOMAIN = 'jpki-rp/sealed-verdict/v1';
const SALT_BYTES = 32;
const TAG_BYTES = 16;

/** 32 octets, from the operator's secrets. Also used for nothing else: sealing keys are derived from it per verdict (HKDF-SHA-256). */
export type VerdictSealKey = Uint8Array | KeyObject;

export interface VerdictSealOptions {
  /** What the verdict belongs to, for example account and ceremony. It opens under the same words only. Default: none. */
  readonly context?: string;
}

/** The verdict without its evidence function, as JSON. */
type SealedParts = Omit<ProvenParts, 'evidence'>;

/**
 * Encrypts and authenticates a proven verdict together with its evidence record (AES-256-GCM; key and IV by HKDF from a fresh salt, so that
 * no pair of them is used twice). The text is URL-safe; it holds personal data, readable with the key only.
 * Throws `verdict-not-proven` for anything the verifier has not minted, `argument-invalid` for a key that is not 32 octets.
 */
export const sealVerdict = (verdict: ProvenVerdict, key: VerdictSealKey, options: VerdictSealOptions = {}): string => {
  if (factsOfProven(verdict) === null) throw new JpkiError('verdict-not-proven');
  const { evidence, ...parts } = verdict;
  const plain = Buffer.from(JSON.stringify({ verdict: parts satisfies SealedParts, evidence: evidence() }), 'utf8');
  const salt = randomBytes(SALT_BYTES);
  const { cipherKey, iv } = derive(key, salt);
  const cipher = createCipheriv('aes-256-gcm', cipherKey, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(options));
  const sealed = Buffer.concat([salt, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return `${VERSION}.${sealed.toString('base64url')}`;
};

/**
 * Opens what `sealVerdict` made, under the same key and context, into a proven verdict again; dates and `evidence()` work as before.
 * Throws `verdict-seal` where a single bit, the key, the version or the context differs.
 */
export const openVerdict = (sealed: string, key: VerdictSealKey, options: VerdictSealOptions = {}): ProvenVerdict => {
  const bytes = bytesOf(sealed);
  const salt = bytes.subarray(0, SALT_BYTES);
  const { cipherKey, iv } = derive(key, salt);
  const decipher = createDecipheriv('aes-256-gcm', cipherKey, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(options));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  let plain: Buffer;
  try {
    plain = Buffer.concat([decipher.update(bytes.subarray(SALT_BYTES, bytes.length - TAG_BYTES)), decipher.final()]);
  } catch {
    throw new JpkiError('verdict-seal');
  }
  return revive(plain.toString('utf8'));
};

const bytesOf = (sealed: string): Buffer => {
  const [version, body, ...rest] = typeof sealed === 'string' ? sealed.split('.') : [];
  if (version !== VERSION || body === undefined || rest.length > 0) throw new JpkiError('verdict-seal');
  const bytes = Buffer.from(body, 'base64url');
  // One text for one sealing: other spellings of the same octets are refused.
  if (bytes.length <= SALT_BYTES + TAG_BYTES || bytes.toString('base64url') !== body) throw new JpkiError('verdict-seal');
  return bytes;
};

const derive = (key: VerdictSealKey, salt: Uint8Array): { cipherKey: KeyObject; iv: Uint8Array } => {
  const material = key instanceof Uint8Array ? createSecretKey(key) : key;
  if (material.type !== 'secret' || material.symmetricKeySize !== 32) {
    throw new JpkiError('argument-invalid', 'a sealing key is a secret of 32 octets');
  }
  const derived = new Uint8Array(hkdfSync('sha256', material, salt, DOMAIN, 44));
  return { cipherKey: createSecretKey(derived.subarray(0, 32)), iv: derived.subarray(32) };
};

const additionalData = ({ context = '' }: VerdictSealOptions): Buffer => Buffer.from(`${DOMAIN}\0${context}`, 'utf8');

/** The text is authentic here: it was written by `sealVerdict`, so that its shape needs no second check. */
const revive = (text: string): ProvenVerdict => {
  const { verdict, evidence } = JSON.parse(text) as { verdict: Dated<SealedParts>; evidence: EvidenceRecord };
  const { revocation, certificate } = verdict;
  return mintProven({
    ...verdict,
    at: new Date(verdict.at),
    certificate: { ...certificate, notBefore: new Date(certificate.notBefore), notAfter: new Date(certificate.notAfter) },
    revocation: {
      ...without(revocation, 'revokedAt'),
      ...(revocation.revokedAt === undefined ? {} : { revokedAt: new Date(revocation.revokedAt) }),
      sources: revocation.sources.map(({ thisUpdate, nextUpdate, producedAt, ...source }) => ({
        ...source,
        ...(thisUpdate === undefined ? {} : { thisUpdate: new Date(thisUpdate) }),
        ...(nextUpdate === undefined ? {} : { nextUpdate: new Date(nextUpdate) }),
        ...(producedAt === undefined ? {} : { producedAt: new Date(producedAt) }),
      })),
    },
    evidence: () => evidence,
  });
};

const without = <T extends object, K extends keyof T>(value: T, name: K): Omit<T, K> => {
  const { [name]: _, ...rest } = value;
  return rest;
};

/** What JSON makes of a type: dates have become text. */
type Dated<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Dated<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Dated<T[K]> }
      : T;
