import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { directoryLeadership, type Leadership, type LeadershipTerm } from '../../src/keeper/index.ts';
import { fileServer, folder, kept, listOf, testClock, until } from './stage.ts';

const leading = (changes: Partial<LeadershipTerm>): Leadership => ({
  retryMs: 1_000,
  acquire: async () => ({ lost: new AbortController().signal, confirm: async () => true, release: async () => undefined, ...changes }),
});

test('who is not leading any more, asked right before publication, publishes nothing', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5));
  const { keeper, of, directory } = kept(server, { leadership: leading({ confirm: async () => false }) });
  expect(await keeper.refresh()).toMatchObject({ leader: true, published: 0, failed: 1 });
  expect(of('refresh-failed').map(({ code }) => code)).toEqual(['keeper-lost']);
  expect(readdirSync(join(directory, 'indexes'))).toEqual([]);
  expect(readdirSync(join(directory, 'state'))).toEqual([]);
});

test('leadership lost during a download ends it', async () => {
  const server = await fileServer();
  let ended = false;
  server.answer('/Mihon-shi.crl', (_, response) => {
    response.once('close', () => {
      ended = true;
    });
    response.writeHead(200, { 'content-type': 'application/pkix-crl' }).write(listOf(5).subarray(0, 100));
  });
  const losing = new AbortController();
  const { start, of, seen, directory } = kept(server, { leadership: leading({ lost: losing.signal }) });
  start();
  await until(() => existsSync(join(directory, 'indexes')) && readdirSync(join(directory, 'indexes')).length === 1, 'begun');
  losing.abort();
  await seen('refresh-failed', 1);
  await until(() => ended);
  expect(of('refresh-failed').map(({ code }) => code)).toEqual(['keeper-lost']);
  expect(of('leadership').map(({ state }) => state)).toEqual(['gained', 'lost']);
  expect(readdirSync(join(directory, 'indexes'))).toEqual([]);
});

describe('without leadership', () => {
  test('nothing is fetched, and the alarms are raised all the same', async () => {
    const server = await fileServer();
    const { start, seen, of, clock } = kept(server, { leadership: { retryMs: 1_000, acquire: async () => null } });
    start();
    await seen('alarm', 1);
    clock.advance(1_000);
    expect(of('leadership').map(({ state }) => state)).toEqual(['standby']);
    expect(of('alarm').map(({ code }) => code)).toEqual(['crl-missing']);
    expect(server.asked).toEqual([]);
  });
  test('a database that does not answer makes nobody leader, until it does', async () => {
    const server = await fileServer();
    server.publish('/Mihon-shi.crl', listOf(5));
    let answers = false;
    const leadership: Leadership = {
      retryMs: 1_000,
      acquire: async (ports) => {
        if (!answers) throw new Error('connection refused');
        return await leading({}).acquire(ports);
      },
    };
    const { start, seen, of, clock } = kept(server, { leadership });
    start();
    await seen('leadership', 1);
    await until(() => clock.sleeping().includes(1_000));
    expect(server.asked).toEqual([]);
    answers = true;
    clock.advance(1_000);
    await seen('refreshed', 1);
    expect(of('leadership').map(({ state }) => state)).toEqual(['unavailable', 'gained']);
  });
});

test('one that was paused and taken for dead cannot publish when it wakes: its file was swept, and it is told', async () => {
  const server = await fileServer();
  const place = folder();
  const directory = join(place, 'shared');
  const late = listOf(5);
  let finish = (): void => undefined;
  server.answer('/Mihon-shi.crl', (_, response) => {
    response.writeHead(200, { 'content-type': 'application/pkix-crl' }).write(late.subarray(0, late.length - 1));
    finish = () => response.end(late.subarray(late.length - 1));
  });
  const paused = kept(server, { directory });
  paused.start();
  await until(() => existsSync(join(directory, 'indexes')) && readdirSync(join(directory, 'indexes')).length === 1, 'begun');

  // Seen from another machine: the first keeper does not move.
  const [lock] = readdirSync(join(directory, 'lock'));
  const path = join(directory, 'lock', String(lock));
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"machine":"[^"]*"/, '"machine":"another"'));
  const taking = kept(server, {
    directory,
    clock: testClock(),
    leadership: directoryLeadership({ folder: join(directory, 'lock'), missedBeats: 0 }),
  });
  server.publish('/Mihon-shi.crl', listOf(6));
  expect(await taking.keeper.refresh()).toMatchObject({ leader: true, published: 1 });

  finish();
  await paused.seen('refresh-failed', 1);
  expect(paused.of('refresh-failed').map(({ code }) => code)).toEqual(['keeper-lost']);
  expect(await taking.keeper.status()).toMatchObject([{ crlNumber: '6' }]);
  expect(readdirSync(join(directory, 'indexes')).length).toBe(1);
});

test('what killed keepers left unfinished is swept by the next', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5));
  const { keeper, directory } = kept(server);
  await keeper.refresh();
  const [id] = readdirSync(join(directory, 'archive'));
  const left = [
    join(directory, 'indexes', `.${id}.idx.unfinished-another@1-abc`),
    join(directory, 'archive', String(id), '.crl.unfinished-another@1-abc'),
    join(directory, 'state', `.${id}.json.unfinished`),
  ];
  for (const path of left) writeFileSync(path, 'half');
  await keeper.refresh();
  expect(left.filter((path) => existsSync(path))).toEqual([]);
  expect(await keeper.status()).toMatchObject([{ crlNumber: '5' }]);
});
