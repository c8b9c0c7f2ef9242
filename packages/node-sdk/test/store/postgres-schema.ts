/** A schema of its own on a real PostgreSQL, gone afterwards. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../../src/store/postgres/index.ts';

export interface OwnSchema {
  readonly pool: pg.Pool;
  /** Another process, as far as the database can tell. */
  also(max?: number): pg.Pool;
  drop(): Promise<void>;
}

export async function ownSchema(max = 16): Promise<OwnSchema> {
  const schema = `jpki_test_${randomBytes(8).toString('hex')}`;
  const connection = {
    host: process.env['PGHOST'] ?? '127.0.0.1',
    port: Number(process.env['PGPORT'] ?? 5432),
    user: process.env['PGUSER'] ?? 'postgres',
    database: process.env['PGDATABASE'] ?? 'test',
  };
  const admin = new pg.Pool({ ...connection, max: 1 });
  await admin.query(`create schema ${schema}`);
  const pools: pg.Pool[] = [];
  const also = (size = max): pg.Pool => {
    const pool = new pg.Pool({ ...connection, max: size, idleTimeoutMillis: 1_000, options: `-c search_path=${schema}` });
    pools.push(pool);
    return pool;
  };
  const pool = also();
  await migrate(pool);
  return {
    pool,
    also,
    drop: async () => {
      await Promise.all(pools.map((one) => one.end()));
      await admin.query(`drop schema ${schema} cascade`);
      await admin.end();
    },
  };
}
