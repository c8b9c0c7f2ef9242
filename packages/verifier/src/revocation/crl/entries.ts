/** revokedCertificates of a CRL (RFC 5280 §5.1.2.6, §5.3), walked once without keeping what nobody asked for. */
import { type Extension, readExtensions } from '../../certificate/extensions.ts';
import { type GeneralName, readGeneralNames } from '../../certificate/general-name.ts';
import { OID } from '../../der/oids.ts';
import { DerReader, TAG } from '../../der/reader.ts';
import type { RevocationReason } from '../../verdict.ts';
import { BudgetError } from '../budget.ts';
import { reasonOf } from '../reason.ts';

export interface CrlEntry {
  /** Milliseconds since 1970. */
  readonly revocationDate: number;
  /** `unspecified` also stands for an absent reasonCode. */
  readonly reason: RevocationReason;
  /** Milliseconds since 1970. */
  readonly invalidityDate: number | null;
  /** The certificateIssuer in force at this entry (§5.3.3); null: the issuer of the CRL. */
  readonly certificateIssuer: readonly GeneralName[] | null;
}

export interface EntryWalk {
  readonly count: number;
  readonly entries: readonly CrlEntry[];
  /** Some entry says removeFromCRL. */
  readonly removal: boolean;
  /** Some entry names another certificate issuer. */
  readonly certificateIssuer: boolean;
  readonly unprocessedCritical: string | null;
}

/** The extensions of nearly every entry: a reasonCode and nothing else. The last octet is the code. */
const REASON_ONLY = Uint8Array.of(0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01);
const REMOVE_FROM_CRL = 8;

/** Reads the list at the cursor, where there is one. `serialNumber` null keeps no entry. */
export const readEntries = (
  r: DerReader,
  version: 1 | 2,
  serialNumber: Uint8Array | null,
  maxEntries: number,
  negativeSerialNumbers: 'refuse' | 'accept',
): EntryWalk => {
  if (r.peek() !== TAG.SEQUENCE) return { count: 0, entries: [], removal: false, certificateIssuer: false, unprocessedCritical: null };
  const outer = r.enter(TAG.SEQUENCE);
  // RFC 5280 §5.1.2.6: where nothing is revoked the list is absent.
  if (r.done) r.fail('revokedCertificates empty');
  const entries: CrlEntry[] = [];
  let count = 0;
  let removal = false;
  let certificateIssuer: readonly GeneralName[] | null = null;
  let unprocessedCritical: string | null = null;
  do {
    count += 1;
    if (count > maxEntries) throw new BudgetError('more CRL entries than allowed');
    const entry = r.enter(TAG.SEQUENCE);
    const wanted = readSerialNumber(r, serialNumber, negativeSerialNumbers);
    const revocationDate = r.time();
    let code = 0;
    let invalidityDate: number | null = null;
    if (!r.done) {
      if (version === 1) r.fail('entry extensions without v2');
      if (isReasonOnly(r)) {
        code = r.bytes[r.limit - 1] as number;
        r.pos = r.limit;
      } else {
        const said = readEntryExtensions(r);
        ({ code, invalidityDate } = said);
        certificateIssuer = said.certificateIssuer ?? certificateIssuer;
        unprocessedCritical ??= said.unprocessedCritical;
      }
      if (code === REMOVE_FROM_CRL) removal = true;
    }
    r.leave(entry);
    if (wanted) entries.push({ revocationDate, reason: reasonOf(code), invalidityDate, certificateIssuer });
  } while (!r.done);
  r.leave(outer);
  return { count, entries, removal, certificateIssuer: certificateIssuer !== null, unprocessedCritical };
};

export interface EntryExtensions {
  /** CRLReason; 0 where absent. */
  readonly code: number;
  /** Milliseconds since 1970. */
  readonly invalidityDate: number | null;
  readonly certificateIssuer: readonly GeneralName[] | null;
  readonly unprocessedCritical: string | null;
}

/** crlEntryExtensions (RFC 5280 §5.3), in any form. */
export const readEntryExtensions = (r: DerReader): EntryExtensions => {
  let code = 0;
  let invalidityDate: number | null = null;
  let certificateIssuer: readonly GeneralName[] | null = null;
  let unprocessedCritical: string | null = null;
  for (const extension of readExtensions(r)) {
    if (extension.oid === OID.reasonCode) code = decode(extension, readReasonCode);
    else if (extension.oid === OID.invalidityDate) invalidityDate = decode(extension, (inner) => inner.generalizedTime());
    else if (extension.oid === OID.certificateIssuer) certificateIssuer = decode(extension, (inner) => readGeneralNames(inner));
    else if (extension.critical) unprocessedCritical ??= extension.oid;
  }
  return { code, invalidityDate, certificateIssuer, unprocessedCritical };
};

/** Validates the serial number in place and says whether it is the one looked for. RFC 5280 §4.1.2.2: positive, at most 20 octets. */
export const readSerialNumber = (r: DerReader, wanted: Uint8Array | null, negative: 'refuse' | 'accept'): boolean => {
  const end = r.header(TAG.INTEGER);
  const start = r.pos;
  const { bytes } = r;
  const length = end - start;
  if (length === 0) return r.fail('INTEGER empty');
  if (length > 20) return r.fail('serial number too long');
  const first = bytes[start] as number;
  if (first >= 0x80 && negative === 'refuse') return r.fail('serial number negative');
  if (first === 0xff && length > 1 && (bytes[start + 1] as number) >= 0x80) return r.fail('INTEGER not minimal');
  if (first === 0 && length > 1 && (bytes[start + 1] as number) < 0x80) return r.fail('INTEGER not minimal');
  r.pos = end;
  if (wanted === null || wanted.length !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== wanted[i]) return false;
  return true;
};

const isReasonOnly = (r: DerReader): boolean => {
  const { bytes, pos, limit } = r;
  if (limit - pos !== REASON_ONLY.length + 1) return false;
  for (let i = 0; i < REASON_ONLY.length; i++) if (bytes[pos + i] !== REASON_ONLY[i]) return false;
  return (bytes[limit - 1] as number) < 0x80;
};

const decode = <T>(extension: Extension, read: (reader: DerReader) => T): T => {
  const reader = new DerReader(extension.value);
  const value = read(reader);
  reader.end();
  return value;
};

const readReasonCode = (reader: DerReader): number => reader.smallInteger(TAG.ENUMERATED);
