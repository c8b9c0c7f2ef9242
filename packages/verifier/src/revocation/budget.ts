/** Status data that would cost more to read than is allowed (`budget-crl`, `budget-ocsp`). */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
}

export interface CrlLimits {
  /** Octets of one CRL. */
  readonly maxBytes: number;
  readonly maxEntries: number;
}

export const CRL_LIMITS: CrlLimits = { maxBytes: 64 * 1024 * 1024, maxEntries: 5_000_000 };

export interface OcspLimits {
  /** Octets of one response. */
  readonly maxBytes: number;
  readonly maxSingleResponses: number;
  /** Certificates in one response: each may cost two signatures. */
  readonly maxCertificates: number;
}

export const OCSP_LIMITS: OcspLimits = { maxBytes: 256 * 1024, maxSingleResponses: 256, maxCertificates: 8 };

/** Tolerance between the clocks of the issuer and ours, milliseconds. It applies to what lies in the future, never to what has run out. */
export const SKEW_MS = 300_000;
