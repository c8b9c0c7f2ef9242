/**
 * The index file, version 2 (integers little-endian):
 *
 *     prefix    64 octets: magic, version, byte-order mark, place of the trailer, keyed or not, seal
 *     heap      blocks of 4096 octets: serial numbers that do not fit 32 bits, whole, with date and reason
 *     short     pages by the leading bits of the mixed serial number: suffixes, then packed date and reason
 *     long      pages by the leading bits of the fingerprint: suffixes, low words, references into the heap
 *     trailer   JSON (what the index is of), then for each section the page starts and a check of every page
 *
 * The seal covers prefix and trailer, the trailer covers every page; so a file is opened by reading its two ends, and a page is checked when it is read.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { BLOCK } from './heap.ts';
import { CrlIndexError } from './index-error.ts';
import { type CrlIndexInfo, infoFromJson, infoToJson } from './info.ts';

const PREFIX_LENGTH = 64;
export const HEAP_START = 4096;
const MAGIC = 'JPKICRLX';
const VERSION = 2;
const ORDER_MARK = 0x01020304;
/** A page for every 64 of 2^32 serial numbers. */
const MAX_PAGE_BITS = 26;
/** A trailer is page tables: this is a hundred times what 100 M entries need. */
const MAX_TRAILER = 2 ** 30;

export interface PagedSection {
  readonly offset: number;
  /** Leading bits of the key that name the page. */
  readonly pageBits: number;
  /** Octets of one record. */
  readonly recordBytes: number;
  /** Records before page i; one more than there are pages. */
  readonly starts: Uint32Array;
  readonly checks: Uint8Array;
}

export interface Layout {
  readonly info: CrlIndexInfo;
  readonly baseDay: number;
  readonly heap: { readonly offset: number; readonly blocks: number; readonly checks: Uint8Array };
  readonly short: PagedSection;
  readonly long: PagedSection;
}

const pad4 = (n: number): number => Math.ceil(n / 4) * 4;
const octetsOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

const sealOf = (key: Uint8Array | null, prefix: Uint8Array, trailer: Uint8Array): Uint8Array => {
  const hash = key === null ? createHash('sha256') : createHmac('sha256', key);
  return hash.update(prefix.subarray(0, 32)).update(trailer).digest();
};

/** The trailer that goes to `trailerOffset`, and the prefix that seals it. */
export const encodeLayout = (
  layout: Layout,
  trailerOffset: number,
  key: Uint8Array | null,
): { prefix: Uint8Array; trailer: Uint8Array } => {
  const paged = ({ offset, pageBits, recordBytes }: PagedSection): object => ({ offset, pageBits, recordBytes });
  const { heap, short, long, baseDay } = layout;
  const described = {
    info: infoToJson(layout.info),
    baseDay,
    heap: { offset: heap.offset, blocks: heap.blocks },
    short: paged(short),
    long: paged(long),
  };
  const json = Buffer.from(JSON.stringify(described));
  const parts = [octetsOf(short.starts), short.checks, octetsOf(long.starts), long.checks, heap.checks];
  const tables = parts.reduce((sum, part) => sum + part.length, 0);
  const trailer = new Uint8Array(4 + pad4(json.length) + tables);
  new DataView(trailer.buffer).setUint32(0, json.length, true);
  trailer.set(json, 4);
  let at = 4 + pad4(json.length);
  for (const part of parts) {
    trailer.set(part, at);
    at += part.length;
  }
  const prefix = new Uint8Array(PREFIX_LENGTH);
  const view = new DataView(prefix.buffer);
  prefix.set(Buffer.from(MAGIC));
  view.setUint32(8, VERSION, true);
  view.setUint32(12, ORDER_MARK, true);
  view.setUint32(16, trailerOffset >>> 0, true);
  view.setUint32(20, Math.floor(trailerOffset / 2 ** 32), true);
  view.setUint32(24, trailer.length, true);
  view.setUint32(28, key === null ? 0 : 1, true);
  prefix.set(sealOf(key, prefix, trailer), 32);
  return { prefix, trailer };
};

export interface ReadAt {
  readonly size: number;
  read(position: number, length: number): Uint8Array;
}

/** Throws `CrlIndexError`: `index-version`, `index-truncated`, `index-key`, `index-corrupt`. */
export const decodeLayout = (file: ReadAt, key: Uint8Array | null): Layout => {
  if (file.size < PREFIX_LENGTH) throw new CrlIndexError('index-truncated');
  const prefix = file.read(0, PREFIX_LENGTH);
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  if (Buffer.from(prefix.subarray(0, 8)).toString('latin1') !== MAGIC) throw new CrlIndexError('index-corrupt', 'magic');
  if (view.getUint32(8, true) !== VERSION) throw new CrlIndexError('index-version');
  if (view.getUint32(12, true) !== ORDER_MARK || new Uint8Array(Uint32Array.of(1).buffer)[0] !== 1) {
    throw new CrlIndexError('index-version', 'byte-order');
  }
  const offset = view.getUint32(20, true) * 2 ** 32 + view.getUint32(16, true);
  const length = view.getUint32(24, true);
  const keyed = view.getUint32(28, true);
  if (offset + length > file.size) throw new CrlIndexError('index-truncated');
  if (offset + length !== file.size || length > MAX_TRAILER || length < 4) throw new CrlIndexError('index-corrupt', 'length');
  if (keyed > 1) throw new CrlIndexError('index-corrupt', 'prefix');
  if ((keyed === 1) !== (key !== null)) throw new CrlIndexError('index-key', keyed === 1 ? 'key-missing' : 'not-keyed');
  const trailer = file.read(offset, length);
  const seal = sealOf(key, prefix, trailer);
  if (!timingSafeEqual(seal, prefix.subarray(32))) throw new CrlIndexError(key === null ? 'index-corrupt' : 'index-key', 'seal');
  return readTrailer(trailer, key === null ? 4 : 16, offset);
};

const isWithin = (value: unknown, from: number, to: number): boolean =>
  Number.isSafeInteger(value) && from <= (value as number) && (value as number) <= to;

/** Sealed without a key is sealed by anybody: what the trailer says of itself has to fit together before pages are looked for by it. */
const readTrailer = (trailer: Uint8Array, checkLength: number, trailerOffset: number): Layout => {
  try {
    const jsonLength = new DataView(trailer.buffer, trailer.byteOffset, trailer.byteLength).getUint32(0, true);
    const json = JSON.parse(Buffer.from(trailer.subarray(4, 4 + jsonLength)).toString('utf8')) as Described;
    let at = 4 + pad4(jsonLength);
    const take = (length: number): Uint8Array => {
      if (at + length > trailer.length) throw new CrlIndexError('index-corrupt', 'trailer');
      // A copy: tables of 32-bit words must begin at a multiple of four.
      const bytes = new Uint8Array(trailer.subarray(at, at + length));
      at += length;
      return bytes;
    };
    const paged = ({ offset, pageBits, recordBytes }: DescribedSection, sizes: readonly number[]): PagedSection => {
      if (!isWithin(pageBits, 8, MAX_PAGE_BITS) || !sizes.includes(recordBytes)) throw new CrlIndexError('index-corrupt', 'trailer');
      const pages = 2 ** pageBits;
      const starts = new Uint32Array(take((pages + 1) * 4).buffer);
      for (let page = 0, before = 0; page <= pages; page++) {
        const start = starts[page] as number;
        if (start < before || (page === 0 && start !== 0)) throw new CrlIndexError('index-corrupt', 'trailer');
        before = start;
      }
      if (!isWithin(offset, HEAP_START, trailerOffset - (starts[pages] as number) * recordBytes))
        throw new CrlIndexError('index-corrupt', 'trailer');
      return { offset, pageBits, recordBytes, starts, checks: take(pages * checkLength) };
    };
    const short = paged(json.short, [6, 8]);
    const long = paged(json.long, [10]);
    const { offset, blocks } = json.heap;
    if (offset !== HEAP_START || !isWithin(blocks, 0, (trailerOffset - offset) / BLOCK))
      throw new CrlIndexError('index-corrupt', 'trailer');
    const heap = { offset, blocks, checks: take(blocks * checkLength) };
    if (at !== trailer.length) throw new CrlIndexError('index-corrupt', 'trailer');
    return { info: infoFromJson(json.info), baseDay: json.baseDay, heap, short, long };
  } catch (error) {
    if (error instanceof CrlIndexError) throw error;
    throw new CrlIndexError('index-corrupt', 'trailer', { cause: error });
  }
};

interface DescribedSection {
  readonly offset: number;
  readonly pageBits: number;
  readonly recordBytes: number;
}

interface Described {
  readonly info: Parameters<typeof infoFromJson>[0];
  readonly baseDay: number;
  readonly heap: { readonly offset: number; readonly blocks: number };
  readonly short: DescribedSection;
  readonly long: DescribedSection;
}
