/** The first octets of identifiers, for leaving out what nobody claims: a set of numbers in one piece of memory, no object per entry. */

/** Eight characters of a ref, whole: a store cuts them out without decoding. */
const BYTES = 6;

/** Those of a ref; none for text that is no ref. */
export const fingerprintOf = (ref: string): Uint8Array =>
  new Uint8Array(Buffer.from(ref.slice(ref.indexOf('.') + 1), 'base64url').subarray(0, BYTES));

export interface Fingerprints {
  /** One piece of `LinkStore.fingerprints`. */
  add(piece: Uint8Array): void;
  /** False: nothing that was added begins so. True: something may. */
  has(mac: Uint8Array): boolean;
  /** How many were added. */
  readonly size: number;
}

/**
 * Open addressing, at most half full, keeps 32 bits of each: eight to sixteen octets per claim. They come from a MAC, spread as evenly as a hash would
 * spread them. With two million claims one in two thousand of everything else is asked about in vain.
 */
export const fingerprintSet = (): Fingerprints => {
  let slots = new Uint32Array(1 << 16);
  let used = 0;
  let size = 0;
  // A slot that holds 0 is free.
  let holdsZero = false;

  /** Where the value is, or where it belongs. */
  const placeOf = (value: number, among: Uint32Array): number => {
    const mask = among.length - 1;
    let at = value & mask;
    for (let found = among[at]; found !== 0 && found !== value; found = among[at]) at = (at + 1) & mask;
    return at;
  };

  const grow = (): void => {
    const larger = new Uint32Array(slots.length * 2);
    for (const kept of slots) if (kept !== 0) larger[placeOf(kept, larger)] = kept;
    slots = larger;
  };

  return {
    add: (piece) => {
      for (let at = 0; at + BYTES <= piece.length; at += BYTES) {
        size += 1;
        const value = wordAt(piece, at);
        if (value === 0) holdsZero = true;
        else {
          const place = placeOf(value, slots);
          if (slots[place] === 0) used += 1;
          slots[place] = value;
          if (used * 2 > slots.length) grow();
        }
      }
    },
    has: (mac) => {
      const value = wordAt(mac, 0);
      return value === 0 ? holdsZero : slots[placeOf(value, slots)] === value;
    },
    get size() {
      return size;
    },
  };
};

const wordAt = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
