/** A complete index and a delta CRL make the index of the next complete CRL (RFC 5280 §5.2.4). */
import { setImmediate } from 'node:timers/promises';
import { Collector } from './collector.ts';
import type { FileWriter } from './file-writer.ts';
import { HeapWriter } from './heap.ts';
import type { CrlIndex, CrlIndexEntry } from './index-file.ts';
import { HEAP_START } from './layout.ts';
import { codeOfReason } from './reason-code.ts';

/** Upper bound of what one entry of an index takes in the collector, in octets of a CRL. */
const ENTRY_BYTES = 20;
const ENTRIES_PER_TURN = 50_000;

export interface DeltaApplied {
  readonly collector: Collector;
  /** Entries removed although they were revoked, not on hold: such certificates have expired (§5.3.1). */
  readonly removedRevoked: number;
}

/**
 * What the delta says of a serial number replaces what the base says: its entry, or nothing after removeFromCRL. The delta's index is looked up once
 * for each entry of the base, so it should be in memory.
 */
export const applyDelta = async (
  base: CrlIndex,
  delta: CrlIndex,
  file: FileWriter,
  signal: AbortSignal | undefined,
): Promise<DeltaApplied> => {
  const bytes = (base.info.entries + delta.info.entries) * ENTRY_BYTES;
  const collector = new Collector(new HeapWriter(file, HEAP_START), bytes, delta.info.thisUpdate.getTime());
  const add = ({ serialNumber, revokedAt, reason }: CrlIndexEntry): void =>
    collector.add(serialNumber, 0, serialNumber.length, revokedAt.getTime(), codeOfReason(reason));
  let removedRevoked = 0;
  let count = 0;
  for (const entry of base.entries()) {
    count += 1;
    if (count % ENTRIES_PER_TURN === 0) {
      await setImmediate();
      signal?.throwIfAborted();
    }
    const now = delta.lookup(entry.serialNumber);
    if (now === null) add(entry);
    else if (now.reason === 'removeFromCRL' && entry.reason !== 'certificateHold') removedRevoked += 1;
  }
  for (const entry of delta.entries()) if (entry.reason !== 'removeFromCRL') add(entry);
  return { collector, removedRevoked };
};
