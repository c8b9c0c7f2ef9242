import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openCrlIndex } from '@jpki-rp/verifier/crl';
import { expect, test } from 'vitest';
import { entry, int } from '../../../verifier/test/revocation/mint.ts';
import { AT, type FileServer, fileServer, HOUR, kept, listOf } from './stage.ts';

const serial = (n: number): Uint8Array => int(1, 2, 3, n);
const full = (n: number, ...listed: readonly number[]): Uint8Array =>
  listOf(n, { thisUpdate: AT - (20 - n) * 60_000, entries: listed.map((one) => entry({ serial: serial(one) })) });
const delta = (n: number, base: number, ...listed: readonly number[]): Uint8Array =>
  listOf(n, { base, thisUpdate: AT - (20 - n) * 60_000, entries: listed.map((one) => entry({ serial: serial(one) })) });

const stageOf = (server: FileServer, directory?: string) =>
  kept(server, {
    ...(directory === undefined ? {} : { directory }),
    schedule: { jitterSeconds: 0 },
    deltas: [{ url: `http://${server.host}/Mihon-shi.crl`, deltaUrl: `http://${server.host}/delta.crl` }],
  });

const listedAt = async (directory: string): Promise<readonly number[]> => {
  const [name] = readdirSync(join(directory, 'indexes'));
  const index = await openCrlIndex(join(directory, 'indexes', String(name)));
  const listed = [...index.entries()].map(({ serialNumber }) => Number(serialNumber.at(-1)));
  index.close();
  return listed.sort();
};

test('the complete list comes first, then the delta, and neither is taken for a rollback of the other', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', full(10, 1, 2));
  server.publish('/delta.crl', delta(11, 10, 3), { etag: '"eleven"' });
  const { keeper, of, directory } = stageOf(server);
  expect(await keeper.refresh()).toMatchObject({ published: 2, failed: 0 });
  expect(server.asked.map(({ path }) => path)).toEqual(['/Mihon-shi.crl', '/delta.crl']);
  expect(await listedAt(directory)).toEqual([1, 2, 3]);

  // The same complete list again, without an ETag: older than the index, and known.
  expect(await keeper.refresh({ force: true })).toEqual({ leader: true, published: 0, unchanged: 2, failed: 0 });
  expect(of('refreshed').map(({ feed, outcome }) => [feed, outcome])).toEqual([
    ['full', 'published'],
    ['delta', 'published'],
    ['full', 'unchanged'],
    ['delta', 'not-modified'],
  ]);
  expect(await listedAt(directory)).toEqual([1, 2, 3]);

  // The next delta is of the same base.
  server.publish('/delta.crl', delta(12, 10, 3, 4));
  await keeper.refresh({ force: true });
  expect(await listedAt(directory)).toEqual([1, 2, 3, 4]);
  expect(of('alarm')).toEqual([]);

  // A new complete list, while the server still has yesterday's delta.
  server.publish('/Mihon-shi.crl', full(13, 1, 2, 3, 4, 5));
  expect(await keeper.refresh({ force: true })).toMatchObject({ published: 1, unchanged: 1, failed: 0 });
  expect(of('refreshed').at(-1)).toMatchObject({ feed: 'delta', outcome: 'superseded' });
  expect(await listedAt(directory)).toEqual([1, 2, 3, 4, 5]);
  expect(of('alarm')).toEqual([]);
});

test('a complete list that is older and not the one the index stands on is a rollback', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', full(10, 1, 2));
  server.publish('/delta.crl', delta(11, 10, 3));
  const { keeper, of, directory } = stageOf(server);
  await keeper.refresh();
  server.publish('/Mihon-shi.crl', full(9, 1));
  expect(await keeper.refresh({ force: true })).toMatchObject({ failed: 1 });
  expect(of('alarm')).toMatchObject([{ code: 'crl-rollback' }]);
  expect(await listedAt(directory)).toEqual([1, 2, 3]);
});

test('without a complete list no delta is asked for', async () => {
  const server = await fileServer();
  server.publish('/delta.crl', delta(11, 10, 3));
  const { keeper } = stageOf(server);
  await keeper.refresh({ force: true });
  expect(server.asked.map(({ path }) => path)).toEqual(['/Mihon-shi.crl']);
});

test('the delta’s own pause is kept, and its nextUpdate is not the complete list’s', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', full(10, 1));
  server.publish('/delta.crl', delta(11, 10, 2));
  const { keeper, of } = stageOf(server);
  await keeper.refresh();
  expect(of('refreshed').map(({ feed, nextAttempt }) => [feed, nextAttempt.getTime() - AT])).toEqual([
    ['full', 6 * HOUR],
    ['delta', HOUR],
  ]);
});

test('the archive keeps what the index stands on: the complete list and the last delta', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', full(10, 1));
  server.publish('/delta.crl', delta(11, 10, 2));
  const first = stageOf(server);
  await first.keeper.refresh();
  for (const n of [12, 13, 14]) {
    server.publish('/delta.crl', delta(n, 10, 2, n));
    await kept(server, {
      directory: first.directory,
      retention: { count: 1 },
      deltas: [{ url: `http://${server.host}/Mihon-shi.crl`, deltaUrl: `http://${server.host}/delta.crl` }],
    }).keeper.refresh({ force: true });
  }
  const [id] = readdirSync(join(first.directory, 'archive'));
  const fullHash = first.of('refreshed')[0]?.sha256;
  const kepts = readdirSync(join(first.directory, 'archive', String(id)));
  expect(kepts).toContain(`${fullHash}.crl`);
  // The base of the last delta is the index before it: the delta before it stays as well.
  expect(kepts.length).toBe(3);
});
