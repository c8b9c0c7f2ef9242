export type { StoreBounds } from '../bounds.ts';
export type { SealingKey, SealingOptions } from '../sealing.ts';
export { type PGliteDatabase, pgliteClient, type SqlClient, type SqlConnection, type SqlPool, type SqlResult } from './client.ts';
export { type PostgresLinkStoreOptions, postgresLinkStore } from './links.ts';
export { migrate } from './migrate.ts';
export { postgresOutbox } from './outbox.ts';
export { postgresSweepLog } from './sweeps.ts';
export { type PostgresTransactionStoreOptions, postgresTransactionStore } from './transactions.ts';
