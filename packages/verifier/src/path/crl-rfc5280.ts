/** What CRLs show about one certificate of a path (RFC 5280 §6.3.3), with invariant: a trusted listing is *revoked* whatever the list's age and coverage. */
import type { Certificate } from '../certificate/certificate.ts';
import type { IndeterminateCode } from '../codes.ts';
import { equalBytes } from '../der/bytes.ts';
import { OID } from '../der/oids.ts';
import { type CertificateList, compareCrlNumbers } from '../revocation/crl/list.ts';
import type { CrlPool } from './crl-pool.ts';
import { ALL_REASONS, distributionPointsOf, reasonsCovered, speaksAbout } from './crl-scope.ts';
import { type SignerQuestion, signerOf } from './crl-signer.ts';
import type { Session } from './session.ts';

export type CertificateStatus =
  | { readonly status: 'good' }
  | { readonly status: 'revoked' }
  | { readonly status: 'unknown'; readonly code: IndeterminateCode; readonly detail?: string };

interface Authentic {
  readonly list: CertificateList;
  /** The key that signed it, as SubjectPublicKeyInfo. */
  readonly key: Uint8Array;
  readonly listing: 'none' | 'hold' | 'revoked' | 'removed';
}

interface Shortfall {
  readonly code: IndeterminateCode;
  readonly detail?: string;
}

/** The nearer to usable, the earlier. */
const NEAREST_FIRST: readonly IndeterminateCode[] = [
  'crl-stale',
  'crl-not-yet-valid',
  'crl-unsupported',
  'crl-scope-mismatch',
  'crl-signature',
  'crl-malformed',
  'budget-crl',
];

/**
 * *Revoked*: a CRL that an authorised signer signed, issued no later than `at` + skew and without unknown critical extensions, lists the certificate,
 * and no delta of it takes a hold back. *Good*: also, complete lists that are in date cover all reasons for the certificate's distribution points.
 * Codes: `crl-missing`, `crl-malformed`, `crl-signature`, `crl-scope-mismatch`, `crl-stale`, `crl-not-yet-valid`, `crl-unsupported`, `budget-crl`.
 */
export const statusByCrls = (question: Omit<SignerQuestion, 'list'>, pool: CrlPool, session: Session): CertificateStatus => {
  const { certificate } = question;
  const shortfalls: Shortfall[] = pool.unreadable === null ? [] : [{ code: pool.unreadable }];
  const authentic: Authentic[] = [];
  for (const list of pool.lists) {
    if (!speaksAbout(list, certificate)) continue;
    const found = authenticate({ ...question, list }, pool, session);
    if ('code' in found) shortfalls.push(found);
    else authentic.push(found);
  }
  const bases = authentic.filter(({ list }) => list.baseCrlNumber === null);
  const deltas = authentic.filter(({ list }) => list.baseCrlNumber !== null);
  if (authentic.some((item) => item.listing === 'revoked' || (item.listing === 'hold' && !isReleased(item, deltas, session.at))))
    return { status: 'revoked' };

  const covered = reasonsShownGood(bases, certificate, session.at, shortfalls);
  if (covered === ALL_REASONS) return { status: 'good' };
  if (covered !== 0) return { status: 'unknown', code: 'crl-scope-mismatch', detail: 'reasons' };
  if (bases.length === 0 && deltas.length > 0) shortfalls.push({ code: 'crl-unsupported', detail: 'delta-without-base' });
  const [nearest] = shortfalls.sort((a, b) => NEAREST_FIRST.indexOf(a.code) - NEAREST_FIRST.indexOf(b.code));
  return { status: 'unknown', ...(nearest ?? { code: 'crl-missing' }) };
};

/** Everything that must hold before a list is believed at all. */
const authenticate = (question: SignerQuestion, pool: CrlPool, session: Session): Authentic | Shortfall => {
  const { list, certificate } = question;
  if (list.unprocessedCritical !== null) return { code: 'crl-unsupported', detail: 'critical-extension' };
  if (list.thisUpdate > session.at + session.skewMs) return { code: 'crl-not-yet-valid', detail: 'this-update' };
  const signer = signerOf(question, session);
  if ('detail' in signer) return { code: 'crl-signature', detail: signer.detail };
  const reasons = pool.entriesFor(list, certificate).map(({ reason }) => reason);
  const listing =
    reasons.length === 0
      ? 'none'
      : reasons.every((reason) => reason === 'removeFromCRL')
        ? 'removed'
        : reasons.every((reason) => reason === 'certificateHold' || reason === 'removeFromCRL')
          ? 'hold'
          : 'revoked';
  return { list, key: signer.key.der, listing };
};

/** §6.3.3 for each distribution point in turn: (a) in date, (b) in scope, (d) and (e) which reasons it adds, (l). */
const reasonsShownGood = (bases: readonly Authentic[], certificate: Certificate, at: number, shortfalls: Shortfall[]): number => {
  let covered = 0;
  for (const point of distributionPointsOf(certificate)) {
    for (const { list } of bases) {
      const reasons = reasonsCovered(list, point, certificate);
      if (reasons === 0) shortfalls.push({ code: 'crl-scope-mismatch' });
      else if (list.nextUpdate === null) shortfalls.push({ code: 'crl-stale', detail: 'no-next-update' });
      else if (at > list.nextUpdate) shortfalls.push({ code: 'crl-stale', detail: 'next-update' });
      else covered |= reasons;
    }
  }
  return covered;
};

/**
 * The newest delta of the list takes the hold back, and is in date. A delta names all that changed since its base (§5.2.4): where the newest is silent, or
 * two of one number differ, the hold stands, whatever an older one said.
 */
const isReleased = (base: Authentic, deltas: readonly Authentic[], at: number): boolean => {
  const own = deltas.filter((delta) => isDeltaOf(delta, base));
  const isNewest = ({ list: { crlNumber } }: Authentic): boolean =>
    own.every(({ list }) => crlNumber !== null && list.crlNumber !== null && compareCrlNumbers(list.crlNumber, crlNumber) <= 0);
  const newest = own.filter(isNewest);
  return (
    newest.length > 0 &&
    newest.every(({ listing, list: { nextUpdate } }) => listing === 'removed' && nextUpdate !== null && at <= nextUpdate)
  );
};

const keyIdentifierOf = ({ extensions }: CertificateList): Uint8Array =>
  extensions.find(({ oid }) => oid === OID.authorityKeyIdentifier)?.value ?? new Uint8Array(0);

/** §5.2.4, §6.3.3 (c), (h): same issuer, scope, key and key identifier; BaseCRLNumber ≤ number of the base < number of the delta. */
const isDeltaOf = (delta: Authentic, base: Authentic): boolean => {
  const { crlNumber: number, baseCrlNumber: lowest, issuingDistributionPoint: scope } = delta.list;
  const baseNumber = base.list.crlNumber;
  const baseScope = base.list.issuingDistributionPoint;
  if (number === null || lowest === null || baseNumber === null) return false;
  const sameScope = scope === null || baseScope === null ? scope === baseScope : equalBytes(scope.der, baseScope.der);
  return (
    sameScope &&
    equalBytes(delta.key, base.key) &&
    equalBytes(keyIdentifierOf(delta.list), keyIdentifierOf(base.list)) &&
    delta.list.issuer.equals(base.list.issuer) &&
    compareCrlNumbers(lowest, baseNumber) <= 0 &&
    compareCrlNumbers(baseNumber, number) < 0
  );
};
