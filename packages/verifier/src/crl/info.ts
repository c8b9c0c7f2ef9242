/** What an index is of. */
import type { CertificateClass } from '../verdict.ts';

/** An operator's decision to publish what would have been refused. */
export interface CrlOverride {
  /** Who decided, and why: shown wherever the index is described. */
  readonly operator: string;
  readonly reason: string;
}

export interface CrlIndexInfo {
  readonly class: CertificateClass;
  /** RFC 4514. */
  readonly distributionPoint: string;
  /** `asserted`: the CRL has no issuingDistributionPoint; the operator states what it covers. */
  readonly coverage: 'idp' | 'asserted';
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, lower-case hex: which *key*, whatever name it goes by. */
  readonly issuerKeySha256: string;
  /** Hex of the issuer's subjectKeyIdentifier; null where its certificate has none. */
  readonly issuerKeyId: string | null;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | null;
  /** Decimal. */
  readonly crlNumber: string | null;
  /** SHA-256 of the CRL, lower-case hex; of the delta CRL where one was applied. */
  readonly sha256: string;
  /** Octets of that CRL. */
  readonly bytes: number;
  /** Serial numbers listed. */
  readonly entries: number;
  /** Hex of the SHA-256 of the CRL's issuingDistributionPoint; null without. A delta must have the same. */
  readonly scopeSha256: string | null;
  /** The index that a delta CRL was applied to. */
  readonly base: { readonly sha256: string; readonly crlNumber: string; readonly thisUpdate: Date } | null;
  /** Entries a delta CRL removed although they were revoked, not on hold. */
  readonly removedRevoked: number;
  readonly override: (CrlOverride & { readonly replaced: { readonly crlNumber: string | null; readonly thisUpdate: Date } | null }) | null;
}

type Json<T> = T extends Date ? number : T extends object ? { readonly [K in keyof T]: Json<T[K]> } : T;
export type InfoJson = Json<CrlIndexInfo>;

export const infoToJson = (info: CrlIndexInfo): InfoJson => ({
  ...info,
  thisUpdate: info.thisUpdate.getTime(),
  nextUpdate: info.nextUpdate?.getTime() ?? null,
  base: info.base === null ? null : { ...info.base, thisUpdate: info.base.thisUpdate.getTime() },
  override:
    info.override === null
      ? null
      : {
          ...info.override,
          replaced:
            info.override.replaced === null ? null : { ...info.override.replaced, thisUpdate: info.override.replaced.thisUpdate.getTime() },
        },
});

export const infoFromJson = (json: InfoJson): CrlIndexInfo =>
  Object.freeze({
    ...json,
    thisUpdate: new Date(json.thisUpdate),
    nextUpdate: json.nextUpdate === null ? null : new Date(json.nextUpdate),
    base: json.base === null ? null : { ...json.base, thisUpdate: new Date(json.base.thisUpdate) },
    override:
      json.override === null
        ? null
        : {
            ...json.override,
            replaced:
              json.override.replaced === null
                ? null
                : { ...json.override.replaced, thisUpdate: new Date(json.override.replaced.thisUpdate) },
          },
  });
