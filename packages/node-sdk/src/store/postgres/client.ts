/** What the stores need of a PostgreSQL client. A `Pool` of `pg` is one as it is; `pgliteClient` makes one of a PGlite database. */

export interface SqlResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export interface SqlClient {
  /** `$1`, `$2`, … for the values; never text put together. */
  query(text: string, values?: unknown[]): Promise<SqlResult>;
}

export interface SqlConnection extends SqlClient {
  /** Gives it back; with `true` it is closed instead. */
  release(destroy?: boolean): void;
}

/** Each `query` is a transaction of its own; `connect` gives a connection for several statements that belong together. */
export interface SqlPool extends SqlClient {
  connect(): Promise<SqlConnection>;
}

const ATTEMPTS = 8;
/** serialization_failure, deadlock_detected: nothing was written, and the same again may work. */
const TRY_AGAIN = new Set(['40001', '40P01']);
export const UNIQUE_VIOLATION = '23505';

export const sqlStateOf = (error: unknown): string | undefined => {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
};

/** Runs it again, a bounded number of times, where the database gave the preference to someone else. */
export async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= ATTEMPTS || !TRY_AGAIN.has(sqlStateOf(error) ?? '')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 2 ** attempt));
    }
  }
}

/** All of `run` or nothing, each statement seeing what was committed before it. A connection that cannot even roll back is closed, which rolls back. */
export const inTransaction = <T>(pool: SqlPool, run: (client: SqlClient) => Promise<T>): Promise<T> =>
  transaction(pool, 'begin isolation level read committed', run);

/** Every statement of `run` sees the database as of one and the same moment. */
export const inSnapshot = <T>(pool: SqlPool, run: (client: SqlClient) => Promise<T>): Promise<T> =>
  transaction(pool, 'begin isolation level repeatable read read only', run);

const transaction = <T>(pool: SqlPool, begin: string, run: (client: SqlClient) => Promise<T>): Promise<T> =>
  retried(async () => {
    const connection = await pool.connect();
    let broken = false;
    try {
      await connection.query(begin);
      const result = await run(connection);
      await connection.query('commit');
      return result;
    } catch (error) {
      await connection.query('rollback').catch(() => {
        broken = true;
      });
      throw error;
    } finally {
      connection.release(broken);
    }
  });

/** The part of a PGlite database that is used. */
export interface PGliteDatabase {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  exec(text: string): Promise<unknown>;
}

/**
 * A PGlite database as a pool of one connection: whoever asks waits until the one before is done. The same SQL as on a server.
 * Do not query the database past it while a transaction may be open.
 */
export function pgliteClient(db: PGliteDatabase): SqlPool {
  let last: Promise<void> = Promise.resolve();
  const turn = async (): Promise<() => void> => {
    const before = last;
    let done = (): void => undefined;
    last = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    return done;
  };
  // Without values there may be several statements; with values there is one.
  const query = async (text: string, values?: unknown[]): Promise<SqlResult> => {
    if (values === undefined || values.length === 0) {
      const results = await db.exec(text);
      const rows = Array.isArray(results) ? (results.at(-1) as SqlResult | undefined)?.rows : undefined;
      return { rows: rows ?? [] };
    }
    return { rows: (await db.query(text, values)).rows as SqlResult['rows'] };
  };
  return {
    async query(text, values) {
      const done = await turn();
      try {
        return await query(text, values);
      } finally {
        done();
      }
    },
    async connect() {
      const done = await turn();
      return { query, release: () => done() };
    },
  };
}
