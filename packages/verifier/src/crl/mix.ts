/** Where a serial number lies in an index: its key decides the page, so that pages fill evenly whatever the CA's numbering. */

/** A bijection of 32-bit words (full avalanche): equal keys are equal serial numbers. */
export const mixSerial = (serial: number): number => {
  let k = serial | 0;
  k = Math.imul(k ^ (k >>> 16), 0x21f0aaad);
  k = Math.imul(k ^ (k >>> 15), 0x735a2d97);
  return (k ^ (k >>> 15)) >>> 0;
};

/** The inverse of `mixSerial`. */
export const unmixSerial = (key: number): number => {
  let k = key | 0;
  k = k ^ (k >>> 15) ^ (k >>> 30);
  k = Math.imul(k, INVERSE_2);
  k = k ^ (k >>> 15) ^ (k >>> 30);
  k = Math.imul(k, INVERSE_1);
  return (k ^ (k >>> 16)) >>> 0;
};

/** The inverse of an odd number modulo 2^32, by Newton's iteration. */
const inverse = (odd: number): number => {
  let x = odd;
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
};
const INVERSE_1 = inverse(0x21f0aaad);
const INVERSE_2 = inverse(0x735a2d97);

/** Two 32-bit words of `fingerprint`, kept here so that no object is made per entry. */
export const print: Uint32Array = new Uint32Array(2);

/**
 * A 64-bit fingerprint of a serial number's content octets, left in `print`. It is not a proof: two serial numbers may share one, so every hit is
 * confirmed against the octets themselves.
 */
export const fingerprint = (bytes: Uint8Array, start: number, length: number): void => {
  let high = 0x9e3779b9 ^ length;
  let low = 0x85ebca6b ^ length;
  let word = 0;
  for (let i = 0; i < length; i++) {
    word = (word << 8) | (bytes[start + i] as number);
    if ((i & 3) === 3 || i === length - 1) {
      high = Math.imul(((high ^ Math.imul(word, 0xcc9e2d51)) << 13) | ((high ^ Math.imul(word, 0xcc9e2d51)) >>> 19), 5) + 0x6546b64;
      low = Math.imul(((low ^ Math.imul(word, 0x1b873593)) << 15) | ((low ^ Math.imul(word, 0x1b873593)) >>> 17), 0x2c1b3c6d) ^ word;
      word = 0;
    }
  }
  print[0] = mixSerial(high ^ (low >>> 7));
  print[1] = mixSerial(low + (high << 3));
};

/** The value of a serial number that fits 32 bits (a leading zero octet may make it five octets long), or -1. */
export const shortSerial = (bytes: Uint8Array, start: number, length: number): number => {
  if (length === 4) {
    // By far the most frequent.
    const high = ((bytes[start] as number) << 24) | ((bytes[start + 1] as number) << 16);
    return (high | ((bytes[start + 2] as number) << 8) | (bytes[start + 3] as number)) >>> 0;
  }
  if (length > 5 || (length === 5 && bytes[start] !== 0)) return -1;
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + (bytes[start + i] as number);
  return value;
};

/** Content octets of the INTEGER. */
export const serialOctets = (serial: number): Uint8Array => {
  const octets = [serial >>> 24, (serial >>> 16) & 255, (serial >>> 8) & 255, serial & 255];
  while (octets.length > 1 && octets[0] === 0 && (octets[1] as number) < 0x80) octets.shift();
  return Uint8Array.from((octets[0] as number) >= 0x80 ? [0, ...octets] : octets);
};
