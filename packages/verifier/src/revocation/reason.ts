/** Revocation reasons (RFC 5280 §5.3.1) and how several findings about one certificate become one. */
import type { RevocationReason } from '../verdict.ts';

const BY_CODE: Readonly<Record<number, RevocationReason>> = {
  0: 'unspecified',
  1: 'keyCompromise',
  2: 'cACompromise',
  3: 'affiliationChanged',
  4: 'superseded',
  5: 'cessationOfOperation',
  6: 'certificateHold',
  8: 'removeFromCRL',
  9: 'privilegeWithdrawn',
  10: 'aACompromise',
};

export const isReason = (reason: unknown): reason is RevocationReason => (Object.values(BY_CODE) as readonly unknown[]).includes(reason);

/** An unlisted code is a revocation all the same: its reason is `unspecified`. */
export const reasonOf = (code: number): RevocationReason => BY_CODE[code] ?? 'unspecified';

/** Most severe first: compromise, then what ends a certificate, then what merely suspends it. */
const SEVERITY: readonly RevocationReason[] = [
  'keyCompromise',
  'cACompromise',
  'aACompromise',
  'privilegeWithdrawn',
  'cessationOfOperation',
  'affiliationChanged',
  'superseded',
  'unspecified',
  'certificateHold',
  'removeFromCRL',
];

export interface Revocation {
  readonly reason: RevocationReason;
  /** Milliseconds since 1970; null where the finding gives no date. */
  readonly revokedAt: number | null;
}

/** The revocation stands however often it is stated: earliest date, most severe reason. Null for no statement at all. */
export const mergeRevocations = (statements: readonly Revocation[]): Revocation | null => {
  let merged: Revocation | null = null;
  for (const statement of statements) {
    if (merged === null) {
      merged = statement;
      continue;
    }
    merged = {
      reason: SEVERITY.indexOf(statement.reason) < SEVERITY.indexOf(merged.reason) ? statement.reason : merged.reason,
      revokedAt: earliest(merged.revokedAt, statement.revokedAt),
    };
  }
  return merged;
};

const earliest = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));
