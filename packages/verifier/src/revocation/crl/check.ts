/** What CRLs show about one certificate: RFC 5280 §6.3.3 in the profile of JPKI. */
import { hash } from 'node:crypto';
import { equalBytes, toHex } from '../../der/bytes.ts';
import { DerError } from '../../der/reader.ts';
import type { Anchor } from '../../environment.types.ts';
import { type AlgorithmPolicy, verifySignedData } from '../../signature/signed-data.ts';
import type { RevocationSourceReport } from '../../verdict.ts';
import { BudgetError, CRL_LIMITS, type CrlLimits, SKEW_MS } from '../budget.ts';
import { mergeRevocations, type Revocation } from '../reason.ts';
import type { OfferedData, StatusContext, StatusResult } from '../types.ts';
import { coverageOf } from './coverage.ts';
import { type CertificateList, compareCrlNumbers, readCertificateList } from './list.ts';

type CrlCode = NonNullable<Extract<RevocationSourceReport['code'], `crl-${string}` | 'budget-crl'>>;

interface Shortfall {
  readonly code: CrlCode;
  readonly detail?: string;
}

/** A CRL by the issuer's key that may be believed where it lists a certificate. */
interface Authentic {
  readonly list: CertificateList;
  /** The certificate is listed as revoked. */
  readonly listing: Revocation | null;
  /** The certificate is listed, and only with removeFromCRL. */
  readonly removed: boolean;
  /** Why it cannot show *good*; null where it can, as a complete list or as the delta of one. */
  readonly shortfall: Shortfall | null;
  readonly asserted: boolean;
}

interface Examined {
  readonly offered: OfferedData;
  readonly authentic: Authentic | null;
  readonly list: CertificateList | null;
  /** Set where the list is not authentic. */
  readonly refused: Shortfall | null;
}

/** The nearer to usable, the earlier: the first of these among several unusable CRLs names the result. */
const NEAREST_FIRST: readonly CrlCode[] = [
  'crl-stale',
  'crl-not-yet-valid',
  'crl-unsupported',
  'crl-scope-mismatch',
  'crl-signature',
  'crl-malformed',
  'budget-crl',
];

/**
 * All CRLs count. *Revoked* needs a strict CRL without unknown critical extensions, signed by the certificate issuer's own key, issued no later than
 * `at` + 300 s, that lists the certificate; neither age nor coverage matter. *Good* also needs coverage and freshness (nextUpdate not passed).
 * A base and its delta count together. Codes: `crl-missing`, `crl-malformed`, `crl-signature`, `crl-scope-mismatch`, `crl-stale`,
 * `crl-not-yet-valid`, `crl-unsupported`, `budget-crl`.
 */
export const checkCrls = (offered: readonly OfferedData[], context: StatusContext, limits: CrlLimits = CRL_LIMITS): StatusResult => {
  if (offered.length === 0) return { status: 'unknown', code: 'crl-missing', sources: [] };
  const examined = offered.map((data) => examine(data, context, limits));
  const authentic = examined.flatMap((item) => item.authentic ?? []);
  const bases = authentic.filter(({ list }) => list.baseCrlNumber === null);
  const deltas = authentic.filter(({ list }) => list.baseCrlNumber !== null);

  const judge = (item: Examined): Judged => {
    if (item.authentic === null) return { status: 'unusable', ...(item.refused as Shortfall) };
    const { list, listing, removed, shortfall, asserted } = item.authentic;
    if (list.baseCrlNumber === null) {
      if (listing !== null && !(listing.reason === 'certificateHold' && released(item.authentic, deltas)))
        return { status: 'revoked', listing };
    } else {
      if (listing !== null) return { status: 'revoked', listing };
      if (shortfall === null && !bases.some((base) => fits(base, item.authentic as Authentic))) {
        return { status: 'unusable', code: 'crl-unsupported', detail: removed ? 'removal-without-base' : 'delta-without-base' };
      }
    }
    return shortfall === null ? { status: 'good', asserted } : { status: 'unusable', ...shortfall };
  };
  const judged = examined.map(judge);
  const sources = examined.map((item, i) => reportOf(item, judged[i] as Judged));

  const revocation = mergeRevocations(judged.flatMap((j) => (j.status === 'revoked' ? [j.listing] : [])));
  if (revocation !== null) {
    const { reason, revokedAt } = revocation;
    return { status: 'revoked', code: 'revoked', reason, revokedAt: revokedAt === null ? null : new Date(revokedAt), sources };
  }
  if (judged.some((j) => j.status === 'good')) return { status: 'good', sources };
  const nearest = judged
    .flatMap((j) => (j.status === 'unusable' ? [j] : []))
    .reduce((a, b) => (NEAREST_FIRST.indexOf(b.code) < NEAREST_FIRST.indexOf(a.code) ? b : a));
  return { status: 'unknown', code: nearest.code, ...(nearest.detail === undefined ? {} : { detail: nearest.detail }), sources };
};

type Judged =
  | { readonly status: 'good'; readonly asserted: boolean }
  | { readonly status: 'revoked'; readonly listing: Revocation }
  | ({ readonly status: 'unusable' } & Shortfall);

const examine = (offered: OfferedData, context: StatusContext, limits: CrlLimits): Examined => {
  const { certificate, anchor, at } = context;
  let list: CertificateList;
  try {
    list = readCertificateList(offered.der, { serialNumber: certificate.serialNumber, limits });
  } catch (error) {
    if (error instanceof BudgetError) return { offered, authentic: null, list: null, refused: { code: 'budget-crl' } };
    if (error instanceof DerError) return { offered, authentic: null, list: null, refused: { code: 'crl-malformed' } };
    throw error;
  }
  const refuse = (code: CrlCode, detail: string): Examined => ({ offered, authentic: null, list, refused: { code, detail } });
  if (!list.issuer.equals(certificate.issuer)) return refuse('crl-scope-mismatch', 'issuer');
  const { keyUsage } = anchor.certificate;
  if (keyUsage !== null && (keyUsage & CRL_SIGN) === 0) return refuse('crl-signature', 'issuer-key-usage');
  const signed = { tbs: list.tbs, algorithm: list.signatureAlgorithm, signature: list.signatureValue };
  const signature = verifySignedData(signed, anchor.certificate.publicKeyInfo, algorithmPolicy(context));
  if (signature !== 'ok') return refuse('crl-signature', signature);
  if (list.version !== 2) return refuse('crl-unsupported', 'version-1');
  if (list.unprocessedCritical !== null) return refuse('crl-unsupported', 'critical-extension');
  if (list.thisUpdate > at + SKEW_MS) return refuse('crl-not-yet-valid', 'this-update');

  const entries = list.entries.filter(
    ({ certificateIssuer }) =>
      certificateIssuer === null || certificateIssuer.some((n) => n.kind === 'directoryName' && n.name.equals(certificate.issuer)),
  );
  const listing = mergeRevocations(
    entries.flatMap(({ reason, revocationDate }) => (reason === 'removeFromCRL' ? [] : [{ reason, revokedAt: revocationDate }])),
  );
  const coverage = coverageOf(list, context);
  const authentic: Authentic = {
    list,
    listing,
    removed: listing === null && entries.length > 0,
    shortfall: keyShortfall(list, context) ?? (coverage.covered ? ageShortfall(list, at) : coverage),
    asserted: coverage.covered && coverage.asserted,
  };
  return { offered, authentic, list, refused: null };
};

/** Bit 6 of KeyUsage. */
export const CRL_SIGN: number = 1 << 6;

export const algorithmPolicy = ({ profile }: Pick<StatusContext, 'profile'>): AlgorithmPolicy => ({
  algorithms: profile.algorithms,
  minimumRsaBits: profile.minimumRsaBits,
});

/** A CRL that names another key than the one that signed it contradicts itself. */
export const keyShortfall = (
  { authorityKeyIdentifier: aki }: Pick<CertificateList, 'authorityKeyIdentifier'>,
  { anchor }: { readonly anchor: Pick<Anchor, 'certificate' | 'keyId'> },
): Shortfall | null => {
  if (aki === null) return null;
  const issuer = anchor.certificate;
  const agrees =
    (aki.keyIdentifier === null || toHex(aki.keyIdentifier) === anchor.keyId) &&
    (aki.authorityCertSerialNumber === null || equalBytes(aki.authorityCertSerialNumber, issuer.serialNumber)) &&
    (aki.authorityCertIssuer === null || aki.authorityCertIssuer.some((n) => n.kind === 'directoryName' && n.name.equals(issuer.issuer)));
  return agrees ? null : { code: 'crl-signature', detail: 'authority-key-identifier' };
};

const ageShortfall = ({ nextUpdate }: CertificateList, at: number): Shortfall | null => {
  if (nextUpdate === null) return { code: 'crl-stale', detail: 'no-next-update' };
  return at > nextUpdate ? { code: 'crl-stale', detail: 'next-update' } : null;
};

/**
 * The newest delta of the base takes the hold back. An older one that did so has been superseded: a delta names all that changed since its base, so that a
 * newer one which is silent says that the hold stands again.
 */
const released = (base: Authentic, deltas: readonly Authentic[]): boolean => {
  const own = deltas.filter((delta) => isDeltaOf(delta, base));
  const isNewest = ({ list: { crlNumber } }: Authentic): boolean =>
    own.every(({ list }) => crlNumber !== null && list.crlNumber !== null && compareCrlNumbers(list.crlNumber, crlNumber) <= 0);
  const newest = own.filter(isNewest);
  // Two of one number that differ release nothing.
  return newest.length > 0 && newest.every((delta) => delta.removed && fits(base, delta));
};

/** One piece of data with its base: both usable. */
const fits = (base: Authentic, delta: Authentic): boolean => base.shortfall === null && delta.shortfall === null && isDeltaOf(delta, base);

/** RFC 5280 §5.2.4: same issuer and key (both were verified), same scope, BaseCRLNumber ≤ number of the complete CRL < number of the delta. */
const isDeltaOf = (delta: Authentic, base: Authentic): boolean => {
  const [number, deltaNumber, baseNumber] = [base.list.crlNumber, delta.list.crlNumber, delta.list.baseCrlNumber];
  if (number === null || deltaNumber === null || baseNumber === null) return false;
  const scope = base.list.issuingDistributionPoint;
  const deltaScope = delta.list.issuingDistributionPoint;
  const sameScope = scope === null || deltaScope === null ? scope === deltaScope : equalBytes(scope.der, deltaScope.der);
  return sameScope && compareCrlNumbers(baseNumber, number) <= 0 && compareCrlNumbers(number, deltaNumber) < 0;
};

const reportOf = ({ offered, list }: Examined, judged: Judged): RevocationSourceReport => ({
  kind: 'crl',
  status: judged.status,
  ...(judged.status === 'unusable' ? { code: judged.code, ...(judged.detail === undefined ? {} : { detail: judged.detail }) } : {}),
  ...(judged.status === 'good' && judged.asserted ? { coverage: 'asserted' as const } : {}),
  ...(list === null ? {} : { thisUpdate: new Date(list.thisUpdate) }),
  ...(list === null || list.nextUpdate === null ? {} : { nextUpdate: new Date(list.nextUpdate) }),
  sha256: offered.sha256 ?? hash('sha256', offered.der, 'hex'),
  origin: offered.origin,
});
