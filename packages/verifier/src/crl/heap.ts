/** The heap of an index: whole serial numbers with date and reason, in blocks that are read and checked one at a time. */
import type { FileWriter } from './file-writer.ts';

export const BLOCK = 4096;
const BUFFER_BLOCKS = 256;
/** Octets before the serial number: its length, the reason code, six octets of seconds since 1970 plus 2^46. */
export const RECORD_HEAD = 8;
/** Records begin at multiples of this, so that 32 bits reach 16 GiB. */
const ALIGNMENT = 4;
/** In the place of a reason code: another record says it all. */
export const DEAD = 0xff;
const TIME_OFFSET = 2 ** 46;

export const recordLength = (serialLength: number): number => Math.ceil((RECORD_HEAD + serialLength) / ALIGNMENT) * ALIGNMENT;

export const writeRecordHead = (bytes: Uint8Array, at: number, length: number, reason: number, time: number): void => {
  const seconds = Math.floor(time / 1000) + TIME_OFFSET;
  bytes[at] = length;
  bytes[at + 1] = reason;
  const high = Math.floor(seconds / 2 ** 32);
  bytes[at + 2] = high >>> 8;
  bytes[at + 3] = high & 255;
  bytes[at + 4] = (seconds >>> 24) & 255;
  bytes[at + 5] = (seconds >>> 16) & 255;
  bytes[at + 6] = (seconds >>> 8) & 255;
  bytes[at + 7] = seconds & 255;
};

/** Milliseconds since 1970. */
export const recordTime = (bytes: Uint8Array, at: number): number => {
  const octet = (i: number): number => bytes[at + i] as number;
  const high = octet(2) * 256 + octet(3);
  const low = ((octet(4) << 24) | (octet(5) << 16) | (octet(6) << 8) | octet(7)) >>> 0;
  return (high * 2 ** 32 + low - TIME_OFFSET) * 1000;
};

/** Writes blocks from `start` of the file on, while entries are read. Nothing is written where nothing is appended. */
export class HeapWriter {
  readonly #file: FileWriter;
  readonly #start: number;
  #buffer: Uint8Array | undefined;
  /** Octets appended, padding included. */
  #length = 0;
  /** Octets already in the file: whole buffers. */
  #written = 0;

  constructor(file: FileWriter, start: number) {
    this.#file = file;
    this.#start = start;
  }

  get blocks(): number {
    return Math.ceil(this.#length / BLOCK);
  }

  /** Returns the record's reference: its offset in units of four octets. */
  append(bytes: Uint8Array, start: number, length: number, time: number, reason: number): number {
    const size = recordLength(length);
    if ((this.#length % BLOCK) + size > BLOCK) this.#length = this.blocks * BLOCK;
    this.#buffer ??= new Uint8Array(BUFFER_BLOCKS * BLOCK);
    if (this.#length - this.#written >= this.#buffer.length) this.#flush();
    const at = this.#length - this.#written;
    writeRecordHead(this.#buffer, at, length, reason, time);
    for (let i = 0; i < length; i++) this.#buffer[at + RECORD_HEAD + i] = bytes[start + i] as number;
    const reference = this.#length / ALIGNMENT;
    if (reference > 0xffffffff) throw new RangeError('heap too large');
    this.#length += size;
    return reference;
  }

  #flush(): void {
    if (this.#buffer === undefined) return;
    this.#file.writeAt(this.#start + this.#written, this.#buffer);
    this.#written += this.#buffer.length;
    this.#buffer.fill(0);
  }

  /** Writes what is left; afterwards records may still be changed in place with `amend`. */
  finish(): void {
    if (this.#buffer === undefined) return;
    const end = this.blocks * BLOCK;
    if (end > this.#written) this.#file.writeAt(this.#start + this.#written, this.#buffer.subarray(0, end - this.#written));
    this.#written = end;
    this.#buffer = undefined;
  }

  /** The record at a reference, after `finish`. */
  read(reference: number): Uint8Array {
    const head = this.#file.readAt(this.#start + reference * ALIGNMENT, RECORD_HEAD);
    return this.#file.readAt(this.#start + reference * ALIGNMENT, RECORD_HEAD + (head[0] as number));
  }

  amend(reference: number, record: Uint8Array): void {
    this.#file.writeAt(this.#start + reference * ALIGNMENT, record.subarray(0, RECORD_HEAD));
  }

  /** Every block once, in order, as 16-bit units for its check. */
  forEachBlock(visit: (units: Uint16Array, start: number, end: number, number: number) => void): void {
    for (let first = 0; first < this.blocks; first += BUFFER_BLOCKS) {
      const count = Math.min(BUFFER_BLOCKS, this.blocks - first);
      const units = new Uint16Array(this.#file.readAt(this.#start + first * BLOCK, count * BLOCK).buffer);
      for (let i = 0; i < count; i++) visit(units, (i * BLOCK) / 2, ((i + 1) * BLOCK) / 2, first + i);
    }
  }
}
