/** What index stands published, read again only when another has taken its name. */
import { statSync } from 'node:fs';
import { CrlIndexError, type CrlIndexInfo, openCrlIndexSync } from '@jpki-rp/verifier/crl';

export type Standing =
  | { readonly state: 'published'; readonly info: CrlIndexInfo }
  | { readonly state: 'missing' }
  | { readonly state: 'unreadable'; readonly code: CrlIndexError['code'] };

/**
 * Which file has this name at this moment; null: none. A file that is held open keeps its number from being given to another.
 *
 * @throws CrlIndexError `index-missing` where that cannot be told
 */
export const identityOf = (path: string): string | null => {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? null : `${found.dev}.${found.ino}.${found.mtimeNs}.${found.size}`;
  } catch (error) {
    throw new CrlIndexError('index-missing', 'stat', { cause: error });
  }
};

export class StandingIndexes {
  readonly #known = new Map<string, { readonly identity: string; readonly standing: Standing }>();
  readonly #key: { readonly key?: Uint8Array };

  constructor(key: Uint8Array | undefined) {
    this.#key = key === undefined ? {} : { key };
  }

  /** Whatever the disk does with one index, the others are kept: it is said, not thrown. */
  at(path: string): Standing {
    try {
      const identity = identityOf(path);
      if (identity === null) return { state: 'missing' };
      const known = this.#known.get(path);
      if (known?.identity === identity) return known.standing;
      const standing = this.#read(path);
      this.#known.set(path, { identity, standing });
      return standing;
    } catch (error) {
      return { state: 'unreadable', code: error instanceof CrlIndexError ? error.code : 'index-missing' };
    }
  }

  #read(path: string): Standing {
    try {
      const index = openCrlIndexSync(path, this.#key);
      index.close();
      return { state: 'published', info: index.info };
    } catch (error) {
      // What could not be read once may be readable the next time, the file being the same.
      if (!(error instanceof CrlIndexError) || error.code === 'index-missing') throw error;
      return { state: 'unreadable', code: error.code };
    }
  }
}
