/** What the bank keeps in a database: identifications under way, links, and when they were last swept. Accounts and sessions are its own, in memory. */
import { randomBytes } from 'node:crypto';
import { memoryTransactionStore, type TransactionStore } from '@jpki-rp/node-sdk';
import { postgresLinkStore, postgresSweepLog, postgresTransactionStore, type SqlPool } from '@jpki-rp/node-sdk/postgres';
import { type LinkStore, memoryLinkStore, memorySweepLog, type SweepLog } from '@jpki-rp/verifier/links';

export interface Stores {
  /** For whoever starts the bank. Names no host and no user. */
  readonly about: string;
  readonly transactions: TransactionStore;
  readonly links: LinkStore;
  readonly sweeps: SweepLog;
  close(): Promise<void>;
}

/** Opened together with the rest of the bank. */
export type OpenStores = () => Promise<Stores>;

/** Nothing to open: for tests of what does not depend on a database. */
export const openMemory: OpenStores = async () => ({
  about: 'memory',
  transactions: memoryTransactionStore(),
  links: memoryLinkStore(),
  sweeps: memorySweepLog(),
  close: async () => undefined,
});

/** The same stores and the same SQL, whichever PostgreSQL `pool` leads to. Its tables are there already (`migrate`). */
export const sqlStores = (pool: SqlPool, about: string, close: () => Promise<void>): Stores => ({
  about,
  // A transaction is finished by the process that began it, so its key need not outlive the process. With several processes it is a shared secret.
  transactions: postgresTransactionStore({ pool, sealing: { keyId: 'start', key: randomBytes(32) } }),
  // No outbox: there is no core system behind this bank that would fetch from it, and what nobody fetches grows for ever.
  links: postgresLinkStore({ pool }),
  sweeps: postgresSweepLog({ pool }),
  close,
});
