/** `/crl/{class}/{generation}/{partition}.crl` and `/ocsp/{class}`, and how they misbehave when told to. */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CertificateClass } from '@jpki-rp/verifier';
import { ocspError } from '../authority/ocsp.ts';
import { isClass } from '../authority/profiles.ts';
import type { Cut, HttpAnswer, HttpRequest } from './server.ts';

export const FAULTS = ['down', 'slow', 'garbage', 'try-later', 'reset', 'truncated', 'slow-loris', 'content-type', 'skewed'] as const;
/** `skewed`: a responder whose clock is an hour fast; of CRLs, where nobody's clock is asked, it changes nothing. */
export type Fault = (typeof FAULTS)[number];
/** `second-ocsp`: the responder at an address of its own. */
export const FAULT_TARGETS = ['ocsp', 'second-ocsp', 'crl'] as const;
export type FaultTarget = (typeof FAULT_TARGETS)[number];
const SLOW_MS = 30_000;
const SKEW_SECONDS = 3_600;

export interface StatusDataOptions {
  crl(certificateClass: CertificateClass, generation: number, partition: string): Uint8Array;
  ocsp(certificateClass: CertificateClass, request: Uint8Array, aheadSeconds: number): Uint8Array;
  fault(target: FaultTarget): Fault | null;
}

const NOT_FOUND: HttpAnswer = { status: 404 };
const CRL = { 'content-type': 'application/pkix-crl' };
const OCSP = { 'content-type': 'application/ocsp-response' };

export async function answerStatusData(
  request: HttpRequest,
  options: StatusDataOptions,
  responder: 'ocsp' | 'second-ocsp' = 'ocsp',
): Promise<HttpAnswer | Cut> {
  const target = request.path.startsWith('/ocsp/') ? responder : 'crl';
  const headers = target === 'crl' ? CRL : OCSP;
  const answer = (aheadSeconds = 0): HttpAnswer => (target === 'crl' ? crl(request, options) : ocsp(request, options, aheadSeconds));
  switch (options.fault(target)) {
    case 'down':
      return 'drop';
    case 'reset':
      return 'reset';
    case 'garbage':
      return { status: 200, headers, body: new Uint8Array(randomBytes(700)) };
    case 'try-later':
      return target === 'crl' ? { status: 503, headers: { 'retry-after': '60' } } : { status: 200, headers, body: ocspError('tryLater') };
    case 'truncated':
      return { ...answer(), delivery: 'truncated' };
    case 'slow-loris':
      return { ...answer(), delivery: 'drip' };
    case 'content-type':
      return { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>maintenance</title>' };
    case 'skewed':
      return answer(SKEW_SECONDS);
    case 'slow':
      await delay(SLOW_MS, undefined, { signal: request.signal, ref: false }).catch(() => undefined);
      return answer();
    case null:
      return answer();
  }
}

function crl({ method, path, headers }: HttpRequest, options: StatusDataOptions): HttpAnswer {
  const [, certificateClass = '', generation = '', partition = ''] = /^\/crl\/([a-z-]+)\/([1-9])\/([a-z-]+)\.crl$/.exec(path) ?? [];
  if (!isClass(certificateClass)) return NOT_FOUND;
  if (method !== 'GET' && method !== 'HEAD') return { status: 405 };
  try {
    const body = options.crl(certificateClass, Number(generation), partition);
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    return headers['if-none-match'] === etag ? { status: 304, headers: { etag } } : { status: 200, headers: { ...CRL, etag }, body };
  } catch (error) {
    if (error instanceof RangeError) return NOT_FOUND;
    throw error;
  }
}

/** POST with the request as body, or GET with its base64 in the path (RFC 6960 appendix A.1). */
function ocsp({ method, path, headers, body }: HttpRequest, options: StatusDataOptions, aheadSeconds: number): HttpAnswer {
  const [, certificateClass = '', inPath] = /^\/ocsp\/([a-z-]+)(?:\/(.*))?$/s.exec(path) ?? [];
  if (!isClass(certificateClass)) return NOT_FOUND;
  const answer = (request: Uint8Array): HttpAnswer => ({
    status: 200,
    headers: OCSP,
    body: options.ocsp(certificateClass, request, aheadSeconds),
  });
  if (method === 'POST' && inPath === undefined) {
    return /^application\/ocsp-request\b/i.test(headers['content-type'] ?? '') ? answer(body) : { status: 415 };
  }
  if (method === 'GET' && inPath !== undefined) return answer(new Uint8Array(Buffer.from(inPath, 'base64')));
  return { status: method === 'GET' || method === 'POST' ? 404 : 405 };
}
