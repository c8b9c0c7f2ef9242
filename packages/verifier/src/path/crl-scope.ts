/** Whether a CRL is one for a distribution point of a certificate, and for which reasons (RFC 5280 §6.3.3 (b), (d)). */
import type { Certificate } from '../certificate/certificate.ts';
import type { DistributionPoint } from '../certificate/extensions.ts';
import type { DistributionPointName, GeneralName } from '../certificate/general-name.ts';
import { Name } from '../certificate/name.ts';
import { equalBytes } from '../der/bytes.ts';
import { sameName } from '../revocation/crl/coverage.ts';
import type { CertificateList } from '../revocation/crl/list.ts';

/** Bits 1 to 8 of ReasonFlags; bit 0 is unused. */
export const ALL_REASONS = 0x1fe;

/** §6.3.3 at its end: a point with the issuer's name, without reasons and cRLIssuer, stands for the CRLs no point names. */
export const distributionPointsOf = (certificate: Certificate): readonly DistributionPoint[] => [
  ...(certificate.crlDistributionPoints ?? []),
  { name: { kind: 'fullName', names: [{ kind: 'directoryName', name: certificate.issuer }] }, reasons: null, crlIssuer: null },
];

/** True where the CRL may list this certificate: by its own issuer, or as the indirect CRL that one of its points names. */
export const speaksAbout = (list: CertificateList, certificate: Certificate): boolean => {
  if (list.issuingDistributionPoint?.onlyContainsAttributeCerts === true) return false;
  return list.issuer.equals(certificate.issuer) || (certificate.crlDistributionPoints ?? []).some((point) => isNamedIndirect(list, point));
};

const isNamedIndirect = (list: CertificateList, { crlIssuer }: DistributionPoint): boolean =>
  crlIssuer !== null && list.issuingDistributionPoint?.indirectCrl === true && directoryNames(crlIssuer).some((n) => n.equals(list.issuer));

/** §6.3.3 (b), (d): the reasons that the list covers for this point; 0 where it is none of its lists. */
export const reasonsCovered = (list: CertificateList, point: DistributionPoint, certificate: Certificate): number => {
  // (b)(1)
  if (point.crlIssuer === null ? !list.issuer.equals(certificate.issuer) : !isNamedIndirect(list, point)) return 0;
  const pointReasons = point.reasons === null ? ALL_REASONS : point.reasons & ALL_REASONS;
  const idp = list.issuingDistributionPoint;
  if (idp === null) return pointReasons;
  // (b)(2)(i)
  if (idp.name !== null && !namesMeet(idp.name, list.issuer, point, certificate)) return 0;
  // (b)(2)(ii) to (iv)
  const isCa = certificate.basicConstraints?.ca === true;
  if ((idp.onlyContainsUserCerts && isCa) || (idp.onlyContainsCaCerts && !isCa) || idp.onlyContainsAttributeCerts) return 0;
  // (d)
  return pointReasons & (idp.onlySomeReasons ?? ALL_REASONS);
};

/** One of the names of the CRL's point is one of the names of the certificate's point, or of its cRLIssuer where the point has no name. */
const namesMeet = (published: DistributionPointName, crlIssuer: Name, point: DistributionPoint, certificate: Certificate): boolean => {
  const theirs = fullNames(published, [crlIssuer]);
  const ours =
    point.name === null
      ? (point.crlIssuer ?? [])
      : fullNames(point.name, point.crlIssuer === null ? [certificate.issuer] : directoryNames(point.crlIssuer));
  return ours.some((name) => theirs.some((other) => sameGeneralName(name, other)));
};

/** A name relative to the CRL issuer is its RDN below that issuer's name (§4.2.1.13, §5.2.5); it has no encoding of its own. */
const fullNames = (name: DistributionPointName, issuers: readonly Name[]): readonly GeneralName[] =>
  name.kind === 'fullName'
    ? name.names
    : issuers.map((issuer) => ({ kind: 'directoryName', name: new Name(new Uint8Array(0), [...issuer.rdns, name.rdn]) }));

const directoryNames = (names: readonly GeneralName[]): readonly Name[] =>
  names.flatMap((general) => (general.kind === 'directoryName' ? [general.name] : []));

/** Names of all forms: directory names by §7.1, the rest as they stand. */
const sameGeneralName = (a: GeneralName, b: GeneralName): boolean => {
  switch (a.kind) {
    case 'directoryName':
      return b.kind === a.kind && sameName(a.name, b.name);
    case 'rfc822Name':
    case 'dNSName':
    case 'uniformResourceIdentifier':
      return b.kind === a.kind && a.text === b.text;
    case 'iPAddress':
      return b.kind === a.kind && equalBytes(a.octets, b.octets);
    case 'registeredID':
      return b.kind === a.kind && a.oid === b.oid;
    case 'otherName':
      return b.kind === a.kind && a.typeId === b.typeId && equalBytes(a.value, b.value);
    default:
      return b.kind === a.kind && equalBytes(a.der, b.der);
  }
};
