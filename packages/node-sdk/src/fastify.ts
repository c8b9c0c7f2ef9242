/** Fastify 5: translation only. `fastify.register(jpki(rp), { prefix: '/jpki' })` */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { mountedAt } from './http/mount.ts';
import type { RelyingParty } from './relying-party.ts';

/** The part of Fastify that is used. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly url: string;
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
  readonly routeOptions: { readonly url?: string | undefined };
}
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  send(payload: unknown): unknown;
}
export interface FastifyScope {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: '*',
    parser: (request: unknown, payload: IncomingMessage, done: (error: null, body: unknown) => void) => void,
  ): unknown;
  all(path: '/*', handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>): unknown;
}
export type FastifyPlugin = (scope: FastifyScope, options: unknown, done: () => void) => void;

/** The prefix becomes part of the URLs that the app is given. Bodies are read here, within their bounds, and by no parser of yours. */
export function jpki(rp: Pick<RelyingParty, 'origin' | 'basePath' | 'handler'>): FastifyPlugin {
  return (scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
    scope.all('/*', async (request, reply) => {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const target = request.url.startsWith('/') ? request.url : '/';
      const url = new URL(rp.origin + target);
      const basePath = mountedAt(request.routeOptions.url, url.pathname) ?? rp.basePath;
      const answered = await rp.handler(toWebRequest(url, request, gone.signal), { basePath, raw: request });
      return reply.send(answered);
    });
    done();
  };
}

function toWebRequest(url: URL, { method, raw, headers: given, body }: FastifyRequestLike, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) for (const one of [value ?? []].flat()) headers.append(name, one);
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers, signal });
  const stream = Readable.toWeb(body instanceof Readable ? body : raw) as ReadableStream<Uint8Array>;
  const init = { method, headers, signal, body: stream, duplex: 'half' } as const;
  return new Request(url, init);
}
