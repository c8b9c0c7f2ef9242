/** What the revocation room takes and gives. */
import type { Certificate } from '../certificate/certificate.ts';
import type { IndeterminateCode, VerdictCode } from '../codes.ts';
import type { Anchor, ClassProfile } from '../environment.types.ts';
import type { CertificateClass, RevocationReason, RevocationSourceReport, SignatureScheme } from '../verdict.ts';
import type { Freshness } from './freshness.ts';

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
  /** Of `der`, lower-case hex, where whoever offers it has had to hash it already. */
  readonly sha256?: string;
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

export const REVOCATION_MODES: readonly RevocationMode[] = ['crlcheck', 'ocspcheck', 'bothcheck', 'eithercheck'];

/** Data, not code: `parseRevocationPolicy` reads it from JSON, `explainRevocationPolicy` says what it means. No value lets a missing source pass. */
export interface RevocationPolicy {
  readonly mode: RevocationMode;
  readonly byClass?: Readonly<Partial<Record<CertificateClass, RevocationMode>>>;
  /** Added to what the environment demands; an operation may demand more still. */
  readonly freshness?: Freshness;
  /**
   * A trusted responder says that it does not know the certificate. `other-source` (default): it has shown nothing, another kind may where the mode lets
   * one do. `refuse`: its *unknown* outweighs any *good*.
   */
  readonly onUnknown?: 'other-source' | 'refuse';
  /** Who is asked first. Default: in the order configured. */
  readonly choice?: {
    readonly order: 'configured' | 'cheapest' | 'freshest';
    /** Of one question, in any currency. Default 0: the daily CRL is free. */
    readonly price?: Readonly<Partial<Record<'crl' | 'ocsp' | 'platform', number>>>;
    /** Default: CRL a day, OCSP and platform 15 minutes. */
    readonly publishedEverySeconds?: Readonly<Partial<Record<'crl' | 'ocsp' | 'platform', number>>>;
  };
}

/** What a source is asked. It never contains a network target taken from the certificate. */
export interface RevocationQuery extends StatusContext {
  readonly class: CertificateClass;
  /** What was signed, for platforms that verify the signature themselves. */
  readonly signed?: SignedProof;
}

export interface SignedProof {
  readonly scheme: SignatureScheme;
  /** Of the message under the scheme's hash: SHA-256, or SHA-384 for `ecdsa-p384-sha384`. */
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
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
  /** An answer at hand need not be a promise: then the verification does not wait. */
  check(
    query: RevocationQuery,
    options: { readonly at: Date; readonly signal?: AbortSignal },
  ): RevocationAnswer | Promise<RevocationAnswer>;
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
