/** Reasons as the codes of CRLReason, and how several entries about one serial number become one. */
import { reasonOf } from '../revocation/reason.ts';
import type { RevocationReason } from '../verdict.ts';

export const REMOVE_FROM_CRL = 8;

/** Codes 0 to 10; anything else is a revocation for an unspecified reason. */
export const knownCode = (code: number): number => (code <= 10 && code !== 7 ? code : 0);

export const reasonFromCode = (code: number): RevocationReason => reasonOf(code);

/** By code; the lower, the more severe, in the order of `mergeRevocations`. */
const RANK: Uint8Array = Uint8Array.of(7, 0, 1, 5, 6, 4, 8, 10, 9, 3, 2);

/** The more severe of two codes. */
export const moreSevere = (a: number, b: number): number => ((RANK[a] ?? 7) <= (RANK[b] ?? 7) ? a : b);

/**
 * The revocation stands however often it is stated: earliest date, most severe reason. Payloads are `seconds << 4 | code`; a removal adds nothing
 * to a revocation.
 */
export const mergePayloads = (a: number, b: number): number => {
  const codeA = a & 15;
  const codeB = b & 15;
  if (codeA === REMOVE_FROM_CRL && codeB !== REMOVE_FROM_CRL) return b;
  if (codeB === REMOVE_FROM_CRL && codeA !== REMOVE_FROM_CRL) return a;
  return ((Math.min(a >>> 4, b >>> 4) << 4) | moreSevere(codeA, codeB)) >>> 0;
};

const CODES: ReadonlyMap<RevocationReason, number> = new Map(
  [0, 1, 2, 3, 4, 5, 6, 8, 9, 10].map((code): [RevocationReason, number] => [reasonOf(code), code]),
);

export const codeOfReason = (reason: RevocationReason): number => CODES.get(reason) ?? 0;
