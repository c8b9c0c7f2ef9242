import type { OutboxEntry, OutboxStore } from '../../outbox/store.ts';
import { retried, type SqlPool } from './client.ts';

/** The outbox that `postgresLinkStore({ outbox: 'keep' })` writes. */
export function postgresOutbox({ pool }: { readonly pool: SqlPool }): OutboxStore {
  return {
    async take(limit, at, lease) {
      const { rows } = await retried(() =>
        pool.query(
          `with due as (
            select o.position from jpki_outbox o
              where not o.given_up and o.due_at <= $2::bigint and not exists (
                select from jpki_outbox older where older.person = o.person and older.position < o.position and not older.given_up)
              order by o.due_at, o.position limit $1 for update skip locked)
          update jpki_outbox o set attempts = attempts + 1, due_at = $2::bigint + $3::bigint from due where o.position = due.position
            returning o.position, o.id, o.type, o.body, o.attempts`,
          [limit, at, lease],
        ),
      );
      return [...rows].sort((a, b) => Number(a['position']) - Number(b['position'])).map(entryOf);
    },
    async delivered(id) {
      await pool.query('delete from jpki_outbox where id = $1', [id]);
    },
    async postpone(id, dueAt) {
      await pool.query('update jpki_outbox set due_at = $2::bigint where id = $1', [id, dueAt]);
    },
    async giveUp(id) {
      await pool.query('update jpki_outbox set given_up = true where id = $1', [id]);
    },
    async requeue(at) {
      const { rows } = await pool.query(
        'update jpki_outbox set given_up = false, attempts = 0, due_at = $1::bigint where given_up returning id',
        [at],
      );
      return rows.length;
    },
    async backlog() {
      const { rows } = await pool.query(
        'select count(*) filter (where not given_up) as waiting, count(*) filter (where given_up) as given_up from jpki_outbox',
      );
      return { waiting: Number(rows[0]?.['waiting'] ?? 0), givenUp: Number(rows[0]?.['given_up'] ?? 0) };
    },
  };
}

const entryOf = (row: Readonly<Record<string, unknown>>): OutboxEntry => ({
  id: String(row['id']),
  type: String(row['type']),
  body: String(row['body']),
  attempts: Number(row['attempts']),
});
