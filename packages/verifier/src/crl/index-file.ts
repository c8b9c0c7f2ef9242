/** An index file, opened: lookups by reading one page each, or in memory. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { JpkiError } from '../errors.ts';
import type { RevocationReason } from '../verdict.ts';
import { baseTimeOf } from './calendar.ts';
import { ELSEWHERE } from './collector.ts';
import { BLOCK, DEAD, RECORD_HEAD, recordLength, recordTime } from './heap.ts';
import { CrlIndexError } from './index-error.ts';
import type { CrlIndexInfo } from './info.ts';
import { decodeLayout, type Layout, type PagedSection } from './layout.ts';
import { fingerprint, mixSerial, print, serialOctets, shortSerial, unmixSerial } from './mix.ts';
import { holds, type PageCheck, pageCheck, SECTION, type SectionKind } from './page-check.ts';
import { reasonFromCode } from './reason-code.ts';

export interface CrlListing {
  readonly revokedAt: Date;
  /** `unspecified` also stands for an absent reasonCode. */
  readonly reason: RevocationReason;
}

export interface CrlIndexEntry extends CrlListing {
  /** Content octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
}

export interface CrlIndex {
  readonly info: CrlIndexInfo;
  /**
   * What the CRL says about the serial number (content octets of the INTEGER), or null: not listed. Every page read is checked.
   *
   * @throws CrlIndexError `index-corrupt`, `index-truncated`, `index-missing` where the file cannot be read
   * @throws JpkiError `argument-invalid` once closed
   */
  lookup(serialNumber: Uint8Array): CrlListing | null;
  /** Every entry once, in no order of meaning. */
  entries(): IterableIterator<CrlIndexEntry>;
  close(): void;
}

export interface OpenCrlIndexOptions {
  /** `on-demand` (default) reads a page per lookup and keeps only the page tables; `memory` keeps all pages, each checked when first used. */
  readonly mode?: 'on-demand' | 'memory';
  /** The MAC key the index was written with. An index with a MAC does not open without it, nor one without a MAC with it. */
  readonly key?: Uint8Array;
}

/**
 * Opens an index by its two ends; pages are read when they are looked up. The file stays the one that was opened, also after another has taken its name.
 *
 * @throws CrlIndexError `index-missing`, `index-truncated`, `index-version`, `index-key`, `index-corrupt`
 */
export const openCrlIndex = async (file: string, options: OpenCrlIndexOptions = {}): Promise<CrlIndex> => openIndex(file, options);

export const openIndex = (path: string, { mode = 'on-demand', key }: OpenCrlIndexOptions = {}): OpenIndex => {
  if (key !== undefined && (!(key instanceof Uint8Array) || key.length < 16)) {
    throw new JpkiError('argument-invalid', 'key: at least 16 octets expected');
  }
  let fd: number;
  try {
    // Nobody waits here for somebody to write into a pipe.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw new CrlIndexError('index-missing', 'open', { cause: error });
  }
  try {
    return new OpenIndex(new FileReader(fd), key ?? null, mode === 'memory');
  } catch (error) {
    closeSync(fd);
    throw error;
  }
};

/** A disk that fails (EIO), a share that has lost the file (ESTALE): nothing is known, as where there is no file. */
const reading = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new CrlIndexError('index-missing', 'read', { cause: error });
  }
};

class FileReader {
  readonly size: number;
  readonly #fd: number;
  #open = true;

  constructor(fd: number) {
    this.#fd = fd;
    const stat = reading(() => fstatSync(fd));
    if (!stat.isFile()) throw new CrlIndexError('index-corrupt', 'no-file');
    this.size = stat.size;
  }

  read(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.into(bytes, position, length);
    return bytes;
  }

  into(bytes: Uint8Array, position: number, length: number): void {
    this.assertOpen();
    for (let done = 0; done < length; ) {
      const read = reading(() => readSync(this.#fd, bytes, done, length - done, position + done));
      if (read === 0) throw new CrlIndexError('index-truncated');
      done += read;
    }
  }

  assertOpen(): void {
    if (!this.#open) throw new JpkiError('argument-invalid', 'the index is closed');
  }

  close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }
}

/** Blocks of the heap, from a buffer that the next one overwrites, or from memory. */
class Blocks {
  readonly #heap: Layout['heap'];
  readonly #file: FileReader;
  readonly #check: PageCheck;
  readonly #bytes: Uint8Array;
  readonly #units: Uint16Array;
  readonly #checked: Uint8Array | null;

  constructor(heap: Layout['heap'], file: FileReader, check: PageCheck, inMemory: boolean) {
    this.#heap = heap;
    this.#file = file;
    this.#check = check;
    this.#bytes = inMemory ? file.read(heap.offset, heap.blocks * BLOCK) : new Uint8Array(BLOCK);
    this.#units = new Uint16Array(this.#bytes.buffer);
    this.#checked = inMemory ? new Uint8Array(heap.blocks) : null;
  }

  /** The block, checked; valid until the next is asked for. */
  load(number: number): Uint8Array {
    const { offset, blocks, checks } = this.#heap;
    if (number >= blocks) throw new CrlIndexError('index-corrupt', 'reference');
    const at = this.#checked === null ? 0 : number * BLOCK;
    if (this.#checked === null) this.#file.into(this.#bytes, offset + number * BLOCK, BLOCK);
    if (this.#checked?.[number] !== 1) {
      const start = at / 2;
      if (!holds(this.#check, SECTION.heap, number, this.#units, start, start + BLOCK / 2, checks)) {
        throw new CrlIndexError('index-corrupt', 'heap');
      }
      if (this.#checked !== null) this.#checked[number] = 1;
    }
    return this.#checked === null ? this.#bytes : this.#bytes.subarray(at, at + BLOCK);
  }
}

/** Pages of one section, from a buffer that the next page overwrites, or from memory. */
class Pages {
  readonly section: PagedSection;
  readonly #kind: SectionKind;
  readonly #file: FileReader;
  readonly #check: PageCheck;
  #bytes: Uint8Array;
  units: Uint16Array;
  readonly #checked: Uint8Array | null;

  constructor(section: PagedSection, kind: SectionKind, file: FileReader, check: PageCheck, inMemory: boolean) {
    this.section = section;
    this.#kind = kind;
    this.#file = file;
    this.#check = check;
    const { starts, recordBytes, pageBits, offset } = section;
    const total = (starts[2 ** pageBits] as number) * recordBytes;
    this.#bytes = inMemory ? file.read(offset, total) : new Uint8Array(4096);
    this.units = new Uint16Array(this.#bytes.buffer);
    this.#checked = inMemory ? new Uint8Array(2 ** pageBits) : null;
  }

  /** The page's first unit of 16 bits in `units`, the page being there and checked. */
  load(page: number): number {
    const { starts, recordBytes, offset } = this.section;
    const start = (starts[page] as number) * recordBytes;
    const length = (starts[page + 1] as number) * recordBytes - start;
    if (length === 0) return 0;
    if (this.#checked !== null) {
      if (this.#checked[page] === 0) {
        this.#verify(page, start / 2, (start + length) / 2);
        this.#checked[page] = 1;
      }
      return start / 2;
    }
    if (length > this.#bytes.length) {
      this.#bytes = new Uint8Array(length * 2);
      this.units = new Uint16Array(this.#bytes.buffer);
    }
    this.#file.into(this.#bytes, offset + start, length);
    this.#verify(page, 0, length / 2);
    return 0;
  }

  #verify(page: number, start: number, end: number): void {
    if (!holds(this.#check, this.#kind, page, this.units, start, end, this.section.checks))
      throw new CrlIndexError('index-corrupt', 'page');
  }
}

export class OpenIndex implements CrlIndex {
  readonly info: CrlIndexInfo;
  readonly #file: FileReader;
  readonly #layout: Layout;
  readonly #baseTime: number;
  readonly #short: Pages;
  readonly #long: Pages;
  readonly #narrow: boolean;
  readonly #blocks: Blocks;

  constructor(file: FileReader, key: Uint8Array | null, inMemory: boolean) {
    this.#file = file;
    this.#layout = decodeLayout(file, key);
    this.info = this.#layout.info;
    const check = pageCheck(key);
    this.#baseTime = baseTimeOf(this.#layout.baseDay);
    this.#short = new Pages(this.#layout.short, SECTION.short, file, check, inMemory);
    this.#long = new Pages(this.#layout.long, SECTION.long, file, check, inMemory);
    this.#blocks = new Blocks(this.#layout.heap, file, check, inMemory);
    this.#narrow = this.#layout.short.recordBytes === 6;
  }

  lookup(serialNumber: Uint8Array): CrlListing | null {
    this.#file.assertOpen();
    const { length } = serialNumber;
    if (length === 0) throw new JpkiError('argument-invalid', 'serialNumber: content octets of an INTEGER expected');
    // Not in the shortest form, or negative: no CRL that was indexed lists such a number.
    const first = serialNumber[0] as number;
    if (length > 20 || first >= 0x80 || (first === 0 && length > 1 && (serialNumber[1] as number) < 0x80)) return null;
    const serial = shortSerial(serialNumber, 0, length);
    if (serial < 0) return this.#lookupLong(serialNumber);
    const payload = this.#lookupShort(mixSerial(serial));
    if (payload < 0) return null;
    if ((payload & 15) !== ELSEWHERE) return this.#listing(payload);
    const listing = this.#lookupLong(serialNumber);
    if (listing === null) throw new CrlIndexError('index-corrupt', 'displaced');
    return listing;
  }

  *entries(): IterableIterator<CrlIndexEntry> {
    const { short, heap } = this.#layout;
    const width = this.#narrow ? 1 : 2;
    for (let page = 0; page < 2 ** short.pageBits; page++) {
      const count = (short.starts[page + 1] as number) - (short.starts[page] as number);
      const at = this.#short.load(page);
      // A lookup between two entries may overwrite the page.
      const units = this.#short.units.slice(at, at + count * (width + 2));
      for (let i = 0; i < count; i++) {
        const rest = count * width + i * 2;
        const payload = (((units[rest + 1] as number) << 16) | (units[rest] as number)) >>> 0;
        if ((payload & 15) === ELSEWHERE) continue;
        const low = units[i * width] as number;
        const key = this.#narrow ? this.#keyOf(page, low) : (((units[i * 2 + 1] as number) << 16) | low) >>> 0;
        yield { serialNumber: serialOctets(unmixSerial(key)), ...this.#listing(payload) };
      }
    }
    for (let number = 0; number < heap.blocks; number++) {
      const block = this.#blocks.load(number).slice();
      for (let at = 0; at + RECORD_HEAD < BLOCK && block[at] !== 0; at += recordLength(block[at] as number)) {
        if (block[at + 1] === DEAD) continue;
        const serialNumber = block.slice(at + RECORD_HEAD, at + RECORD_HEAD + (block[at] as number));
        yield { serialNumber, ...recordListing(block, at) };
      }
    }
  }

  close(): void {
    this.#file.close();
  }

  #listing(payload: number): CrlListing {
    return { revokedAt: new Date(this.#baseTime + (payload >>> 4) * 1000), reason: reasonFromCode(payload & 15) };
  }

  /** With 16 bits or more in the page number, the suffix has the rest. */
  #keyOf(page: number, suffix: number): number {
    const shift = 32 - this.#layout.short.pageBits;
    return (((page << shift) >>> 0) | (suffix & (2 ** shift - 1))) >>> 0;
  }

  /** The payload, or -1. Keys are spread evenly: where one lies in its page is nearly known, and a few steps find it. */
  #lookupShort(key: number): number {
    const pages = this.#short;
    const { pageBits, starts } = pages.section;
    const page = key >>> (32 - pageBits);
    const count = (starts[page + 1] as number) - (starts[page] as number);
    const base = pages.load(page);
    if (count === 0) return -1;
    const { units } = pages;
    // Both factors are below 2^16 in an index of any size that was not made to crowd one page.
    let i = Math.min(count - 1, Math.floor((((key << pageBits) >>> 16) * count) / 65_536));
    if (this.#narrow) {
      const suffix = key & 0xffff;
      while (i > 0 && (units[base + i] as number) > suffix) i -= 1;
      while (i < count - 1 && (units[base + i] as number) < suffix) i += 1;
      if (units[base + i] !== suffix) return -1;
      return unit32(units, base + count + i * 2);
    }
    while (i > 0 && unit32(units, base + i * 2) > key) i -= 1;
    while (i < count - 1 && unit32(units, base + i * 2) < key) i += 1;
    if (unit32(units, base + i * 2) !== key) return -1;
    return unit32(units, base + count * 2 + i * 2);
  }

  #lookupLong(serialNumber: Uint8Array): CrlListing | null {
    fingerprint(serialNumber, 0, serialNumber.length);
    const high = print[0] as number;
    const low = print[1] as number;
    const pages = this.#long;
    const { pageBits, starts } = pages.section;
    const page = high >>> (32 - pageBits);
    const count = (starts[page + 1] as number) - (starts[page] as number);
    const base = pages.load(page);
    if (count === 0) return null;
    const { units } = pages;
    const suffix = ((high << pageBits) >>> 16) & 0xffff;
    let i = Math.floor((suffix / 65_536) * count);
    while (i > 0 && (units[base + i - 1] as number) >= suffix) i -= 1;
    while (i < count && (units[base + i] as number) < suffix) i += 1;
    for (; i < count && units[base + i] === suffix; i++) {
      if (unit32(units, base + count + i * 2) !== low) continue;
      const listing = this.#confirm(unit32(units, base + count * 3 + i * 2), serialNumber);
      if (listing !== null) return listing;
    }
    return null;
  }

  /** A fingerprint is no proof: the serial number itself is compared. */
  #confirm(reference: number, serialNumber: Uint8Array): CrlListing | null {
    const position = reference * 4;
    const number = Math.floor(position / BLOCK);
    const block = this.#blocks.load(number);
    const at = position % BLOCK;
    if (block[at] !== serialNumber.length) return null;
    for (let i = 0; i < serialNumber.length; i++) if (block[at + RECORD_HEAD + i] !== serialNumber[i]) return null;
    return recordListing(block, at);
  }
}

const unit32 = (units: Uint16Array, at: number): number => (((units[at + 1] as number) << 16) | (units[at] as number)) >>> 0;

const recordListing = (block: Uint8Array, at: number): CrlListing => ({
  revokedAt: new Date(recordTime(block, at)),
  reason: reasonFromCode(block[at + 1] as number),
});
