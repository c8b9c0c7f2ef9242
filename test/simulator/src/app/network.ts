/** The phone's own HTTP: to allowed origins only, no redirects, small answers, a time limit. */
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

export async function postJson(url: URL, body: unknown): Promise<{ readonly status: number; readonly text: string }> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, text: await boundedText(response) };
  } catch (cause) {
    if (cause instanceof AppFailure) throw cause;
    throw new AppFailure('rp-unreachable', `${url.origin} did not answer`, { cause });
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw new AppFailure('request-invalid', 'the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
