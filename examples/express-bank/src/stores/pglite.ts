/** PostgreSQL inside this process: nothing to install, nothing to run beside the bank. */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { migrate, pgliteClient } from '@jpki-rp/node-sdk/postgres';
import { type OpenStores, sqlStores } from './stores.ts';

/**
 * In memory; or in a new folder inside `folder`, which stays there to be looked at. Each start begins empty, like the simulated JPKI, and two
 * banks never open one database.
 */
export const openPGlite =
  (folder: string | null = null): OpenStores =>
  async () => {
    const place = folder === null ? null : await ownFolder(folder);
    const db = await PGlite.create(place ?? 'memory://');
    try {
      const pool = pgliteClient(db);
      await migrate(pool);
      return sqlStores(pool, place === null ? 'PGlite (memory)' : `PGlite (${place})`, () => db.close());
    } catch (error) {
      await db.close();
      throw error;
    }
  };

async function ownFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return mkdtemp(join(folder, 'komorebi-'));
}
