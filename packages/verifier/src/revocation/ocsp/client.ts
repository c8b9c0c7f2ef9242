/** Brings one OCSP request to the responders of the class: in order, spared while broken, repeated where that can help, every attempt recorded. */
import { DerError } from '../../der/reader.ts';
import { type Backoff, pause, pauseBefore } from '../../net/backoff.ts';
import type { CircuitBreaker } from '../../net/breaker.ts';
import { FetchError, type Fetcher, type FetchResponse } from '../../net/fetcher.types.ts';
import { hostOf } from '../../net/hosts.ts';
import { BudgetError, OCSP_LIMITS } from '../budget.ts';
import { detailOf, mediaTypeOf } from '../transport.ts';
import type { FailedAttempt } from '../types.ts';
import { readOcspResponse } from './response.ts';

export interface OcspRetry extends Backoff {
  /** How often the list of responders is gone through, 1 to 5; again only for those whose fault may pass. */
  readonly rounds: number;
}

export interface OcspExchangeOptions {
  readonly fetcher: Fetcher;
  readonly urls: readonly string[];
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  readonly retry: OcspRetry;
  readonly breaker: CircuitBreaker;
  readonly random: () => number;
  /** True where an answer settles the matter, so that nobody else need be asked. */
  readonly isConclusive: (der: Uint8Array) => boolean;
  readonly signal?: AbortSignal;
}

export interface OcspExchange {
  /** In the order of arrival; the same octets twice are one. */
  readonly responses: readonly Uint8Array[];
  readonly attempts: readonly FailedAttempt[];
}

/** `passing`: the fault may be gone in a moment. `lasting`: asking the same again would bring the same. */
type Tried =
  | { readonly der: Uint8Array; readonly next: 'passing' | 'lasting' | 'conclusive' }
  | { readonly detail: string; readonly next: 'passing' | 'lasting' };

/** Never rejects for what a network or responder does; an aborted `signal` rejects with its reason. */
export const exchangeOcsp = async (options: OcspExchangeOptions): Promise<OcspExchange> => {
  const { retry, random, signal } = options;
  const responses = new Map<string, Uint8Array>();
  const attempts: FailedAttempt[] = [];
  let open = options.urls;
  if (open.length === 0) attempts.push({ code: 'ocsp-missing', detail: 'no-url' });
  for (let round = 1; open.length > 0 && round <= retry.rounds; round++) {
    if (round > 1) await pause(pauseBefore(round - 1, retry, random), signal);
    const again: string[] = [];
    for (const url of open) {
      signal?.throwIfAborted();
      const tried = await tryOnce(url, options);
      if ('der' in tried) responses.set(Buffer.from(tried.der).toString('base64'), tried.der);
      else attempts.push({ code: 'ocsp-missing', detail: tried.detail });
      if (tried.next === 'conclusive') return { responses: [...responses.values()], attempts };
      if (tried.next === 'passing') again.push(url);
    }
    open = again;
  }
  return { responses: [...responses.values()], attempts };
};

const tryOnce = async (url: string, { fetcher, body, timeoutMs, breaker, isConclusive, signal }: OcspExchangeOptions): Promise<Tried> => {
  const leave = breaker.enter(hostOf(url) ?? url);
  // It will not close within the pauses of one exchange.
  if (leave === null) return { detail: 'circuit-open', next: 'lasting' };
  let response: FetchResponse;
  try {
    response = await fetcher({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
      body,
      maxBytes: OCSP_LIMITS.maxBytes,
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    leave(signal?.aborted === true ? 'abandoned' : 'failed');
    signal?.throwIfAborted();
    const passing = error instanceof FetchError && (error.kind === 'connection' || error.kind === 'timeout');
    return { detail: detailOf(error), next: passing ? 'passing' : 'lasting' };
  }
  const tried = judged(response, isConclusive);
  leave('detail' in tried || tried.next === 'passing' ? 'failed' : 'answered');
  return tried;
};

const judged = (response: FetchResponse, isConclusive: OcspExchangeOptions['isConclusive']): Tried => {
  const { status, body } = response;
  if (status !== 200) return { detail: 'http-status', next: status >= 500 || status === 429 ? 'passing' : 'lasting' };
  if (mediaTypeOf(response) !== 'application/ocsp-response') return { detail: 'content-type', next: 'lasting' };
  const answered = statusOf(body);
  if (answered === 'try-later' || answered === 'internal-error') return { der: body, next: 'passing' };
  return { der: body, next: answered === 'successful' && isConclusive(body) ? 'conclusive' : 'lasting' };
};

const statusOf = (der: Uint8Array): string => {
  try {
    return readOcspResponse(der).status;
  } catch (error) {
    if (error instanceof DerError || error instanceof BudgetError) return 'unreadable';
    throw error;
  }
};
