/** A CRL in chunks, from wherever it comes; memory for chunks that two threads read. */
import { open } from 'node:fs/promises';

/** A file path, all octets, or octets as they arrive. */
export type CrlSource = string | Uint8Array | AsyncIterable<Uint8Array>;

const SLOT_BYTES = 1 << 20;
const SLOTS = 6;

/** Slots of memory with counted users. */
export class Chunks {
  readonly memory: ArrayBuffer | SharedArrayBuffer;
  readonly slotBytes: number = SLOT_BYTES;
  readonly #users: Uint8Array = new Uint8Array(SLOTS);
  readonly #waiting: { resolve: (slot: Uint8Array) => void; reject: (error: unknown) => void }[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(shared: boolean) {
    this.memory = shared ? new SharedArrayBuffer(SLOTS * SLOT_BYTES) : new ArrayBuffer(SLOTS * SLOT_BYTES);
  }

  /** A slot nobody uses, once there is one; it has one user. */
  async acquire(): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const free = this.#users.indexOf(0);
    if (free >= 0) return this.#take(free);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** One user more. */
  retain(chunk: Uint8Array): void {
    const slot = chunk.byteOffset / SLOT_BYTES;
    this.#users[slot] = (this.#users[slot] as number) + 1;
  }

  release(slot: number): void {
    this.#users[slot] = (this.#users[slot] as number) - 1;
    if (this.#users[slot] === 0) this.#waiting.shift()?.resolve(this.#take(slot));
  }

  /** Nobody will release any more. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #take(slot: number): Uint8Array {
    this.#users[slot] = 1;
    return new Uint8Array(this.memory, slot * SLOT_BYTES, SLOT_BYTES);
  }
}

/** The chunks of a source. One from a file is valid until the next is asked for, or longer where somebody else retained it. */
export const chunksOf = (source: CrlSource, slots: Chunks): AsyncIterable<Uint8Array> =>
  typeof source === 'string' ? fromFile(source, slots) : source instanceof Uint8Array ? fromOctets(source) : fromPieces(source);

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
      const index = slot.byteOffset / SLOT_BYTES;
      if (length === 0) {
        slots.release(index);
        return;
      }
      reading = next();
      // Whoever stops early never sees how this one ends.
      reading.catch(() => undefined);
      yield slot.subarray(0, length);
      slots.release(index);
    }
  } finally {
    await file.close();
  }
}

async function* fromOctets(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLOT_BYTES) yield bytes.subarray(at, at + SLOT_BYTES);
}

async function* fromPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    if (!(piece instanceof Uint8Array)) throw new TypeError('a stream of Uint8Array is expected');
    for (let at = 0; at < piece.length; at += SLOT_BYTES) yield piece.subarray(at, at + SLOT_BYTES);
  }
}
