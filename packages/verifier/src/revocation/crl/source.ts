/** Fetches the CRL of the certificate's partition from where the environment says it is published. */
import type { Name } from '../../certificate/name.ts';
import type { Fetcher } from '../../net/fetcher.types.ts';
import { CERTIFICATE_CLASSES, type CertificateClass } from '../../verdict.ts';
import { CRL_LIMITS, SKEW_MS } from '../budget.ts';
import { SingleFlight } from '../single-flight.ts';
import { CRL_MEDIA_TYPES, detailOf, mediaTypeOf } from '../transport.ts';
import type { RevocationAnswer, RevocationQuery, RevocationSource } from '../types.ts';
import { checkCrls } from './check.ts';
import { distributionPointNames, sameName } from './coverage.ts';

export interface CrlSourceOptions {
  readonly fetcher: Fetcher;
  /** Default: every class the environment has. */
  readonly classes?: readonly CertificateClass[];
  readonly timeoutMs?: number;
  /** Octets of one CRL. */
  readonly maxBytes?: number;
  /** Octets of all CRLs kept; 0 keeps none. */
  readonly cacheBytes?: number;
  /** A kept CRL older than this is asked for again; where that fails it serves until its nextUpdate. */
  readonly refreshSeconds?: number;
}

const DEFAULTS = {
  classes: CERTIFICATE_CLASSES,
  timeoutMs: 30_000,
  maxBytes: CRL_LIMITS.maxBytes,
  cacheBytes: 128 * 1024 * 1024,
  refreshSeconds: 3_600,
} as const;

/**
 * A source that looks up `crl.sources` of the class by anchor and by the certificate's distribution point (RFC 5280 §7.1), never by a URI of the
 * certificate, and GETs the CRL there. A CRL that passed every check is kept until its nextUpdate, within `cacheBytes`, and renewed after
 * `refreshSeconds`; verifications that need the same CRL at the same time share one request.
 */
export const crlSource = (options: CrlSourceOptions): RevocationSource => {
  const { fetcher, classes, timeoutMs, maxBytes, cacheBytes, refreshSeconds } = { ...DEFAULTS, ...options };
  const cache = new CrlCache(cacheBytes);
  const flight = new SingleFlight<Fetched>();

  const fetchCrl = async (url: string): Promise<Fetched> => {
    try {
      const response = await fetcher({ url, method: 'GET', headers: { accept: 'application/pkix-crl' }, maxBytes, timeoutMs });
      if (response.status !== 200) return { der: null, detail: 'http-status' };
      return CRL_MEDIA_TYPES.has(mediaTypeOf(response)) ? { der: response.body } : { der: null, detail: 'content-type' };
    } catch (error) {
      return { der: null, detail: detailOf(error) };
    }
  };
  const source: RevocationSource = {
    kind: 'crl',
    classes,
    check: async (query, { signal }): Promise<RevocationAnswer> => {
      const crls: Uint8Array[] = [];
      let detail = 'no-source';
      for (const url of urlsFor(query)) {
        const key = `${query.anchor.sha256} ${query.class} ${url}`;
        const kept = cache.get(key, query.at);
        if (kept !== undefined && Math.abs(query.at - kept.fetchedFor) <= refreshSeconds * 1000) {
          crls.push(kept.der);
          continue;
        }
        const fetched = await flight.finish(url, () => fetchCrl(url), signal);
        if (fetched.der !== null) {
          const useful = keep(cache, key, fetched.der, query);
          crls.push(fetched.der);
          if (useful) continue;
        } else detail = fetched.detail;
        // The CA has issued what is kept for this very time: it stands until its nextUpdate.
        if (kept !== undefined) crls.push(kept.der);
      }
      return crls.length === 0 ? { kind: 'failed', code: 'crl-missing', detail } : { kind: 'data', crls };
    },
  };
  return Object.freeze(source);
};

type Fetched = { readonly der: Uint8Array } | { readonly der: null; readonly detail: string };

/** A source is published for one distribution point; where the operator asserts coverage, also for all below the name it gives. */
const urlsFor = ({ certificate, profile, anchor }: RevocationQuery): readonly string[] => {
  const names = distributionPointNames({ certificate, profile });
  const { sources, coverage } = profile.crl;
  const serves = (published: Name): boolean =>
    names.some((name) => sameName(name, published) || (coverage === 'asserted' && name.isWithin(published)));
  const serving = sources.filter(({ anchor: id, distributionPoint }) => id === anchor.id && serves(distributionPoint));
  return [...new Set(serving.map(({ url }) => url))];
};

/** Only what proves something here is kept: whoever can put bytes on the wire must not be able to fill the cache with them. */
const keep = (cache: CrlCache, key: string, der: Uint8Array, query: RevocationQuery): boolean => {
  const [report] = checkCrls([{ der, origin: 'fetched' }], query).sources;
  if (report === undefined || (report.status !== 'good' && report.status !== 'revoked')) return false;
  const { thisUpdate, nextUpdate } = report;
  if (thisUpdate === undefined || nextUpdate === undefined) return true;
  cache.set(key, { der, from: thisUpdate.getTime() - SKEW_MS, until: nextUpdate.getTime(), fetchedFor: query.at });
  return true;
};

interface Kept {
  readonly der: Uint8Array;
  /** Milliseconds since 1970, both inclusive. */
  readonly from: number;
  readonly until: number;
  /** The instant of the verification it was fetched for. */
  readonly fetchedFor: number;
}

/** Least recently used goes first. */
class CrlCache {
  readonly #kept = new Map<string, Kept>();
  readonly #capacity: number;
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string, at: number): Kept | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || at < kept.from || at > kept.until) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  set(key: string, kept: Kept): void {
    const before = this.#kept.get(key);
    // A verification of the past must not push out what is current.
    if (kept.der.length > this.#capacity || (before !== undefined && before.until > kept.until)) return;
    this.#drop(key);
    this.#kept.set(key, kept);
    this.#size += kept.der.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= this.#capacity) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#size -= this.#kept.get(key)?.der.length ?? 0;
    this.#kept.delete(key);
  }
}
