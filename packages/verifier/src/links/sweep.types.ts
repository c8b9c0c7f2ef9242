/** What a sweep takes and gives. */
import type { CertificateClass, RevocationReason } from '../verdict.ts';
import type { CertificateName } from './identifier.ts';

/** One entry of a CRL that has been verified, or of the difference between two. Hex, as in `CertificateIdentity`. */
export interface RevokedCertificate extends CertificateName {
  readonly reason: RevocationReason;
  /** The entry's revocation date: a hold placed after a certificate was last seen good is news, however old the list calls itself. */
  readonly revokedAt?: Date;
}

export interface SweepProgress {
  /** Entries settled. Give it back as `cursor` to go on after a crash; entries settled twice change nothing. */
  readonly cursor: number;
  readonly changed: number;
  readonly failures: Readonly<Record<'link-busy' | 'link-integrity', number>>;
}

export interface Sweep {
  /**
   * Newly revoked certificates (a difference: cheap) or all of a CRL (full). Trusted as they are: only entries of lists whose signature, issuer
   * and scope have been verified belong here. In the same order again when a sweep is resumed.
   */
  readonly revocations: Iterable<RevokedCertificate> | AsyncIterable<RevokedCertificate>;
  /** The `thisUpdate` of the list. */
  readonly asOf: Date;
  /**
   * Set only where `revocations` holds every revoked certificate of this class, of all issuers and partitions, `asOf` being the oldest `thisUpdate`
   * among them. Once such a sweep has run in one piece and without failures, every certificate of the class in a link made before it began
   * counts as good as of then. Needs the ledger's `sweeps`; a resumed sweep (`cursor`) proves nothing.
   */
  readonly complete?: CertificateClass;
  /** Entries that an earlier, interrupted run has settled. Default 0. */
  readonly cursor?: number;
  /** Entries per look-up, 1 to 1 000. Default 500. Memory grows with it, not with the list. */
  readonly batch?: number;
  readonly onProgress?: (progress: SweepProgress) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface SweepReport extends SweepProgress {
  readonly examined: number;
}
