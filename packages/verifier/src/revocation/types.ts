/** What the revocation room takes and gives. */
import type { Certificate } from '../certificate/certificate.ts';
import type { IndeterminateCode, VerdictCode } from '../codes.ts';
import type { Anchor, ClassProfile } from '../environment.types.ts';
import type { CertificateClass, RevocationReason, RevocationSourceReport } from '../verdict.ts';

/** The certificate in question, its issuer's very key, its class, and the instant. */
export interface StatusContext {
  readonly certificate: Certificate;
  readonly anchor: Anchor;
  readonly profile: ClassProfile;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface OfferedData {
  readonly der: Uint8Array;
  readonly origin: RevocationSourceReport['origin'];
}

export type StatusResult =
  | { readonly status: 'good'; readonly sources: readonly RevocationSourceReport[] }
  | {
      readonly status: 'revoked';
      readonly code: 'revoked';
      readonly reason: RevocationReason;
      readonly revokedAt: Date | null;
      readonly sources: readonly RevocationSourceReport[];
    }
  | {
      readonly status: 'unknown' | 'not-checked';
      readonly code: IndeterminateCode;
      readonly detail?: string;
      readonly sources: readonly RevocationSourceReport[];
    };

/** crlcheck, ocspcheck: that kind must show good. bothcheck: both must. eithercheck: one must. A trusted `revoked` of any kind always wins. */
export type RevocationMode = 'crlcheck' | 'ocspcheck' | 'bothcheck' | 'eithercheck';

export interface RevocationPolicy {
  readonly mode: RevocationMode;
  readonly byClass?: Readonly<Partial<Record<CertificateClass, RevocationMode>>>;
}

/** What a source is asked. It never contains a network target taken from the certificate. */
export interface RevocationQuery extends StatusContext {
  readonly class: CertificateClass;
}

/** One way that led nowhere: a responder or file server that gave no answer to be judged. */
export interface FailedAttempt {
  readonly code: VerdictCode;
  /** Kebab-case; names no target. */
  readonly detail: string;
}

/**
 * `data`: DER that passes the same checks as handed-in data. `determination`: an answer of an index or platform that has checked its own data.
 * `failed`: nothing could be had; never good. `attempts`: every way that led nowhere, in order; they are reported, and worth nothing.
 */
export type RevocationAnswer =
  | {
      readonly kind: 'data';
      readonly crls?: readonly Uint8Array[];
      readonly ocspResponses?: readonly Uint8Array[];
      readonly ocspNonce?: Uint8Array;
      readonly attempts?: readonly FailedAttempt[];
    }
  | {
      readonly kind: 'determination';
      readonly report: RevocationSourceReport;
      readonly reason?: RevocationReason;
      readonly revokedAt?: Date;
    }
  | { readonly kind: 'failed'; readonly code: VerdictCode; readonly detail: string; readonly attempts?: readonly FailedAttempt[] };

export interface RevocationSource {
  readonly kind: 'crl' | 'ocsp' | 'platform';
  readonly classes: readonly CertificateClass[];
  check(query: RevocationQuery, options: { readonly at: Date; readonly signal?: AbortSignal }): Promise<RevocationAnswer>;
}

/** `crl`, `ocsp`: only data handed to `verify()`, no network. `none`: never yields valid. */
export type RevocationConfiguration =
  | { readonly sources: readonly RevocationSource[]; readonly policy: RevocationPolicy }
  | 'crl'
  | 'ocsp'
  | 'none';

/** The DER that was looked at, for evidence. */
export interface UsedStatusData {
  readonly crls: readonly Uint8Array[];
  readonly ocspResponses: readonly Uint8Array[];
  readonly ocspNonce: Uint8Array | null;
}
