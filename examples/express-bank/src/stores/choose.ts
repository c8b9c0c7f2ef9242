import { openPGlite } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import type { OpenStores } from './stores.ts';

export interface Choice {
  /** A server. Empty is none. */
  readonly databaseUrl: string | undefined;
  /** Where an embedded database keeps its files. */
  readonly folder: string | undefined;
}

/** Embedded and in memory, unless something else is asked for. Throws where two things are. */
export function chooseStores({ databaseUrl = '', folder }: Choice): { readonly kind: 'pglite' | 'postgres'; readonly open: OpenStores } {
  if (databaseUrl === '') return { kind: 'pglite', open: openPGlite(folder) };
  if (folder !== undefined) throw new Error('--data, DATABASE_URL: どちらか一方だけ / one of the two');
  return { kind: 'postgres', open: openPostgres(databaseUrl) };
}
