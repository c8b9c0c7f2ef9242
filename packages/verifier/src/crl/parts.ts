/** Entries collected in 256 parts by the top octet of their key, so that each part is later sorted within the cache. */

export const PARTS = 256;
/** Records of one block: parts grow by blocks, so that half-filled ones cost next to nothing. */
const BLOCK_RECORDS = 512;

export class Parts {
  /** Reserved once; memory is taken only where it is written. */
  readonly words: Uint32Array;
  /** Next word to write, and the end of the block, by part. */
  readonly at: Int32Array = new Int32Array(PARTS);
  readonly limit: Int32Array = new Int32Array(PARTS);
  readonly #recordWords: number;
  readonly #blocks: number[][] = Array.from({ length: PARTS }, () => []);
  #next = 0;

  /** `shared`: in memory that other threads can read. */
  constructor(recordWords: 2 | 3, maxRecords: number, shared = false) {
    this.#recordWords = recordWords;
    const length = (Math.ceil(maxRecords / BLOCK_RECORDS) + PARTS) * BLOCK_RECORDS * recordWords;
    this.words = new Uint32Array(shared ? new SharedArrayBuffer(length * 4) : new ArrayBuffer(length * 4));
  }

  /** A new block for the part; returns where it begins. */
  grow(part: number): number {
    const start = this.#next;
    this.#next += BLOCK_RECORDS * this.#recordWords;
    if (this.#next > this.words.length) throw new RangeError('more entries than reserved for');
    this.#blocks[part]?.push(start);
    this.limit[part] = this.#next;
    return start;
  }

  add(a: number, b: number, c = 0): void {
    const part = a >>> 24;
    let at = this.at[part] as number;
    if (at === this.limit[part]) at = this.grow(part);
    this.words[at] = a;
    this.words[at + 1] = b;
    if (this.#recordWords === 3) this.words[at + 2] = c;
    this.at[part] = at + this.#recordWords;
  }

  /** Records in one part. */
  count(part: number): number {
    const blocks = (this.#blocks[part] as number[]).length;
    const open = ((this.limit[part] as number) - (this.at[part] as number)) / this.#recordWords;
    return blocks * BLOCK_RECORDS - open;
  }

  get total(): number {
    let total = 0;
    for (let part = 0; part < PARTS; part++) total += this.count(part);
    return total;
  }

  /** First and behind the last word of every block of the part, in turn. */
  ranges(part: number): Int32Array {
    const blocks = this.#blocks[part] as number[];
    const ranges = new Int32Array(blocks.length * 2);
    for (const [i, start] of blocks.entries()) {
      ranges[i * 2] = start;
      ranges[i * 2 + 1] = i === blocks.length - 1 ? (this.at[part] as number) : start + BLOCK_RECORDS * this.#recordWords;
    }
    return ranges;
  }
}
