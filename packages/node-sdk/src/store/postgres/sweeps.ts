import type { SweepLog, SweepMark } from '@jpki-rp/verifier/links';
import { retried, type SqlPool } from './client.ts';

/** A `SweepLog` in PostgreSQL: what one process swept, all of them know. `migrate` must have run on the pool. */
export function postgresSweepLog({ pool }: { readonly pool: SqlPool }): SweepLog {
  return {
    async read() {
      const { rows } = await pool.query('select mark::text as mark from jpki_sweep order by class');
      // What it says is judged by its MAC.
      return rows.map((row) => JSON.parse(String(row['mark'])) as SweepMark);
    },
    async write(mark) {
      await retried(() =>
        pool.query('insert into jpki_sweep (class, mark) values ($1, $2::json) on conflict (class) do update set mark = excluded.mark', [
          mark.class,
          JSON.stringify(mark),
        ]),
      );
    },
  };
}
