/** One way out to the network: timeout, size cap, no redirects, allow-listed hosts. */
export interface FetchRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface FetchResponse {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Uint8Array;
}

/** Rejects with `JpkiError('host-not-allowed')` for a host off the list and `FetchError` for every network fault. */
export type Fetcher = (request: FetchRequest) => Promise<FetchResponse>;

export interface DownloadRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  /** For the whole of it, the body included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** An answer whose body is still on its way. Either read `body` or call `discard`; the connection is held until then. */
export interface Download {
  readonly status: number;
  readonly contentType: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Content-Length; null where the server does not say. */
  readonly totalBytes: number | null;
  /** Once. Rejects with `FetchError`: `timeout` also where too little arrives for too long. Leaving it early ends the download. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly discard: () => void;
}

/** As `Fetcher`, for what is too large to be held: the body is handed on while it arrives. */
export type Downloader = (request: DownloadRequest) => Promise<Download>;

export class FetchError extends Error {
  override readonly name = 'FetchError';
  readonly kind: 'timeout' | 'too-large' | 'redirect' | 'connection' | 'aborted' | 'content';

  constructor(kind: FetchError['kind'], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}
