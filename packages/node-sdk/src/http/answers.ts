/** Every answer leaves through here, with the same headers. */
import type { OutcomeCode } from '@jpki-rp/verifier';
import { toWireError } from '../operation/outcome.ts';

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** Seconds after which a full store is worth another try. */
const RETRY_AFTER = '5';

const STATUS: Partial<Record<OutcomeCode, number>> = {
  'request-invalid': 400,
  'app-message-invalid': 400,
  'operation-closed': 403,
  'transaction-unknown': 404,
  'request-timeout': 408,
  'already-completed': 409,
  'ticket-spent': 410,
  'request-too-large': 413,
  'handler-failed': 500,
  'store-full': 503,
};

export const json = (status: number, value: object, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(value), { status, headers: { ...HEADERS, 'content-type': 'application/json; charset=utf-8', ...headers } });

export const empty = (status: number, headers: Record<string, string> = {}): Response =>
  new Response(null, { status, headers: { ...HEADERS, ...headers } });

export const stream = (body: ReadableStream<Uint8Array>): Response =>
  new Response(body, { headers: { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' } });

export const html = (status: number, body: string, styleHash: string): Response =>
  new Response(body, {
    status,
    headers: {
      ...HEADERS,
      'content-security-policy': `${HEADERS['content-security-policy']}; style-src '${styleHash}'`,
      'content-type': 'text/html; charset=utf-8',
    },
  });

export const refuse = (code: OutcomeCode, headers: Record<string, string> = {}, status: number = STATUS[code] ?? 400): Response =>
  json(status, toWireError(code), {
    ...(code === 'store-full' ? { 'retry-after': RETRY_AFTER } : {}),
    // What is left of the body of a refused request is not worth reading.
    ...(code === 'request-too-large' || code === 'request-timeout' ? { connection: 'close' } : {}),
    ...headers,
  });
