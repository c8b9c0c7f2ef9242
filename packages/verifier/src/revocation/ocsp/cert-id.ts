/** CertID (RFC 6960 §4.1.1): which certificate of which issuer key a SingleResponse is about. */
import { hash } from 'node:crypto';
import type { Certificate } from '../../certificate/certificate.ts';
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

type HashName = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** Hashes a CertID may be made with. SHA-1 is an identifier here, not a signature. */
const HASHES: Readonly<Record<string, HashName>> = {
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
  const algorithm = HASHES[id.hashAlgorithm.oid];
  const { parameters } = id.hashAlgorithm;
  if (algorithm === undefined || (parameters !== null && !isNullElement(parameters))) return false;
  if (!equalBytes(id.serialNumber, certificate.serialNumber)) return false;
  const issuer = anchor.certificate;
  const own = digestsOf(issuer, algorithm);
  const name = certificate.issuer.der;
  // The name as the certificate writes it: the issuer's own certificate may write it otherwise.
  const nameHash = equalBytes(name, issuer.subject.der) ? own.name : hash(algorithm, name, 'buffer');
  return equalBytes(id.issuerNameHash, nameHash) && equalBytes(id.issuerKeyHash, own.key);
};

interface IssuerDigests {
  readonly name: Uint8Array;
  readonly key: Uint8Array;
}

/** Made once per issuer and hash: nothing in them depends on the answer. */
const digests = new WeakMap<Certificate, Partial<Record<HashName, IssuerDigests>>>();

const digestsOf = (issuer: Certificate, algorithm: HashName): IssuerDigests => {
  let made = digests.get(issuer);
  if (made === undefined) {
    made = {};
    digests.set(issuer, made);
  }
  made[algorithm] ??= { name: hash(algorithm, issuer.subject.der, 'buffer'), key: hash(algorithm, issuer.publicKeyInfo.key, 'buffer') };
  return made[algorithm];
};
