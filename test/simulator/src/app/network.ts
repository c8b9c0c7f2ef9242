/** The phone's own HTTP: to allowed origins only, no redirects, small answers, a time limit. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { AppFailure } from './failure.ts';

const TIMEOUT_MS = 15_000;
const MAX_ANSWER = 512 * 1024;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export type OriginRule = (origin: string) => boolean;

/** Default: any loopback origin, plain or TLS. */
export function originRule(allowed: readonly string[] | undefined): OriginRule {
  if (allowed === undefined) return (origin) => LOOPBACK.has(new URL(origin).hostname);
  const origins = new Set(allowed.map((origin) => new URL(origin).origin));
  return (origin) => origins.has(origin);
}

/** A URL of an allowed origin, or a refusal. */
export function allowedUrl(value: unknown, isAllowed: OriginRule): URL {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '') {
    throw new AppFailure('link-invalid', 'not a web address');
  }
  if (!isAllowed(url.origin)) throw new AppFailure('rp-not-allowed', `${url.origin} is not on the whitelist`);
  return url;
}

export type PostJson = (url: URL, body: unknown) => Promise<{ readonly status: number; readonly text: string }>;

/** @param certificate PEM that is trusted besides the public CAs: a demo's own, for `https` on a local network. */
export function createPost(certificate: string | undefined): PostJson {
  const ca = certificate === undefined ? undefined : [certificate, ...rootCertificates];
  return (url, body) =>
    new Promise((resolve, reject) => {
      const unreachable = (cause: unknown): void =>
        reject(cause instanceof AppFailure ? cause : new AppFailure('rp-unreachable', `${url.origin} did not answer`, { cause }));
      const payload = Buffer.from(JSON.stringify(body));
      const options = {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', 'content-length': payload.length },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        agent: false,
        ...(ca === undefined ? {} : { ca }),
      } as const;
      const sent = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
      sent.once('error', unreachable);
      sent.once('response', (response) => {
        boundedText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), unreachable);
      });
      sent.end(payload);
    });
}

async function boundedText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw new AppFailure('request-invalid', 'the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
