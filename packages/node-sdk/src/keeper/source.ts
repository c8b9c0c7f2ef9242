/** The serving side: whatever a keeper has published last, as a source for `createVerifier`. */
import { CERTIFICATE_CLASSES, JpkiError, type RevocationAnswer, type RevocationSource } from '@jpki-rp/verifier';
import { type CrlIndex, CrlIndexError, crlIndexSource, crlScopeIdsOf, openCrlIndexSync } from '@jpki-rp/verifier/crl';
import { KeeperDirectory, KeeperDirectoryError } from './directory.ts';
import type { KeptCrlSourceOptions } from './keeper.types.ts';
import { identityOf } from './standing.ts';

export type KeptCrlSource = RevocationSource & {
  /** Closes the files; a later check throws `argument-invalid`. */
  readonly close: () => void;
};

/** Files open at once; the longest unused is closed first and opened again when it is asked for. */
const MOST_OPEN = 1_024;

interface Open {
  readonly index: CrlIndex;
  readonly identity: string;
  /** Reading of the monotonic clock until which no other is looked for. */
  readonly until: number;
}

/**
 * A source that answers from the newest index a keeper has published for exactly the certificate's class, issuer key and distribution point, in this process
 * or any other on that directory. A swap is seen by the file that has the index's name; from finding the file to the answer nothing else runs, so that every
 * check is of one index. A file that is gone or cannot be read, or that somebody else could have put there, is a failure, never *good*, whatever was there before.
 */
export const keptCrlSource = (options: KeptCrlSourceOptions): KeptCrlSource => {
  const { directory, classes = CERTIFICATE_CLASSES, key, mode = 'on-demand', recheckMs = 0 } = options;
  if (!(recheckMs >= 0)) throw new JpkiError('argument-invalid', 'recheckMs must not be negative');
  if (key !== undefined && key.length < 16) throw new JpkiError('argument-invalid', 'key: at least 16 octets expected');
  const places = new KeeperDirectory(directory);
  const opened = new Map<string, Open>();
  let closed = false;
  let current: readonly CrlIndex[] = [];
  const indexes = crlIndexSource({ indexes: () => current, classes });

  const close = (id: string): void => {
    opened.get(id)?.index.close();
    opened.delete(id);
  };
  const newest = (id: string): readonly CrlIndex[] => {
    const known = opened.get(id);
    const now = performance.now();
    if (known !== undefined && now < known.until) return [known.index];
    const path = places.index(id);
    const identity = identityOf(path);
    if (known !== undefined && known.identity === identity) {
      opened.delete(id);
      opened.set(id, { ...known, until: now + recheckMs });
      return [known.index];
    }
    close(id);
    if (identity === null) return [];
    places.assertOwn(['indexes']);
    const index = openCrlIndexSync(path, { mode, ...(key === undefined ? {} : { key }) });
    opened.set(id, { index, identity, until: now + recheckMs });
    for (const oldest of opened.keys()) {
      if (opened.size <= MOST_OPEN) break;
      close(oldest);
    }
    return [index];
  };

  return Object.freeze({
    kind: 'crl',
    classes,
    check: async (query, { at, signal }): Promise<RevocationAnswer> => {
      if (closed) throw new JpkiError('argument-invalid', 'the source is closed');
      signal?.throwIfAborted();
      try {
        current = crlScopeIdsOf(query).flatMap(newest);
      } catch (error) {
        if (!(error instanceof CrlIndexError || error instanceof KeeperDirectoryError)) throw error;
        return { kind: 'failed', code: 'crl-missing', detail: error.code };
      }
      // Asked at once: `current` is this query's.
      return indexes.check(query, { at, ...(signal === undefined ? {} : { signal }) });
    },
    close: () => {
      closed = true;
      for (const id of [...opened.keys()]) close(id);
    },
  } satisfies KeptCrlSource);
};
