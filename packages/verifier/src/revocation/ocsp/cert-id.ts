/** CertID (RFC 6960 §4.1.1): which certificate of which issuer key a SingleResponse is about. */
import { createHash } from 'node:crypto';
import { type AlgorithmIdentifier, isNullElement, readAlgorithmIdentifier } from '../../certificate/public-key.ts';
import { equalBytes } from '../../der/bytes.ts';
import { OID } from '../../der/oids.ts';
import { type DerReader, TAG } from '../../der/reader.ts';
import type { StatusContext } from '../types.ts';

export interface CertId {
  readonly hashAlgorithm: AlgorithmIdentifier;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** Content octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
}

/** Hashes a CertID may be made with. SHA-1 is an identifier here, not a signature. */
const HASHES: Readonly<Record<string, 'sha1' | 'sha256' | 'sha384' | 'sha512'>> = {
  [OID.sha1]: 'sha1',
  [OID.sha256]: 'sha256',
  [OID.sha384]: 'sha384',
  [OID.sha512]: 'sha512',
};

export const readCertId = (reader: DerReader): CertId => {
  const outer = reader.enter(TAG.SEQUENCE);
  const hashAlgorithm = readAlgorithmIdentifier(reader);
  const issuerNameHash = reader.value(TAG.OCTET_STRING);
  const issuerKeyHash = reader.value(TAG.OCTET_STRING);
  const serialNumber = reader.integer();
  reader.leave(outer);
  return { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber };
};

/** True only where serial number, issuer name and issuer key all are the certificate's. */
export const isAbout = (id: CertId, { certificate, anchor }: Pick<StatusContext, 'certificate' | 'anchor'>): boolean => {
  const hash = HASHES[id.hashAlgorithm.oid];
  const { parameters } = id.hashAlgorithm;
  if (hash === undefined || (parameters !== null && !isNullElement(parameters))) return false;
  if (!equalBytes(id.serialNumber, certificate.serialNumber)) return false;
  const digest = (bytes: Uint8Array): Uint8Array => createHash(hash).update(bytes).digest();
  return (
    equalBytes(id.issuerNameHash, digest(certificate.issuer.der)) &&
    equalBytes(id.issuerKeyHash, digest(anchor.certificate.publicKeyInfo.key))
  );
};
