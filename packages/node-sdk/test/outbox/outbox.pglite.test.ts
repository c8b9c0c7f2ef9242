import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe } from 'vitest';
import { migrate, pgliteClient, type SqlPool } from '../../src/store/postgres/index.ts';
import { outboxCases } from './cases.ts';

let db: PGlite;
let pool: SqlPool;
beforeAll(async () => {
  db = await PGlite.create();
  pool = pgliteClient(db);
  await migrate(pool);
}, 120_000);
afterAll(() => db.close());

describe('the outbox in PGlite', () => outboxCases(() => pool));
