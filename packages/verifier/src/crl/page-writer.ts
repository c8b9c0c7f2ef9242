/** The pages of a section, in the order of their keys: whatever the entries are. */
import { ELSEWHERE } from './collector.ts';
import type { FileWriter } from './file-writer.ts';
import type { PagedSection } from './layout.ts';
import type { PageCheck, SectionKind } from './page-check.ts';

const FLUSH_UNITS = 1 << 17;

/** Pages one after another, each with its start and its check. */
export class PageWriter {
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
  #units = new Uint16Array(0);
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
      if (units > this.#units.length) this.#units = new Uint16Array(Math.max(units, FLUSH_UNITS));
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
