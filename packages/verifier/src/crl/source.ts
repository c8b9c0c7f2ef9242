/** Indexes as a source of revocation status. */
import { createHash } from 'node:crypto';
import { type Name, parseName } from '../certificate/name.ts';
import type { Anchor } from '../environment.types.ts';
import { SKEW_MS } from '../revocation/budget.ts';
import { isDistributedAt } from '../revocation/crl/coverage.ts';
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
    check: (query, { signal }): RevocationAnswer => {
      signal?.throwIfAborted();
      return answer(query, typeof indexes === 'function' ? indexes() : indexes);
    },
  } satisfies RevocationSource);

const answer = (query: RevocationQuery, indexes: readonly CrlIndex[]): RevocationAnswer => {
  const { certificate, anchor, at } = query;
  // Another issuer's serial numbers are not this one's.
  if (!certificate.issuer.equals(anchor.certificate.subject)) return { kind: 'failed', code: 'crl-missing', detail: 'issuer' };
  const key = keyOf(anchor);
  const listings: { readonly index: CrlIndex; readonly listing: CrlListing }[] = [];
  let unreadable: CrlIndexError | undefined;
  let owned = false;
  let newest: CrlIndex | undefined;
  for (const index of indexes) {
    const { info } = index;
    if (info.issuerKeySha256 !== key) continue;
    owned = true;
    try {
      const listing = index.lookup(certificate.serialNumber);
      if (listing !== null && isIssued(info, at)) listings.push({ index, listing });
    } catch (error) {
      if (!(error instanceof CrlIndexError)) throw error;
      unreadable = error;
    }
    if (covers(index, query) && (newest === undefined || isPreferred(info, newest.info, at))) newest = index;
  }
  const [first] = listings;
  if (first !== undefined) {
    const merged = mergeRevocations(listings.map(({ listing }) => ({ reason: listing.reason, revokedAt: listing.revokedAt.getTime() })));
    return {
      kind: 'determination',
      report: report(first.index.info, 'revoked'),
      reason: merged?.reason ?? first.listing.reason,
      ...(merged === null || merged.revokedAt === null ? {} : { revokedAt: new Date(merged.revokedAt) }),
    };
  }
  if (unreadable !== undefined) return { kind: 'failed', code: 'crl-missing', detail: unreadable.code };
  if (newest === undefined) {
    return { kind: 'failed', code: owned ? 'crl-scope-mismatch' : 'crl-missing', detail: owned ? 'no-scope' : 'no-index' };
  }
  return { kind: 'determination', report: aged(newest.info, at) };
};

const isIssued = ({ thisUpdate }: CrlIndexInfo, at: number): boolean => thisUpdate.getTime() <= at + SKEW_MS;

/** The newest that has been issued by then; where there is none, any tells why. */
const isPreferred = (info: CrlIndexInfo, best: CrlIndexInfo, at: number): boolean => {
  const issued = isIssued(info, at);
  return issued === isIssued(best, at) ? info.thisUpdate.getTime() > best.thisUpdate.getTime() : issued;
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
  // Copies: a date cannot be frozen, and the index's own decide about freshness.
  thisUpdate: new Date(info.thisUpdate),
  ...(info.nextUpdate === null ? {} : { nextUpdate: new Date(info.nextUpdate) }),
  sha256: info.sha256,
  origin: 'fetched',
});

const covers = (index: CrlIndex, query: RevocationQuery): boolean => {
  const { info } = index;
  if (info.class !== query.class || query.profile.class !== query.class) return false;
  if (info.scopeSha256 === null && query.profile.crl.coverage !== 'asserted') return false;
  const published = pointOf(index);
  return published !== null && isDistributedAt(query, published);
};

const points = new WeakMap<CrlIndex, Name | null>();
/** The index's distribution point, read once. */
const pointOf = (index: CrlIndex): Name | null => {
  const known = points.get(index);
  if (known !== undefined) return known;
  const point = parseName(index.info.distributionPoint);
  points.set(index, point);
  return point;
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
