/** Everything a verdict stood on, so that it can be repeated offline years later. Contains personal data: keep it sealed and purpose-bound. */
import type { VerdictCode } from '../codes.ts';
import type { EnvironmentKind } from '../environment.types.ts';
import type { Freshness } from '../revocation/freshness.ts';
import type { Carrier, CertificateClass, Check, Purpose, RevocationSourceReport, SignatureScheme } from '../verdict.ts';

/** All binary values are standard base64, all times ISO 8601 UTC. */
export interface EvidenceRecord {
  readonly format: 'evidence.v0';
  /** The instant of the verification. */
  readonly at: string;
  readonly role: 'verifier' | 'delegating';
  readonly environment: { readonly id: string; readonly kind: EnvironmentKind; readonly digest: string };
  readonly anchor: { readonly id: string; readonly sha256: string } | null;
  readonly input: {
    /** Absent under role `delegating`, which retains no certificate. */
    readonly certificate?: string;
    readonly certificateSha256: string;
    readonly message?: string;
    readonly digest?: string;
    readonly signature: string;
    readonly scheme: SignatureScheme;
    readonly purpose: Purpose;
    readonly acceptCarriers: readonly Carrier[];
    readonly reportedCarrier: Carrier | null;
  };
  readonly revocation: {
    /** The configuration in words: `crl`, `ocsp`, `none` or the policy's mode for the class. */
    readonly mode: string;
    /** Demanded beyond the environment; absent: nothing. */
    readonly freshness?: Freshness;
    /** Present where a responder’s *unknown* outweighed any *good*. */
    readonly onUnknown?: 'refuse';
    readonly crls: readonly string[];
    readonly ocspResponses: readonly string[];
    readonly ocspNonce: string | null;
    readonly sources: readonly (Omit<RevocationSourceReport, 'thisUpdate' | 'nextUpdate' | 'producedAt'> & {
      readonly thisUpdate?: string;
      readonly nextUpdate?: string;
      readonly producedAt?: string;
    })[];
  };
  readonly verdict: {
    readonly result: 'valid' | 'invalid' | 'indeterminate';
    readonly code: VerdictCode | null;
    readonly detail: string | null;
    readonly class: CertificateClass | null;
    readonly checks: readonly Check[];
    readonly warnings: readonly string[];
  };
}
