/** Decides which of the four classes a certificate belongs to. Any contradiction is refused, never guessed away. */
import { hasPersonalAttributes, readPersonalAttributes } from '../certificate/attributes.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { type Extension, keyUsageMask, type PolicyInformation } from '../certificate/extensions.ts';
import type { Name } from '../certificate/name.ts';
import type { InvalidCode } from '../codes.ts';
import { OID } from '../der/oids.ts';
import type { Anchor, ClassProfile, Environment } from '../environment.types.ts';
import { algorithmOf, keyAllowed } from '../signature/algorithm.ts';
import { CERTIFICATE_CLASSES, type PersonalAttributes } from '../verdict.ts';

export type Classification =
  | { readonly profile: ClassProfile; readonly attributes: PersonalAttributes | null }
  /** `profile` is set where the policy names a class whose profile the certificate then contradicts. */
  | { readonly profile: ClassProfile | null; readonly code: InvalidCode; readonly detail: string };

/**
 * Policy OID → class, then everything else must be exactly that class's: key usage, extended key usage, personal attributes, the purpose of
 * the issuer, the distribution point, the algorithms. `anchor` is null where the issuer is not established; what depends on it is then left out.
 */
export const classify = (certificate: Certificate, anchor: Anchor | null, environment: Environment): Classification => {
  const policies = certificate.certificatePolicies;
  if (policies === null) return { profile: null, code: 'class-unknown', detail: 'no-policy' };
  const profile = profileOf(policies, environment);
  if (profile === null) return { profile: null, code: 'class-unknown', detail: 'policy-unknown' };
  if (policies.length !== 1) return { profile: null, code: 'class-conflict', detail: 'several-policies' };

  const refuse = (code: InvalidCode, detail: string): Classification => ({ profile, code, detail });
  if (!isCritical(certificate.extensions, OID.certificatePolicies)) return refuse('class-conflict', 'policy-not-critical');
  if (certificate.keyUsage !== keyUsageMask(profile.keyUsage)) return refuse('key-usage', 'key-usage-differs');
  if (!sameSet(certificate.extendedKeyUsage ?? NONE, profile.extendedKeyUsage))
    return refuse('extended-key-usage', 'extended-key-usage-differs');
  if (anchor !== null && anchor.purpose !== profile.purpose) return refuse('class-conflict', 'issuer-of-other-purpose');
  const point = distributionPointOf(certificate);
  if (point === null) return refuse('class-conflict', 'distribution-point-form');
  if (!point.isWithin(profile.crl.distributionPointBase)) return refuse('class-conflict', 'distribution-point-of-other-class');

  if (!keyAllowed(certificate.publicKeyInfo, profile)) return refuse('algorithm-not-allowed', 'key');
  if (anchor !== null) {
    const issuerKey = anchor.certificate.publicKeyInfo;
    const algorithm = algorithmOf(certificate.signatureAlgorithm, issuerKey);
    if (algorithm === null || !(profile.algorithms as readonly string[]).includes(algorithm) || !keyAllowed(issuerKey, profile)) {
      return refuse('algorithm-not-allowed', 'issuer-signature');
    }
  }

  if (!profile.personalAttributes) {
    return hasPersonalAttributes(certificate.subjectAltName)
      ? refuse('class-conflict', 'personal-attributes-present')
      : { profile, attributes: null };
  }
  if (certificate.subjectAltName === null || !hasPersonalAttributes(certificate.subjectAltName))
    return refuse('class-conflict', 'personal-attributes-absent');
  const read = readPersonalAttributes(certificate.subjectAltName);
  return 'fault' in read ? refuse('attributes-invalid', read.fault) : { profile, attributes: read.attributes };
};

const NONE: readonly string[] = [];

/** That of the first policy any class has. */
const profileOf = (policies: readonly PolicyInformation[], { classes }: Environment): ClassProfile | null => {
  for (const { oid } of policies) {
    for (const name of CERTIFICATE_CLASSES) {
      const profile = classes[name];
      if (profile?.policyOids.includes(oid) === true) return profile;
    }
  }
  return null;
};

const isCritical = (extensions: readonly Extension[], oid: string): boolean => {
  for (const extension of extensions) if (extension.oid === oid) return extension.critical;
  return false;
};

/**
 * The one directory name of the one distribution point, without reasons or cRLIssuer; null for every other form. It names the certificate's
 * partition: which CRL speaks about it.
 */
export const distributionPointOf = (certificate: Certificate): Name | null => {
  const points = certificate.crlDistributionPoints;
  const point = points?.[0];
  if (points?.length !== 1 || point === undefined || point.reasons !== null || point.crlIssuer !== null || point.name?.kind !== 'fullName')
    return null;
  const name = point.name.names[0];
  return point.name.names.length === 1 && name?.kind === 'directoryName' ? name.name : null;
};

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((x) => b.includes(x)) && b.every((x) => a.includes(x));
