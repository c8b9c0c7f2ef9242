/** `/crl/{class}/{generation}/{partition}.crl` and `/ocsp/{class}`, and how they misbehave when told to. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CertificateClass } from '@jpki-rp/verifier';
import { ocspError } from '../authority/ocsp.ts';
import { isClass } from '../authority/profiles.ts';
import type { HttpAnswer, HttpRequest } from './server.ts';

export type Fault = 'down' | 'slow' | 'garbage' | 'try-later';
const SLOW_MS = 30_000;

export interface StatusDataOptions {
  crl(certificateClass: CertificateClass, generation: number, partition: string): Uint8Array;
  ocsp(certificateClass: CertificateClass, request: Uint8Array): Uint8Array;
  fault(target: 'ocsp' | 'crl'): Fault | null;
}

const NOT_FOUND: HttpAnswer = { status: 404 };
const CRL = { 'content-type': 'application/pkix-crl' };
const OCSP = { 'content-type': 'application/ocsp-response' };

export async function answerStatusData(request: HttpRequest, options: StatusDataOptions): Promise<HttpAnswer | 'drop'> {
  const target = request.path.startsWith('/ocsp/') ? 'ocsp' : 'crl';
  const headers = target === 'ocsp' ? OCSP : CRL;
  switch (options.fault(target)) {
    case 'down':
      return 'drop';
    case 'garbage':
      return { status: 200, headers, body: new Uint8Array(randomBytes(700)) };
    case 'try-later':
      return target === 'ocsp' ? { status: 200, headers, body: ocspError('tryLater') } : { status: 503, headers: { 'retry-after': '60' } };
    case 'slow':
      await delay(SLOW_MS, undefined, { signal: request.signal, ref: false }).catch(() => undefined);
      break;
    case null:
      break;
  }
  return target === 'ocsp' ? ocsp(request, options) : crl(request, options);
}

function crl({ method, path }: HttpRequest, options: StatusDataOptions): HttpAnswer {
  const [, certificateClass = '', generation = '', partition = ''] = /^\/crl\/([a-z-]+)\/([1-9])\/([a-z-]+)\.crl$/.exec(path) ?? [];
  if (!isClass(certificateClass)) return NOT_FOUND;
  if (method !== 'GET' && method !== 'HEAD') return { status: 405 };
  try {
    return { status: 200, headers: CRL, body: options.crl(certificateClass, Number(generation), partition) };
  } catch (error) {
    if (error instanceof RangeError) return NOT_FOUND;
    throw error;
  }
}

/** POST with the request as body, or GET with its base64 in the path (RFC 6960 appendix A.1). */
function ocsp({ method, path, headers, body }: HttpRequest, options: StatusDataOptions): HttpAnswer {
  const [, certificateClass = '', inPath] = /^\/ocsp\/([a-z-]+)(?:\/(.*))?$/s.exec(path) ?? [];
  if (!isClass(certificateClass)) return NOT_FOUND;
  const answer = (request: Uint8Array): HttpAnswer => ({ status: 200, headers: OCSP, body: options.ocsp(certificateClass, request) });
  if (method === 'POST' && inPath === undefined) {
    return /^application\/ocsp-request\b/i.test(headers['content-type'] ?? '') ? answer(body) : { status: 415 };
  }
  if (method === 'GET' && inPath !== undefined) return answer(new Uint8Array(Buffer.from(inPath, 'base64')));
  return { status: method === 'GET' || method === 'POST' ? 404 : 405 };
}
