/** Indexes as a source of revocation status. */
import { createHash } from 'node:crypto';
import { parseName } from '../certificate/name.ts';
import type { Anchor } from '../environment.types.ts';
import { SKEW_MS } from '../revocation/budget.ts';
import { distributionPointNames, sameName } from '../revocation/crl/coverage.ts';
import { mergeRevocations } from '../revocation/reason.ts';
import type { RevocationAnswer, RevocationQuery, RevocationSource } from '../revocation/types.ts';
import { CERTIFICATE_CLASSES, type CertificateClass, type RevocationSourceReport } from '../verdict.ts';
import { CrlIndexError } from './index-error.ts';
import type { CrlIndex, CrlListing } from './index-file.ts';
import type { CrlIndexInfo } from './info.ts';

export interface CrlIndexSourceOptions {
  /** Opened indexes; a function is asked at every check, so that a keeper can swap them. */
  readonly indexes: readonly CrlIndex[] | (() => readonly CrlIndex[]);
  /** Default: every class. */
  readonly classes?: readonly CertificateClass[];
}

/**
 * A source that answers from indexes of CRLs whose signature was verified when they were ingested. *Revoked*: an index of the issuer's very key, of any
 * class or age but not of the future, lists the certificate. *Good*: an index of that key, of exactly this class and distribution point, that is fresh at
 * `at`, does not list it. An index that cannot be read makes the answer a failure, never *good*.
 */
export const crlIndexSource = ({ indexes, classes = CERTIFICATE_CLASSES }: CrlIndexSourceOptions): RevocationSource =>
  Object.freeze({
    kind: 'crl',
    classes,
    check: async (query, { signal }): Promise<RevocationAnswer> => {
      signal?.throwIfAborted();
      return answer(query, typeof indexes === 'function' ? indexes() : indexes);
    },
  } satisfies RevocationSource);

const answer = (query: RevocationQuery, indexes: readonly CrlIndex[]): RevocationAnswer => {
  const { certificate, anchor, at } = query;
  // Another issuer's serial numbers are not this one's.
  if (!certificate.issuer.equals(anchor.certificate.subject)) return { kind: 'failed', code: 'crl-missing', detail: 'issuer' };
  const key = keyOf(anchor);
  const own = indexes.filter(({ info }) => info.issuerKeySha256 === key);
  const listings: { readonly index: CrlIndex; readonly listing: CrlListing }[] = [];
  let unreadable: CrlIndexError | undefined;
  for (const index of own) {
    try {
      const listing = index.lookup(certificate.serialNumber);
      if (listing !== null && index.info.thisUpdate.getTime() <= at + SKEW_MS) listings.push({ index, listing });
    } catch (error) {
      if (!(error instanceof CrlIndexError)) throw error;
      unreadable = error;
    }
  }
  const merged = mergeRevocations(listings.map(({ listing }) => ({ reason: listing.reason, revokedAt: listing.revokedAt.getTime() })));
  const [first] = listings;
  if (merged !== null && first !== undefined) {
    return {
      kind: 'determination',
      report: report(first.index.info, 'revoked'),
      reason: merged.reason,
      ...(merged.revokedAt === null ? {} : { revokedAt: new Date(merged.revokedAt) }),
    };
  }
  if (unreadable !== undefined) return { kind: 'failed', code: 'crl-missing', detail: unreadable.code };
  const covering = own.filter(({ info }) => covers(info, query));
  if (covering.length === 0) {
    return {
      kind: 'failed',
      code: own.length === 0 ? 'crl-missing' : 'crl-scope-mismatch',
      detail: own.length === 0 ? 'no-index' : 'no-scope',
    };
  }
  // The newest that has been issued by then; where there is none, any tells why.
  const newest = covering.toSorted((a, b) => b.info.thisUpdate.getTime() - a.info.thisUpdate.getTime());
  const { info } = newest.find((index) => index.info.thisUpdate.getTime() <= at + SKEW_MS) ?? (newest[0] as CrlIndex);
  return { kind: 'determination', report: aged(info, at) };
};

const aged = (info: CrlIndexInfo, at: number): RevocationSourceReport => {
  if (info.thisUpdate.getTime() > at + SKEW_MS) return { ...report(info, 'unusable'), code: 'crl-not-yet-valid', detail: 'this-update' };
  if (info.nextUpdate === null) return { ...report(info, 'unusable'), code: 'crl-stale', detail: 'no-next-update' };
  if (at > info.nextUpdate.getTime()) return { ...report(info, 'unusable'), code: 'crl-stale', detail: 'next-update' };
  return report(info, 'good');
};

/** An override that an operator decided on is named wherever the index is believed. */
const report = (info: CrlIndexInfo, status: RevocationSourceReport['status']): RevocationSourceReport => ({
  kind: 'crl',
  status,
  ...(info.override === null ? {} : { detail: 'operator-override' }),
  ...(info.coverage === 'asserted' && info.scopeSha256 === null && status === 'good' ? { coverage: 'asserted' as const } : {}),
  thisUpdate: info.thisUpdate,
  ...(info.nextUpdate === null ? {} : { nextUpdate: info.nextUpdate }),
  sha256: info.sha256,
  origin: 'fetched',
});

const covers = (info: CrlIndexInfo, query: RevocationQuery): boolean => {
  if (info.class !== query.class || query.profile.class !== query.class) return false;
  if (info.scopeSha256 === null && query.profile.crl.coverage !== 'asserted') return false;
  const published = parseName(info.distributionPoint);
  return published !== null && distributionPointNames(query).some((name) => sameName(name, published));
};

const keys = new WeakMap<Anchor, string>();
/** SHA-256 of the anchor's public key, calculated once. */
const keyOf = (anchor: Anchor): string => {
  const known = keys.get(anchor);
  if (known !== undefined) return known;
  const key = createHash('sha256').update(anchor.certificate.publicKeyInfo.der).digest('hex');
  keys.set(anchor, key);
  return key;
};
