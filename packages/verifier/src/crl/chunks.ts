/** A CRL in chunks, from wherever it comes; memory for chunks that several threads read. */
import { open } from 'node:fs/promises';

/** A file path, all octets, or octets as they arrive. */
export type CrlSource = string | Uint8Array | AsyncIterable<Uint8Array>;

/** Read and used up within the second-level cache; beside threads large enough that a hand-over costs nothing, and enough of them to run ahead. */
const ALONE = { slots: 2, slotBytes: 1 << 18 };
const SHARED = { slots: 12, slotBytes: 1 << 19 };

/** Words of the memory that threads share. */
export const MADE = 0;
export const WAITING = 1;
export const TAKEN = 2;
export const QUEUE = 4;
const HEADER_BYTES = 256;
const QUEUE_LENGTH = 24;

/** What a thread needs to take chunks. */
export interface Handover {
  readonly memory: SharedArrayBuffer;
  readonly headerBytes: number;
  readonly slotBytes: number;
  readonly queueLength: number;
}

/** Slots of memory, given out and taken back; shared ones are also queued for threads, and not given out before each has taken them. */
export class Chunks {
  readonly handover: Handover | null;
  readonly memory: ArrayBuffer | SharedArrayBuffer;
  readonly slotBytes: number;
  readonly #slots: number;
  readonly #start: number;
  readonly #control: Int32Array;
  readonly #held: Uint8Array;
  /** Place in the queue behind each slot's last. */
  readonly #queued: Int32Array;
  readonly #threads: number;
  #made = 0;
  #wake: (() => void)[] = [];
  #failure: { readonly error: unknown } | undefined;

  /** `threads`: how many take every chunk; 0 where memory is not shared. */
  constructor(threads: 0 | 2) {
    const { slots, slotBytes } = threads === 0 ? ALONE : SHARED;
    this.slotBytes = slotBytes;
    this.#slots = slots;
    this.#threads = threads;
    this.#held = new Uint8Array(slots);
    this.#queued = new Int32Array(slots);
    if (threads === 0) {
      this.handover = null;
      this.#start = 0;
      this.memory = new ArrayBuffer(slots * slotBytes);
      this.#control = new Int32Array(0);
    } else {
      const memory = new SharedArrayBuffer(HEADER_BYTES + slots * slotBytes);
      this.handover = { memory, headerBytes: HEADER_BYTES, slotBytes, queueLength: QUEUE_LENGTH };
      this.#start = HEADER_BYTES;
      this.memory = memory;
      this.#control = new Int32Array(memory, 0, HEADER_BYTES / 4);
    }
  }

  /** A slot that nobody uses, once there is one. */
  async acquire(): Promise<Uint8Array> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      const free = this.#free() ?? this.#freeOrWaiting();
      if (free !== null) {
        this.#held[free] = 1;
        return new Uint8Array(this.memory, this.#start + free * this.slotBytes, this.slotBytes);
      }
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
      });
    }
  }

  /** The octets of an acquired slot follow for every thread; none: there are no more. */
  hand(chunk: Uint8Array): void {
    const slot = (chunk.byteOffset - this.#start) / this.slotBytes;
    this.#queued[slot] = this.#made + 1;
    this.#queue(slot, chunk.length);
  }

  /** Nothing follows. */
  end(): void {
    this.#queue(0, 0);
  }

  /** This thread is done with a slot. */
  release(chunk: Uint8Array): void {
    this.#held[(chunk.byteOffset - this.#start) / this.slotBytes] = 0;
    this.wake();
  }

  /** A slot may have become free. */
  wake(): void {
    for (const resolve of this.#wake.splice(0)) resolve();
  }

  /** No thread will take any more. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.wake();
  }

  #queue(slot: number, length: number): void {
    const at = QUEUE + (this.#made % QUEUE_LENGTH) * 2;
    this.#control[at] = slot;
    this.#control[at + 1] = length;
    this.#made += 1;
    Atomics.store(this.#control, MADE, this.#made);
    Atomics.notify(this.#control, MADE);
  }

  #free(): number | null {
    let taken = this.#made;
    for (let thread = 0; thread < this.#threads; thread++) taken = Math.min(taken, Atomics.load(this.#control, TAKEN + thread));
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.#held[slot] === 0 && (this.#queued[slot] as number) <= taken) return slot;
    }
    return null;
  }

  /** Says that it waits, then looks again: a thread that takes a chunk in between either sees the one or lets the other be seen. */
  #freeOrWaiting(): number | null {
    if (this.#threads === 0) return null;
    Atomics.store(this.#control, WAITING, 1);
    return this.#free();
  }
}

/** The chunks of a source. One from a file is valid until the next is asked for. */
export const chunksOf = (source: CrlSource, slots: Chunks): AsyncIterable<Uint8Array> =>
  typeof source === 'string'
    ? fromFile(source, slots)
    : source instanceof Uint8Array
      ? fromOctets(source, slots.slotBytes)
      : fromPieces(source, slots.slotBytes);

/** The next piece is read while this one is worked on. */
async function* fromFile(path: string, slots: Chunks): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const next = async (): Promise<{ slot: Uint8Array; length: number }> => {
      const slot = await slots.acquire();
      const { bytesRead } = await file.read(slot, 0, slot.length);
      return { slot, length: bytesRead };
    };
    let reading = next();
    for (;;) {
      const { slot, length } = await reading;
      if (length === 0) {
        slots.release(slot);
        return;
      }
      reading = next();
      // Whoever stops early never sees how this one ends.
      reading.catch(() => undefined);
      yield slot.subarray(0, length);
      slots.release(slot);
    }
  } finally {
    await file.close();
  }
}

async function* fromOctets(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* fromPieces(pieces: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    if (!(piece instanceof Uint8Array)) throw new TypeError('a stream of Uint8Array is expected');
    for (let at = 0; at < piece.length; at += size) yield piece.subarray(at, at + size);
  }
}
