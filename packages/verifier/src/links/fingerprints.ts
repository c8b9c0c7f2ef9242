/** The first octets of identifiers, for leaving out what nobody claims: a set of numbers in one piece of memory, no object per entry. */

/** Eight characters of a ref, whole: a store cuts them out without decoding. */
const BYTES = 6;

/** Those of a ref; none for text that is no ref. */
export const fingerprintOf = (ref: string): Uint8Array =>
  new Uint8Array(Buffer.from(ref.slice(ref.indexOf('.') + 1), 'base64url').subarray(0, BYTES));

export interface Fingerprints {
  /** False: nobody claims an identifier that begins so. True: somebody may. */
  has(mac: Uint8Array): boolean;
}

/**
 * Open addressing, at most half full, keeps 32 bits of each: eight to sixteen octets per claim. They come from a MAC, spread as evenly as a hash would
 * spread them. With two million claims one in two thousand of everything else is asked about in vain.
 */
export const collectFingerprints = async (pieces: AsyncIterable<Uint8Array>): Promise<Fingerprints> => {
  let slots = new Uint32Array(1 << 16);
  let used = 0;
  // A slot that holds 0 is free.
  let holdsZero = false;

  const add = (into: Uint32Array, value: number): boolean => {
    const mask = into.length - 1;
    let at = value & mask;
    for (let found = into[at]; found !== 0; found = into[at]) {
      if (found === value) return false;
      at = (at + 1) & mask;
    }
    into[at] = value;
    return true;
  };

  for await (const piece of pieces) {
    for (let at = 0; at + BYTES <= piece.length; at += BYTES) {
      const value = wordAt(piece, at);
      if (value === 0) holdsZero = true;
      else if (add(slots, value)) used += 1;
      if (used * 2 > slots.length) {
        const larger = new Uint32Array(slots.length * 2);
        for (const kept of slots) if (kept !== 0) add(larger, kept);
        slots = larger;
      }
    }
  }
  const all = slots;
  const mask = all.length - 1;
  return {
    has: (mac) => {
      const value = wordAt(mac, 0);
      if (value === 0) return holdsZero;
      let at = value & mask;
      for (let found = all[at]; found !== 0; found = all[at]) {
        if (found === value) return true;
        at = (at + 1) & mask;
      }
      return false;
    },
  };
};

const wordAt = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
