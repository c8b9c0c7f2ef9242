/** The first octets of identifiers, for leaving out what nobody claims: one piece of memory, no object per entry. */

/** Eight characters of a ref, whole: a store cuts them out without decoding. */
const BYTES = 6;

/** Those of a ref; null for text that is no ref. */
export const fingerprintOf = (ref: string): Uint8Array | null => {
  const mac = Buffer.from(ref.slice(ref.indexOf('.') + 1), 'base64url');
  return mac.length === 32 ? mac.subarray(0, BYTES) : null;
};

export interface Fingerprints {
  /** One piece of what `LinkStore.fingerprints` gave. */
  add(piece: Uint8Array): void;
  /** How many were added. */
  readonly size: number;
  /** A test over what was added so far. False: nothing begins so. True: something may. */
  test(): (mac: Uint8Array) => boolean;
}

/** Bits per claim, two of which it sets: of everything else fewer than one in two hundred is asked about in vain. */
const BITS_EACH = 32;
const MAX_BITS_LOG2 = 31;

/**
 * A Bloom filter over octets of a MAC, which are as evenly spread as hashes. Made at the end in one piece of the right size: kept small, as each test costs one
 * or two reads at random places of it.
 */
export const fingerprintSet = (): Fingerprints => {
  const pieces: Uint8Array[] = [];
  let size = 0;
  return {
    add: (piece) => {
      if (piece.length % BYTES !== 0) throw new Error('a piece of fingerprints holds whole ones');
      pieces.push(piece);
      size += piece.length / BYTES;
    },
    get size() {
      return size;
    },
    test: () => {
      const log2 = Math.min(MAX_BITS_LOG2, Math.max(10, Math.ceil(Math.log2(size * BITS_EACH))));
      const shift = 32 - log2;
      const bits = new Uint32Array(2 ** (log2 - 5));
      for (const piece of pieces) {
        for (let at = 0; at < piece.length; at += BYTES) {
          const first = wordAt(piece, at) >>> shift;
          const second = (wordAt(piece, at + 2) << shift) >>> shift;
          bits[first >>> 5] = (bits[first >>> 5] ?? 0) | (1 << (first & 31));
          bits[second >>> 5] = (bits[second >>> 5] ?? 0) | (1 << (second & 31));
        }
      }
      return (mac) => {
        const first = wordAt(mac, 0) >>> shift;
        if ((((bits[first >>> 5] ?? 0) >>> (first & 31)) & 1) === 0) return false;
        const second = (wordAt(mac, 2) << shift) >>> shift;
        return (((bits[second >>> 5] ?? 0) >>> (second & 31)) & 1) === 1;
      };
    },
  };
};

const wordAt = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
