/** The pages of many small serial numbers, each part of them made in the cache and written at its place; a second thread takes parts as well. */
import { setImmediate } from 'node:timers/promises';
import type { FileWriter } from './file-writer.ts';
import type { PagesJob } from './ingest-thread.ts';
import type { PagedSection } from './layout.ts';
import { type PageCheck, SECTION } from './page-check.ts';
import { partKernel } from './part-kernel.ts';
import { PARTS, type Parts } from './parts.ts';

const RECORD_BYTES = 6;

export interface QuickPagesOptions {
  readonly offset: number;
  /** 16 at least, so that 16 bits more are the whole key. */
  readonly pageBits: number;
  readonly check: PageCheck;
  /** Checks are MACs, made in this thread. */
  readonly keyed: boolean;
  /** Another thread; null where there is none. */
  readonly beside: ((job: PagesJob) => Promise<boolean>) | null;
  readonly signal: AbortSignal | undefined;
}

/** Null where serial numbers repeat or crowd in one place: what has been written is then to be overwritten. */
export const quickPages = async (file: FileWriter, parts: Parts, options: QuickPagesOptions): Promise<PagedSection | null> => {
  const { offset, pageBits, check, keyed, signal } = options;
  const beside = keyed ? null : options.beside;
  const words = (length: number): Uint32Array =>
    new Uint32Array(beside === null ? new ArrayBuffer(length * 4) : new SharedArrayBuffer(length * 4));
  const starts = words(2 ** pageBits + 1);
  const sums = words(keyed ? 0 : 2 ** pageBits);
  const macs = keyed ? new Uint8Array(2 ** pageBits * check.length) : null;
  const before: number[] = [];
  let total = 0;
  for (let part = 0; part < PARTS; part++) {
    before.push(total);
    total += parts.count(part);
  }
  const ranges = Array.from({ length: PARTS }, (_, part) => parts.ranges(part));
  const next = new Int32Array(beside === null ? new ArrayBuffer(4) : new SharedArrayBuffer(4));
  const other = beside?.({ fd: file.fd, offset, words: parts.words, ranges, before, pageBits, starts, sums, next });
  // Awaited below; until then its failure is nobody's.
  other?.catch(() => undefined);
  const kernel = partKernel();
  let regular = true;
  try {
    for (;;) {
      await setImmediate();
      signal?.throwIfAborted();
      const part = Atomics.add(next, 0, 1);
      if (part >= PARTS) break;
      const first = before[part] as number;
      const job = { words: parts.words, ranges: ranges[part] as Int32Array, part, before: first, pageBits, starts };
      const length = kernel.pages({ ...job, sums: keyed ? null : sums });
      if (length < 0) {
        regular = false;
        break;
      }
      if (macs !== null) macPages(check, kernel.units, part, first, pageBits, starts, macs);
      file.writeAt(offset + first * RECORD_BYTES, new Uint8Array(kernel.units.buffer, 0, length));
    }
  } finally {
    // Nobody writes to the file once this has returned.
    Atomics.store(next, 0, PARTS);
    regular = (await other) !== false && regular;
  }
  if (!regular) return null;
  const checks = macs ?? new Uint8Array(sums.buffer);
  return { offset, pageBits, recordBytes: RECORD_BYTES, starts, checks };
};

const macPages = (
  check: PageCheck,
  units: Uint16Array,
  part: number,
  before: number,
  pageBits: number,
  starts: Uint32Array,
  macs: Uint8Array,
): void => {
  const pages = 2 ** (pageBits - 8);
  let first = 0;
  for (let page = part * pages; page < (part + 1) * pages; page++) {
    const last = (starts[page + 1] as number) - before;
    if (last > first) check.write(SECTION.short, page, units, first * 3, last * 3, macs, page * check.length);
    first = last;
  }
};
