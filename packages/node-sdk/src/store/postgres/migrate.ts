import { inTransaction, type SqlPool } from './client.ts';
import { MIGRATIONS } from './migrations.ts';

/** Keeps two processes from migrating at once: the name, as a number. */
const LOCK = '7596563061250654771';

/**
 * Brings the tables of this package, all named `jpki_…`, to this version, in the first schema of the connection's search path. Safe to run at
 * every start and in any number of processes: each migration runs once, in one transaction together with the record that it ran.
 * Resolves to the numbers of the migrations that ran. Throws where the database is newer than this package.
 */
export async function migrate(pool: SqlPool): Promise<readonly number[]> {
  return await inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1::bigint)', [LOCK]);
    await client.query(
      'create table if not exists jpki_migration (version integer primary key, applied_at timestamptz not null default now())',
    );
    const { rows } = await client.query('select coalesce(max(version), 0) as version from jpki_migration');
    const present = Number(rows[0]?.['version'] ?? 0);
    if (present > MIGRATIONS.length) throw new Error('the database was migrated by a newer version of this package');
    const ran: number[] = [];
    for (const [index, sql] of MIGRATIONS.entries()) {
      const version = index + 1;
      if (version <= present) continue;
      await client.query(sql);
      await client.query('insert into jpki_migration (version) values ($1)', [version]);
      ran.push(version);
    }
    return ran;
  });
}
