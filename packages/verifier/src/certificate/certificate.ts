/** One strict DER certificate (RFC 5280 §4.1), read in a single pass. */
import { equalBytes } from '../der/bytes.ts';
import { OID } from '../der/oids.ts';
import { contextConstructed, contextPrimitive, DerReader, TAG } from '../der/reader.ts';
import {
  type AccessDescription,
  type AuthorityKeyIdentifier,
  type BasicConstraints,
  type DistributionPoint,
  type Extension,
  type NameConstraints,
  type PolicyConstraints,
  type PolicyInformation,
  type PolicyMapping,
  readAuthorityInfoAccess,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readCertificatePolicies,
  readDistributionPoints,
  readExtensions,
  readKeyUsage,
  readNameConstraints,
  readOidSequence,
  readPolicyConstraints,
  readPolicyMappings,
} from './extensions.ts';
import { type GeneralName, readGeneralNames } from './general-name.ts';
import { type Name, readName } from './name.ts';
import { type AlgorithmIdentifier, type PublicKeyInfo, readAlgorithmIdentifier, readPublicKeyInfo } from './public-key.ts';

export type { KeyUsageBit } from './extensions.ts';

export interface Certificate {
  readonly der: Uint8Array;
  /** The signed part. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2 | 3;
  /** Content octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signatureValue: Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  /** Milliseconds since 1970, inclusive. */
  readonly notBefore: number;
  /** Milliseconds since 1970, inclusive to its second. */
  readonly notAfter: number;
  readonly publicKeyInfo: PublicKeyInfo;
  readonly extensions: readonly Extension[];
  /** Bit n is the bit n of KeyUsage; null where the extension is absent. */
  readonly keyUsage: number | null;
  readonly extendedKeyUsage: readonly string[] | null;
  readonly basicConstraints: BasicConstraints | null;
  readonly certificatePolicies: readonly PolicyInformation[] | null;
  readonly policyMappings: readonly PolicyMapping[] | null;
  readonly policyConstraints: PolicyConstraints | null;
  readonly inhibitAnyPolicy: number | null;
  readonly nameConstraints: NameConstraints | null;
  readonly subjectAltName: readonly GeneralName[] | null;
  readonly issuerAltName: readonly GeneralName[] | null;
  readonly crlDistributionPoints: readonly DistributionPoint[] | null;
  readonly freshestCrl: readonly DistributionPoint[] | null;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | null;
  readonly subjectKeyIdentifier: Uint8Array | null;
  readonly authorityInfoAccess: readonly AccessDescription[] | null;
  readonly ocspNoCheck: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const decode = (oid: string, r: DerReader, c: Writable<Certificate>): void => {
  switch (oid) {
    case OID.keyUsage:
      c.keyUsage = readKeyUsage(r);
      return;
    case OID.extendedKeyUsage:
      c.extendedKeyUsage = readOidSequence(r);
      return;
    case OID.basicConstraints:
      c.basicConstraints = readBasicConstraints(r);
      return;
    case OID.certificatePolicies:
      c.certificatePolicies = readCertificatePolicies(r);
      return;
    case OID.policyMappings:
      c.policyMappings = readPolicyMappings(r);
      return;
    case OID.policyConstraints:
      c.policyConstraints = readPolicyConstraints(r);
      return;
    case OID.inhibitAnyPolicy:
      c.inhibitAnyPolicy = r.smallInteger();
      return;
    case OID.nameConstraints:
      c.nameConstraints = readNameConstraints(r);
      return;
    case OID.subjectAltName:
      c.subjectAltName = readGeneralNames(r);
      return;
    case OID.issuerAltName:
      c.issuerAltName = readGeneralNames(r);
      return;
    case OID.crlDistributionPoints:
      c.crlDistributionPoints = readDistributionPoints(r);
      return;
    case OID.freshestCrl:
      c.freshestCrl = readDistributionPoints(r);
      return;
    case OID.authorityKeyIdentifier:
      c.authorityKeyIdentifier = readAuthorityKeyIdentifier(r);
      return;
    case OID.subjectKeyIdentifier:
      c.subjectKeyIdentifier = r.value(TAG.OCTET_STRING);
      return;
    case OID.authorityInfoAccess:
      c.authorityInfoAccess = readAuthorityInfoAccess(r);
      return;
    case OID.ocspNoCheck:
      r.null();
      c.ocspNoCheck = true;
      return;
    default:
      r.pos = r.limit;
  }
};

const EMPTY_SEQUENCE = Uint8Array.of(TAG.SEQUENCE, 0);

/** Reads exactly one certificate. Throws `DerError` where it is not strict DER or breaks a MUST of RFC 5280 syntax. */
export const readCertificate = (der: Uint8Array): Certificate => {
  // Views of a Buffer cost twice as much as those of its memory.
  const reader = new DerReader(der.constructor === Uint8Array ? der : new Uint8Array(der.buffer, der.byteOffset, der.length));
  const certificate = readCertificateAt(reader);
  reader.end();
  return certificate;
};

export interface CertificateTolerance {
  /**
   * A subjectAltName without a single name breaks RFC 5280 §4.2.1.6. Default `refuse`; `accept` reads it as no names, for responder certificates, whose
   * alternative names mean nothing (OpenSSL OCSP suite, 07-D3).
   */
  readonly emptySubjectAltName?: 'refuse' | 'accept';
}

/** Reads a certificate at the cursor (inside an OCSP response or CMS). */
export const readCertificateAt = (r: DerReader, { emptySubjectAltName = 'refuse' }: CertificateTolerance = {}): Certificate => {
  const start = r.pos;
  const outer = r.enter(TAG.SEQUENCE);

  const tbsStart = r.pos;
  const tbsOuter = r.enter(TAG.SEQUENCE);
  let version: 1 | 2 | 3 = 1;
  if (r.peek() === contextConstructed(0)) {
    const explicit = r.enter(contextConstructed(0));
    const number = r.smallInteger();
    // v1 is the DEFAULT and never encoded.
    if (number !== 1 && number !== 2) r.fail('certificate version');
    version = number === 1 ? 2 : 3;
    r.leave(explicit);
  }
  const serialNumber = readSerialNumber(r);
  const innerAlgorithm = readAlgorithmIdentifier(r);
  const issuer = readName(r);
  if (issuer.isEmpty) r.fail('issuer empty');
  const validity = r.enter(TAG.SEQUENCE);
  const notBefore = r.time();
  const notAfter = r.time();
  r.leave(validity);
  const subject = readName(r);
  const publicKeyInfo = readPublicKeyInfo(r);
  for (let unique = contextPrimitive(1); unique <= contextPrimitive(2); unique++) {
    if (r.peek() !== unique) continue;
    if (version === 1) r.fail('unique identifier in a v1 certificate');
    r.checkBitString(unique);
  }
  let extensions: readonly Extension[] = [];
  if (r.peek() === contextConstructed(3)) {
    if (version !== 3) r.fail('extensions without v3');
    const explicit = r.enter(contextConstructed(3));
    extensions = readExtensions(r);
    r.leave(explicit);
  }
  r.leave(tbsOuter);
  const tbs = r.bytes.subarray(tbsStart, r.pos);

  const signatureAlgorithm = readAlgorithmIdentifier(r);
  // RFC 5280 §4.1.1.2: both fields are the same.
  if (innerAlgorithm !== signatureAlgorithm && !equalBytes(innerAlgorithm.der, signatureAlgorithm.der))
    r.fail('signature algorithms differ');
  const signatureValue = r.octetAlignedBitString();
  r.leave(outer);

  const certificate: Writable<Certificate> = {
    der: r.bytes.subarray(start, r.pos),
    tbs,
    version,
    serialNumber,
    signatureAlgorithm,
    signatureValue,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKeyInfo,
    extensions,
    keyUsage: null,
    extendedKeyUsage: null,
    basicConstraints: null,
    certificatePolicies: null,
    policyMappings: null,
    policyConstraints: null,
    inhibitAnyPolicy: null,
    nameConstraints: null,
    subjectAltName: null,
    issuerAltName: null,
    crlDistributionPoints: null,
    freshestCrl: null,
    authorityKeyIdentifier: null,
    subjectKeyIdentifier: null,
    authorityInfoAccess: null,
    ocspNoCheck: false,
  };
  const inner = new DerReader(r.bytes);
  for (const extension of extensions) {
    const { oid, start: from, end } = extension;
    if (emptySubjectAltName === 'accept' && oid === OID.subjectAltName && equalBytes(extension.value, EMPTY_SEQUENCE)) continue;
    inner.turnTo(from, end);
    decode(oid, inner, certificate);
    inner.end();
  }
  // RFC 5280 §4.1.2.6: an empty subject needs a critical subjectAltName.
  if (subject.isEmpty && extensions.find((e) => e.oid === OID.subjectAltName)?.critical !== true) r.fail('subject empty');
  return certificate;
};

/** RFC 5280 §4.1.2.2: positive, at most 20 octets. */
export const readSerialNumber = (r: DerReader): Uint8Array => {
  const serialNumber = r.integer();
  if ((serialNumber[0] as number) >= 0x80) return r.fail('serial number negative');
  if (serialNumber.length > 20) return r.fail('serial number too long');
  return serialNumber;
};

/** The first critical extension whose OID is not in `processed`, or null. */
export const unprocessedCriticalExtension = (extensions: readonly Extension[], processed: ReadonlySet<string>): string | null => {
  for (const { critical, oid } of extensions) if (critical && !processed.has(oid)) return oid;
  return null;
};
