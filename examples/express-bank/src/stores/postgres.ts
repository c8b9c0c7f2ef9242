/** A PostgreSQL server, in a schema of the bank's own. */
import { randomBytes } from 'node:crypto';
import { migrate } from '@jpki-rp/node-sdk/postgres';
import pg from 'pg';
import { type OpenStores, sqlStores } from './stores.ts';

/**
 * Accounts and the simulated JPKI end with the process, and what an earlier one wrote would mean nothing to this one: so each start has a new
 * schema, and takes it away at the end. Nothing else in the database is touched.
 */
export const openPostgres =
  (databaseUrl: string): OpenStores =>
  async () => {
    const schema = `komorebi_${randomBytes(6).toString('hex')}`;
    const pool = new pg.Pool({
      connectionString: within(databaseUrl, schema),
      connectionTimeoutMillis: 10_000,
      application_name: 'komorebi',
    });
    // A connection that is lost while it rests is opened anew when it is needed.
    pool.on('error', () => undefined);
    const close = async (): Promise<void> => {
      await pool.query(`drop schema if exists ${schema} cascade`).finally(() => pool.end());
    };
    try {
      await pool.query(`create schema ${schema}`);
      await migrate(pool);
      return sqlStores(pool, `PostgreSQL (schema ${schema})`, close);
    } catch (error) {
      await close().catch(() => undefined);
      throw error;
    }
  };

/** The URL holds a password: no message repeats it. */
function within(databaseUrl: string, schema: string): string {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) throw new Error('DATABASE_URL: postgres://…');
  url.searchParams.set('options', `${url.searchParams.get('options') ?? ''} -c search_path=${schema}`.trim());
  return url.href;
}
