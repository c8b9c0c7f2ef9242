/** The bank on a real PostgreSQL, as `DATABASE_URL` runs it. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bank, startBank } from '../src/bank.ts';
import { chooseStores } from '../src/stores/choose.ts';
import { linkedCustomer, linkedLoggedInUndone, logIn } from './link-story.ts';

const { PGHOST = '127.0.0.1', PGPORT = '5432', PGUSER = 'postgres', PGDATABASE = 'test' } = process.env;
const databaseUrl = `postgres://${PGUSER}@${PGHOST}:${PGPORT}/${PGDATABASE}`;

let bank: Bank;
let beside: pg.Pool;
let schema = '';
const ask = async (text: string) => (await beside.query(text)).rows as readonly Readonly<Record<string, unknown>>[];

beforeAll(async () => {
  bank = await startBank({ people: 0, stores: chooseStores({ databaseUrl, folder: undefined }).open });
  schema = /komorebi_[0-9a-f]{12}/.exec(bank.database)?.[0] ?? 'no schema';
  beside = new pg.Pool({ connectionString: databaseUrl, max: 1, options: `-c search_path=${schema}` });
});
afterAll(() => beside.end());

test('a card and a phone are linked, the phone alone logs in, the night’s sweep is remembered, and undone from the mail it no longer does', () =>
  linkedLoggedInUndone(bank, ask));

test('20 logins at once by one phone all find its account', async () => {
  const { person } = await linkedCustomer(bank);
  expect(await Promise.all(Array.from({ length: 20 }, () => logIn(bank, person)))).toEqual(Array(20).fill('/account'));
});

test('the bank’s schema ends with it', async () => {
  const named = `select nspname from pg_namespace where nspname = '${schema}'`;
  expect(await ask(named)).toHaveLength(1);
  await bank.close();
  expect(await ask(named)).toEqual([]);
});

test('a bank that cannot be furnished takes the schema away as well', async () => {
  const opened: string[] = [];
  const failing = startBank({
    people: 0,
    stores: async () => {
      const stores = await chooseStores({ databaseUrl, folder: undefined }).open();
      opened.push(/komorebi_[0-9a-f]{12}/.exec(stores.about)?.[0] ?? '');
      // Good in everything but this.
      return Object.defineProperty({ ...stores }, 'sweeps', {
        get: () => {
          throw new Error('no furniture');
        },
      });
    },
  });
  await expect(failing).rejects.toThrow('no furniture');
  expect(opened[0]).toMatch(/^komorebi_/);
  expect(await ask(`select nspname from pg_namespace where nspname = '${opened[0]}'`)).toEqual([]);
});
