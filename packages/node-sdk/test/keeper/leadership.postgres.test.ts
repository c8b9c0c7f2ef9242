/** Leadership by a real PostgreSQL: sessions that are held, cut, and contended for. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LeaderConnection, type LeaderPool, postgresLeadership } from '../../src/keeper/index.ts';
import { systemPorts } from '../../src/keeper/ports.ts';
import { AT, fileServer, folder, kept, listOf, testClock, until } from './stage.ts';

const connection = {
  host: process.env['PGHOST'] ?? '127.0.0.1',
  port: Number(process.env['PGPORT'] ?? 5432),
  user: process.env['PGUSER'] ?? 'postgres',
  database: process.env['PGDATABASE'] ?? 'test',
};
const pools: pg.Pool[] = [];
const pool = (): pg.Pool => {
  const made = new pg.Pool({ ...connection, max: 4 });
  // A connection that the server cuts while it is idle in the pool.
  made.on('error', () => undefined);
  pools.push(made);
  return made;
};
let admin: pg.Pool;
beforeAll(() => {
  admin = pool();
});
afterAll(async () => {
  await Promise.all(pools.map((one) => one.end()));
});
const uniqueName = (): string => `test-${randomBytes(6).toString('hex')}`;

/** Remembers the session that was asked for the lock last, and every other question. */
const watched = (): { readonly pool: LeaderPool; readonly session: () => number } => {
  const own = pool();
  let session = 0;
  return {
    pool: {
      connect: async (): Promise<LeaderConnection> => {
        const client = await own.connect();
        session = Number((await client.query('select pg_backend_pid() as pid')).rows[0]?.pid);
        return client;
      },
    },
    session: () => session,
  };
};
const cut = (session: number): Promise<unknown> => admin.query('select pg_terminate_backend($1)', [session]);
/** Time in the database is real; the keepers' lists are of the day of the tests. */
const ports = { ...systemPorts, now: () => new Date(AT) };

it('one term at a time, by name; the next when it is released', async () => {
  const name = uniqueName();
  const [one, two] = [postgresLeadership({ pool: pool(), name }), postgresLeadership({ pool: pool(), name })];
  const first = await one.acquire(ports);
  expect(first).not.toBeNull();
  expect(await two.acquire(ports)).toBeNull();
  expect(await one.acquire(ports)).toBeNull();
  const other = await postgresLeadership({ pool: pool(), name: uniqueName() }).acquire(ports);
  expect(other).not.toBeNull();
  expect(await first?.confirm()).toBe(true);
  await first?.release();
  const second = await two.acquire(ports);
  expect(await second?.confirm()).toBe(true);
  await second?.release();
  await other?.release();
});

it('many at once: exactly one', async () => {
  const name = uniqueName();
  const terms = await Promise.all(Array.from({ length: 12 }, () => postgresLeadership({ pool: pool(), name }).acquire(ports)));
  expect(terms.filter((term) => term !== null).length).toBe(1);
  for (const term of terms) await term?.release();
});

it('a session that the server cuts is lost at once, without being asked', async () => {
  const own = watched();
  const name = uniqueName();
  const term = await postgresLeadership({ pool: own.pool, name, retryMs: 3_600_000 }).acquire(ports);
  await cut(own.session());
  await until(() => term?.lost.aborted === true, 'lost');
  expect(await term?.confirm()).toBe(false);
  const next = await postgresLeadership({ pool: pool(), name }).acquire(ports);
  expect(next).not.toBeNull();
  await next?.release();
  await term?.release();
});

it('a lock that was let go behind the session’s back is no leadership', async () => {
  const own = pool();
  let client: pg.PoolClient | undefined;
  const stealing: LeaderPool = {
    connect: async () => {
      client = await own.connect();
      return client;
    },
  };
  const term = await postgresLeadership({ pool: stealing, name: uniqueName(), retryMs: 3_600_000 }).acquire(ports);
  expect(await term?.confirm()).toBe(true);
  await client?.query('select pg_advisory_unlock_all()');
  expect(await term?.confirm()).toBe(false);
  expect(term?.lost.aborted).toBe(true);
  await term?.release();
});

it('a session that does not answer in time is given up', async () => {
  const own = pool();
  const clock = testClock();
  let silent = false;
  const stalling: LeaderPool = {
    connect: async () => {
      const client = await own.connect();
      const query: LeaderConnection['query'] = (text, values) => (silent ? new Promise(() => undefined) : client.query(text, values));
      return { query, on: (event, listener) => client.on(event as 'end', listener), release: (destroy) => client.release(destroy) };
    },
  };
  const term = await postgresLeadership({ pool: stalling, name: uniqueName(), retryMs: 3_600_000, timeoutMs: 1_000 }).acquire(clock);
  silent = true;
  const confirmed = term?.confirm();
  await until(() => clock.sleeping().includes(1_000));
  clock.advance(1_000);
  expect(await confirmed).toBe(false);
  expect(term?.lost.aborted).toBe(true);
  await term?.release();
});

it('of two nodes one fetches; when its session is cut in the middle of a download the other publishes, and the first does not', async () => {
  const server = await fileServer();
  const name = uniqueName();
  const directory = join(folder(), 'shared');
  const late = listOf(5);
  server.answer('/Mihon-shi.crl', (_, response) => {
    response.writeHead(200, { 'content-type': 'application/pkix-crl' }).write(late.subarray(0, late.length - 1));
  });
  const own = watched();
  const fast = { ...ports, random: () => 0 };
  const node = (leaderPool: LeaderPool) =>
    kept(server, { directory, ports: fast, leadership: postgresLeadership({ pool: leaderPool, name, retryMs: 20 }) });
  const first = node(own.pool);
  first.start();
  await until(() => existsSync(join(directory, 'indexes')) && readdirSync(join(directory, 'indexes')).length === 1, 'begun');
  const session = own.session();
  const second = node(pool());
  second.start();
  await until(() => second.of('leadership').some(({ state }) => state === 'standby'), 'standby');
  expect(server.asked.length).toBe(1);

  server.publish('/Mihon-shi.crl', listOf(6));
  await cut(session);
  await first.seen('refresh-failed', 1);
  expect(first.of('refresh-failed')[0]).toMatchObject({ code: 'keeper-lost' });
  await until(() => first.of('refreshed').length + second.of('refreshed').length === 1, 'published by whoever leads now');
  // Whichever of them got the lock afterwards, one fetched, and the list cut short was never published.
  expect(server.asked.length).toBe(2);
  expect(await second.keeper.status()).toMatchObject([{ crlNumber: '6', state: 'fresh' }]);
  expect(readdirSync(join(directory, 'indexes')).length).toBe(1);
});

it('a leader that has not noticed yet is stopped right before it publishes', async () => {
  const server = await fileServer();
  const name = uniqueName();
  const directory = join(folder(), 'shared');
  server.publish('/Mihon-shi.crl', listOf(5));
  const own = pool();
  const session = { pid: 0 };
  // Hears nothing of the connection's end: as where a network swallows it.
  const deaf: LeaderPool = {
    connect: async () => {
      const client = await own.connect();
      client.on('error', () => undefined);
      session.pid = Number((await client.query('select pg_backend_pid() as pid')).rows[0]?.pid);
      return { query: (text, values) => client.query(text, values), on: () => undefined, release: (destroy) => client.release(destroy) };
    },
  };
  const real = postgresLeadership({ pool: deaf, name, retryMs: 3_600_000 });
  const first = kept(server, {
    directory,
    leadership: {
      retryMs: 10,
      acquire: async (given) => {
        const term = await real.acquire(given);
        if (term === null) return null;
        return {
          ...term,
          confirm: async () => {
            // Between the last look and this one the session is cut, and another node leads and publishes.
            await cut(session.pid);
            server.publish('/Mihon-shi.crl', listOf(6));
            const second = kept(server, { directory, leadership: postgresLeadership({ pool: pool(), name }) });
            await until(async () => (await second.keeper.refresh()).leader, 'another leads');
            return await term.confirm();
          },
        };
      },
    },
  });
  expect(await first.keeper.refresh()).toMatchObject({ leader: true, published: 0, failed: 1 });
  expect(first.of('refresh-failed').map(({ code }) => code)).toEqual(['keeper-lost']);
  expect(await first.keeper.status()).toMatchObject([{ crlNumber: '6' }]);
});
