/** Every certificate issued to people, with its status. The one source of CRLs and OCSP answers. */
import type { CertificateClass, RevocationReason } from '@jpki-rp/verifier';

export interface IssuedRecord {
  readonly class: CertificateClass;
  readonly generation: number;
  /** Partition of its CRL. */
  readonly municipality: string;
  readonly serial: number;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly der: Uint8Array;
  readonly key: string;
}

export interface Revocation {
  readonly at: Date;
  readonly reason: RevocationReason;
}

export interface Ledger {
  add(record: IssuedRecord): void;
  find(certificateClass: CertificateClass, generation: number, serial: bigint): IssuedRecord | undefined;
  /** Whatever its class and generation: serial numbers never overlap. */
  at(serial: bigint): IssuedRecord | undefined;
  revocation(record: IssuedRecord): Revocation | undefined;
  /** A hold may become final; anything final stays as it is. Returns whether the status changed. */
  revoke(record: IssuedRecord, revocation: Revocation): boolean;
  /** Lifts a hold. Returns whether there was one. */
  release(record: IssuedRecord): boolean;
  /** Revoked certificates of a partition, by serial number. */
  revoked(certificateClass: CertificateClass, generation: number, municipality: string): readonly (readonly [IssuedRecord, Revocation])[];
}

export function createLedger(): Ledger {
  const records = new Map<bigint, IssuedRecord>();
  const revocations = new Map<IssuedRecord, Revocation>();
  return {
    add: (record) => {
      if (records.has(BigInt(record.serial))) throw new RangeError('a serial number was given twice');
      records.set(BigInt(record.serial), record);
    },
    find: (certificateClass, generation, serial) => {
      const record = records.get(serial);
      return record?.class === certificateClass && record.generation === generation ? record : undefined;
    },
    at: (serial) => records.get(serial),
    revocation: (record) => revocations.get(record),
    revoke: (record, revocation) => {
      const before = revocations.get(record);
      if (before !== undefined && (before.reason !== 'certificateHold' || revocation.reason === 'certificateHold')) return false;
      revocations.set(record, revocation);
      return true;
    },
    release: (record) => revocations.get(record)?.reason === 'certificateHold' && revocations.delete(record),
    revoked: (certificateClass, generation, municipality) =>
      [...revocations]
        .filter(([record]) => record.class === certificateClass && record.generation === generation && record.municipality === municipality)
        .sort(([a], [b]) => a.serial - b.serial),
  };
}

/** CRLReason values (RFC 5280 §5.3.1). */
export const REASON_VALUES: Readonly<Record<RevocationReason, number>> = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
};
