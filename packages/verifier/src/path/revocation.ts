/** RFC 5280 §6.1.3 (a)(3): which status data speak for the certificates of a path. */
import type { Certificate } from '../certificate/certificate.ts';
import { checkCrls } from '../revocation/crl/check.ts';
import { checkOcspResponses } from '../revocation/ocsp/check.ts';
import type { OfferedData, StatusResult } from '../revocation/types.ts';
import { BudgetSpent } from './budget.ts';
import type { CandidatePath } from './build.ts';
import { statusContext } from './class-profile.ts';
import { CrlPool } from './crl-pool.ts';
import { type CertificateStatus, statusByCrls } from './crl-rfc5280.ts';
import type { PathFault } from './fault.ts';
import { configuredCertificate } from './input.ts';
import type { Session } from './session.ts';
import type { ValidatePathInput } from './types.ts';

/** Null proves that each certificate but the anchor is good. */
export type RevocationOfPath = (path: CandidatePath) => PathFault | null;

/** The status of one certificate under the issuer it has in its path. */
export type StatusSource = (certificate: Certificate, issuer: Certificate, anchor: Certificate) => CertificateStatus;

export const revocationFor = (input: ValidatePathInput, session: Session): RevocationOfPath => {
  if (input.revocation === 'none') return () => null;
  const { crls = [], ocspResponses = [] } = input;
  if (crls.length > session.account.limits.statusObjects) throw new BudgetSpent('budget-crl');
  if (ocspResponses.length > session.account.limits.statusObjects) throw new BudgetSpent('budget-ocsp');
  return pathRevocation(sourceFor(input, session, crls, ocspResponses));
};

const sourceFor = (
  { revocation, crlProfile = 'rfc5280', ocspResponders = [] }: ValidatePathInput,
  session: Session,
  crls: readonly Uint8Array[],
  ocspResponses: readonly Uint8Array[],
): StatusSource => {
  if (revocation === 'crl' && crlProfile === 'rfc5280') return crlSource(new CrlPool(crls), session);
  const offered = (revocation === 'crl' ? crls : ocspResponses).map((der): OfferedData => ({ der, origin: 'handed-in' }));
  const options = { pinnedResponders: ocspResponders.map((der, i) => configuredCertificate(der, `/ocspResponders/${i}`)) };
  return (certificate, issuer) => {
    const context = statusContext(certificate, issuer, options, session);
    if (context === null)
      return { status: 'unknown', code: revocation === 'crl' ? 'crl-signature' : 'ocsp-signature', detail: 'issuer-key' };
    session.account.spend('signatures', offered.length);
    return statusOf(revocation === 'crl' ? checkCrls(offered, context) : checkOcspResponses(offered, null, context));
  };
};

const statusOf = (result: StatusResult): CertificateStatus => {
  switch (result.status) {
    case 'good':
    case 'revoked':
      return { status: result.status };
    default:
      return { status: 'unknown', code: result.code, ...(result.detail === undefined ? {} : { detail: result.detail }) };
  }
};

/** Every certificate is looked at, from the anchor down: one that is revoked outweighs one that is unknown. */
const pathRevocation =
  (statusOf: StatusSource): RevocationOfPath =>
  ({ anchor, certificates }) => {
    let unknown: PathFault | null = null;
    for (const [i, certificate] of certificates.entries()) {
      const isTarget = i === certificates.length - 1;
      const status = statusOf(certificate, certificates[i - 1] ?? anchor, anchor);
      if (status.status === 'good') continue;
      if (status.status === 'revoked') {
        const fault: PathFault = { check: 'revocation', code: 'revoked', detail: isTarget ? 'target' : 'issuer' };
        // Only a listing whose own authority is beyond doubt ends the search for other paths.
        return isTarget && unknown === null ? { ...fault, final: true } : fault;
      }
      unknown ??= { check: 'revocation', code: status.code, ...(status.detail === undefined ? {} : { detail: status.detail }) };
    }
    return unknown;
  };

/**
 * The one circle that stands: the CA that issued a CRL signer's certificate named, in its distribution point, that very signer as cRLIssuer. Then the
 * signer's own list speaks about it, and only its listing there can tell (PKITS 4.14.30).
 */
const isItsOwnCrlIssuer = ({ crlDistributionPoints, subject }: Certificate): boolean =>
  (crlDistributionPoints ?? []).some(({ crlIssuer }) =>
    crlIssuer?.some((name) => name.kind === 'directoryName' && name.name.equals(subject)),
  );

/**
 * RFC 5280 §6.3. Signers of CRLs have paths of their own, whose certificates need CRLs in turn. A certificate whose status is being asked for cannot
 * help to answer: such a circle shows nothing.
 */
const crlSource = (pool: CrlPool, session: Session): StatusSource => {
  const asked: Certificate[] = [];
  const settled = new Map<string, CertificateStatus>();
  const numbers = new Map<Certificate, number>();
  const numberOf = (certificate: Certificate): number => {
    const number = numbers.get(certificate) ?? numbers.size;
    numbers.set(certificate, number);
    return number;
  };
  const source: StatusSource = (certificate, issuer, anchor) => {
    const question = [certificate, issuer, anchor].map(numberOf).join();
    const known = settled.get(question);
    if (known !== undefined) return known;
    if (asked.includes(certificate)) {
      return asked.at(-1) === certificate && isItsOwnCrlIssuer(certificate)
        ? { status: 'good' }
        : { status: 'unknown', code: 'crl-signature', detail: 'circular' };
    }
    asked.push(certificate);
    const revocation = pathRevocation(source);
    const status = statusByCrls({ certificate, issuer, anchor, revocation }, pool, session);
    asked.pop();
    // What was not found inside a circle may be found outside it.
    if (status.status !== 'unknown' || asked.length === 0) settled.set(question, status);
    return status;
  };
  return source;
};
