/** Fetches the CRL of the certificate's partition from where the environment says it is published. */
import type { Fetcher } from '../../net/fetcher.types.ts';
import { CERTIFICATE_CLASSES, type CertificateClass } from '../../verdict.ts';
import { CRL_LIMITS, SKEW_MS } from '../budget.ts';
import { detailOf, mediaTypeOf } from '../transport.ts';
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
}

const DEFAULTS = { classes: CERTIFICATE_CLASSES, timeoutMs: 30_000, maxBytes: CRL_LIMITS.maxBytes, cacheBytes: 128 * 1024 * 1024 } as const;

/** RFC 2585 §4.2, and what file servers make of it. */
const MEDIA_TYPES: ReadonlySet<string> = new Set(['application/pkix-crl', 'application/x-pkcs7-crl', 'application/octet-stream']);

/**
 * A source that looks up `crl.sources` of the class by anchor and by the certificate's distribution point (RFC 5280 §7.1), never by a URI of the
 * certificate, and GETs the CRL there. A CRL that passed every check is kept until its nextUpdate, within `cacheBytes`.
 */
export const crlSource = (options: CrlSourceOptions): RevocationSource => {
  const { fetcher, classes, timeoutMs, maxBytes, cacheBytes } = { ...DEFAULTS, ...options };
  const cache = new CrlCache(cacheBytes);
  const source: RevocationSource = {
    kind: 'crl',
    classes,
    check: async (query, { signal }): Promise<RevocationAnswer> => {
      const urls = urlsFor(query);
      const crls: Uint8Array[] = [];
      let detail = 'no-source';
      for (const url of urls) {
        const key = `${query.anchor.sha256} ${query.class} ${url}`;
        const cached = cache.get(key, query.at);
        if (cached !== undefined) {
          crls.push(cached);
          continue;
        }
        signal?.throwIfAborted();
        try {
          const response = await fetcher({
            url,
            method: 'GET',
            headers: { accept: 'application/pkix-crl' },
            maxBytes,
            timeoutMs,
            ...(signal === undefined ? {} : { signal }),
          });
          if (response.status !== 200) detail = 'http-status';
          else if (!MEDIA_TYPES.has(mediaTypeOf(response))) detail = 'content-type';
          else {
            crls.push(response.body);
            keep(cache, key, response.body, query);
          }
        } catch (error) {
          signal?.throwIfAborted();
          detail = detailOf(error);
        }
      }
      return crls.length === 0 ? { kind: 'failed', code: 'crl-missing', detail } : { kind: 'data', crls };
    },
  };
  return Object.freeze(source);
};

const urlsFor = ({ certificate, profile, anchor }: RevocationQuery): readonly string[] => {
  const names = distributionPointNames({ certificate, profile });
  const sources = profile.crl.sources.filter(
    ({ anchor: id, distributionPoint }) => id === anchor.id && names.some((name) => sameName(name, distributionPoint)),
  );
  return [...new Set(sources.map(({ url }) => url))];
};

/** Only what proves something here is kept: whoever can put bytes on the wire must not be able to fill the cache with them. */
const keep = (cache: CrlCache, key: string, der: Uint8Array, query: RevocationQuery): void => {
  const { sources } = checkCrls([{ der, origin: 'fetched' }], query);
  const [report] = sources;
  if (report === undefined || (report.status !== 'good' && report.status !== 'revoked')) return;
  const { thisUpdate, nextUpdate } = report;
  if (thisUpdate === undefined || nextUpdate === undefined) return;
  cache.set(key, { der, from: thisUpdate.getTime() - SKEW_MS, until: nextUpdate.getTime() });
};

interface Kept {
  readonly der: Uint8Array;
  /** Milliseconds since 1970, both inclusive. */
  readonly from: number;
  readonly until: number;
}

/** Least recently used goes first. */
class CrlCache {
  readonly #kept = new Map<string, Kept>();
  readonly #capacity: number;
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string, at: number): Uint8Array | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || at < kept.from || at > kept.until) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.der;
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
