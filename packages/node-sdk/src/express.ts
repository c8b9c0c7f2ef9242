/** Express (and any connect-style server): translation only. `app.use('/jpki', jpki(rp))` */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { RelyingParty } from './relying-party.ts';

export type ExpressRequest = IncomingMessage & { readonly baseUrl?: string; readonly body?: unknown };
export type ExpressHandler = (request: ExpressRequest, response: ServerResponse, next: (error?: unknown) => void) => void;

/** Mount it anywhere, before or after `express.json()`. The mount path becomes part of the URLs that the app is given. */
export function jpki(rp: Pick<RelyingParty, 'origin' | 'basePath' | 'handler'>): ExpressHandler {
  return (request, response, next) => {
    answer(rp, request, response).catch((error) => (response.headersSent ? response.destroy() : next(error)));
  };
}

async function answer(
  rp: Pick<RelyingParty, 'origin' | 'basePath' | 'handler'>,
  request: ExpressRequest,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const basePath = request.baseUrl || rp.basePath;
  const target = `${request.baseUrl ?? ''}${request.url ?? ''}`;
  // Absolute and asterisk forms of the request target name no route.
  const path = target.startsWith('/') ? target : '/';
  const answered = await rp.handler(toWebRequest(rp.origin + path, request, gone.signal), { basePath, raw: request });

  response.statusCode = answered.status;
  for (const [name, value] of answered.headers) if (name !== 'set-cookie') response.setHeader(name, value);
  const cookies = answered.headers.getSetCookie();
  if (cookies.length > 0) response.appendHeader('set-cookie', cookies);
  if (answered.body === null) response.end();
  else {
    response.flushHeaders();
    await pipeline(Readable.fromWeb(answered.body as NodeReadableStream<Uint8Array>), response).catch((error) => {
      // Whoever left does not need the rest.
      if (!gone.signal.aborted) throw error;
    });
  }
}

function toWebRequest(url: string, request: ExpressRequest, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) for (const one of [value ?? []].flat()) headers.append(name, one);
  const method = request.method ?? 'GET';
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers, signal });
  const init = { method, headers, signal, body: bodyOf(request), duplex: 'half' } as const;
  return new Request(url, init);
}

/** A body parser that ran before has emptied the stream; what it read is written down again. */
function bodyOf(request: ExpressRequest): ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | string {
  if (!request.readableEnded) return Readable.toWeb(request) as ReadableStream<Uint8Array>;
  if (request.body instanceof Uint8Array) return new Uint8Array(request.body);
  return typeof request.body === 'string' ? request.body : JSON.stringify(request.body ?? null);
}
