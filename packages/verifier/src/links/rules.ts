/** Whether two proven verdicts may become a link. Pure; the code is the first rule that is broken. */
import { JpkiError } from '../errors.ts';
import { factsOfProven } from '../proven.ts';
import type { ProvenVerdict } from '../verdict.ts';
import { isOneCeremony } from './ceremony.ts';
import type { CertificateName } from './identifier.ts';
import type { BasisClaim, EstablishContext, EstablishResult } from './ledger.types.ts';
import { type Basis, type LegalSource, RELATIONS, type Relation } from './link.ts';

/** Clocks of two processes of one relying party. */
const CLOCK_SKEW_MS = 5_000;

export type ProvenFacts = NonNullable<ReturnType<typeof factsOfProven>>;

export interface EstablishRules {
  readonly allowEarlierExpiry: boolean;
  readonly maxVerdictAgeSeconds: number;
  readonly issuerLinkInformation: readonly LegalSource[];
}

/** Throws `verdict-not-proven` for everything the verifier has not minted as valid. */
export const provenFacts = (verdict: ProvenVerdict): ProvenFacts => {
  const facts = factsOfProven(verdict);
  if (facts === null) throw new JpkiError('verdict-not-proven');
  return facts;
};

/** A verdict from the future is as useless as an old one. */
export const isFresh = ({ at }: Pick<ProvenFacts, 'at'>, now: number, maxVerdictAgeSeconds: number): boolean =>
  now - at <= maxVerdictAgeSeconds * 1000 && at - now <= CLOCK_SKEW_MS;

type Refused = Exclude<EstablishResult, { ok: true }>['code'];

export const brokenRule = (
  from: ProvenFacts,
  to: ProvenFacts,
  context: EstablishContext,
  now: number,
  rules: EstablishRules,
): Refused | null => {
  const relation: Relation = context.relation ?? 'authentication';
  const { ceremony, basis = { kind: 'same-session' } } = context;
  const rule = RELATIONS[relation];
  if (rule?.made !== 'ceremony') throw new JpkiError('argument-invalid', 'this relation is not made by two certificates of one ceremony');
  if (from.class !== rule.from || to.class !== rule.to) return 'link-carriers';
  if (!isFresh(from, now, rules.maxVerdictAgeSeconds) || !isFresh(to, now, rules.maxVerdictAgeSeconds)) return 'link-verdict-age';
  if (!isOneCeremony(from, to, { id: ceremony.id, steps: ceremony.steps ?? rule.steps })) return 'link-ceremony';
  if (rule.expiry === 'same') {
    if (to.certificate.notAfter > from.certificate.notAfter) return 'link-expiry-order';
    if (to.certificate.notAfter < from.certificate.notAfter && !rules.allowEarlierExpiry) return 'link-expiry-differs';
  }
  legalSourceOf(basis.kind, relation, rules);
  return agrees(basis, to.certificate) ? null : 'link-disagreement';
};

/** The configured article under which the issuer's word about such a pair is received; null for every other basis. Throws where none covers it. */
export const legalSourceOf = (
  kind: Basis,
  relation: Relation,
  { issuerLinkInformation }: Pick<EstablishRules, 'issuerLinkInformation'>,
): LegalSource | null => {
  if (kind !== 'issuer-link-information') return null;
  const source = RELATIONS[relation].legalSources.find((candidate) => issuerLinkInformation.includes(candidate));
  if (source === undefined) {
    throw new JpkiError(
      'argument-invalid',
      'issuer link information needs its legal source in the ledger’s configuration, one that covers the relation',
    );
  }
  return source;
};

const agrees = (basis: BasisClaim, to: CertificateName): boolean => {
  switch (basis.kind) {
    case 'same-session':
    case 'operator':
      return true;
    case 'platform-user-id':
      return basis.from !== '' && basis.from === basis.to;
    case 'issuer-link-information':
      return 'counterpart' in basis ? isNamed(basis.counterpart, to) : basis.agrees === true;
    default:
      throw new JpkiError('argument-invalid', 'the basis of a link is unknown');
  }
};

/** Compared in one spelling. */
export const isNamed = (named: CertificateName | null, certificate: CertificateName): boolean =>
  named != null &&
  named.issuerKeyId.toLowerCase() === certificate.issuerKeyId &&
  contentOctets(named.serialNumber) === contentOctets(certificate.serialNumber);

/** A serial number in hex as certificates hold it (DER, minimal, positive), however the issuer's word spells it. */
export const contentOctets = (serialNumber: string): string => {
  const bare = serialNumber.toLowerCase().replace(/^(00)+(?=..)/, '');
  return /^[89a-f]/.test(bare) ? `00${bare}` : bare;
};

/** The first instant (UTC) of the month after the earlier expiry: an expiry to the day is the holder's birthday. */
export const coarseExpiry = (from: ProvenFacts, to: ProvenFacts): string => {
  const earlier = new Date(Math.min(from.certificate.notAfter, to.certificate.notAfter));
  return new Date(Date.UTC(earlier.getUTCFullYear(), earlier.getUTCMonth() + 1, 1)).toISOString();
};
