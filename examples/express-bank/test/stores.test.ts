/** The bank on PGlite, as `npm start` runs it: over HTTP, many at once, on its one connection. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { migrate, pgliteClient } from '@jpki-rp/node-sdk/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bank, startBank } from '../src/bank.ts';
import { chooseStores } from '../src/stores/choose.ts';
import { sqlStores } from '../src/stores/stores.ts';
import { type Ask, linkedCustomer, linkedLoggedInUndone, logIn } from './link-story.ts';

let db: PGlite;
let bank: Bank;
let ask: Ask;

beforeAll(async () => {
  db = await PGlite.create();
  const pool = pgliteClient(db);
  await migrate(pool);
  ask = async (text) => (await pool.query(text)).rows;
  bank = await startBank({ people: 0, stores: async () => sqlStores(pool, 'PGlite', () => db.close()) });
}, 120_000);
afterAll(() => bank.close());

test('a card and a phone are linked, the phone alone logs in, the night’s sweep is remembered, and undone from the mail it no longer does', () =>
  linkedLoggedInUndone(bank, ask));

test('eight people who link and log in at once all arrive, one after the other on the one connection', async () => {
  const before = bank.desk.accounts.all().length;
  const arrived = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const { person } = await linkedCustomer(bank);
      return logIn(bank, person);
    }),
  );
  expect(arrived).toEqual(Array(8).fill('/account'));
  expect(bank.desk.accounts.all().length - before).toBe(8);
  expect(await ask(`select state, count(*)::integer as n from jpki_transaction where state <> 'done' group by state`)).toEqual([]);
});

test('20 logins at once by one phone all find its account', async () => {
  const { person } = await linkedCustomer(bank);
  expect(await Promise.all(Array.from({ length: 20 }, () => logIn(bank, person)))).toEqual(Array(20).fill('/account'));
});

test('a folder that is asked for gets a database of its own at every start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'komorebi-test-'));
  try {
    const inFolder = await startBank({ people: 0, stores: chooseStores({ databaseUrl: '', folder }).open });
    expect(inFolder.database).toContain(folder);
    await inFolder.close();
    const [own = '', ...others] = await readdir(folder);
    expect(others).toEqual([]);
    expect(await readdir(join(folder, own))).toContain('PG_VERSION');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);

test.each([
  ['nothing', undefined, undefined, 'pglite'],
  ['an empty DATABASE_URL', '', undefined, 'pglite'],
  ['a folder', undefined, 'data', 'pglite'],
  ['a DATABASE_URL', 'postgres://127.0.0.1/bank', undefined, 'postgres'],
])('%s asks for its kind of database', (_what, databaseUrl, folder, kind) => {
  expect(chooseStores({ databaseUrl, folder }).kind).toBe(kind);
});

test('a server and a folder at once are refused', () => {
  expect(() => chooseStores({ databaseUrl: 'postgres://127.0.0.1/bank', folder: 'data' })).toThrow('DATABASE_URL');
});

test.each(['mysql://bank:hidden@127.0.0.1/bank', 'bank:hidden@127.0.0.1'])(
  'a DATABASE_URL that is none starts no bank, and is not repeated',
  async (databaseUrl) => {
    const failed = await startBank({ people: 0, stores: chooseStores({ databaseUrl, folder: undefined }).open }).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(Error);
    expect((failed as Error).message).toContain('DATABASE_URL');
    expect(JSON.stringify([failed, (failed as Error).message, (failed as Error).stack])).not.toContain('hidden');
  },
);
