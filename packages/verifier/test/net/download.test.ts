import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { downloadCrl } from '../../src/crl/index.ts';
import { createFetcher, type FetcherOptions } from '../../src/net/fetcher.ts';
import type { Download, DownloadRequest } from '../../src/net/fetcher.types.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
const serve = async (listener: RequestListener): Promise<string> => {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => server.close(resolve)).finally(() => undefined));
  open.push(() => server.closeAllConnections());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const fetcherFor = (host: string, options: Partial<FetcherOptions> = {}) => {
  const fetcher = createFetcher({ allowedHosts: [host], ...options });
  open.push(() => fetcher.destroy());
  return fetcher;
};
const asking = (host: string, changes: Partial<DownloadRequest> = {}): DownloadRequest => ({
  url: `http://${host}/x`,
  maxBytes: 100_000,
  timeoutMs: 10_000,
  ...changes,
});
const octetsOf = async ({ body }: Download): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const failing = (kind: string) => expect.objectContaining({ name: 'FetchError', kind });

test('a body is handed on while it arrives, with what the server says of it', async () => {
  let finish = (): void => undefined;
  const host = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'a/b', 'content-length': 6, etag: '"one"', 'last-modified': 'then' });
    response.write('abc');
    finish = () => response.end('def');
  });
  const { body, discard, ...told } = await fetcherFor(host).download(asking(host));
  expect(told).toEqual({ status: 200, contentType: 'a/b', etag: '"one"', lastModified: 'then', totalBytes: 6 });
  const chunks = body[Symbol.asyncIterator]();
  expect(Buffer.from((await chunks.next()).value).toString()).toBe('abc');
  finish();
  expect(Buffer.from((await chunks.next()).value).toString()).toBe('def');
  expect(await chunks.next()).toMatchObject({ done: true });
  expect(discard).toBeTypeOf('function');
});

test('the limits of whole answers are not those of downloads', async () => {
  const host = await serve((_, response) => void response.end(Buffer.alloc(5_000)));
  const fetcher = fetcherFor(host, { maxBytes: 10, timeoutMs: 1 });
  expect((await octetsOf(await fetcher.download(asking(host)))).length).toBe(5_000);
});

describe('what is refused', () => {
  test.each<[string, string, RequestListener, Partial<DownloadRequest>?, FetcherOptions['downloads']?]>([
    ['a redirect', 'redirect', (_, response) => response.writeHead(301, { location: '/' }).end()],
    ['an encoded body', 'content', (_, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x')],
    [
      'an announced size above the limit',
      'too-large',
      (_, response) => response.writeHead(200, { 'content-length': 11 }).end('12345678901'),
      { maxBytes: 10 },
    ],
    ['an unannounced size above it', 'too-large', (_, response) => response.writeHead(200).end('12345678901'), { maxBytes: 10 }],
    ['the same by the fetcher’s limit', 'too-large', (_, response) => response.writeHead(200).end('12345678901'), {}, { maxBytes: 10 }],
    ['no answer', 'timeout', () => undefined, { timeoutMs: 50 }],
    ['no answer, by the fetcher’s limit', 'timeout', () => undefined, {}, { timeoutMs: 50 }],
    ['no answer for the time of a stall', 'timeout', () => undefined, {}, { stallMs: 50 }],
    ['a body that stops', 'timeout', (_, response) => response.writeHead(200).write('x'), { timeoutMs: 50 }],
    ['a body that stops for the time of a stall', 'timeout', (_, response) => response.writeHead(200).write('x'), {}, { stallMs: 50 }],
    [
      'a body that drips',
      'timeout',
      (_, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write('x'), 4);
        response.once('close', () => clearInterval(timer));
      },
      {},
      { stallMs: 60, stallBytes: 1_000 },
    ],
    [
      'a body shorter than announced',
      'connection',
      (_, response) => {
        response.writeHead(200, { 'content-length': 10 });
        response.write('x', () => response.destroy());
      },
    ],
    ['a reset', 'connection', (request) => request.socket.resetAndDestroy()],
  ])('%s', async (_, kind, listener, changes = {}, downloads = {}) => {
    const host = await serve(listener);
    const fetcher = fetcherFor(host, { downloads });
    await expect(fetcher.download(asking(host, changes)).then(octetsOf)).rejects.toEqual(failing(kind));
  });
  test('a host off the list', async () => {
    await expect(fetcherFor('a.example:80').download(asking('b.example'))).rejects.toMatchObject({ code: 'host-not-allowed' });
  });
  test.each([{ stallMs: 0 }, { stallBytes: -1 }, { maxBytes: 0.5 }, { timeoutMs: Number.NaN }])('%o is no bound', (downloads) => {
    expect(() => createFetcher({ allowedHosts: [], downloads })).toThrowError(expect.objectContaining({ code: 'argument-invalid' }));
  });
});

test('a reader that takes its time is not a server that does', async () => {
  const host = await serve((_, response) => void response.end(Buffer.alloc(400_000)));
  const { body } = await fetcherFor(host, { downloads: { stallMs: 40, stallBytes: 100_000 } }).download(
    asking(host, { maxBytes: 400_000 }),
  );
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length === chunk.length) await new Promise((resolve) => setTimeout(resolve, 120));
  }
  expect(length).toBe(400_000);
});

test('an abort in the middle of a body keeps its reason, and whoever leaves early frees the connection', async () => {
  let closed = 0;
  const host = await serve((_, response) => {
    response.once('close', () => {
      closed += 1;
    });
    response.writeHead(200).write('x');
  });
  const fetcher = fetcherFor(host, { connections: 1 });
  const controller = new AbortController();
  const reason = new Error('enough');
  const aborted = octetsOf(await fetcher.download(asking(host, { signal: controller.signal })));
  controller.abort(reason);
  await expect(aborted).rejects.toMatchObject({ kind: 'aborted', cause: reason });
  for await (const chunk of (await fetcher.download(asking(host))).body) {
    expect(chunk.length).toBe(1);
    break;
  }
  (await fetcher.download(asking(host))).discard();
  // One connection: each of them had to be freed for the next.
  const last = await fetcher.download(asking(host));
  expect(closed).toBe(3);
  last.discard();
});

test('every download goes through the proxy where there is one', async () => {
  const origin = await serve((_, response) => void response.end('by way of it'));
  const tunnels: string[] = [];
  const proxy = createServer().on('connect', (request, client) => {
    tunnels.push(String(request.url));
    const upstream = connect(Number(origin.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    open.push(() => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  open.push(() => proxy.close());
  const fetcher = createFetcher({
    allowedHosts: ['files.example:80'],
    proxy: { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/` },
  });
  open.push(() => fetcher.destroy());
  expect((await octetsOf(await fetcher.download(asking('files.example')))).toString()).toBe('by way of it');
  expect(tunnels).toEqual(['files.example:80']);
});

describe('a CRL is asked for', () => {
  const TYPE = { 'content-type': 'application/pkix-crl; a=b' };
  const ask = async (listener: RequestListener, known: { etag: string | null; lastModified: string | null } | null = null) => {
    const host = await serve(listener);
    return downloadCrl({ download: fetcherFor(host).download, url: `http://${host}/x`, known });
  };
  test('unconditionally where nothing is known, and its validators are handed on', async () => {
    const answer = await ask((request, response) => {
      expect([request.headers['if-none-match'], request.headers['if-modified-since'], request.headers.accept]).toEqual([
        undefined,
        undefined,
        'application/pkix-crl',
      ]);
      response.writeHead(200, { ...TYPE, etag: 'W/"a"', 'content-length': 2 }).end('xy');
    });
    expect(answer).toMatchObject({ kind: 'crl', validators: { etag: 'W/"a"', lastModified: null }, totalBytes: 2 });
  });
  test.each([
    ['"caf\u00e9"', 'Tue, 15 Sep 2026 00:00:00 GMT', { etag: null, lastModified: 'Tue, 15 Sep 2026 00:00:00 GMT' }],
    ['unquoted', 'yesterday', { etag: null, lastModified: null }],
    [`"${'x'.repeat(257)}"`, '2026-09-15T00:00:00Z', { etag: null, lastModified: null }],
  ])('what is no validator is not kept: %s, %s', async (etag, lastModified, validators) => {
    const answer = await ask((_, response) => response.writeHead(200, { ...TYPE, etag, 'last-modified': lastModified }).end('x'));
    expect(answer).toMatchObject({ kind: 'crl', validators });
  });
  test('conditionally where something is', async () => {
    const answer = await ask(
      (request, response) => {
        expect([request.headers['if-none-match'], request.headers['if-modified-since']]).toEqual(['"a"', 'Tue, 15 Sep 2026 00:00:00 GMT']);
        response.writeHead(304).end();
      },
      { etag: '"a"', lastModified: 'Tue, 15 Sep 2026 00:00:00 GMT' },
    );
    expect(answer).toEqual({ kind: 'not-modified' });
  });
  test('what is no validator is not sent', async () => {
    const answer = await ask(
      (request, response) => {
        const conditions = [request.headers['if-none-match'], request.headers['if-modified-since']];
        response.writeHead(conditions.every((condition) => condition === undefined) ? 200 : 304, TYPE).end();
      },
      { etag: '"a"\r\nx-more: 1', lastModified: 'then' },
    );
    expect(answer).toMatchObject({ kind: 'crl' });
  });
  test.each<[string, RequestListener, string]>([
    ['a 304 nobody asked for', (_, response) => response.writeHead(304).end(), 'http-status'],
    ['a 206', (_, response) => response.writeHead(206, TYPE).end('x'), 'http-status'],
    ['a 404', (_, response) => response.writeHead(404).end(), 'http-status'],
    ['another media type', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('x'), 'content-type'],
    ['no media type', (_, response) => response.writeHead(200).end('x'), 'content-type'],
    ['a redirect', (_, response) => response.writeHead(307, { location: '/' }).end(), 'redirect'],
  ])('%s is a failure', async (_, listener, detail) => {
    expect(await ask(listener)).toEqual({ kind: 'failed', detail });
  });
  test('an abort is no failure of the server', async () => {
    const host = await serve(() => undefined);
    const controller = new AbortController();
    const asked = downloadCrl({ download: fetcherFor(host).download, url: `http://${host}/x`, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
  });
});
