/** A CRL over HTTP, as a source for `ingestCrl`: asked for only if it is another than the one already had. */
import { type Downloader, FetchError } from '../net/fetcher.types.ts';
import { CRL_MEDIA_TYPES, detailOf, mediaTypeOf } from '../revocation/transport.ts';

/** What a server says of a list so that it can be asked for another. Of that URL only, and worth nothing before that list was published. */
export interface CrlValidators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export interface CrlDownloadOptions {
  /** `createFetcher(…).download`: listed hosts only, no redirects. */
  readonly download: Downloader;
  readonly url: string;
  /** Of the list that is published here; absent, null, or no validators: whatever the server has. */
  readonly known?: CrlValidators | null;
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export type CrlDownload =
  | {
      readonly kind: 'crl';
      /** For `ingestCrl`; rejects with `FetchError`. */
      readonly source: AsyncIterable<Uint8Array>;
      readonly validators: CrlValidators;
      readonly totalBytes: number | null;
      /** Ends it where `source` is not read. */
      readonly discard: () => void;
    }
  /** HTTP 304: the list that `known` speaks of. */
  | { readonly kind: 'not-modified' }
  /** `detail`: timeout, too-large, redirect, connection, content, http-status, content-type, host-not-allowed. */
  | { readonly kind: 'failed'; readonly detail: string };

const DEFAULTS = { maxBytes: 2 ** 31, timeoutMs: 900_000 } as const;

/** RFC 9110 §8.8.3, in ASCII and of a length one can send back; RFC 9110 §5.6.7, IMF-fixdate. Anything else is no validator. */
const ETAG = /^(W\/)?"[\x21\x23-\x7e]{0,256}"$/;
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

const validatorsOf = ({ etag, lastModified }: CrlValidators): CrlValidators => ({
  etag: etag !== null && ETAG.test(etag) ? etag : null,
  lastModified: lastModified !== null && HTTP_DATE.test(lastModified) ? lastModified : null,
});

/** Asks for the CRL (RFC 9110 §13.1 where `known` is given). Rejects only where `signal` aborts. */
export const downloadCrl = async (options: CrlDownloadOptions): Promise<CrlDownload> => {
  const { download, url, known, maxBytes, timeoutMs, signal } = { ...DEFAULTS, ...options };
  // They come from a file: what no server may say is not sent to one either.
  const { etag, lastModified } = validatorsOf(known ?? { etag: null, lastModified: null });
  const conditions = {
    ...(etag === null ? {} : { 'if-none-match': etag }),
    ...(lastModified === null ? {} : { 'if-modified-since': lastModified }),
  };
  const asked = Object.keys(conditions).length > 0;
  try {
    const headers = { accept: 'application/pkix-crl', ...conditions };
    const answer = await download({ url, headers, maxBytes, timeoutMs, ...(signal === undefined ? {} : { signal }) });
    if (answer.status === 200 && CRL_MEDIA_TYPES.has(mediaTypeOf(answer))) {
      const { body: source, totalBytes, discard } = answer;
      return { kind: 'crl', source, validators: validatorsOf(answer), totalBytes, discard };
    }
    answer.discard();
    if (answer.status === 304 && asked) return { kind: 'not-modified' };
    return { kind: 'failed', detail: answer.status === 200 ? 'content-type' : 'http-status' };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof FetchError || detailOf(error) === 'host-not-allowed') return { kind: 'failed', detail: detailOf(error) };
    throw error;
  }
};
