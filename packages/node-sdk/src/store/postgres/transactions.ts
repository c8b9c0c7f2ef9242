import { JpkiError } from '@jpki-rp/verifier';
import { MATCH_TRIES, type Transaction, type TransactionState } from '../../transaction/record.ts';
import type { TransactionStore } from '../../transaction/store.ts';
import { checkedBounds, ENTRY_BYTES, GRACE_MS, type StoreBounds, withinLife } from '../bounds.ts';
import { openCeremony, openTransaction, sealAnswer, sealCeremony, sealNew, sealOutcome } from '../sealed-record.ts';
import { createSealer, type SealingOptions } from '../sealing.ts';
import { createWaiters } from '../waiters.ts';
import { inTransaction, retried, type SqlClient, type SqlPool, sqlStateOf, UNIQUE_VIOLATION } from './client.ts';

export interface PostgresTransactionStoreOptions {
  /** A `Pool` of `pg`, or `pgliteClient(db)`. `migrate` must have run on it. */
  readonly pool: SqlPool;
  /** Seals what a transaction says about a person: the same in every process that shares the database, and not in the database. */
  readonly sealing: SealingOptions;
  readonly bounds?: Partial<StoreBounds>;
  /** How often a waiting page's transaction is looked at, for changes by other processes. Default 250. */
  readonly pollMilliseconds?: number;
}

/**
 * Transactions in PostgreSQL. A change of state is one statement whose condition is the state before, so of any number at once exactly one finds
 * it; what needs room waits its turn. Throws `argument-invalid` for bounds that bound nothing and keys that are none.
 */
export function postgresTransactionStore(options: PostgresTransactionStoreOptions): TransactionStore {
  const { pool, pollMilliseconds = 250 } = options;
  const bounds = checkedBounds(options.bounds);
  const sealer = createSealer(options.sealing);

  const changed = async (text: string, values: unknown[]): Promise<Transaction | null> => {
    const row = (await retried(() => pool.query(text, values))).rows[0];
    if (row === undefined) return null;
    const transaction = openTransaction(sealer, sealedOf(row));
    waiters.wake(transaction.id);
    return transaction;
  };
  const hasRoom = async (client: SqlClient, cost: number, entries: number, at: number): Promise<boolean> => {
    const { rows } = await client.query(
      'select jpki_room($1::bigint, $2::integer, $3::bigint, $4::bigint, $5::bigint, $6::bigint) as room',
      [cost, entries, at, GRACE_MS, bounds.maxTransactions, bounds.maxBytes],
    );
    return rows[0]?.['room'] === true;
  };
  const waiters = createWaiters(async (ids) => {
    const { rows } = await pool.query(
      'select id, version from jpki_transaction where id = any(array(select json_array_elements_text($1::json)))',
      [JSON.stringify(ids)],
    );
    return new Map(rows.map((row) => [String(row['id']), Number(row['version'])]));
  }, pollMilliseconds);

  return {
    async create(transaction, at) {
      withinLife(bounds, transaction.expiresAt, at);
      const { fixed, content } = sealNew(sealer, transaction);
      const bytes = ENTRY_BYTES + fixed.length + content.length;
      try {
        return await inTransaction(pool, async (client) => {
          if (!(await hasRoom(client, bytes, 1, at))) return 'full';
          await client.query(
            `insert into jpki_transaction (id, ticket, state, version, matches_left, returned, expires_at, bytes, fixed, content)
              values ($1, $2, 'pending', 1, $3, false, $4, $5, $6, $7)`,
            [transaction.id, transaction.ticket, MATCH_TRIES, transaction.expiresAt, bytes, fixed, content],
          );
          return 'created';
        });
      } catch (error) {
        if (sqlStateOf(error) === UNIQUE_VIOLATION) throw new JpkiError('argument-invalid', 'the transaction exists already');
        throw error;
      }
    },

    async get(id) {
      const row = (await pool.query('select * from jpki_transaction where id = $1', [id])).rows[0];
      return row === undefined ? null : openTransaction(sealer, sealedOf(row));
    },

    open: (ticket, hashes, at) =>
      changed(
        `update jpki_transaction set state = 'opened', version = version + 1, answer_hash = $2, return_hash = $3
          where ticket = $1 and state = 'pending' and expires_at > $4 returning *`,
        [ticket, hashes.answer, hashes.return, at],
      ),

    async park(answer, message, at) {
      const known = await pool.query('select id, state from jpki_transaction where answer_hash = $1 and expires_at > $2', [answer, at]);
      const row = known.rows[0];
      if (row === undefined) return null;
      const id = String(row['id']);
      if (row['state'] !== 'opened') return { id, result: 'ignored' };
      const sealed = sealAnswer(sealer, id, message);
      const result = await inTransaction(pool, async (client) => {
        if (!(await hasRoom(client, sealed.length, 0, at))) return 'full';
        const { rows } = await client.query(
          `update jpki_transaction set state = 'arrived', version = version + 1, answer = $2, bytes = bytes + $3
            where id = $1 and state = 'opened' and expires_at > $4 returning id`,
          [id, sealed, sealed.length, at],
        );
        return rows.length === 1 ? 'parked' : 'ignored';
      });
      if (result === 'parked') waiters.wake(id);
      return { id, result };
    },

    async findByReturn(hash, at) {
      const row = (await pool.query('select * from jpki_transaction where return_hash = $1 and expires_at > $2', [hash, at])).rows[0];
      return row === undefined ? null : openTransaction(sealer, sealedOf(row));
    },

    async markReturned(id, at) {
      await changed(
        `update jpki_transaction set returned = true, version = version + 1
          where id = $1 and not returned and expires_at > $2 returning *`,
        [id, at],
      );
    },

    async spendMatch(id, at) {
      const { rows } = await pool.query(
        `update jpki_transaction set matches_left = matches_left - 1
          where id = $1 and state = 'arrived' and matches_left > 0 and expires_at > $2 returning matches_left`,
        [id, at],
      );
      return rows[0] === undefined ? null : Number(rows[0]['matches_left']);
    },

    consume: (id, at) =>
      changed(
        `update jpki_transaction set state = 'completing', version = version + 1
          where id = $1 and state = 'arrived' and expires_at > $2 returning *`,
        [id, at],
      ),

    async finish(id, outcome) {
      const sealed = sealOutcome(sealer, id, outcome);
      await changed(
        `update jpki_transaction set state = 'done', version = version + 1, content = null, answer = null, outcome = $2,
            bytes = $3 + length(fixed) + $4
          where id = $1 and state = 'completing' returning *`,
        [id, sealed, ENTRY_BYTES, sealed.length],
      );
    },

    async cancel(id, at) {
      const { rows } = await pool.query(
        `delete from jpki_transaction where id = $1 and state in ('pending', 'opened', 'arrived') and expires_at > $2 returning id`,
        [id, at],
      );
      if (rows.length === 0) return false;
      waiters.wake(id);
      return true;
    },

    waitForChange: (id, version, signal) => waiters.wait(id, version, signal),

    async keepCeremony(id, kept, expiresAt, at) {
      withinLife(bounds, expiresAt, at);
      const sealed = sealCeremony(sealer, id, kept);
      const bytes = ENTRY_BYTES + sealed.length;
      return await inTransaction(pool, async (client) => {
        const before = (await client.query('select bytes from jpki_kept_ceremony where id = $1', [id])).rows[0];
        if (!(await hasRoom(client, bytes - Number(before?.['bytes'] ?? 0), before === undefined ? 1 : 0, at))) return 'full';
        await client.query(
          `insert into jpki_kept_ceremony (id, expires_at, bytes, sealed) values ($1, $2, $3, $4)
            on conflict (id) do update set expires_at = excluded.expires_at, bytes = excluded.bytes, sealed = excluded.sealed`,
          [id, expiresAt, bytes, sealed],
        );
        return 'kept';
      });
    },

    async takeCeremony(id, at) {
      const row = (await pool.query('delete from jpki_kept_ceremony where id = $1 returning sealed, expires_at', [id])).rows[0];
      return row !== undefined && Number(row['expires_at']) > at ? openCeremony(sealer, id, String(row['sealed'])) : null;
    },
  };
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const sealedOf = (row: Readonly<Record<string, unknown>>): Parameters<typeof openTransaction>[1] => ({
  id: String(row['id']),
  // The table's own check allows no other.
  state: String(row['state']) as TransactionState,
  version: Number(row['version']),
  matchesLeft: Number(row['matches_left']),
  returned: row['returned'] === true,
  fixed: String(row['fixed']),
  content: textOrNull(row['content']),
  answer: textOrNull(row['answer']),
  outcome: textOrNull(row['outcome']),
});
