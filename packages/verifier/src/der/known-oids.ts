/** OIDs that occur again and again: their text is found, not made. */
import { OID } from './oids.ts';

/** Content octets of the OBJECT IDENTIFIER (X.690 §8.19). */
const encode = (oid: string): Uint8Array => {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc & 0x7f];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) groups.unshift((high & 0x7f) | 0x80);
    octets.push(...groups);
  }
  return Uint8Array.from(octets);
};

interface Known {
  readonly octets: Uint8Array;
  readonly text: string;
}

const PLACES = 256;
const placeOf = (bytes: Uint8Array, start: number, end: number): number =>
  ((bytes[end - 1] as number) * 31 + (bytes[end - 2] as number) * 7 + (end - start)) & (PLACES - 1);

const table: readonly Known[][] = Array.from({ length: PLACES }, () => []);
for (const text of Object.values(OID)) {
  const octets = encode(text);
  table[placeOf(octets, 0, octets.length)]?.push({ octets, text });
}

const ID_CE: readonly string[] = Array.from({ length: 128 }, (_, i) => `2.5.29.${i}`);
const ID_AT: readonly string[] = Array.from({ length: 128 }, (_, i) => `2.5.4.${i}`);

/** The dotted text of these content octets, where it is one of ours, or of the arcs that name attributes and extensions. */
export const knownOid = (bytes: Uint8Array, start: number, end: number): string | null => {
  if (end - start < 2) return null;
  // id-at and id-ce cover most of a certificate: three octets, one table.
  if (end - start === 3 && bytes[start] === 0x55 && (bytes[start + 2] as number) < 0x80) {
    const arc = bytes[start + 1];
    if (arc === 0x1d) return ID_CE[bytes[start + 2] as number] as string;
    if (arc === 0x04) return ID_AT[bytes[start + 2] as number] as string;
  }
  candidates: for (const { octets, text } of table[placeOf(bytes, start, end)] as readonly Known[]) {
    if (octets.length !== end - start) continue;
    for (let i = 0; i < octets.length; i++) if (octets[i] !== bytes[start + i]) continue candidates;
    return text;
  }
  return null;
};
