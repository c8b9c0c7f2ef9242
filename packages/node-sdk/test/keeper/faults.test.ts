import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CA, mintCrl, OTHER_CA } from '../../../verifier/test/revocation/mint.ts';
import { type CrlKeeperOptions, prometheusText } from '../../src/keeper/index.ts';
import { AT, type FileServer, fileServer, HOUR, type KeptOptions, kept, listOf } from './stage.ts';

type Arrange = (server: FileServer, path: string) => void;
const TYPE = { 'content-type': 'application/pkix-crl' };
const answering =
  (answer: Parameters<FileServer['answer']>[1]): Arrange =>
  (server, path) =>
    server.answer(path, answer);
const sending =
  (crl: Uint8Array, headers: Readonly<Record<string, string>> = {}): Arrange =>
  (server, path) =>
    server.publish(path, crl, headers);
const NEWER = listOf(6);
const changed = Uint8Array.from(NEWER);
changed[NEWER.length - 1] = (changed[NEWER.length - 1] as number) ^ 1;

describe('what never takes the place of an index, each with one event and one code', () => {
  test.each<[string, Arrange, string, string | undefined, KeptOptions?]>([
    ['an answer that says it is too large', sending(NEWER), 'budget-crl', 'too-large', { maxBytes: NEWER.length - 1 }],
    [
      'a body that turns out too large',
      answering((_, response) => void response.writeHead(200, TYPE).end(Buffer.concat([NEWER, NEWER]))),
      'budget-crl',
      'too-large',
      { fetcher: { downloads: { maxBytes: NEWER.length - 1 } } },
    ],
    [
      'a body shorter than announced',
      answering((_, response) => {
        response.writeHead(200, { ...TYPE, 'content-length': NEWER.length });
        response.write(NEWER.subarray(0, 200), () => response.destroy());
      }),
      'crl-unavailable',
      'connection',
    ],
    [
      'a chunked body that breaks off',
      answering((_, response) => {
        response.writeHead(200, TYPE);
        response.write(NEWER.subarray(0, 200), () => response.destroy());
      }),
      'crl-unavailable',
      'connection',
    ],
    ['a body that ends too early and says it is whole', sending(NEWER.subarray(0, NEWER.length - 1)), 'crl-malformed', undefined],
    ['a connection that is reset', answering((request) => request.socket.resetAndDestroy()), 'crl-unavailable', 'connection'],
    ['a server that never answers', answering(() => undefined), 'crl-unavailable', 'timeout', { fetcher: { downloads: { stallMs: 50 } } }],
    [
      'a server that drips',
      answering((_, response) => {
        response.writeHead(200, TYPE);
        let at = 0;
        const timer = setInterval(() => response.write(NEWER.subarray(at++, at)), 5);
        response.once('close', () => clearInterval(timer));
      }),
      'crl-unavailable',
      'timeout',
      { fetcher: { downloads: { stallMs: 60, stallBytes: 10_000 } } },
    ],
    [
      'a download that takes longer than it may',
      answering((_, response) => void response.writeHead(200, TYPE).write(NEWER.subarray(0, 100))),
      'crl-unavailable',
      'timeout',
      { timeoutMs: 60 },
    ],
    ['other octets', sending(Buffer.from('<html>maintenance</html>')), 'crl-malformed', undefined],
    ['another media type', sending(NEWER, { 'content-type': 'text/html' }), 'crl-unavailable', 'content-type'],
    ['an encoded body', sending(NEWER, { 'content-encoding': 'gzip' }), 'crl-unavailable', 'content'],
    ['no such file', answering((_, response) => void response.writeHead(404).end()), 'crl-unavailable', 'http-status'],
    ['a server in trouble', answering((_, response) => void response.writeHead(503).end()), 'crl-unavailable', 'http-status'],
    [
      'a redirect',
      answering((_, response) => void response.writeHead(302, { location: '/elsewhere.crl' }).end()),
      'crl-unavailable',
      'redirect',
    ],
    ['a changed octet', sending(changed), 'crl-signature', 'signature-invalid'],
    ['another signer', sending(mintCrl({ signer: OTHER_CA })), 'crl-signature', 'signature-invalid'],
    ['the list of another town', sending(listOf(6, { town: 'Tonari-shi' })), 'crl-scope-mismatch', 'distribution-point'],
    ['a list of the future', sending(listOf(6, { thisUpdate: AT + HOUR })), 'crl-not-yet-valid', 'this-update'],
    ['an older list', sending(listOf(4)), 'crl-rollback', 'crl-number'],
  ])('%s', async (_, arrange, code, detail, options = {}) => {
    const server = await fileServer();
    server.publish('/Mihon-shi.crl', listOf(5));
    const first = kept(server);
    await first.keeper.refresh();
    const contents = (): readonly (readonly [string, string])[] =>
      ['indexes', `archive/${readdirSync(join(first.directory, 'archive'))[0]}`, 'state'].flatMap((room) =>
        readdirSync(join(first.directory, room)).map((name) => [name, readFileSync(join(first.directory, room, name), 'hex')] as const),
      );
    const before = contents();
    arrange(server, '/Mihon-shi.crl');
    const { keeper, of } = kept(server, { ...options, directory: first.directory });
    expect(await keeper.refresh({ force: true })).toEqual({ leader: true, published: 0, unchanged: 0, failed: 1 });
    expect(of('refreshed')).toEqual([]);
    const failures = of('refresh-failed').map((event) => [event.code, event.detail, event.failures]);
    expect(failures).toEqual([[code, detail, 1]]);
    expect(contents()).toEqual(before);
    expect(prometheusText(keeper.metrics())).toMatch(new RegExp(`^jpki_crl_refresh_failures_total\\{.*code="${code}"\\} 1$`, 'm'));
  });
});

test('a host off the list is never asked', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5));
  const { keeper, of } = kept(server, { fetcher: { allowedHosts: ['127.0.0.1:1'] } });
  await keeper.refresh();
  expect(of('refresh-failed')).toMatchObject([{ code: 'crl-unavailable', detail: 'host-not-allowed' }]);
  expect(server.asked).toEqual([]);
});

describe('what is wrong here', () => {
  const failing = async (changes: Partial<CrlKeeperOptions>) => {
    const server = await fileServer();
    server.publish('/Mihon-shi.crl', listOf(5));
    const { keeper, of } = kept(server, changes);
    expect(await keeper.refresh()).toMatchObject({ failed: 1, published: 0 });
    return of('refresh-failed').map(({ code, detail }) => [code, detail]);
  };
  test('a disk that is full', async () => {
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
    expect(await failing({ download: () => Promise.reject(full) })).toEqual([['keeper-storage', 'ENOSPC']]);
  });
  test('an error that nobody expected', async () => {
    expect(await failing({ download: () => Promise.reject(new TypeError('a mistake')) })).toEqual([['keeper-fault', 'TypeError']]);
  });
});

test('events and metrics carry no serial number, certificate, URL or path', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5));
  const { keeper, events, directory } = kept(server);
  await keeper.refresh();
  server.publish('/Mihon-shi.crl', changed);
  await keeper.refresh({ force: true });
  const told = JSON.stringify(events) + prometheusText(keeper.metrics());
  for (const secret of ['07001194', '07001196', server.host, directory, Buffer.from(CA.ski).toString('hex'), 'Mihon']) {
    expect(told.toLowerCase()).not.toContain(secret.toLowerCase());
  }
});
