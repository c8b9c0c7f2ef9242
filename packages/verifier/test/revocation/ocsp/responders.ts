/** Responders on loopback that behave, or misbehave in exactly one way. */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { type ClosableFetcher, createFetcher, type FetcherOptions } from '../../../src/net/fetcher.ts';

export const OCSP_TYPE = { 'content-type': 'application/ocsp-response' } as const;

/** Everything opened in a test, closed together. */
export class Stage {
  readonly #open: (() => unknown)[] = [];

  async close(): Promise<void> {
    for (const close of this.#open.splice(0).reverse()) await close();
  }

  async #listening(server: Server): Promise<string> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#open.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async http(listener: RequestListener): Promise<string> {
    return `http://${await this.#listening(createServer(listener))}/ocsp`;
  }

  async https(key: string, cert: string, listener: RequestListener): Promise<string> {
    return `https://${await this.#listening(createHttpsServer({ key, cert }, listener))}/ocsp`;
  }

  /** Answers on the wire itself: what no HTTP server would send. */
  async tcp(speak: (socket: Socket) => void): Promise<string> {
    const server = createTcpServer((socket) => socket.once('data', () => speak(socket)));
    return `http://${await this.#listening(server)}/ocsp`;
  }

  /** A port where nobody listens. */
  async nobody(): Promise<string> {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return `http://127.0.0.1:${port}/ocsp`;
  }

  /** A CONNECT proxy; returns its URL and whom it was asked for. */
  async proxy(authorization: string): Promise<{ readonly url: string; readonly asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((_, response) => response.writeHead(405).end());
    server.on('connect', async (request, socket) => {
      const [host = '', port = ''] = (request.url ?? '').split(':');
      asked.push(request.url ?? '');
      if (request.headers['proxy-authorization'] !== authorization) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
        return;
      }
      const { connect } = await import('node:net');
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
      this.#open.push(() => upstream.destroy());
    });
    return { url: `http://${await this.#listening(server)}`, asked };
  }

  fetcher(urls: readonly string[], options: Partial<FetcherOptions> = {}): ClosableFetcher {
    const hosts = urls
      .map((url) => new URL(url))
      .map(({ hostname, port, protocol }) => `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`);
    const fetcher = createFetcher({ allowedHosts: hosts, ...options });
    this.#open.push(() => fetcher.destroy());
    return fetcher;
  }
}
