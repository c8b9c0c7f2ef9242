/** Asks the OCSP responders of the certificate's class (RFC 6960 Appendix A: HTTP POST). */
import { randomBytes as systemRandomBytes } from 'node:crypto';
import { monotonicClock } from '../../clock.ts';
import { toHex } from '../../der/bytes.ts';
import { JpkiError } from '../../errors.ts';
import { systemRandom } from '../../net/backoff.ts';
import { type BreakerOptions, CircuitBreaker } from '../../net/breaker.ts';
import type { Fetcher } from '../../net/fetcher.types.ts';
import { CERTIFICATE_CLASSES, type CertificateClass } from '../../verdict.ts';
import { SingleFlight } from '../single-flight.ts';
import type { RevocationAnswer, RevocationQuery, RevocationSource } from '../types.ts';
import { OcspAnswerCache } from './answer-cache.ts';
import { checkOcspResponses } from './check.ts';
import { exchangeOcsp, type OcspExchange, type OcspRetry } from './client.ts';
import { buildOcspRequest, buildSignedOcspRequest, type CertIdHash, type OcspRequestSigner } from './request.ts';

export interface OcspSourceOptions {
  readonly fetcher: Fetcher;
  /** Default: every class the environment has. */
  readonly classes?: readonly CertificateClass[];
  /** Hash of the CertID; default `sha1`. */
  readonly certIdHash?: CertIdHash;
  /** Signs each request, for responders that answer `sigRequired` otherwise. */
  readonly signer?: OcspRequestSigner;
  /** Default: node:crypto. */
  readonly randomBytes?: (length: number) => Uint8Array;
  /** Per attempt. */
  readonly timeoutMs?: number;
  /** Rounds through the responders, with a pause of full jitter between them. Default 2 rounds, 100 ms doubling up to 1 000 ms. */
  readonly retry?: Partial<OcspRetry>;
  /** Per responder host. */
  readonly breaker?: BreakerOptions;
  /**
   * How long an answer may stand in for a new question, seconds, by class; within its nextUpdate and the class's maximum age in any case. Default 0: every
   * verification asks. Never where the class requires a nonce.
   */
  readonly reuseSeconds?: number | Readonly<Partial<Record<CertificateClass, number>>>;
  /** Answers kept. Default 10 000. */
  readonly cacheEntries?: number;
  /** Chance in [0, 1) for the pauses. Default: node:crypto. */
  readonly random?: () => number;
  /** Milliseconds that only run forward. Default: that of the process. */
  readonly monotonic?: () => number;
}

const DEFAULTS = {
  classes: CERTIFICATE_CLASSES,
  certIdHash: 'sha1',
  randomBytes: systemRandomBytes,
  timeoutMs: 5_000,
  reuseSeconds: 0,
  cacheEntries: 10_000,
  random: systemRandom,
  monotonic: monotonicClock,
} as const;
const DEFAULT_RETRY: OcspRetry = { rounds: 2, baseMs: 100, capMs: 1_000 };
const NONCE_LENGTH = 32;

interface Answered extends OcspExchange {
  readonly nonce: Uint8Array;
}

/**
 * A source that POSTs to the URLs the environment gives for the class, in order, until one gives a conclusive answer; a certificate's own AIA is never
 * used. A nonce of 32 octets is always sent. Faults that may pass are tried again, a responder that keeps failing is left alone for a while, and
 * verifications that need the same answer at the same time share one request — except where the class requires a nonce: there each asks for itself.
 * What was answered is returned as data and judged like handed-in data; what failed, as `attempts`.
 *
 * @throws JpkiError `argument-invalid` for options out of range.
 */
export const ocspSource = (options: OcspSourceOptions): RevocationSource => {
  const { fetcher, classes, certIdHash, randomBytes, timeoutMs, signer, reuseSeconds, cacheEntries, random, monotonic } = {
    ...DEFAULTS,
    ...options,
  };
  const retry = retryOf(options.retry);
  for (const seconds of typeof reuseSeconds === 'number' ? [reuseSeconds] : Object.values(reuseSeconds))
    assertCount('reuseSeconds', seconds);
  assertCount('cacheEntries', cacheEntries);
  const breaker = new CircuitBreaker(options.breaker ?? {}, monotonic);
  const cache = new OcspAnswerCache(cacheEntries);
  const flight = new SingleFlight<Answered>();

  const ask = async (query: RevocationQuery, keep: string | null, signal?: AbortSignal): Promise<Answered> => {
    const nonce = new Uint8Array(randomBytes(NONCE_LENGTH));
    if (nonce.length !== NONCE_LENGTH) throw new JpkiError('argument-invalid', 'randomBytes gave another length');
    const body =
      signer === undefined
        ? buildOcspRequest(query, { certIdHash, nonce })
        : await buildSignedOcspRequest(query, { certIdHash, nonce }, signer);
    const { urls } = query.profile.ocsp;
    const exchange = await exchangeOcsp({
      fetcher,
      urls,
      body,
      timeoutMs,
      retry,
      breaker,
      random,
      // With nobody left to ask, nothing hangs on it.
      isConclusive: urls.length < 2 ? () => true : (der) => settles(der, nonce, query),
      ...(signal === undefined ? {} : { signal }),
    });
    if (keep !== null) {
      cache.drop(keep);
      for (const der of exchange.responses) cache.offer(keep, { der, nonce }, query);
    }
    return { ...exchange, nonce };
  };

  const source: RevocationSource = {
    kind: 'ocsp',
    classes,
    check: async (query, { signal }): Promise<RevocationAnswer> => {
      if (query.profile.ocsp.nonce === 'required') return answerOf(await ask(query, null, signal));
      const key = `${query.anchor.sha256} ${query.class} ${toHex(query.certificate.serialNumber)}`;
      const reuse = typeof reuseSeconds === 'number' ? reuseSeconds : (reuseSeconds[query.class] ?? 0);
      const kept = reuse > 0 ? cache.get(key, query, reuse) : null;
      if (kept !== null) return { kind: 'data', ocspResponses: [kept.der], ocspNonce: kept.nonce };
      return answerOf(await flight.join(key, (shared) => ask(query, reuse > 0 ? key : null, shared), signal));
    },
  };
  return Object.freeze(source);
};

/** Nobody else has to be asked: this answer is to be believed, be it good, revoked or that the certificate is not known. */
const settles = (der: Uint8Array, nonce: Uint8Array, query: RevocationQuery): boolean => {
  const { status, ...rest } = checkOcspResponses([{ der, origin: 'fetched', nonce }], nonce, query);
  return status === 'good' || status === 'revoked' || ('code' in rest && rest.code === 'ocsp-unknown');
};

const answerOf = ({ responses, attempts, nonce }: Answered): RevocationAnswer => {
  const failed = attempts.length === 0 ? {} : { attempts };
  if (responses.length > 0) return { kind: 'data', ocspResponses: responses, ocspNonce: nonce, ...failed };
  return { kind: 'failed', code: 'ocsp-missing', detail: attempts.at(-1)?.detail ?? 'no-url', ...failed };
};

const retryOf = (given: Partial<OcspRetry> | undefined): OcspRetry => {
  const retry = { ...DEFAULT_RETRY, ...given };
  for (const [name, value] of Object.entries(retry)) assertCount(`retry.${name}`, value);
  if (retry.rounds < 1 || retry.rounds > 5) throw new JpkiError('argument-invalid', 'retry.rounds must be 1 to 5');
  return retry;
};

const assertCount = (name: string, value: number): void => {
  if (!Number.isSafeInteger(value) || value < 0) throw new JpkiError('argument-invalid', `${name} must be a whole number, not negative`);
};
