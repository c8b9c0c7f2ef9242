import { PGlite } from '@electric-sql/pglite';
import { linkStoreConformance, sweepLogConformance } from '@jpki-rp/verifier/links';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  migrate,
  pgliteClient,
  postgresLinkStore,
  postgresSweepLog,
  postgresTransactionStore,
  type SqlPool,
} from '../../src/store/postgres/index.ts';
import { transactionStoreConformance } from '../../src/transaction/conformance.ts';
import { SEALING } from './sealing-key.ts';

let db: PGlite;
let pool: SqlPool;
beforeAll(async () => {
  db = await PGlite.create();
  pool = pgliteClient(db);
  await migrate(pool);
}, 120_000);
afterAll(() => db.close());

describe('links in PGlite keep the contract of every store', () => {
  linkStoreConformance({ test: it, makeStore: () => postgresLinkStore({ pool, outbox: 'keep' }) });
});

describe('sweeps in PGlite keep the contract of every log', () => {
  beforeEach(async () => {
    await pool.query('truncate jpki_sweep');
  });
  sweepLogConformance({ test: it, makeLog: () => postgresSweepLog({ pool: pool }) });
});

describe('transactions in PGlite keep the contract of every store', () => {
  beforeEach(async () => {
    await pool.query('truncate jpki_transaction, jpki_kept_ceremony');
  });
  transactionStoreConformance({
    test: it,
    makeStore: ({ maxTransactions }) => postgresTransactionStore({ pool, sealing: SEALING, bounds: { maxTransactions } }),
  });
});

describe('a PGlite database as a pool', () => {
  it('lets nobody into a transaction that someone else has opened', async () => {
    await pool.query('create table turns (n integer)');
    const connection = await pool.connect();
    await connection.query('begin');
    await connection.query('insert into turns values ($1)', [1]);
    const outside = pool.query('insert into turns values ($1)', [2]);
    await connection.query('rollback');
    connection.release();
    await outside;
    expect((await pool.query('select n from turns')).rows).toEqual([{ n: 2 }]);
  });

  it('goes on after a statement that failed', async () => {
    await expect(pool.query('select * from nothing_here')).rejects.toThrow();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('migrates once', async () => {
    expect(await migrate(pool)).toEqual([]);
  });
});
