/** The records of one part in the order of their keys. */
import { PARTS, type Parts } from './parts.ts';

const MAX_BITS = 16;

/**
 * Distributes by the leading bits of the key (about one record per bucket) and straightens the rest by insertion. Keys are spread evenly by
 * construction; where a CA's serial numbers were chosen to meet in one bucket, a comparison sort takes over.
 */
export class PartSorter {
  readonly #counts = new Uint32Array((1 << MAX_BITS) + 1);
  a: Uint32Array = new Uint32Array(0);
  b: Uint32Array = new Uint32Array(0);
  c: Uint32Array = new Uint32Array(0);

  /** Records in `a`, `b`, `c`; equal `a` are in order of `b` where there is a `c`. Returns their number. */
  sort(parts: Parts, part: number, recordWords: 2 | 3): number {
    const n = parts.count(part);
    this.#reserve(n, recordWords);
    if (n === 0) return 0;
    const bits = Math.min(MAX_BITS, 32 - Math.clz32(n));
    const shift = 24 - bits;
    const mask = (1 << bits) - 1;
    const { words } = parts;
    const counts = this.#counts;
    counts.fill(0, 0, (1 << bits) + 1);
    const ranges = parts.ranges(part);
    for (let r = 0; r < ranges.length; r += 2) {
      const end = ranges[r + 1] as number;
      for (let i = ranges[r] as number; i < end; i += recordWords) {
        const bucket = (((words[i] as number) >>> shift) & mask) + 1;
        counts[bucket] = (counts[bucket] as number) + 1;
      }
    }
    let widest = 0;
    for (let i = 1; i <= 1 << bits; i++) {
      const count = counts[i] as number;
      if (count > widest) widest = count;
      counts[i] = count + (counts[i - 1] as number);
    }
    const { a, b, c } = this;
    for (let r = 0; r < ranges.length; r += 2) {
      const end = ranges[r + 1] as number;
      for (let i = ranges[r] as number; i < end; i += recordWords) {
        const key = words[i] as number;
        const bucket = (key >>> shift) & mask;
        const to = counts[bucket] as number;
        counts[bucket] = to + 1;
        a[to] = key;
        b[to] = words[i + 1] as number;
        if (recordWords === 3) c[to] = words[i + 2] as number;
      }
    }
    if (widest > 64) this.#byComparison(n, recordWords);
    else if (recordWords === 2) insertByKey(a, b, n);
    else insertByPrint(a, b, c, n);
    return n;
  }

  #reserve(n: number, recordWords: 2 | 3): void {
    if (this.a.length >= n && (recordWords === 2 || this.c.length >= n)) return;
    const size = Math.ceil(n * 1.1) + PARTS;
    this.a = new Uint32Array(size);
    this.b = new Uint32Array(size);
    if (recordWords === 3) this.c = new Uint32Array(size);
  }

  #byComparison(n: number, recordWords: 2 | 3): void {
    const { a, b, c } = this;
    const order = new Uint32Array(n).map((_, i) => i);
    const byKey = (x: number, y: number): number => (a[x] as number) - (a[y] as number);
    order.sort(recordWords === 2 ? byKey : (x, y) => byKey(x, y) || (b[x] as number) - (b[y] as number));
    for (const column of recordWords === 2 ? [a, b] : [a, b, c]) column.set(Uint32Array.from(order, (i) => column[i] as number));
  }
}

const insertByKey = (a: Uint32Array, b: Uint32Array, n: number): void => {
  for (let i = 1; i < n; i++) {
    const key = a[i] as number;
    if (key >= (a[i - 1] as number)) continue;
    const second = b[i] as number;
    let j = i - 1;
    while (j >= 0 && (a[j] as number) > key) {
      a[j + 1] = a[j] as number;
      b[j + 1] = b[j] as number;
      j -= 1;
    }
    a[j + 1] = key;
    b[j + 1] = second;
  }
};

const insertByPrint = (a: Uint32Array, b: Uint32Array, c: Uint32Array, n: number): void => {
  for (let i = 1; i < n; i++) {
    const key = a[i] as number;
    const second = b[i] as number;
    const third = c[i] as number;
    let j = i - 1;
    while (j >= 0 && ((a[j] as number) > key || ((a[j] as number) === key && (b[j] as number) > second))) {
      a[j + 1] = a[j] as number;
      b[j + 1] = b[j] as number;
      c[j + 1] = c[j] as number;
      j -= 1;
    }
    a[j + 1] = key;
    b[j + 1] = second;
    c[j + 1] = third;
  }
};
