/** The port to a platform operator (プラットフォーム事業者): who may ask the issuer answers for those who may not. */
import type { CertificateClass, RevocationReason } from '../../verdict.ts';
import type { SignedProof } from '../types.ts';

/** What an operator needs to judge for itself. Nothing of it is kept here once it is answered. */
export interface PlatformQuestion {
  /** DER. */
  readonly certificate: Uint8Array;
  /** What the certificate looks like to us; the operator says what it is. */
  readonly class: CertificateClass;
  /** Absent where the verification gave none. */
  readonly signed?: SignedProof;
  readonly signal?: AbortSignal;
}

export interface PlatformAnswer {
  readonly status: 'good' | 'revoked' | 'expired' | 'unknown';
  /** The operator’s own classification. An answer about another class is none. */
  readonly class: CertificateClass;
  /** SHA-256 of the certificate that was judged, lower-case hex, where the operator tells it. */
  readonly certificateSha256?: string;
  /** Whether the operator found the signature genuine; absent where it was not asked, or does not say. */
  readonly signature?: 'valid' | 'invalid';
  readonly reason?: RevocationReason;
  readonly revokedAt?: Date;
  /** When the operator judged. */
  readonly checkedAt: Date;
  /** What its data were current as of, where it tells. Policies that demand freshness need it. */
  readonly currentAsOf?: Date;
  readonly nextUpdate?: Date;
}

export interface PlatformOperator {
  /** Rejects with `PlatformFault` where there is no answer, and with the signal’s reason once it aborts. */
  determine(question: PlatformQuestion): Promise<PlatformAnswer>;
}

/** No answer to be judged. `detail` is kebab-case and names no target. */
export class PlatformFault extends Error {
  override readonly name = 'PlatformFault';
  readonly detail: string;

  constructor(detail: string, options?: { cause?: unknown }) {
    super(detail, options);
    this.detail = detail;
  }
}
