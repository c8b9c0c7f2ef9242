/** A schema of its own on a PostgreSQL server, filled in large pieces, gone afterwards. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { SqlPool } from '../../packages/node-sdk/src/store/postgres/client.ts';
import { postgresLinkStore } from '../../packages/node-sdk/src/store/postgres/links.ts';
import { migrate } from '../../packages/node-sdk/src/store/postgres/migrate.ts';
import type { LinkCommit } from '../../packages/verifier/src/links/index.ts';

interface Pool extends SqlPool {
  end(): Promise<void>;
}

/** User and system time of the server's processes that serve this pool so far, milliseconds; null where they are not to be seen from here. */
export const serverCpu = async (pool: SqlPool): Promise<number | null> => {
  const { rows } = await pool.query("select pid from pg_stat_activity where application_name = 'jpki-bench'");
  try {
    return rows.reduce((sum, { pid }) => {
      const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return sum + 10 * (Number(fields[11]) + Number(fields[12]));
    }, 0);
  } catch {
    return null;
  }
};

export interface Schema {
  readonly pool: Pool;
  readonly version: string;
  drop(): Promise<void>;
}

export const openSchema = async (root: string): Promise<Schema> => {
  const { Pool: PgPool } = createRequire(join(root, 'packages/node-sdk/package.json'))('pg') as {
    Pool: new (options: Readonly<Record<string, unknown>>) => Pool;
  };
  const connection = {
    host: process.env['PGHOST'] ?? '127.0.0.1',
    port: Number(process.env['PGPORT'] ?? 5432),
    user: process.env['PGUSER'] ?? 'postgres',
    database: process.env['PGDATABASE'] ?? 'test',
  };
  const name = `jpki_bench_${randomBytes(6).toString('hex')}`;
  const admin = new PgPool({ ...connection, max: 1 });
  await admin.query(`create schema ${name}`);
  const pool = new PgPool({
    ...connection,
    max: 4,
    idleTimeoutMillis: 0,
    application_name: 'jpki-bench',
    options: `-c search_path=${name}`,
  });
  const drop = async (): Promise<void> => {
    await pool.end();
    await admin.query(`drop schema ${name} cascade`);
    await admin.end();
  };
  try {
    await migrate(pool);
    const { rows } = await admin.query('show server_version');
    return { pool, version: String(rows[0]?.['server_version']), drop };
  } catch (error) {
    await drop();
    throw error;
  }
};

/** Keys that are checked row by row cost most of a load; they are made again, and checked, at its end. */
const KEYS = [
  ['jpki_person', 'jpki_person_account_key', 'unique (account)'],
  ['jpki_claim', 'jpki_claim_pkey', 'primary key (ref, person)'],
  ['jpki_claim', 'jpki_claim_slot', 'unique (ref, slot)'],
  ['jpki_ceremony', 'jpki_ceremony_pkey', 'primary key (name)'],
] as const;

/** Commits of new persons, as rows: what `jpki_link_commit` writes for each of them, its notice delivered. */
export const loadAll = async (pool: Pool, commits: AsyncIterable<readonly LinkCommit[]>): Promise<void> => {
  for (const [table, key] of KEYS) await pool.query(`alter table ${table} drop constraint ${key}`);
  await pool.query('drop index jpki_claim_person');
  await pool.query('alter table jpki_person_event drop constraint jpki_person_event_person_fkey');
  await pool.query('alter table jpki_claim drop constraint jpki_claim_person_fkey');
  let writing: Promise<unknown> = Promise.resolve();
  for await (const piece of commits) {
    await writing;
    writing = insert(pool, piece);
    // Awaited with the next piece.
    writing.catch(() => undefined);
  }
  await writing;
  for (const [table, key, definition] of KEYS) await pool.query(`alter table ${table} add constraint ${key} ${definition}`);
  await pool.query('create index jpki_claim_person on jpki_claim (person)');
  for (const table of ['jpki_person_event', 'jpki_claim'])
    await pool.query(
      `alter table ${table} add constraint ${table}_person_fkey foreign key (person) references jpki_person on delete cascade`,
    );
  for (const table of ['jpki_person', 'jpki_person_event', 'jpki_claim']) await pool.query(`vacuum analyze ${table}`);
};

const insert = (pool: Pool, commits: readonly LinkCommit[]): Promise<unknown> => {
  const columns = {
    persons: commits.map(({ person }) => person),
    accounts: commits.map(({ account }) => account),
    salts: commits.map(({ salt }) => salt),
    keys: commits.map(({ keyId }) => keyId),
    heads: commits.map(({ headMac }) => headMac),
    counts: commits.map(({ events }) => events.length),
    owners: commits.flatMap(({ person, events }) => events.map(() => person)),
    sequences: commits.flatMap(({ events }) => events.map(({ sequence }) => sequence)),
    events: commits.flatMap(({ events }) => events.map(({ event }) => JSON.stringify(event))),
    macs: commits.flatMap(({ events }) => events.map(({ mac }) => mac)),
    claimants: commits.flatMap(({ person, claims }) => claims.map(() => person)),
    refs: commits.flatMap(({ claims }) => claims.map(({ ref }) => ref)),
    names: commits.flatMap(({ claims }) => claims.map(({ name }) => name)),
    ceremonies: commits.flatMap(({ ceremonies }) => ceremonies),
  };
  const rows = (...names: readonly (keyof typeof columns)[]): string =>
    `rows from (${names.map((name) => `jsonb_array_elements_text(given->'${name}')`).join(', ')}) as x(${names.join(', ')})`;
  return pool.query(
    `with input as (select $1::jsonb as given),
      p as (insert into jpki_person (person, account, salt, key_id, head_mac, events)
        select x.persons, x.accounts, x.salts, x.keys, x.heads, x.counts::integer
          from input, ${rows('persons', 'accounts', 'salts', 'keys', 'heads', 'counts')}),
      e as (insert into jpki_person_event (person, sequence, event, mac)
        select x.owners, x.sequences::integer, x.events::json, x.macs from input, ${rows('owners', 'sequences', 'events', 'macs')}),
      c as (insert into jpki_claim (ref, person, slot, name)
        select x.refs, x.claimants, 0, x.names from input, ${rows('refs', 'claimants', 'names')})
    insert into jpki_ceremony (name) select x.ceremonies from input, ${rows('ceremonies')}`,
    [JSON.stringify(columns)],
  );
};

const TABLES = {
  jpki_person: 'person',
  jpki_person_event: 'person, sequence',
  jpki_claim: 'ref',
  jpki_ceremony: 'name',
} as const;

/** Throws where the rows that were loaded differ from those `commit` writes for the same persons. */
export const sameAsCommitted = async (root: string, commits: readonly LinkCommit[]): Promise<void> => {
  const [loaded, committed] = [await openSchema(root), await openSchema(root)];
  try {
    await loadAll(
      loaded.pool,
      (async function* () {
        yield commits;
      })(),
    );
    const store = postgresLinkStore({ pool: committed.pool });
    for (const commit of commits) {
      assert.equal(await store.commit(commit), 'committed');
      await store.delivered(commit.notices.map(({ id }) => id));
    }
    for (const [table, order] of Object.entries(TABLES)) {
      const rows = async ({ pool }: Schema) => (await pool.query(`select * from ${table} order by ${order}`)).rows;
      assert.deepEqual(await rows(loaded), await rows(committed));
    }
  } finally {
    await loaded.drop();
    await committed.drop();
  }
};
