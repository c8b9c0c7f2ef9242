/** What a CRL is ingested for, and whether it says the same of itself. */
import { Name, parseName } from '../certificate/name.ts';
import { JpkiError } from '../errors.ts';
import { directoryNames, limitation, sameName } from '../revocation/crl/coverage.ts';
import type { DecodedExtensions } from '../revocation/crl/list.ts';
import { CERTIFICATE_CLASSES, type CertificateClass } from '../verdict.ts';

export interface CrlScope {
  readonly class: CertificateClass;
  /** The directory name that the certificates' distribution points give; RFC 4514 where it is text. */
  readonly distributionPoint: Name | string;
  /** `asserted`: the operator states that a CRL without issuingDistributionPoint is complete for this class and distribution point. Default `idp`. */
  readonly coverage?: 'idp' | 'asserted';
}

/** Throws `argument-invalid`. */
export const distributionPointOf = ({ class: of, distributionPoint }: CrlScope): Name => {
  if (!CERTIFICATE_CLASSES.includes(of)) throw new JpkiError('argument-invalid', 'scope.class: certificate class expected');
  const name = typeof distributionPoint === 'string' ? parseName(distributionPoint) : distributionPoint;
  if (!(name instanceof Name) || name.rdns.length === 0) {
    throw new JpkiError('argument-invalid', 'scope.distributionPoint: RFC 4514 name expected');
  }
  return name;
};

/** Null where the CRL speaks for every certificate of the scope. */
export const scopeShortfall = (
  { issuingDistributionPoint: idp }: Pick<DecodedExtensions, 'issuingDistributionPoint'>,
  issuer: Name,
  scope: CrlScope,
): { readonly code: 'crl-scope-mismatch' | 'crl-unsupported'; readonly detail: string } | null => {
  if (idp === null) return scope.coverage === 'asserted' ? null : { code: 'crl-scope-mismatch', detail: 'no-idp' };
  const limited = limitation(idp);
  if (limited !== null) return { code: limited.code, detail: limited.detail };
  const own = distributionPointOf(scope);
  return directoryNames(idp.name, issuer).some((name) => sameName(name, own))
    ? null
    : { code: 'crl-scope-mismatch', detail: 'distribution-point' };
};
