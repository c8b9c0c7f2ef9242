/** From what was collected to the pages of an index file. The same entries give the same octets, in whatever order the CRL lists them. */
import { setImmediate } from 'node:timers/promises';
import { equalBytes } from '../der/bytes.ts';
import { type Collector, ELSEWHERE } from './collector.ts';
import type { FileWriter } from './file-writer.ts';
import { DEAD, type HeapWriter, RECORD_HEAD, recordTime, writeRecordHead } from './heap.ts';
import type { CrlIndexInfo } from './info.ts';
import { encodeLayout, HEAP_START } from './layout.ts';
import { serialOctets, unmixSerial } from './mix.ts';
import { pageCheck, SECTION } from './page-check.ts';
import { PageWriter } from './page-writer.ts';
import { PARTS } from './parts.ts';
import { type QuickPagesOptions, quickPages } from './quick-pages.ts';
import { mergePayloads, moreSevere, REMOVE_FROM_CRL } from './reason-code.ts';
import { PartSorter } from './sort.ts';

/** From this many entries on pages have 16 bits in common, so that 16 more identify the serial number. */
const NARROW_FROM = 262_144;

/** Writes pages, heap checks, trailer and prefix; `info` is completed with the number of entries. Returns that info. */
export const writeIndex = async (
  file: FileWriter,
  collector: Collector,
  describe: (entries: number) => CrlIndexInfo,
  options: { readonly key: Uint8Array | null; readonly signal: AbortSignal | undefined; readonly beside?: QuickPagesOptions['beside'] },
): Promise<CrlIndexInfo> => {
  const { heap } = collector;
  const { key, signal, beside = null } = options;
  const check = pageCheck(key);
  const sorter = new PartSorter();

  const shortCount = collector.short.total;
  const narrow = shortCount >= NARROW_FROM;
  const shortBits = narrow ? Math.max(16, Math.floor(Math.log2(shortCount / 256))) : pageBitsFor(shortCount);
  // Where the long section begins is known only after this; the heap is finished first, as sorting may add to it.
  const elsewhere: Displaced[] = [];
  const sortShort = async (pages: PageWriter | null): Promise<void> => {
    for (let part = 0; part < PARTS; part++) {
      await turn(signal);
      const n = dedupeShort(sorter, sorter.sort(collector.short, part, 2), pages === null ? elsewhere : null);
      pages?.addShort(sorter.a, sorter.b, n, narrow);
    }
  };
  if (collector.elsewhere) {
    // An entry whose date is in the heap absorbs its packed duplicates: there may be some.
    await sortShort(null);
    for (const { key: serial, payload } of elsewhere) {
      const octets = serialOctets(unmixSerial(serial));
      collector.keep(octets, 0, octets.length, collector.timeOf(payload), payload & 15);
    }
  }
  heap.finish();
  const offset = HEAP_START + heap.blocks * 4096;
  const quick = narrow && !collector.elsewhere;
  const quickly = { offset, pageBits: shortBits, check, keyed: key !== null, beside, signal };
  let short = quick ? await quickPages(file, collector.short, quickly) : null;
  let shortEnd = offset + shortCount * 6;
  let listed = shortCount;
  if (short === null) {
    file.truncate(offset);
    const pages = new PageWriter(file, SECTION.short, shortBits, narrow ? 6 : 8, check);
    pages.begin(offset);
    await sortShort(pages);
    short = pages.finish();
    shortEnd = pages.end;
    listed = pages.listed;
  }

  const longCount = collector.long?.total ?? 0;
  const longPages = new PageWriter(file, SECTION.long, pageBitsFor(longCount), 10, check);
  longPages.begin(shortEnd);
  if (collector.long !== undefined) {
    for (let part = 0; part < PARTS; part++) {
      await turn(signal);
      const n = dedupeLong(sorter, sorter.sort(collector.long, part, 3), heap);
      longPages.addLong(sorter.a, sorter.b, sorter.c, n);
    }
  }
  const long = longPages.finish();

  const heapChecks = new Uint8Array(heap.blocks * check.length);
  heap.forEachBlock((units, start, end, number) => check.write(SECTION.heap, number, units, start, end, heapChecks, number * check.length));
  // A packed entry that points to the heap is listed in both sections.
  const entries = listed + longPages.listed;
  const info = describe(entries);
  const layout = {
    info,
    baseDay: collector.baseDay,
    heap: { offset: HEAP_START, blocks: heap.blocks, checks: heapChecks },
    short,
    long,
  };
  const trailerOffset = Math.ceil(longPages.end / 4) * 4;
  const { prefix, trailer } = encodeLayout(layout, trailerOffset, key);
  file.writeAt(trailerOffset, trailer);
  file.writeAt(0, prefix);
  return info;
};

/** Lets others have their turn: a large index takes a while. */
const turn = async (signal: AbortSignal | undefined): Promise<void> => {
  await setImmediate();
  signal?.throwIfAborted();
};

/** At least one page for each part. */
const pageBitsFor = (count: number): number => Math.max(8, Math.ceil(Math.log2(Math.max(1, count) / 512)));

interface Displaced {
  readonly key: number;
  readonly payload: number;
}

/** Merges equal keys in place; returns what is left. A packed duplicate of an entry in the heap is put into `displaced`. */
const dedupeShort = ({ a, b }: PartSorter, n: number, displaced: Displaced[] | null): number => {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const key = a[i] as number;
    const payload = b[i] as number;
    if (kept > 0 && a[kept - 1] === key) {
      const before = b[kept - 1] as number;
      if ((payload & 15) === ELSEWHERE || (before & 15) === ELSEWHERE) {
        const packed = (payload & 15) === ELSEWHERE ? before : payload;
        if ((packed & 15) !== ELSEWHERE) displaced?.push({ key, payload: packed });
        b[kept - 1] = ELSEWHERE;
      } else b[kept - 1] = mergePayloads(before, payload);
    } else {
      a[kept] = key;
      b[kept] = payload;
      kept += 1;
    }
  }
  return kept;
};

/** Equal fingerprints are compared by their serial numbers; what is really the same is merged in the heap. */
const dedupeLong = ({ a, b, c }: PartSorter, n: number, heap: HeapWriter): number => {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    let merged = false;
    for (let j = kept - 1; j >= 0 && a[j] === a[i] && b[j] === b[i] && !merged; j--) {
      merged = mergeRecords(heap, c[j] as number, c[i] as number);
    }
    if (merged) continue;
    a[kept] = a[i] as number;
    b[kept] = b[i] as number;
    c[kept] = c[i] as number;
    kept += 1;
  }
  return kept;
};

const mergeRecords = (heap: HeapWriter, into: number, from: number): boolean => {
  const first = heap.read(into);
  const second = heap.read(from);
  if (!equalBytes(first.subarray(RECORD_HEAD), second.subarray(RECORD_HEAD))) return false;
  const [reasonA, reasonB] = [first[1] as number, second[1] as number];
  const [timeA, timeB] = [recordTime(first, 0), recordTime(second, 0)];
  const time = reasonA === REMOVE_FROM_CRL ? timeB : reasonB === REMOVE_FROM_CRL ? timeA : Math.min(timeA, timeB);
  const both = reasonA === REMOVE_FROM_CRL && reasonB === REMOVE_FROM_CRL;
  writeRecordHead(first, 0, first[0] as number, moreSevere(reasonA, reasonB), both ? Math.min(timeA, timeB) : time);
  heap.amend(into, first);
  second[1] = DEAD;
  heap.amend(from, second);
  return true;
};
