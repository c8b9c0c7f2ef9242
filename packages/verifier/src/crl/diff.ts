/** What one index lists and another does not. */
import type { CrlIndex, CrlIndexEntry, CrlListing } from './index-file.ts';

export type CrlChange =
  | ({ readonly change: 'revoked' } & CrlIndexEntry)
  | ({ readonly change: 'changed'; readonly before: CrlListing } & CrlIndexEntry)
  /** Listed before and no longer; what it said is what the older index says. */
  | ({ readonly change: 'removed' } & CrlIndexEntry);

/**
 * Newly revoked and changed entries of `after`, then those of `before` that are gone. Memory does not grow with the indexes. Both are read twice over;
 * indexes opened in memory are compared several times faster.
 *
 * @throws CrlIndexError where either index is damaged
 */
export function* diffCrlIndexes(before: CrlIndex, after: CrlIndex): Generator<CrlChange, void, undefined> {
  for (const entry of after.entries()) {
    const earlier = before.lookup(entry.serialNumber);
    if (earlier === null) yield { change: 'revoked', ...entry };
    else if (earlier.reason !== entry.reason || earlier.revokedAt.getTime() !== entry.revokedAt.getTime()) {
      yield { change: 'changed', before: earlier, ...entry };
    }
  }
  for (const entry of before.entries()) if (after.lookup(entry.serialNumber) === null) yield { change: 'removed', ...entry };
}
