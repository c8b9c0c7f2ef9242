/** Whether a CRL speaks for a certificate (RFC 5280 §6.3.3 (b)), narrowed to what JPKI publishes: one CRL per partition, separate by carrier. */
import type { DistributionPointName } from '../../certificate/general-name.ts';
import { Name } from '../../certificate/name.ts';
import type { StatusContext } from '../types.ts';
import type { IssuingDistributionPoint } from './issuing-distribution-point.ts';
import type { CertificateList } from './list.ts';

export type Coverage =
  | { readonly covered: true; readonly asserted: boolean }
  | { readonly covered: false; readonly code: 'crl-scope-mismatch' | 'crl-unsupported'; readonly detail: string };

const uncovered = (code: 'crl-scope-mismatch' | 'crl-unsupported', detail: string): Extract<Coverage, { covered: false }> => ({
  covered: false,
  code,
  detail,
});

/**
 * Covered: the CRL's issuingDistributionPoint names the certificate's distribution point as a directory name below the class's base, and is limited
 * neither to other kinds of certificates nor to some reasons. Without issuingDistributionPoint only an operator's assertion shows coverage.
 */
export const coverageOf = (list: CertificateList, { certificate, profile }: StatusContext): Coverage => {
  const idp = list.issuingDistributionPoint;
  if (idp === null) {
    return profile.crl.coverage === 'asserted' ? { covered: true, asserted: true } : uncovered('crl-scope-mismatch', 'no-idp');
  }
  const limited = limitation(idp);
  if (limited !== null) return limited;
  const published = directoryNames(idp.name, list.issuer);
  const own = distributionPointNames({ certificate, profile });
  return own.some((name) => published.some((other) => sameName(name, other)))
    ? { covered: true, asserted: false }
    : uncovered('crl-scope-mismatch', 'distribution-point');
};

/** What keeps a CRL from speaking for every certificate of its distribution point; null where nothing does. */
export const limitation = (idp: IssuingDistributionPoint): Extract<Coverage, { covered: false }> | null => {
  if (idp.indirectCrl) return uncovered('crl-unsupported', 'indirect');
  if (idp.onlySomeReasons !== null) return uncovered('crl-unsupported', 'only-some-reasons');
  if (idp.onlyContainsCaCerts) return uncovered('crl-scope-mismatch', 'only-ca-certs');
  if (idp.onlyContainsAttributeCerts) return uncovered('crl-scope-mismatch', 'only-attribute-certs');
  return idp.name === null ? uncovered('crl-scope-mismatch', 'idp-without-name') : null;
};

/** The directory names of the certificate's distribution points that belong to its class; points with reasons or a cRLIssuer are outside the profile. */
export const distributionPointNames = ({ certificate, profile }: Pick<StatusContext, 'certificate' | 'profile'>): readonly Name[] =>
  (certificate.crlDistributionPoints ?? [])
    .filter((point) => point.reasons === null && point.crlIssuer === null)
    .flatMap((point) => directoryNames(point.name, certificate.issuer))
    .filter((name) => name.isWithin(profile.crl.distributionPointBase));

/** Whether `published` is one of `distributionPointNames`: asked at every look-up in an index, so that no list is made. */
export const isDistributedAt = ({ certificate, profile }: Pick<StatusContext, 'certificate' | 'profile'>, published: Name): boolean => {
  const { crlDistributionPoints } = certificate;
  if (crlDistributionPoints === null) return false;
  for (const { name, reasons, crlIssuer } of crlDistributionPoints) {
    if (name === null || reasons !== null || crlIssuer !== null) continue;
    if (name.kind === 'fullName') {
      for (const general of name.names) if (general.kind === 'directoryName' && isPointOf(general.name, profile, published)) return true;
    } else if (directoryNames(name, certificate.issuer).some((own) => isPointOf(own, profile, published))) return true;
  }
  return false;
};

const isPointOf = (name: Name, { crl }: StatusContext['profile'], published: Name): boolean =>
  sameName(name, published) && name.isWithin(crl.distributionPointBase);

/** A name relative to the CRL issuer is put together. */
export const directoryNames = (name: DistributionPointName | null, issuer: Name): readonly Name[] => {
  if (name === null) return [];
  if (name.kind === 'fullName') return name.names.flatMap((general) => (general.kind === 'directoryName' ? [general.name] : []));
  // RFC 5280 §4.2.1.13: the fragment is appended to the name of the CRL issuer.
  return [new Name(new Uint8Array(0), [...issuer.rdns, name.rdn])];
};

/** RFC 5280 §7.1, by components only: a name put together from a fragment has no encoding of its own. `published` is the one that lives longer. */
export const sameName = (name: Name, published: Name): boolean => name.sameAs(published);
