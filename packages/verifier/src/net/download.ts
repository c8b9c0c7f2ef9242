/** A body that is handed on while it arrives: bounded in size, in time, and in how slowly it may come. */
import { type Dispatcher, request as undiciRequest } from 'undici';
import { monotonicClock } from '../clock.ts';
import { type Download, type DownloadRequest, FetchError } from './fetcher.types.ts';

export interface Dripping {
  readonly signal: AbortSignal;
  readonly explain: (error: unknown) => FetchError;
  /** While we wait for the server, so many octets must arrive in so much time. */
  readonly stallMs: number;
  readonly stallBytes: number;
}

type Incoming = Awaited<ReturnType<typeof undiciRequest>>;

export const startDownload = async (
  dispatcher: Dispatcher,
  request: DownloadRequest,
  maxBytes: number,
  bounds: Dripping,
): Promise<Download> => {
  const stalled = new AbortController();
  const signal = AbortSignal.any([bounds.signal, stalled.signal]);
  const explain = (error: unknown): FetchError =>
    stalled.signal.aborted ? new FetchError('timeout', 'the server is too slow', { cause: error }) : bounds.explain(error);
  const { statusCode, headers, body } = await patient(stalled, bounds.stallMs, () =>
    undiciRequest(request.url, {
      dispatcher,
      method: 'GET',
      headers: { ...request.headers, 'accept-encoding': 'identity' },
      signal,
    }),
  ).catch((error) => {
    throw explain(error);
  });
  const discard = (): void => {
    body.on('error', () => undefined);
    body.destroy();
  };
  const refuse = (kind: FetchError['kind'], message: string): never => {
    discard();
    throw new FetchError(kind, message);
  };
  if (statusCode >= 300 && statusCode < 400 && statusCode !== 304) return refuse('redirect', 'redirects are not followed');
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return refuse('content', 'the body is encoded');
  const totalBytes = headers['content-length'] === undefined ? null : Number(headers['content-length']);
  if (totalBytes !== null && totalBytes > maxBytes) return refuse('too-large', 'the body is larger than allowed');
  return {
    status: statusCode,
    contentType: one(headers['content-type']),
    etag: one(headers['etag']),
    lastModified: one(headers['last-modified']),
    totalBytes,
    body: arriving(body, maxBytes, stalled, bounds, explain),
    discard,
  };
};

const one = (header: string | string[] | undefined): string | null => (typeof header === 'string' ? header : null);

/** Ends the download where this takes longer. */
const patient = async <T>(stalled: AbortController, ms: number, wait: () => Promise<T>): Promise<T> => {
  const timer = setTimeout(() => stalled.abort(), ms);
  try {
    return await wait();
  } finally {
    clearTimeout(timer);
  }
};

/** Only the time that we wait counts: a reader that is busy with what it has is not the server's fault. */
async function* arriving(
  body: Incoming['body'],
  maxBytes: number,
  stalled: AbortController,
  { stallMs, stallBytes }: Dripping,
  explain: (error: unknown) => FetchError,
): AsyncGenerator<Uint8Array> {
  const chunks = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  let [length, waited, arrived] = [0, 0, 0];
  try {
    for (;;) {
      const began = monotonicClock();
      const { done, value } = await patient(stalled, stallMs - waited, () => chunks.next());
      if (done === true) return;
      length += value.length;
      if (length > maxBytes) throw new FetchError('too-large', 'the body is larger than allowed');
      waited += monotonicClock() - began;
      arrived += value.length;
      if (arrived >= stallBytes) [waited, arrived] = [0, 0];
      if (waited >= stallMs) stalled.abort();
      yield value;
    }
  } catch (error) {
    throw explain(error);
  } finally {
    body.on('error', () => undefined);
    body.destroy();
  }
}
