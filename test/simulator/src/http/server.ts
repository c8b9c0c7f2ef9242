/** The one origin: routes requests to the rooms, bounds their size, and keeps other web sites out. */
import { setMaxListeners } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface HttpRequest {
  readonly method: string;
  /** Decoded once, without query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** `truncated`: the connection is cut in the middle of the body. `drip`: the body never comes to its end. Default `whole`. */
  readonly delivery?: 'whole' | 'truncated' | 'drip';
}

/** `drop`: the connection is cut without an answer. `reset`: the same, rudely (TCP RST). */
export type Cut = 'drop' | 'reset';
export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer | Cut>;

export interface HttpServer {
  readonly origin: string;
  close(): Promise<void>;
}

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly handler: HttpHandler;
  readonly onRequest?: (line: { readonly method: string; readonly path: string; readonly status: number }) => void;
}

const MAX_BODY = 256 * 1024;
const BASE_HEADERS = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' } as const;
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

export async function listen({ host, port, tls, handler, onRequest }: HttpServerOptions): Promise<HttpServer> {
  const closing = new AbortController();
  // Every request that waits listens to it.
  setMaxListeners(0, closing.signal);
  const literal = host.includes(':') ? `[${host}]` : host;
  // A name that resolves here by DNS rebinding is not one of ours. A server on all interfaces answers to any name it is called by.
  const hosts = host === '0.0.0.0' || host === '::' ? undefined : new Set([...LOOPBACK, literal]);
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const finish = (answer: HttpAnswer | Cut): void => {
      onRequest?.({ method: request.method ?? '', path, status: typeof answer === 'string' ? 0 : answer.status });
      if (answer === 'drop') {
        response.destroy();
        return;
      }
      if (answer === 'reset') {
        request.socket.resetAndDestroy();
        return;
      }
      if (response.destroyed) return;
      deliver(response, answer, request.method === 'HEAD');
    };
    const hostname = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (hosts !== undefined && !hosts.has(hostname)) {
      finish({ status: 421 });
      return;
    }
    respond(request, path, handler, closing.signal).then(finish, () => finish({ status: 500 }));
  };
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer({ key: tls.key, cert: tls.cert }, listener);
  // Who asks closes: a connection that the server ends just when it is used again would look like a fault that nobody asked for.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  const shown = hosts === undefined ? '127.0.0.1' : literal;
  return {
    origin: `${tls === undefined ? 'http' : 'https'}://${shown}:${bound}`,
    close: async () => {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

const DRIP_MS = 200;

function deliver(response: ServerResponse, { status, headers, body, delivery = 'whole' }: HttpAnswer, headOnly: boolean): void {
  const bytes = Buffer.from(body ?? '');
  if (delivery === 'whole' || headOnly) {
    response.writeHead(status, { ...BASE_HEADERS, ...headers });
    response.end(headOnly ? undefined : body);
    return;
  }
  response.writeHead(status, { ...BASE_HEADERS, ...headers, 'content-length': String(bytes.length) });
  if (delivery === 'truncated') {
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
    return;
  }
  let sent = 0;
  const drip = setInterval(() => {
    if (sent < bytes.length - 1) response.write(bytes.subarray(sent, ++sent));
  }, DRIP_MS).unref();
  response.once('close', () => clearInterval(drip));
}

async function respond(request: IncomingMessage, rawPath: string, handler: HttpHandler, signal: AbortSignal): Promise<HttpAnswer | Cut> {
  let path: string;
  try {
    path = decodeURIComponent(rawPath);
  } catch {
    return { status: 400 };
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return { status: 413, headers: { connection: 'close' } };
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
  return handler({ method: request.method ?? 'GET', path, headers, body: new Uint8Array(Buffer.concat(chunks)), signal });
}

export const json = (status: number, value: unknown): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
});

/** A JSON object body, or undefined. The content type makes other web sites ask first (CORS preflight), which nobody answers. */
export function readJson({ headers, body }: HttpRequest): Readonly<Record<string, unknown>> | undefined {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8') || '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
