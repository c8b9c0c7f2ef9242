/** A pool for the command line, which brings no client of its own: `pg` is the caller's. */
import type { SqlPool } from './client.ts';

export interface OwnPool extends SqlPool {
  end(): Promise<void>;
}

/** Null where `pg` is not installed. Nothing is connected yet. */
export const connect = async (connectionString: string): Promise<OwnPool | null> => {
  const pg = await import('pg').catch(() => null);
  if (pg === null) return null;
  const pool = new pg.Pool({ connectionString, max: 4, connectionTimeoutMillis: 10_000, application_name: 'jpki-rp' });
  // A connection that is lost while it rests is opened anew when it is needed.
  pool.on('error', () => undefined);
  return pool;
};
