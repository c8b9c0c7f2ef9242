import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCrlIndex } from '@jpki-rp/verifier/crl';
import { describe, expect, test } from 'vitest';
import { AT, fileServer, folder, HOUR, kept, listOf, testClock, until } from './stage.ts';

const MINUTE = 60_000;
const [ISSUED, NEXT] = [AT - 6 * HOUR, AT + 30 * HOUR];
const onlyIndex = (directory: string): string => {
  const [name, ...more] = readdirSync(join(directory, 'indexes'));
  expect(more).toEqual([]);
  return join(directory, 'indexes', String(name));
};
const numberOf = async (directory: string): Promise<string | null> => {
  const index = await openCrlIndex(onlyIndex(directory));
  index.close();
  return index.info.crlNumber;
};

test('the first pass fetches, verifies, indexes and archives; metrics and status tell of it', async () => {
  const server = await fileServer();
  const crl = listOf(5);
  server.publish('/Mihon-shi.crl', crl);
  const { keeper, events, directory } = kept(server);
  expect(await keeper.status()).toMatchObject([{ state: 'missing', crlNumber: null }]);
  expect(await keeper.refresh()).toEqual({ leader: true, published: 1, unchanged: 0, failed: 0 });
  const [status] = await keeper.status();
  expect(status).toMatchObject({ class: 'card-digital-signature', state: 'fresh', crlNumber: '5', entries: 2 });
  expect(events.map(({ type }) => type)).toEqual(['leadership', 'refreshed', 'leadership']);
  expect(events[1]).toMatchObject({
    feed: 'full',
    outcome: 'published',
    bytes: crl.length,
    thisUpdate: new Date(ISSUED),
    nextUpdate: new Date(NEXT),
  });
  const id = String(status?.id);
  expect(readFileSync(join(directory, 'archive', id, `${status?.sha256}.crl`))).toEqual(Buffer.from(crl));
  const metric = (name: string) => keeper.metrics().find((one) => one.name === name)?.samples;
  expect(metric('jpki_crl_refreshes_total')).toEqual([{ labels: { target: id, feed: 'full', outcome: 'published' }, value: 1 }]);
  expect(metric('jpki_crl_next_update_seconds')).toEqual([{ labels: { target: id }, value: NEXT / 1000 }]);
  expect(metric('jpki_crl_refreshes_in_flight')).toEqual([{ labels: {}, value: 0 }]);
});

describe('conditional requests', () => {
  test('what is published is asked about; 304 leaves the index as it is', async () => {
    const server = await fileServer();
    server.publish('/Mihon-shi.crl', listOf(5), { etag: '"five"', 'last-modified': 'Tue, 15 Sep 2026 00:00:00 GMT' });
    const { keeper, of, directory } = kept(server);
    await keeper.refresh();
    const before = readFileSync(onlyIndex(directory));
    expect(await keeper.refresh({ force: true })).toEqual({ leader: true, published: 0, unchanged: 1, failed: 0 });
    expect(of('refreshed').map(({ outcome, bytes }) => [outcome, bytes > 0])).toEqual([
      ['published', true],
      ['not-modified', false],
    ]);
    expect(server.asked.map(({ etag, since }) => [etag, since])).toEqual([
      [undefined, undefined],
      ['"five"', 'Tue, 15 Sep 2026 00:00:00 GMT'],
    ]);
    expect(readFileSync(onlyIndex(directory))).toEqual(before);
  });
  test('another ETag brings the new list', async () => {
    const server = await fileServer();
    server.publish('/Mihon-shi.crl', listOf(5), { etag: '"five"' });
    const { keeper, directory } = kept(server);
    await keeper.refresh();
    server.publish('/Mihon-shi.crl', listOf(6), { etag: '"six"' });
    expect(await keeper.refresh({ force: true })).toMatchObject({ published: 1 });
    expect(await numberOf(directory)).toBe('6');
  });
  test('the same list without an ETag is unchanged', async () => {
    const server = await fileServer();
    server.publish('/Mihon-shi.crl', listOf(5));
    const { keeper } = kept(server);
    await keeper.refresh();
    expect(await keeper.refresh({ force: true })).toMatchObject({ published: 0, unchanged: 1 });
  });
  test('the ETag of a list that was refused is never sent', async () => {
    const server = await fileServer();
    server.publish('/Mihon-shi.crl', listOf(5), { etag: '"five"' });
    const { keeper } = kept(server);
    await keeper.refresh();
    server.publish('/Mihon-shi.crl', Uint8Array.of(0x30, 3, 2, 1, 1), { etag: '"garbage"' });
    expect(await keeper.refresh({ force: true })).toMatchObject({ failed: 1 });
    await keeper.refresh({ force: true });
    expect(server.asked.map(({ etag }) => etag)).toEqual([undefined, '"five"', '"five"']);
  });
  test('nor that of another URL', async () => {
    const server = await fileServer();
    const directory = folder();
    server.publish('/old.crl', listOf(5), { etag: '"five"' });
    server.publish('/new.crl', listOf(6), { etag: '"five"' });
    await kept(server, { directory, path: () => '/old.crl' }).keeper.refresh();
    await kept(server, { directory, path: () => '/new.crl' }).keeper.refresh({ force: true });
    expect(server.asked.map(({ path, etag }) => [path, etag])).toEqual([
      ['/old.crl', undefined],
      ['/new.crl', undefined],
    ]);
    expect(await numberOf(directory)).toBe('6');
  });
  test('nor one whose index is another, or gone: what it was about is not what is published', async () => {
    const server = await fileServer();
    server.publish('/Mihon-shi.crl', listOf(5), { etag: '"five"' });
    const { keeper, directory } = kept(server);
    await keeper.refresh();
    rmSync(onlyIndex(directory));
    expect(await keeper.refresh()).toMatchObject({ published: 1 });
    const [state] = readdirSync(join(directory, 'state'));
    const path = join(directory, 'state', String(state));
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(/"index":"[0-9a-f]/, (start) => (start.endsWith('0') ? '"index":"1' : '"index":"0')),
    );
    await keeper.refresh({ force: true });
    writeFileSync(path, '{"version":1');
    await keeper.refresh({ force: true });
    expect(server.asked.map(({ etag }) => etag)).toEqual([undefined, undefined, undefined, undefined]);
  });
  test('a server that says *not modified* to everything is not believed when nextUpdate is near', async () => {
    const server = await fileServer();
    server.publish('/Mihon-shi.crl', listOf(5), { etag: '"always"' });
    const { keeper, clock, directory } = kept(server, { alarms: { leadSeconds: 1_800 } });
    await keeper.refresh();
    server.publish('/Mihon-shi.crl', listOf(6, { nextUpdate: NEXT + 30 * HOUR }), { etag: '"always"' });
    clock.set(NEXT - 30 * MINUTE - 1);
    expect(await keeper.refresh({ force: true })).toMatchObject({ unchanged: 1 });
    clock.advance(1);
    expect(await keeper.refresh({ force: true })).toMatchObject({ published: 1 });
    expect(await numberOf(directory)).toBe('6');
  });
  test('a 304 nobody asked for is a failure', async () => {
    const server = await fileServer();
    server.answer('/Mihon-shi.crl', (_, response) => void response.writeHead(304).end());
    const { keeper, of } = kept(server);
    await keeper.refresh();
    expect(of('refresh-failed')).toMatchObject([{ code: 'crl-unavailable', detail: 'http-status' }]);
  });
});

describe('by the clock', () => {
  test('in the swap window a list is asked for until it is a new one, then not before the next day', async () => {
    const server = await fileServer();
    server.publish('/Mihon-shi.crl', listOf(5), { etag: '"five"' });
    // AT is noon in Japan.
    const clock = testClock(AT);
    const { start, seen, of } = kept(server, {
      clock,
      schedule: { swapWindow: { start: '14:00', minutes: 60 }, pollSeconds: 300, everySeconds: 7 * 86_400, jitterSeconds: 0 },
    });
    start();
    await seen('refreshed', 1);
    expect(of('refreshed').at(-1)?.nextAttempt).toEqual(new Date(AT + 2 * HOUR));
    for (let minute = 0; minute < 119; minute++) clock.advance(MINUTE);
    expect(server.asked.length).toBe(1);
    clock.advance(MINUTE);
    await seen('refreshed', 2);
    clock.advance(5 * MINUTE);
    await seen('refreshed', 3);
    server.publish('/Mihon-shi.crl', listOf(6), { etag: '"six"' });
    clock.advance(5 * MINUTE);
    await seen('refreshed', 4);
    expect(of('refreshed').map(({ outcome }) => outcome)).toEqual(['published', 'not-modified', 'not-modified', 'published']);
    // Tomorrow's swap window, but the list's own end comes before.
    expect(of('refreshed').at(-1)?.nextAttempt).toEqual(new Date(AT + 26 * HOUR));
  });
  test('an hour before nextUpdate the next list is asked for, again and again', async () => {
    const server = await fileServer();
    server.publish('/Mihon-shi.crl', listOf(5));
    const { start, seen, of, clock } = kept(server, { schedule: { everySeconds: 7 * 86_400, jitterSeconds: 0, pollSeconds: 120 } });
    start();
    await seen('refreshed', 1);
    clock.set(NEXT - HOUR);
    await seen('refreshed', 2);
    clock.advance(2 * MINUTE);
    await seen('refreshed', 3);
    server.publish('/Mihon-shi.crl', listOf(6, { thisUpdate: NEXT - HOUR, nextUpdate: NEXT + 30 * HOUR }));
    clock.advance(2 * MINUTE);
    await seen('refreshed', 4);
    expect(of('refreshed').map(({ outcome, nextAttempt }) => [outcome, nextAttempt.getTime() - NEXT])).toEqual([
      ['published', -HOUR],
      ['unchanged', -HOUR + 2 * MINUTE],
      ['unchanged', -HOUR + 4 * MINUTE],
      ['published', 29 * HOUR],
    ]);
  });
  test('after failures the pauses grow, and end with the first success', async () => {
    const server = await fileServer();
    const clock = testClock();
    clock.chance = 0.999_999;
    const { start, seen, of } = kept(server, { clock, schedule: { backoff: { baseMs: 1_000, capMs: 3_000 } } });
    start();
    const pauses: number[] = [];
    for (let failures = 1; failures <= 4; failures++) {
      await seen('refresh-failed', failures);
      const pause = Number(of('refresh-failed').at(-1)?.nextAttempt) - clock.now().getTime();
      pauses.push(pause);
      if (failures === 4) server.publish('/Mihon-shi.crl', listOf(5));
      clock.advance(pause);
    }
    await seen('refreshed', 1);
    expect(pauses).toEqual([999, 1_999, 2_999, 2_999]);
    expect(of('refresh-failed').map(({ code, failures }) => [code, failures])).toEqual([1, 2, 3, 4].map((n) => ['crl-unavailable', n]));
  });
  test('a restart asks when it is time, not at once', async () => {
    const server = await fileServer();
    server.publish('/Mihon-shi.crl', listOf(5));
    const first = kept(server, { schedule: { jitterSeconds: 0 } });
    await first.keeper.refresh();
    first.clock.advance(HOUR);
    const again = kept(server, { directory: first.directory, clock: first.clock, schedule: { jitterSeconds: 0 } });
    expect(await again.keeper.refresh()).toEqual({ leader: true, published: 0, unchanged: 0, failed: 0 });
    first.clock.advance(5 * HOUR);
    expect(await again.keeper.refresh()).toMatchObject({ unchanged: 1 });
  });
});

test('where the first URL fails the second is asked', async () => {
  const server = await fileServer();
  server.publish('/mirror.crl', listOf(5));
  const { keeper: unused, environment, clock, ...rest } = kept(server);
  expect(unused).toBeDefined();
  const { crlTargets, createCrlKeeper } = await import('../../src/keeper/index.ts');
  const { createFetcher } = await import('@jpki-rp/verifier/net');
  const [target] = crlTargets(environment);
  if (target === undefined) throw new Error('no target');
  const fetcher = createFetcher({ allowedHosts: [server.host] });
  const ending = new AbortController();
  const running = createCrlKeeper({
    directory: rest.directory,
    targets: [{ ...target, urls: [`http://${server.host}/gone.crl`, `http://${server.host}/mirror.crl`] }],
    download: fetcher.download,
    ports: clock,
    onEvent: (event) => void rest.events.push(event),
  }).run({ signal: ending.signal });
  await rest.seen('refresh-failed', 1);
  clock.advance(1);
  await rest.seen('refreshed', 1);
  expect(server.asked.map(({ path }) => path)).toEqual(['/gone.crl', '/mirror.crl']);
  ending.abort();
  await running;
  await fetcher.close();
});

test.each([1, 3])('of many partitions %i are fetched at a time, and each with its own list', async (concurrency) => {
  const server = await fileServer();
  const towns = Array.from({ length: 12 }, (_, i) => `Machi-${i}`);
  const waiting: (() => void)[] = [];
  for (const [i, town] of towns.entries()) {
    const crl = listOf(10 + i, { town });
    server.answer(`/${town}.crl`, (_, response) => {
      waiting.push(() => response.writeHead(200, { 'content-type': 'application/pkix-crl' }).end(crl));
    });
  }
  const { keeper, directory } = kept(server, { towns, concurrency });
  const done = keeper.refresh();
  for (let answered = 0; answered < towns.length; ) {
    const expected = Math.min(concurrency, towns.length - answered);
    await until(() => waiting.length === expected, `${expected} waiting`);
    answered += 1;
    waiting.shift()?.();
  }
  expect(await done).toMatchObject({ published: 12, failed: 0 });
  expect(server.most()).toBe(concurrency);
  const numbers = await Promise.all(
    readdirSync(join(directory, 'indexes')).map(async (name) => {
      const index = await openCrlIndex(join(directory, 'indexes', name));
      index.close();
      return [index.info.distributionPoint.slice(3, index.info.distributionPoint.indexOf(' ')), index.info.crlNumber];
    }),
  );
  expect(Object.fromEntries(numbers)).toEqual(Object.fromEntries(towns.map((town, i) => [town, String(10 + i)])));
});

describe('retention', () => {
  const archived = (directory: string): readonly string[] => {
    const [id] = readdirSync(join(directory, 'archive'));
    return readdirSync(join(directory, 'archive', String(id))).sort();
  };
  const publishing = async (numbers: readonly number[], retention: { count?: number; ageSeconds?: number }, age = 0) => {
    const server = await fileServer();
    const stage = kept(server, { retention });
    const hashes: string[] = [];
    for (const n of numbers) {
      server.publish('/Mihon-shi.crl', listOf(n));
      expect(await stage.keeper.refresh({ force: true })).toMatchObject({ published: 1 });
      hashes.push(String((await stage.keeper.status())[0]?.sha256));
      const [id] = readdirSync(join(stage.directory, 'archive'));
      // In the order of the clock that the test moves.
      const since = new Date(stage.clock.now().getTime() - age);
      utimesSync(join(stage.directory, 'archive', String(id), `${hashes.at(-1)}.crl`), since, since);
      stage.clock.advance(HOUR);
    }
    return { ...stage, hashes };
  };
  test('only so many are kept', async () => {
    const { directory, hashes, of } = await publishing([1, 2, 3, 4], { count: 2 });
    expect(archived(directory)).toEqual(
      hashes
        .slice(-2)
        .map((hash) => `${hash}.crl`)
        .sort(),
    );
    expect(of('pruned').map(({ files }) => files)).toEqual([1, 1]);
  });
  test('or none older than that', async () => {
    const { directory, hashes } = await publishing([1, 2, 3, 4], { ageSeconds: 90 * 60 });
    expect(archived(directory)).toEqual(
      hashes
        .slice(-2)
        .map((hash) => `${hash}.crl`)
        .sort(),
    );
  });
  test('what the index stands on stays, however old', async () => {
    const { directory, hashes } = await publishing([1, 2], { ageSeconds: 60 }, 900 * HOUR);
    expect(archived(directory)).toEqual([`${hashes[1]}.crl`]);
  });
  test('without a limit nothing goes', async () => {
    const { directory } = await publishing([1, 2, 3], {});
    expect(archived(directory).length).toBe(3);
  });
});

test('a second run or pass beside the first is refused', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5));
  const { keeper, start, seen } = kept(server);
  const { stop } = start();
  await seen('refreshed', 1);
  await expect(keeper.refresh()).rejects.toMatchObject({ code: 'argument-invalid' });
  await stop();
  expect(await keeper.refresh()).toMatchObject({ leader: true });
});

test('stopped in the middle of a download: nothing is published, nothing left behind, nothing evented', async () => {
  const server = await fileServer();
  server.answer(
    '/Mihon-shi.crl',
    (_, response) => void response.writeHead(200, { 'content-type': 'application/pkix-crl' }).write(listOf(5).subarray(0, 50)),
  );
  const { start, directory, events } = kept(server);
  const { stop } = start();
  await until(() => existsSync(join(directory, 'indexes')) && readdirSync(join(directory, 'indexes')).length > 0, 'begun');
  await stop();
  expect(readdirSync(join(directory, 'indexes'))).toEqual([]);
  expect(events.filter(({ type }) => type === 'refreshed' || type === 'refresh-failed')).toEqual([]);
});

test('a listener that throws stops nothing', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5));
  const { keeper } = kept(server, {
    onEvent: () => {
      throw new Error('listener');
    },
  });
  expect(await keeper.refresh()).toMatchObject({ published: 1 });
});
