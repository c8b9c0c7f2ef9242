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

export class FetchError extends Error {
  override readonly name = 'FetchError';
  readonly kind: 'timeout' | 'too-large' | 'redirect' | 'connection' | 'aborted' | 'content';

  constructor(kind: FetchError['kind'], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}
