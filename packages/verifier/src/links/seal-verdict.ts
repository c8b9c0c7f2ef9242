/** Carries a proven verdict through a store and back: only the verifier's own code makes one out of the bytes again. */
import { JpkiError } from '../errors.ts';
import type { EvidenceRecord } from '../evidence/record.ts';
import { isAsMinted, mintProven, type ProvenParts } from '../proven.ts';
import type { ProvenVerdict } from '../verdict.ts';
import { openBox, type SealKey, sealBox } from './sealed-box.ts';

const DOMAIN = 'jpki-rp/sealed-verdict/v1';

/** 32 octets, from the operator's secrets. Encryption keys are derived from it, one per sealing and use. */
export type VerdictSealKey = SealKey;

export interface VerdictSealOptions {
  /** What the verdict belongs to, for example account and ceremony. It opens under the same words only. Default: none. */
  readonly context?: string;
}

/** The verdict without its evidence function, as JSON. */
type SealedParts = Omit<ProvenParts, 'evidence'>;

/**
 * Encrypts and authenticates a proven verdict together with its evidence record (AES-256-GCM; key and IV by HKDF from a fresh salt, so that
 * no pair of them is used twice). The text is URL-safe; it holds personal data, readable with the key only.
 * Throws `verdict-not-proven` for anything the verifier has not minted, or whose dates were moved since, `argument-invalid` for a key that is not 32 octets.
 */
export const sealVerdict = (verdict: ProvenVerdict, key: VerdictSealKey, options: VerdictSealOptions = {}): string => {
  if (!isAsMinted(verdict)) throw new JpkiError('verdict-not-proven');
  const { evidence, ...parts } = verdict;
  const text = JSON.stringify({ verdict: parts satisfies SealedParts, evidence: evidence() });
  return sealBox(Buffer.from(text, 'utf8'), key, { domain: DOMAIN, context: options.context ?? '' });
};

/**
 * Opens what `sealVerdict` made, under the same key and context, into a proven verdict again; dates and `evidence()` work as before.
 * Throws `verdict-seal` where a single bit, the key, the version or the context differs.
 */
export const openVerdict = (sealed: string, key: VerdictSealKey, options: VerdictSealOptions = {}): ProvenVerdict => {
  const plain = openBox(sealed, key, { domain: DOMAIN, context: options.context ?? '' });
  if (plain === null) throw new JpkiError('verdict-seal');
  return revive(plain.toString('utf8'));
};

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
    evidence: () => structuredClone(evidence),
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
