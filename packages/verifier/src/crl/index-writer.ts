/** From what was collected to the pages of an index file. The same entries give the same octets, in whatever order the CRL lists them. */
import { setImmediate } from 'node:timers/promises';
import { equalBytes } from '../der/bytes.ts';
import { type Collector, ELSEWHERE } from './collector.ts';
import type { FileWriter } from './file-writer.ts';
import { DEAD, type HeapWriter, RECORD_HEAD, recordTime, writeRecordHead } from './heap.ts';
import type { CrlIndexInfo } from './info.ts';
import { encodeLayout, HEAP_START, type PagedSection } from './layout.ts';
import { serialOctets, unmixSerial } from './mix.ts';
import { type PageCheck, pageCheck, SECTION, type SectionKind } from './page-check.ts';
import { PARTS } from './parts.ts';
import { mergePayloads, moreSevere, REMOVE_FROM_CRL } from './reason-code.ts';
import { PartSorter } from './sort.ts';

/** From this many entries on pages have 16 bits in common, so that 16 more identify the serial number. */
const NARROW_FROM = 262_144;
const FLUSH_UNITS = 1 << 20;

/** Writes pages, heap checks, trailer and prefix; `info` is completed with the number of entries. Returns that info. */
export const writeIndex = async (
  file: FileWriter,
  collector: Collector,
  describe: (entries: number) => CrlIndexInfo,
  { key, signal }: { readonly key: Uint8Array | null; readonly signal: AbortSignal | undefined },
): Promise<CrlIndexInfo> => {
  const { heap } = collector;
  const check = pageCheck(key);
  const sorter = new PartSorter();

  const shortCount = collector.short.total;
  const narrow = shortCount >= NARROW_FROM;
  const shortBits = narrow ? Math.max(16, Math.floor(Math.log2(shortCount / 256))) : pageBitsFor(shortCount);
  // Where the long section begins is known only after this; the heap is finished first, as sorting may add to it.
  const elsewhere: Displaced[] = [];
  const shortPages = new PageWriter(file, SECTION.short, shortBits, narrow ? 6 : 8, check);
  const sortShort = async (emit: boolean): Promise<void> => {
    for (let part = 0; part < PARTS; part++) {
      await turn(signal);
      const n = dedupeShort(sorter, sorter.sort(collector.short, part, 2), emit ? null : elsewhere);
      if (emit) shortPages.addShort(sorter.a, sorter.b, n, narrow);
    }
  };
  if (collector.long !== undefined) {
    // An entry whose date is in the heap absorbs its packed duplicates: there may be some.
    await sortShort(false);
    for (const { key: serial, payload } of elsewhere) {
      const octets = serialOctets(unmixSerial(serial));
      collector.keep(octets, 0, octets.length, collector.timeOf(payload), payload & 15);
    }
  }
  heap.finish();
  shortPages.begin(HEAP_START + heap.blocks * 4096);
  await sortShort(true);
  const short = shortPages.finish();

  const longCount = collector.long?.total ?? 0;
  const longPages = new PageWriter(file, SECTION.long, pageBitsFor(longCount), 10, check);
  longPages.begin(shortPages.end);
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
  const entries = shortPages.listed + longPages.listed;
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

/** Pages one after another, each with its start and its check. */
class PageWriter {
  end = 0;
  /** Entries that are complete where they stand. */
  listed = 0;
  readonly #file: FileWriter;
  readonly #kind: SectionKind;
  readonly #pageBits: number;
  readonly #recordBytes: number;
  readonly #starts: Uint32Array;
  readonly #checks: Uint8Array;
  readonly #check: PageCheck;
  #offset = 0;
  #units = new Uint16Array(FLUSH_UNITS);
  #filled = 0;
  #records = 0;
  #page = 0;

  constructor(file: FileWriter, kind: SectionKind, pageBits: number, recordBytes: number, check: PageCheck) {
    this.#file = file;
    this.#kind = kind;
    this.#pageBits = pageBits;
    this.#recordBytes = recordBytes;
    this.#starts = new Uint32Array(2 ** pageBits + 1);
    this.#checks = new Uint8Array(2 ** pageBits * check.length);
    this.#check = check;
  }

  begin(offset: number): void {
    this.#offset = offset;
    this.end = offset;
  }

  /** Records in order of their keys, all of one part. */
  addShort(a: Uint32Array, b: Uint32Array, n: number, narrow: boolean): void {
    this.#eachPage(a, n, (first, last, at) => {
      const units = this.#units;
      const count = last - first;
      let suffix = at;
      let rest = at + (narrow ? count : count * 2);
      for (let i = first; i < last; i++) {
        const key = a[i] as number;
        const payload = b[i] as number;
        units[suffix++] = key;
        if (!narrow) units[suffix++] = key >>> 16;
        units[rest++] = payload;
        units[rest++] = payload >>> 16;
        if ((payload & 15) !== ELSEWHERE) this.listed += 1;
      }
    });
  }

  addLong(a: Uint32Array, b: Uint32Array, c: Uint32Array, n: number): void {
    const shift = 16 - this.#pageBits;
    this.#eachPage(a, n, (first, last, at) => {
      const units = this.#units;
      const count = last - first;
      let low = at + count;
      let reference = at + count * 3;
      for (let i = first; i < last; i++) {
        // The 16 bits after those that name the page.
        const high = a[i] as number;
        units[at + i - first] = shift >= 0 ? high >>> shift : high << -shift;
        units[low++] = b[i] as number;
        units[low++] = (b[i] as number) >>> 16;
        units[reference++] = c[i] as number;
        units[reference++] = (c[i] as number) >>> 16;
      }
      this.listed += count;
    });
  }

  finish(): PagedSection {
    this.#closeUntil(2 ** this.#pageBits);
    this.#flush();
    return {
      offset: this.#offset,
      pageBits: this.#pageBits,
      recordBytes: this.#recordBytes,
      starts: this.#starts,
      checks: this.#checks,
    };
  }

  #eachPage(a: Uint32Array, n: number, write: (first: number, last: number, at: number) => void): void {
    const shift = 32 - this.#pageBits;
    const recordUnits = this.#recordBytes / 2;
    for (let first = 0; first < n; ) {
      const page = (a[first] as number) >>> shift;
      let last = first + 1;
      while (last < n && (a[last] as number) >>> shift === page) last += 1;
      this.#closeUntil(page);
      const units = (last - first) * recordUnits;
      if (this.#filled + units > this.#units.length) this.#flush();
      if (units > this.#units.length) this.#units = new Uint16Array(units);
      write(first, last, this.#filled);
      this.#check.write(this.#kind, page, this.#units, this.#filled, this.#filled + units, this.#checks, page * this.#check.length);
      this.#filled += units;
      this.#records += last - first;
      this.#page = page + 1;
      this.#starts[page + 1] = this.#records;
      first = last;
    }
  }

  /** Pages without records need no check: the trailer says that they are empty. */
  #closeUntil(page: number): void {
    for (; this.#page < page; this.#page++) this.#starts[this.#page + 1] = this.#records;
  }

  #flush(): void {
    if (this.#filled === 0) return;
    this.#file.writeAt(this.end, new Uint8Array(this.#units.buffer, 0, this.#filled * 2));
    this.end += this.#filled * 2;
    this.#filled = 0;
  }
}
