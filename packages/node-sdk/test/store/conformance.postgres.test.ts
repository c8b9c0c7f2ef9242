import { linkStoreConformance, sweepLogConformance } from '@jpki-rp/verifier/links';
import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { postgresLinkStore, postgresSweepLog, postgresTransactionStore } from '../../src/store/postgres/index.ts';
import { transactionStoreConformance } from '../../src/transaction/conformance.ts';
import { type OwnSchema, ownSchema } from './postgres-schema.ts';
import { SEALING } from './sealing-key.ts';

let schema: OwnSchema;
beforeAll(async () => {
  schema = await ownSchema();
});
afterAll(() => schema.drop());

describe('links in PostgreSQL keep the contract of every store', () => {
  linkStoreConformance({ test: it, makeStore: () => postgresLinkStore({ pool: schema.pool }) });
});

describe('links in PostgreSQL with an outbox keep it too', () => {
  linkStoreConformance({ test: it, makeStore: () => postgresLinkStore({ pool: schema.pool, outbox: 'keep' }) });
});

describe('sweeps in PostgreSQL keep the contract of every log', () => {
  beforeEach(async () => {
    await schema.pool.query('truncate jpki_sweep');
  });
  sweepLogConformance({ test: it, makeLog: () => postgresSweepLog({ pool: schema.pool }) });
});

describe('transactions in PostgreSQL keep the contract of every store', () => {
  beforeEach(async () => {
    await schema.pool.query('truncate jpki_transaction, jpki_kept_ceremony');
  });
  transactionStoreConformance({
    test: it,
    makeStore: ({ maxTransactions }) => postgresTransactionStore({ pool: schema.pool, sealing: SEALING, bounds: { maxTransactions } }),
  });
});
