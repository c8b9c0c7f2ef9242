/** What index stands published, read again only when another has taken its name. */
import { statSync } from 'node:fs';
import { CrlIndexError, type CrlIndexInfo, openCrlIndexSync } from '@jpki-rp/verifier/crl';

export type Standing =
  | { readonly state: 'published'; readonly info: CrlIndexInfo }
  | { readonly state: 'missing' }
  | { readonly state: 'unreadable'; readonly code: CrlIndexError['code'] };

/** Which file has this name at this moment; null: none. A file that is held open keeps its number from being given to another. */
export const identityOf = (path: string): string | null => {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}.${found.ino}.${found.mtimeNs}.${found.size}`;
};

export class StandingIndexes {
  readonly #known = new Map<string, { readonly identity: string; readonly standing: Standing }>();
  readonly #key: { readonly key?: Uint8Array };

  constructor(key: Uint8Array | undefined) {
    this.#key = key === undefined ? {} : { key };
  }

  at(path: string): Standing {
    const identity = identityOf(path);
    if (identity === null) return { state: 'missing' };
    const known = this.#known.get(path);
    if (known?.identity === identity) return known.standing;
    const standing = this.#read(path);
    this.#known.set(path, { identity, standing });
    return standing;
  }

  #read(path: string): Standing {
    try {
      const index = openCrlIndexSync(path, this.#key);
      index.close();
      return { state: 'published', info: index.info };
    } catch (error) {
      if (error instanceof CrlIndexError) return { state: 'unreadable', code: error.code };
      throw error;
    }
  }
}
