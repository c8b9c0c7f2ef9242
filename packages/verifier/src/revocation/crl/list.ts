/** One strict DER CertificateList (RFC 5280 §5.1), read in a single pass; entries are validated as they go by and only those looked up are kept. */
import { type AuthorityKeyIdentifier, type Extension, readAuthorityKeyIdentifier, readExtensions } from '../../certificate/extensions.ts';
import { type Name, readName } from '../../certificate/name.ts';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../../certificate/public-key.ts';
import { equalBytes } from '../../der/bytes.ts';
import { OID } from '../../der/oids.ts';
import { contextConstructed, DerReader, TAG } from '../../der/reader.ts';
import { BudgetError, CRL_LIMITS, type CrlLimits } from '../budget.ts';
import { type CrlEntry, readEntries } from './entries.ts';
import { type IssuingDistributionPoint, readIssuingDistributionPoint } from './issuing-distribution-point.ts';

export interface CertificateList {
  readonly der: Uint8Array;
  /** The signed part. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signatureValue: Uint8Array;
  readonly issuer: Name;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  readonly nextUpdate: number | null;
  readonly extensions: readonly Extension[];
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | null;
  /** Content octets of a non-negative INTEGER. */
  readonly crlNumber: Uint8Array | null;
  /** BaseCRLNumber; not null marks a delta CRL. */
  readonly baseCrlNumber: Uint8Array | null;
  readonly issuingDistributionPoint: IssuingDistributionPoint | null;
  readonly entryCount: number;
  /** The entries with the serial number looked up, in the order of the list. */
  readonly entries: readonly CrlEntry[];
  /** OID of the first critical extension, of the list or of any entry, that is not processed here. */
  readonly unprocessedCritical: string | null;
}

export interface ReadListOptions {
  /** Content octets of the serial number to look up; absent: no entry is kept. */
  readonly serialNumber?: Uint8Array;
  readonly limits?: CrlLimits;
  /** Entries with negative serial numbers: default `refuse`. `accept` (RFC 5280 §4.1.2.2) is what PKITS 4.4.14 asks of general path validation. */
  readonly negativeSerialNumbers?: 'refuse' | 'accept';
}

/** No certificate that could be in question is larger, let alone its issuer's name. */
const MAXIMUM_NAME_BYTES = 65_536;

/** Critical CRL extensions this reader gives meaning to. freshestCRL and issuerAltName are never critical in a conforming CRL. */
export const PROCESSED: ReadonlySet<string> = new Set([
  OID.authorityKeyIdentifier,
  OID.crlNumber,
  OID.deltaCrlIndicator,
  OID.issuingDistributionPoint,
]);

/**
 * Reads exactly one CRL. Throws `DerError` where it is not strict DER or breaks a MUST of RFC 5280 §5, `BudgetError` where it is larger than allowed.
 * Nothing is verified here: the signature is the caller's business.
 */
export const readCertificateList = (
  der: Uint8Array,
  { serialNumber, limits = CRL_LIMITS, negativeSerialNumbers = 'refuse' }: ReadListOptions = {},
): CertificateList => {
  if (der.length > limits.maxBytes) throw new BudgetError('CRL larger than allowed');
  const r = new DerReader(der);
  const outer = r.enter(TAG.SEQUENCE);

  const tbsStart = r.pos;
  const tbsOuter = r.enter(TAG.SEQUENCE);
  let version: 1 | 2 = 1;
  if (r.peek() === TAG.INTEGER) {
    // v1 is said by absence only.
    if (r.smallInteger() !== 1) r.fail('CRL version');
    version = 2;
  }
  const innerAlgorithm = readAlgorithmIdentifier(r);
  const issuer = readName(r);
  if (issuer.isEmpty) r.fail('issuer empty');
  // It is compared before anything is verified, and preparing text for that (RFC 4518) can make it eighteen times as long.
  if (issuer.der.length > MAXIMUM_NAME_BYTES) throw new BudgetError('issuer name larger than allowed');
  const thisUpdate = r.time();
  const nextUpdate = r.peek() === TAG.UTC_TIME || r.peek() === TAG.GENERALIZED_TIME ? r.time() : null;
  if (nextUpdate !== null && nextUpdate < thisUpdate) r.fail('nextUpdate before thisUpdate');
  const found = readEntries(r, version, serialNumber ?? null, limits.maxEntries, negativeSerialNumbers);
  let extensions: readonly Extension[] = [];
  if (r.peek() === contextConstructed(0)) {
    if (version !== 2) r.fail('extensions without v2');
    const explicit = r.enter(contextConstructed(0));
    extensions = readExtensions(r);
    r.leave(explicit);
  }
  r.leave(tbsOuter);
  const tbs = r.bytes.subarray(tbsStart, r.pos);

  const signatureAlgorithm = readAlgorithmIdentifier(r);
  // RFC 5280 §5.1.1.2: both fields are the same.
  if (!equalBytes(innerAlgorithm.der, signatureAlgorithm.der)) r.fail('signature algorithms differ');
  const signatureValue = r.octetAlignedBitString();
  r.leave(outer);
  r.end();

  const decoded = decodeExtensions(extensions);
  const { issuingDistributionPoint, baseCrlNumber } = decoded;
  // RFC 5280 §5.3.1, §5.3.3: what an entry may say depends on the kind of the list.
  if (found.removal && baseCrlNumber === null) r.fail('removeFromCRL outside a delta CRL');
  if (found.certificateIssuer && issuingDistributionPoint?.indirectCrl !== true) r.fail('certificateIssuer outside an indirect CRL');

  return {
    der,
    tbs,
    version,
    signatureAlgorithm,
    signatureValue,
    issuer,
    thisUpdate,
    nextUpdate,
    extensions,
    ...decoded,
    entryCount: found.count,
    entries: found.entries,
    unprocessedCritical: extensions.find((e) => e.critical && !PROCESSED.has(e.oid))?.oid ?? found.unprocessedCritical,
  };
};

export type DecodedExtensions = Pick<
  CertificateList,
  'authorityKeyIdentifier' | 'crlNumber' | 'baseCrlNumber' | 'issuingDistributionPoint'
>;

/** The CRL extensions that are given meaning to, each read strictly. */
export const decodeExtensions = (extensions: readonly Extension[]): DecodedExtensions => {
  const read = <T>(oid: string, decode: (reader: DerReader) => T): T | null => {
    const extension = extensions.find((e) => e.oid === oid);
    if (extension === undefined) return null;
    const reader = new DerReader(extension.value);
    const value = decode(reader);
    reader.end();
    return value;
  };
  return {
    authorityKeyIdentifier: read(OID.authorityKeyIdentifier, readAuthorityKeyIdentifier),
    crlNumber: read(OID.crlNumber, readCrlNumber),
    baseCrlNumber: read(OID.deltaCrlIndicator, readCrlNumber),
    issuingDistributionPoint: read(OID.issuingDistributionPoint, readIssuingDistributionPoint),
  };
};

/** RFC 5280 §5.2.3: not negative, at most 20 octets. */
const readCrlNumber = (reader: DerReader): Uint8Array => {
  const octets = reader.integer();
  if ((octets[0] as number) >= 0x80) return reader.fail('CRL number negative');
  if (octets.length > 20) return reader.fail('CRL number too long');
  return octets;
};

/** Orders CRL numbers: negative where `a` is the smaller one. */
export const compareCrlNumbers = (a: Uint8Array, b: Uint8Array): number => {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
  return 0;
};
