/** Certificates, CRLs and OCSP responses as people read them. Nothing is verified here: what is shown is what the octets claim. */
import { createHash } from 'node:crypto';
import { readPersonalAttributes } from '../certificate/attributes.ts';
import { type Certificate, readCertificate } from '../certificate/certificate.ts';
import { KEY_USAGE_BITS } from '../certificate/extensions.ts';
import type { DistributionPointName, GeneralName } from '../certificate/general-name.ts';
import { toHex } from '../der/bytes.ts';
import { DerError } from '../der/reader.ts';
import { BudgetError } from '../revocation/budget.ts';
import { readCertificateList } from '../revocation/crl/list.ts';
import { readOcspResponse } from '../revocation/ocsp/response.ts';
import type { PersonalAttributes } from '../verdict.ts';

/** Times are ISO 8601 UTC, binary values lower-case hex, names RFC 4514. */
export type Inspection = { readonly sha256: string; readonly bytes: number } & (CertificateView | CrlView | OcspView);

export interface CertificateView {
  readonly kind: 'certificate';
  readonly version: number;
  readonly serialNumber: string;
  readonly issuer: string;
  readonly subject: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly publicKey: string;
  readonly signatureAlgorithm: string;
  readonly ca: boolean;
  readonly keyUsage: readonly string[];
  readonly extendedKeyUsage: readonly string[];
  readonly policies: readonly string[];
  readonly authorityKeyId: string | null;
  readonly subjectKeyId: string | null;
  readonly distributionPoints: readonly string[];
  /** Never followed. */
  readonly authorityInfoAccess: readonly string[];
  readonly extensions: readonly { readonly oid: string; readonly critical: boolean }[];
  readonly hasAttributes: boolean;
  /** Personal data: only where asked for, and only where well-formed. */
  readonly attributes?: PersonalAttributes;
}

export interface CrlView {
  readonly kind: 'crl';
  readonly issuer: string;
  readonly thisUpdate: string;
  readonly nextUpdate: string | null;
  readonly crlNumber: string | null;
  /** Set for a delta CRL. */
  readonly baseCrlNumber: string | null;
  readonly authorityKeyId: string | null;
  readonly distributionPoints: readonly string[];
  readonly entries: number;
  readonly signatureAlgorithm: string;
}

export interface OcspView {
  readonly kind: 'ocsp-response';
  readonly status: string;
  readonly producedAt: string | null;
  readonly responder: string | null;
  readonly nonce: string | null;
  readonly responses: readonly {
    readonly serialNumber: string;
    readonly status: 'good' | 'revoked' | 'unknown';
    readonly reason?: string;
    readonly revokedAt?: string;
    readonly thisUpdate: string;
    readonly nextUpdate: string | null;
  }[];
  readonly certificates: readonly string[];
}

export interface InspectOptions {
  /** Default `hide`. */
  readonly attributes?: 'hide' | 'show';
}

/** What the DER is and says; null where it is none of the three, or larger than is read. */
export const inspect = (der: Uint8Array, { attributes = 'hide' }: InspectOptions = {}): Inspection | null => {
  for (const read of [() => certificateView(der, attributes === 'show'), () => crlView(der), () => ocspView(der)]) {
    try {
      return { sha256: createHash('sha256').update(der).digest('hex'), bytes: der.length, ...read() };
    } catch (error) {
      if (!(error instanceof DerError) && !(error instanceof BudgetError)) throw error;
    }
  }
  return null;
};

const iso = (time: number): string => new Date(time).toISOString();
const decimal = (octets: Uint8Array | null): string | null => (octets === null ? null : BigInt(`0x${toHex(octets) || '0'}`).toString());

const certificateView = (der: Uint8Array, showAttributes: boolean): CertificateView => {
  const c: Certificate = readCertificate(der);
  const read = c.subjectAltName === null ? null : readPersonalAttributes(c.subjectAltName);
  const { description } = c.publicKeyInfo;
  return {
    kind: 'certificate',
    version: c.version,
    serialNumber: toHex(c.serialNumber),
    issuer: c.issuer.toString(),
    subject: c.subject.toString(),
    notBefore: iso(c.notBefore),
    notAfter: iso(c.notAfter),
    publicKey: description.type === 'rsa' ? `RSA ${description.bits}` : description.type,
    signatureAlgorithm: c.signatureAlgorithm.oid,
    ca: c.basicConstraints?.ca === true,
    keyUsage: KEY_USAGE_BITS.filter((_, bit) => ((c.keyUsage ?? 0) & (1 << bit)) !== 0),
    extendedKeyUsage: c.extendedKeyUsage ?? [],
    policies: (c.certificatePolicies ?? []).map(({ oid }) => oid),
    authorityKeyId: c.authorityKeyIdentifier?.keyIdentifier == null ? null : toHex(c.authorityKeyIdentifier.keyIdentifier),
    subjectKeyId: c.subjectKeyIdentifier === null ? null : toHex(c.subjectKeyIdentifier),
    distributionPoints: (c.crlDistributionPoints ?? []).flatMap(({ name }) => namesOf(name)),
    authorityInfoAccess: (c.authorityInfoAccess ?? []).map(({ location }) => textOf(location)),
    extensions: c.extensions.map(({ oid, critical }) => ({ oid, critical })),
    hasAttributes: read !== null && 'attributes' in read,
    ...(showAttributes && read !== null && 'attributes' in read ? { attributes: read.attributes } : {}),
  };
};

const crlView = (der: Uint8Array): CrlView => {
  const list = readCertificateList(der);
  const aki = list.authorityKeyIdentifier?.keyIdentifier;
  return {
    kind: 'crl',
    issuer: list.issuer.toString(),
    thisUpdate: iso(list.thisUpdate),
    nextUpdate: list.nextUpdate === null ? null : iso(list.nextUpdate),
    crlNumber: decimal(list.crlNumber),
    baseCrlNumber: decimal(list.baseCrlNumber),
    authorityKeyId: aki == null ? null : toHex(aki),
    distributionPoints: namesOf(list.issuingDistributionPoint?.name ?? null),
    entries: list.entryCount,
    signatureAlgorithm: list.signatureAlgorithm.oid,
  };
};

const ocspView = (der: Uint8Array): OcspView => {
  const { status, basic } = readOcspResponse(der);
  const id = basic?.responderId;
  return {
    kind: 'ocsp-response',
    status,
    producedAt: basic === null ? null : iso(basic.producedAt),
    responder: id === undefined ? null : id.kind === 'byName' ? id.name.toString() : toHex(id.keyHash),
    nonce: basic === null || basic.nonce === null ? null : toHex(basic.nonce),
    responses: (basic?.responses ?? []).map(({ certId, status: said, thisUpdate, nextUpdate }) => ({
      serialNumber: toHex(certId.serialNumber),
      status: said.kind,
      ...(said.kind === 'revoked' ? { reason: said.reason, revokedAt: iso(said.revokedAt) } : {}),
      thisUpdate: iso(thisUpdate),
      nextUpdate: nextUpdate === null ? null : iso(nextUpdate),
    })),
    certificates: (basic?.certificates ?? []).map(({ subject }) => subject.toString()),
  };
};

const namesOf = (name: DistributionPointName | null): readonly string[] =>
  name === null ? [] : name.kind === 'fullName' ? name.names.map(textOf) : ['relative to the issuer'];

const textOf = (name: GeneralName): string => {
  switch (name.kind) {
    case 'directoryName':
      return name.name.toString();
    case 'rfc822Name':
    case 'dNSName':
    case 'uniformResourceIdentifier':
      return name.text;
    case 'registeredID':
      return name.oid;
    default:
      return name.kind;
  }
};
