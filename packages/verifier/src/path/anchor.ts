/** A trust anchor: a name, a key, and the constraints of the certificate they came in (RFC 5937). */
import type { Certificate } from '../certificate/certificate.ts';
import { unprocessedCriticalExtension } from '../certificate/certificate.ts';
import { keyUsageMask } from '../certificate/extensions.ts';
import { toBase64 } from '../der/bytes.ts';
import { OID } from '../der/oids.ts';
import type { PathFault } from './fault.ts';

export const KEY_CERT_SIGN: number = keyUsageMask(['keyCertSign']);

/** The extensions that path processing reads and acts on. */
export const PROCESSED_EXTENSIONS: ReadonlySet<string> = new Set([
  OID.keyUsage,
  OID.extendedKeyUsage,
  OID.basicConstraints,
  OID.certificatePolicies,
  OID.policyMappings,
  OID.policyConstraints,
  OID.inhibitAnyPolicy,
  OID.nameConstraints,
  OID.subjectAltName,
  OID.subjectKeyIdentifier,
  OID.authorityKeyIdentifier,
  OID.crlDistributionPoints,
]);

/** What makes two certificates the same to a path: canonical subject and public key, in one string. */
export const entityKey = (certificate: Certificate): string => {
  const known = ENTITY_KEYS.get(certificate);
  if (known !== undefined) return known;
  const { subject, publicKeyInfo } = certificate;
  const key = JSON.stringify([subject.canonicalRdns, toBase64(publicKeyInfo.der)]);
  ENTITY_KEYS.set(certificate, key);
  return key;
};

const ENTITY_KEYS = new WeakMap<Certificate, string>();

/** RFC 5280 §6.1: issuer and subject are the same name. */
export const isSelfIssued = (certificate: Certificate): boolean => certificate.issuer.equals(certificate.subject);

/**
 * What forbids the anchor to issue at `at`: validity, critical extensions, basicConstraints, keyUsage, and the extended key usage asked for.
 * The other constraints (nameConstraints, pathLen, policies) are the initial state of the path.
 */
export const anchorFault = (anchor: Certificate, at: number, extendedKeyUsage: string | undefined): PathFault | null => {
  if (at < anchor.notBefore) return { check: 'validity', code: 'path-not-yet-valid', detail: 'anchor' };
  if (at >= anchor.notAfter + 1000) return { check: 'validity', code: 'path-expired', detail: 'anchor' };
  if (unprocessedCriticalExtension(anchor.extensions, PROCESSED_EXTENSIONS) !== null)
    return { check: 'critical-extensions', code: 'unknown-critical-extension', detail: 'anchor' };
  if (anchor.basicConstraints?.ca !== true) return { check: 'basic-constraints', code: 'path-not-ca', detail: 'anchor' };
  if (anchor.keyUsage !== null && (anchor.keyUsage & KEY_CERT_SIGN) === 0)
    return { check: 'key-usage', code: 'path-key-usage', detail: 'anchor' };
  if (!allowsPurpose(anchor, extendedKeyUsage)) return { check: 'extended-key-usage', code: 'path-extended-key-usage', detail: 'anchor' };
  return null;
};

/** True where no purpose is asked for, the certificate names none, or it names this one or anyExtendedKeyUsage (RFC 5280 §4.2.1.12). */
export const allowsPurpose = ({ extendedKeyUsage }: Certificate, purpose: string | undefined): boolean =>
  purpose === undefined ||
  extendedKeyUsage === null ||
  extendedKeyUsage.includes(purpose) ||
  extendedKeyUsage.includes(OID.anyExtendedKeyUsage);
