/**
 * From the records of one part to its pages: the loops that 20 M entries go through. `partKernel` refers to nothing outside itself, because its text is
 * also what a second thread runs, from sources, ES modules and CommonJS alike.
 */

/** Records of eight octets (key, payload) of one part, and the pages they go to. */
export interface PartJob {
  readonly words: Uint32Array;
  /** First and behind the last word of every block of the part, in turn. */
  readonly ranges: Int32Array;
  readonly part: number;
  /** Records in the parts before. */
  readonly before: number;
  /** Leading bits of a key that name its page; 8 of them name the part. */
  readonly pageBits: number;
  /** Of all pages: records before page i. */
  readonly starts: Uint32Array;
  /** Of all pages; null where they are not sums. */
  readonly sums: Uint32Array | null;
}

export interface PartKernel {
  /** The pages' octets are the first units of `units`. */
  readonly units: Uint16Array;
  /** Octets of all pages together; -1 where keys are equal or crowd in one place, which is left to the general writer. */
  pages(job: PartJob): number;
  /** Every step is a bijection of the state, so that no change of one unit goes unnoticed, and of several one in 2^32. */
  sum(seed: number, units: Uint16Array, start: number, end: number): number;
}

export const partKernel = (): PartKernel => {
  const MAX_BUCKET_BITS = 16;
  const MAX_BUCKET = 64;
  const SHORT_SECTION = 2;
  const counts = new Uint32Array(2 ** MAX_BUCKET_BITS + 1);
  let records = new Uint32Array(0);
  let units = new Uint16Array(0);

  const sum = (seed: number, of: Uint16Array, start: number, end: number): number => {
    let a = seed ^ (end - start);
    let b = ~seed;
    let c = seed ^ 0x55555555;
    let d = seed ^ 0x33333333;
    let i = start;
    for (; i + 3 < end; i += 4) {
      a = Math.imul(a ^ (of[i] as number), 0x01000193);
      b = Math.imul(b ^ (of[i + 1] as number), 0x2c1b3c6d);
      c = Math.imul(c ^ (of[i + 2] as number), 0x297a2d39);
      d = Math.imul(d ^ (of[i + 3] as number), 0x1b56c4e9);
      a ^= a >>> 15;
      b ^= b >>> 17;
      c ^= c >>> 14;
      d ^= d >>> 16;
    }
    for (; i < end; i++) {
      a = Math.imul(a ^ (of[i] as number), 0x01000193);
      a ^= a >>> 15;
    }
    a = Math.imul(a, 0x21f0aaad) ^ Math.imul(b, 0x735a2d97) ^ Math.imul(c, 0x2127599b) ^ Math.imul(d, 0x6b9d3f35);
    return (a ^ (a >>> 15)) >>> 0;
  };

  const count = (words: Uint32Array, ranges: Int32Array, shift: number, mask: number): void => {
    for (let r = 0; r < ranges.length; r += 2) {
      const end = ranges[r + 1] as number;
      for (let i = ranges[r] as number; i < end; i += 2) {
        const bucket = (((words[i] as number) >>> shift) & mask) + 1;
        counts[bucket] = (counts[bucket] as number) + 1;
      }
    }
  };

  /** Where each bucket begins; returns the records of the fullest. */
  const accumulate = (buckets: number): number => {
    let total = 0;
    let fullest = 0;
    for (let i = 1; i <= buckets; i++) {
      const own = counts[i] as number;
      if (own > fullest) fullest = own;
      total = (total + own) | 0;
      counts[i] = total;
    }
    return fullest;
  };

  /** Afterwards `counts` says where each bucket ends. */
  const scatter = (words: Uint32Array, ranges: Int32Array, shift: number, mask: number, to: Uint32Array): void => {
    for (let r = 0; r < ranges.length; r += 2) {
      const end = ranges[r + 1] as number;
      for (let i = ranges[r] as number; i < end; i += 2) {
        const key = words[i] as number;
        const bucket = (key >>> shift) & mask;
        const at = counts[bucket] as number;
        counts[bucket] = at + 1;
        to[at << 1] = key;
        to[(at << 1) + 1] = words[i + 1] as number;
      }
    }
  };

  /** Straightens what is nearly in order; false where two keys are equal. */
  const straighten = (of: Uint32Array, end: number): boolean => {
    let before = of[0] as number;
    for (let i = 2; i < end; i += 2) {
      const key = of[i] as number;
      if (key > before) {
        before = key;
        continue;
      }
      if (key === before) return false;
      const payload = of[i + 1] as number;
      let j = i - 2;
      do {
        of[j + 2] = of[j] as number;
        of[j + 3] = of[j + 1] as number;
        j -= 2;
      } while (j >= 0 && (of[j] as number) > key);
      if (j >= 0 && of[j] === key) return false;
      of[j + 2] = key;
      of[j + 3] = payload;
    }
    return true;
  };

  /** A page: suffixes of 16 bits, then payloads of 32. */
  const emit = (of: Uint32Array, first: number, last: number, to: Uint16Array, at: number): void => {
    let suffix = at;
    let rest = at + last - first;
    const end = last << 1;
    for (let i = first << 1; i < end; i += 2) {
      const payload = of[i + 1] as number;
      to[suffix] = of[i] as number;
      to[rest] = payload;
      to[rest + 1] = payload >>> 16;
      suffix += 1;
      rest += 2;
    }
  };

  const pages = ({ words, ranges, part, before, pageBits, starts, sums }: PartJob): number => {
    let n = 0;
    for (let r = 0; r < ranges.length; r += 2) n += ((ranges[r + 1] as number) - (ranges[r] as number)) / 2;
    if (records.length < n * 2) {
      records = new Uint32Array(Math.ceil(n * 1.05) * 2);
      units = new Uint16Array(Math.ceil(n * 1.05) * 3);
    }
    const pageBitsWithin = pageBits - 8;
    const bucketBits = Math.max(pageBitsWithin, Math.min(MAX_BUCKET_BITS, 32 - Math.clz32(n)));
    const shift = 24 - bucketBits;
    const mask = 2 ** bucketBits - 1;
    counts.fill(0, 0, mask + 2);
    count(words, ranges, shift, mask);
    if (accumulate(mask + 1) > MAX_BUCKET) return -1;
    scatter(words, ranges, shift, mask, records);
    if (!straighten(records, n * 2)) return -1;
    const bucketsPerPage = 2 ** (bucketBits - pageBitsWithin);
    const firstPage = part * 2 ** pageBitsWithin;
    let first = 0;
    for (let page = 0; page < 2 ** pageBitsWithin; page++) {
      const last = counts[(page + 1) * bucketsPerPage - 1] as number;
      emit(records, first, last, units, first * 3);
      starts[firstPage + page + 1] = before + last;
      // Pages without records need no check: their starts say that they are empty.
      if (sums !== null && last > first)
        sums[firstPage + page] = sum((SHORT_SECTION << 28) ^ (firstPage + page), units, first * 3, last * 3);
      first = last;
    }
    return n * 6;
  };

  return {
    get units() {
      return units;
    },
    pages,
    sum,
  };
};
