/** Responder certificates whose issuer's signature has verified once: neither signature nor key need be looked at again. */
import { createHash } from 'node:crypto';
import { type Certificate, readCertificateAt } from '../../certificate/certificate.ts';
import { DerReader } from '../../der/reader.ts';
import { type AlgorithmPolicy, verifySignedData } from '../../signature/signed-data.ts';

/** Per issuer. A class has a handful of responders at a time. */
const CAPACITY = 32;

interface Known {
  /** Read from a copy: a caller's buffer may change, and must not be held. */
  readonly certificate: Certificate;
  /** The rules under which the issuer's signature verified. */
  readonly verifiedUnder: Set<string>;
}

/** Held as long as the issuer's certificate is. */
const known = new WeakMap<Certificate, Map<string, Known>>();

const digestOf = (certificate: Certificate): string => createHash('sha256').update(certificate.der).digest('base64');
const rulesOf = ({ algorithms, minimumRsaBits }: AlgorithmPolicy): string => `${minimumRsaBits} ${[...algorithms].sort().join(' ')}`;

/** The same certificate, octet for octet, with its key imported already where it has been seen under this issuer. */
export const familiar = (responder: Certificate, issuer: Certificate): Certificate => {
  const own = known.get(issuer);
  return own === undefined ? responder : (own.get(digestOf(responder))?.certificate ?? responder);
};

/**
 * True where the issuer's very key signed the certificate with an allowed algorithm. Only that is remembered: validity, marks and revocation are asked
 * each time.
 */
export const isIssuedBy = (responder: Certificate, issuer: Certificate, policy: AlgorithmPolicy): boolean => {
  const digest = digestOf(responder);
  const rules = rulesOf(policy);
  const own = known.get(issuer) ?? new Map<string, Known>();
  const seen = own.get(digest);
  if (seen?.verifiedUnder.has(rules) === true) {
    own.delete(digest);
    own.set(digest, seen);
    return true;
  }
  const signed = { tbs: responder.tbs, algorithm: responder.signatureAlgorithm, signature: responder.signatureValue };
  if (verifySignedData(signed, issuer.publicKeyInfo, policy) !== 'ok') return false;
  own.set(digest, {
    certificate: seen?.certificate ?? readCertificateAt(new DerReader(new Uint8Array(responder.der)), { emptySubjectAltName: 'accept' }),
    verifiedUnder: (seen?.verifiedUnder ?? new Set()).add(rules),
  });
  for (const oldest of own.keys()) {
    if (own.size <= CAPACITY) break;
    own.delete(oldest);
  }
  known.set(issuer, own);
  return true;
};
