/** Responders that break in every way a network knows: each fault has its code, and none ever comes out good. */
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { FetcherOptions } from '../../../src/net/fetcher.ts';
import { type OcspSourceOptions, ocspSource } from '../../../src/revocation/ocsp/source.ts';
import { establishStatus } from '../../../src/revocation/status.ts';
import type { RevocationMode } from '../../../src/revocation/types.ts';
import { AT, CA, contextOf, enumerated, HOUR, keyed, MINUTE, mintAnchor, mintCrl, mintOcsp, revoked, seq, single } from '../mint.ts';
import { OCSP_TYPE, Stage } from './responders.ts';

const NONCE = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);
const stage = new Stage();
afterEach(() => stage.close());

interface Asked {
  readonly urls: readonly string[];
  readonly mode?: RevocationMode;
  readonly crls?: readonly Uint8Array[];
  readonly source?: Partial<OcspSourceOptions>;
  readonly fetcher?: Partial<FetcherOptions>;
  readonly at?: number;
}
const status = async ({ urls, mode = 'ocspcheck', crls = [], source = {}, fetcher = {}, at = AT }: Asked) => {
  const { result } = await establishStatus({
    context: contextOf({ at, ocsp: { urls } }),
    configuration: {
      sources: [
        ocspSource({
          fetcher: stage.fetcher(urls, fetcher),
          randomBytes: () => NONCE,
          timeoutMs: 400,
          retry: { rounds: 1 },
          ...source,
        }),
      ],
      policy: { mode },
    },
    handedIn: { crls, ocspResponses: [], ocspNonce: null },
  });
  return result;
};

const GOOD = mintOcsp({ nonce: NONCE });
const answering = (body: Uint8Array, headers: Record<string, string> = OCSP_TYPE, code = 200): Promise<string> =>
  stage.http((_, response) => response.writeHead(code, headers).end(body));
const head = (length: number): string => `HTTP/1.1 200 OK\r\ncontent-type: application/ocsp-response\r\ncontent-length: ${length}\r\n\r\n`;

test('the answer these faults are made from is good', async () => {
  expect(await status({ urls: [await answering(GOOD)] })).toMatchObject({
    status: 'good',
    sources: [{ kind: 'ocsp', status: 'good', origin: 'fetched' }],
  });
});

interface Fault {
  readonly name: string;
  readonly code: string;
  readonly detail?: string;
  readonly url: () => Promise<string>;
}

const slowly = (socket: Socket): void => {
  socket.write(head(GOOD.length));
  let sent = 0;
  const timer = setInterval(() => {
    if (socket.destroyed || sent === GOOD.length) clearInterval(timer);
    else socket.write(GOOD.subarray(sent, ++sent));
  }, 50);
};

const FAULTS: readonly Fault[] = [
  { name: 'a slow loris', code: 'ocsp-missing', detail: 'timeout', url: () => stage.tcp(slowly) },
  { name: 'silence', code: 'ocsp-missing', detail: 'timeout', url: () => stage.tcp(() => undefined) },
  { name: 'a reset', code: 'ocsp-missing', detail: 'connection', url: () => stage.tcp((socket) => socket.resetAndDestroy()) },
  {
    name: 'a body cut short',
    code: 'ocsp-missing',
    detail: 'connection',
    url: () => stage.tcp((socket) => socket.end(Buffer.concat([Buffer.from(head(GOOD.length)), GOOD.subarray(0, -1)]))),
  },
  {
    name: 'a response whose DER is cut short',
    code: 'ocsp-malformed',
    url: () => answering(GOOD.subarray(0, -1)),
  },
  {
    name: 'a wrong content type',
    code: 'ocsp-missing',
    detail: 'content-type',
    url: () => answering(GOOD, { 'content-type': 'text/html' }),
  },
  {
    name: 'an oversized body, announced',
    code: 'ocsp-missing',
    detail: 'too-large',
    url: () => answering(new Uint8Array(300_000)),
  },
  {
    name: 'an oversized body, unannounced',
    code: 'ocsp-missing',
    detail: 'too-large',
    url: () =>
      stage.http((_, response) => {
        response.writeHead(200, OCSP_TYPE);
        response.write(GOOD);
        response.end(new Uint8Array(300_000));
      }),
  },
  {
    name: 'a compressed body',
    code: 'ocsp-missing',
    detail: 'content',
    url: () => answering(GOOD, { ...OCSP_TYPE, 'content-encoding': 'gzip' }),
  },
  {
    name: 'a redirect to a good answer',
    code: 'ocsp-missing',
    detail: 'redirect',
    url: async () => answering(GOOD, { location: await answering(GOOD) }, 302),
  },
  { name: 'an HTTP error around a good answer', code: 'ocsp-missing', detail: 'http-status', url: () => answering(GOOD, OCSP_TYPE, 500) },
  { name: 'a name that does not resolve', code: 'ocsp-missing', detail: 'connection', url: async () => 'http://ocsp.invalid:80/ocsp' },
  { name: 'a port where nobody listens', code: 'ocsp-missing', detail: 'connection', url: () => stage.nobody() },
  {
    name: 'TLS spoken to a plain server',
    code: 'ocsp-missing',
    detail: 'connection',
    url: async () => (await answering(GOOD)).replace('http:', 'https:'),
  },
  { name: 'tryLater', code: 'ocsp-error-status', detail: 'try-later', url: () => answering(seq(enumerated(3))) },
  { name: 'internalError', code: 'ocsp-error-status', detail: 'internal-error', url: () => answering(seq(enumerated(2))) },
  { name: 'unauthorized', code: 'ocsp-error-status', detail: 'unauthorized', url: () => answering(seq(enumerated(6))) },
  { name: 'garbage', code: 'ocsp-malformed', url: () => answering(Uint8Array.from({ length: 700 }, (_, i) => (i * 89 + 7) & 0xff)) },
  { name: 'nothing at all', code: 'ocsp-malformed', url: () => answering(new Uint8Array(0)) },
  {
    name: 'a responder clock that runs ahead',
    code: 'ocsp-not-yet-valid',
    detail: 'produced-at',
    url: () =>
      answering(mintOcsp({ nonce: NONCE, producedAt: AT + HOUR, singles: [single({ thisUpdate: AT + HOUR, nextUpdate: AT + 2 * HOUR })] })),
  },
  {
    name: 'a responder clock that lags behind',
    code: 'ocsp-stale',
    detail: 'max-age',
    url: () =>
      answering(mintOcsp({ nonce: NONCE, producedAt: AT - HOUR, singles: [single({ thisUpdate: AT - HOUR, nextUpdate: AT + HOUR })] })),
  },
  {
    name: 'an answer to somebody else’s question',
    code: 'ocsp-nonce-mismatch',
    detail: 'different',
    url: () => answering(mintOcsp({ nonce: new Uint8Array(32) })),
  },
];

describe.each(FAULTS)('$name', ({ code, detail, url }) => {
  test('is not good, and says why', async () => {
    const result = await status({ urls: [await url()] });
    expect(result).toMatchObject({ status: 'unknown', code, ...(detail === undefined ? {} : { detail }) });
    expect(result.sources).toHaveLength(1);
    expect(JSON.stringify(result)).not.toMatch(/127\.0\.0\.1|invalid:80|http:/);
  });

  test('does not keep a second responder from showing good, and stays in the report', async () => {
    const result = await status({ urls: [await url(), await answering(GOOD)] });
    expect(result.status).toBe('good');
    expect(result.sources).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ status: 'unusable', code, ...(detail === undefined ? {} : { detail }) }),
        expect.objectContaining({ status: 'good' }),
      ]),
    );
  });

  test('does not hide what a second responder knows: revoked', async () => {
    const body = mintOcsp({ nonce: NONCE, singles: [single({ status: revoked(1) })] });
    expect(await status({ urls: [await url(), await answering(body)] })).toMatchObject({ status: 'revoked', reason: 'keyCompromise' });
  });

  test('leaves the CRL to decide where the policy lets either do, and nowhere else', async () => {
    const urls = [await url()];
    const crls = [mintCrl()];
    expect(await status({ urls, crls, mode: 'bothcheck' })).toMatchObject({ status: 'unknown', code });
    expect(await status({ urls, crls, mode: 'ocspcheck' })).toMatchObject({ status: 'unknown', code });
    expect((await status({ urls, crls, mode: 'eithercheck' })).status).toBe('good');
  });
});

describe('TLS', () => {
  const pem = (label: string, der: Uint8Array): string =>
    `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`;
  test('a responder whose certificate nobody trusts is no responder', async () => {
    const key = CA.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const url = await stage.https(key, pem('CERTIFICATE', mintAnchor(CA)), (_, response) => response.writeHead(200, OCSP_TYPE).end(GOOD));
    expect(await status({ urls: [url] })).toMatchObject({ status: 'unknown', code: 'ocsp-missing', detail: 'connection' });
  });
});

describe('a proxy', () => {
  const AUTHORIZATION = 'Basic dXNlcjpwYXNz';
  test('carries the request, and is told who asks', async () => {
    const url = await answering(GOOD);
    const proxy = await stage.proxy(AUTHORIZATION);
    const fetcher = { proxy: { url: proxy.url, authorization: AUTHORIZATION } };
    expect((await status({ urls: [url], fetcher })).status).toBe('good');
    expect(proxy.asked).toEqual([new URL(url).host]);
  });
  test('that refuses is not gone around', async () => {
    let requests = 0;
    const url = await stage.http((_, response) => {
      requests += 1;
      response.writeHead(200, OCSP_TYPE).end(GOOD);
    });
    const proxy = await stage.proxy(AUTHORIZATION);
    const fetcher = { proxy: { url: proxy.url, authorization: 'Basic bm9ib2R5' } };
    expect(await status({ urls: [url], fetcher })).toMatchObject({ status: 'unknown', code: 'ocsp-missing', detail: 'connection' });
    expect(requests).toBe(0);
  });
  test('does not widen the list of hosts', async () => {
    const url = await answering(GOOD);
    const proxy = await stage.proxy(AUTHORIZATION);
    const fetcher = { allowedHosts: ['127.0.0.1:1'], proxy: { url: proxy.url, authorization: AUTHORIZATION } };
    expect(await status({ urls: [url], fetcher })).toMatchObject({ code: 'ocsp-missing', detail: 'host-not-allowed' });
    expect(proxy.asked).toEqual([]);
  });
  test.each(['ftp://127.0.0.1', 'http://user:secret@127.0.0.1', 'proxy'])('%s is no proxy', (url) => {
    expect(() => stage.fetcher([], { proxy: { url } })).toThrowError(expect.objectContaining({ code: 'argument-invalid' }));
  });
});

test('a responder certificate is judged anew although its signature has been seen: validity is asked each time', async () => {
  const url = await answering(GOOD);
  expect((await status({ urls: [url] })).status).toBe('good');
  expect(await status({ urls: [url], at: AT + 12 * MINUTE })).toMatchObject({ status: 'unknown', code: 'ocsp-stale' });
  const stranger = keyed();
  expect(await status({ urls: [await answering(mintOcsp({ nonce: NONCE, signer: stranger }))] })).toMatchObject({
    status: 'unknown',
    code: 'ocsp-responder-unauthorized',
  });
});
