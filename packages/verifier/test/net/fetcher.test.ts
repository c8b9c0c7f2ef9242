import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type ClosableFetcher, createFetcher, type FetcherOptions } from '../../src/net/fetcher.ts';
import type { FetchRequest } from '../../src/net/fetcher.types.ts';
import { environmentHosts, hostOf } from '../../src/net/hosts.ts';
import {
  CA,
  CA_KEY_USAGE,
  CA_NAME,
  contextOf,
  extension,
  keyed,
  mintCertificate,
  name,
  octets,
  prim,
  seq,
  yes,
} from '../revocation/mint.ts';

const open: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const item of open.splice(0)) await item.close();
});
const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const serve = (listener: RequestListener): Promise<string> => listening(createServer(listener));
const fetcherFor = (host: string, options: Partial<FetcherOptions> = {}): ClosableFetcher => {
  const fetcher = createFetcher({ allowedHosts: [host], ...options });
  open.unshift(fetcher);
  return fetcher;
};
const get = (url: string, changes: Partial<FetchRequest> = {}): FetchRequest => ({
  url,
  method: 'GET',
  maxBytes: 1000,
  timeoutMs: 5_000,
  ...changes,
});
const failing = (kind: string) => expect.objectContaining({ name: 'FetchError', kind });

test('a body arrives whole, with status and content type', async () => {
  const host = await serve((_, response) => response.writeHead(404, { 'content-type': 'text/plain; a=b' }).end('nothing here'));
  const { status, contentType, body } = await fetcherFor(host)(get(`http://${host}/x`));
  expect({ status, contentType, body: Buffer.from(body).toString() }).toEqual({
    status: 404,
    contentType: 'text/plain; a=b',
    body: 'nothing here',
  });
});

test('a POST sends its octets and headers', async () => {
  const seen: unknown[] = [];
  const host = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    seen.push(request.method, request.headers['content-type'], request.headers['accept-encoding'], Buffer.concat(chunks).toString('hex'));
    response.end();
  });
  await fetcherFor(host)(get(`http://${host}/`, { method: 'POST', headers: { 'content-type': 'a/b' }, body: Uint8Array.of(0, 255) }));
  expect(seen).toEqual(['POST', 'a/b', 'identity', '00ff']);
});

test('connections are kept open', async () => {
  const ports = new Set<number | undefined>();
  const host = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('x');
  });
  const fetcher = fetcherFor(host, { connections: 1 });
  for (let i = 0; i < 3; i++) await fetcher(get(`http://${host}/`));
  expect(ports.size).toBe(1);
});

describe('targets', () => {
  test.each([
    ['another host', 'http://localhost:PORT/'],
    ['another port', 'http://127.0.0.1:1/'],
    ['the default port', 'http://127.0.0.1/'],
    ['credentials', 'http://user:secret@127.0.0.1:PORT/'],
    ['another scheme', 'ftp://127.0.0.1:PORT/'],
    ['a file', 'file:///etc/hostname'],
    ['no URL', 'not a url'],
  ])('%s is refused before anything is sent, and not named in the error', async (_, target) => {
    let requests = 0;
    const host = await serve((_request, response) => {
      requests += 1;
      response.end();
    });
    const refusal = fetcherFor(host)(get(target.replace('PORT', host.split(':')[1] ?? '')));
    await expect(refusal).rejects.toMatchObject({ name: 'JpkiError', code: 'host-not-allowed' });
    await expect(refusal).rejects.not.toThrow(/secret|127|localhost/);
    expect(requests).toBe(0);
  });

  test('a redirect is not followed, not even to the same host', async () => {
    let requests = 0;
    const host = await serve((_, response) => {
      requests += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await expect(fetcherFor(host)(get(`http://${host}/`))).rejects.toEqual(failing('redirect'));
    expect(requests).toBe(1);
  });

  test.each(['crl.example', 'crl.example:', 'http://crl.example:80', 'crl.example:80/x', 'a b:80', 'user@crl.example:80', ''])(
    'the allow-list takes host:port and nothing else: %o',
    (host) => {
      expect(() => createFetcher({ allowedHosts: [host] })).toThrowError(expect.objectContaining({ code: 'argument-invalid' }));
    },
  );
});

describe('bounds', () => {
  test.each([
    [
      'announced',
      (body: Buffer): RequestListener =>
        (_, response) =>
          response.writeHead(200, { 'content-length': body.length }).end(body),
    ],
    [
      'streamed',
      (body: Buffer): RequestListener =>
        (_, response) => {
          response.write(body.subarray(0, 10));
          response.end(body.subarray(10));
        },
    ],
  ])('a body one octet over the cap is refused where it is %s', async (_, listener) => {
    const host = await serve(listener(Buffer.alloc(101)));
    await expect(fetcherFor(host)(get(`http://${host}/`, { maxBytes: 100 }))).rejects.toEqual(failing('too-large'));
    await expect(fetcherFor(host, { maxBytes: 100 })(get(`http://${host}/`))).rejects.toEqual(failing('too-large'));
    expect((await fetcherFor(host)(get(`http://${host}/`, { maxBytes: 101 }))).body).toHaveLength(101);
  });

  test('an endless body ends at the cap', async () => {
    const host = await serve((_, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(4096)));
      };
      response.on('drain', pour);
      pour();
    });
    await expect(fetcherFor(host)(get(`http://${host}/`))).rejects.toEqual(failing('too-large'));
  });

  test.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['never finishes', (_, response) => response.write('x')],
  ])('a server that %s is a timeout', async (_, listener) => {
    const host = await serve(listener);
    await expect(fetcherFor(host)(get(`http://${host}/`, { timeoutMs: 100 }))).rejects.toEqual(failing('timeout'));
    await expect(fetcherFor(host, { timeoutMs: 100 })(get(`http://${host}/`))).rejects.toEqual(failing('timeout'));
  });

  test('a body shorter than announced is a broken connection', async () => {
    const host = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('x', () => response.destroy());
    });
    await expect(fetcherFor(host)(get(`http://${host}/`))).rejects.toEqual(failing('connection'));
  });

  test('an encoded body is refused', async () => {
    const host = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'));
    await expect(fetcherFor(host)(get(`http://${host}/`))).rejects.toEqual(failing('content'));
  });

  test('nobody listening is a broken connection', async () => {
    const host = await serve(() => undefined);
    for (const item of open.splice(0)) await item.close();
    await expect(fetcherFor(host)(get(`http://${host}/`))).rejects.toEqual(failing('connection'));
  });

  test('an abort keeps its reason', async () => {
    const host = await serve(() => undefined);
    const controller = new AbortController();
    const reason = new Error('gone');
    const pending = fetcherFor(host)(get(`http://${host}/`, { signal: controller.signal }));
    controller.abort(reason);
    await expect(pending).rejects.toMatchObject({ name: 'FetchError', kind: 'aborted', cause: reason });
  });

  test.each([{ timeoutMs: 0 }, { maxBytes: -1 }, { connections: 1.5 }])('%o is no bound', (options) => {
    expect(() => createFetcher({ allowedHosts: [], ...options })).toThrowError(expect.objectContaining({ code: 'argument-invalid' }));
  });
});

describe('TLS', () => {
  const pem = (der: Uint8Array): string =>
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
  const keyPem = ({ privateKey }: typeof CA): string => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const now = Date.now();
  const party = (...extensions: readonly Uint8Array[]) => {
    const key = keyed();
    const certificate = mintCertificate({
      subject: name(['CN', 'party']),
      key,
      signer: CA,
      notBefore: now - 1e7,
      notAfter: now + 1e7,
      extensions,
    });
    return { cert: pem(certificate), key: keyPem(key) };
  };
  const tlsServer = party(extension('2.5.29.17', seq(prim(7, Uint8Array.of(127, 0, 0, 1)))));
  const ca = pem(
    mintCertificate({
      subject: CA_NAME,
      signer: CA,
      notBefore: now - 1e7,
      notAfter: now + 1e7,
      extensions: [CA_KEY_USAGE, extension('2.5.29.19', seq(yes()), true), extension('2.5.29.14', octets(CA.ski))],
    }),
  );

  test('a server that no trusted CA knows is refused', async () => {
    const host = await listening(createTlsServer(tlsServer, (_, response) => response.end('x')));
    await expect(fetcherFor(host)(get(`https://${host}/`))).rejects.toEqual(failing('connection'));
    expect((await fetcherFor(host, { tls: { ca } })(get(`https://${host}/`))).status).toBe(200);
  });

  test('a client certificate is shown where one is given', async () => {
    const host = await listening(createTlsServer({ ...tlsServer, ca, requestCert: true }, (_, response) => response.end('x')));
    await expect(fetcherFor(host, { tls: { ca } })(get(`https://${host}/`))).rejects.toEqual(failing('connection'));
    expect((await fetcherFor(host, { tls: { ca: [ca], ...party() } })(get(`https://${host}/`))).status).toBe(200);
  });
});

describe('hosts', () => {
  test.each([
    ['http://A.example/x', 'a.example:80'],
    ['https://a.example', 'a.example:443'],
    ['http://a.example:8080/', 'a.example:8080'],
    ['http://[::1]:8080/', '[::1]:8080'],
    ['http://u@a.example/', null],
    ['data:,x', null],
    ['', null],
  ])('%s is %s', (url, host) => {
    expect(hostOf(url)).toBe(host);
  });
  test('an environment’s hosts are those of its OCSP and CRL URLs, each once', () => {
    const { profile } = contextOf({ ocsp: { urls: ['http://o.example/a', 'http://o.example:80/b', 'https://o.example/'] } });
    const [point] = [profile.crl.distributionPointBase];
    const sources = [{ anchor: 'a', distributionPoint: point, url: 'http://c.example:81/x.crl' }];
    const classes = { 'card-digital-signature': { ...profile, crl: { ...profile.crl, sources } } };
    expect(environmentHosts({ classes })).toEqual(['c.example:81', 'o.example:443', 'o.example:80']);
  });
});
