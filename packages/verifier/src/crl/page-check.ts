/** Whether a page is what was written: a sum against accidents, a MAC against people. */
import { createHmac } from 'node:crypto';
import { mixSerial } from './mix.ts';

/** Part of every check, so that a page cannot stand in for another. */
export const SECTION = { heap: 1, short: 2, long: 3 } as const;
export type SectionKind = (typeof SECTION)[keyof typeof SECTION];

export interface PageCheck {
  /** Octets of one check. */
  readonly length: number;
  /** Puts the check of `units[start..end)` into `out` at `at`. */
  write(kind: SectionKind, page: number, units: Uint16Array, start: number, end: number, out: Uint8Array, at: number): void;
}

export const pageCheck = (key: Uint8Array | null): PageCheck => (key === null ? SUM : macWith(key));

/** True where the check of `units[start..end)` is the one that `checks` has for the page. */
export const holds = (
  check: PageCheck,
  kind: SectionKind,
  page: number,
  units: Uint16Array,
  start: number,
  end: number,
  checks: Uint8Array,
): boolean => {
  check.write(kind, page, units, start, end, scratch, 0);
  let difference = 0;
  for (let i = 0; i < check.length; i++) difference |= (scratch[i] as number) ^ (checks[page * check.length + i] as number);
  return difference === 0;
};
const scratch = new Uint8Array(16);

/**
 * 32 bits. Every step is a bijection of the state, so that no change of one unit can go unnoticed, and of two units one change in 2^32. A CRC would do
 * as well; it costs a call into native code for each of the many small pages.
 */
const SUM: PageCheck = {
  length: 4,
  write: (kind, page, units, start, end, out, at) => {
    let even = (kind << 28) ^ page;
    let odd = ~even;
    let i = start;
    for (; i + 1 < end; i += 2) {
      even = Math.imul(even ^ (units[i] as number), 0x01000193);
      odd = Math.imul(odd ^ (units[i + 1] as number), 0x2c1b3c6d);
      even ^= even >>> 15;
      odd ^= odd >>> 17;
    }
    if (i < end) even = Math.imul(even ^ (units[i] as number), 0x01000193);
    const sum = mixSerial(even) ^ odd;
    out[at] = sum;
    out[at + 1] = sum >>> 8;
    out[at + 2] = sum >>> 16;
    out[at + 3] = sum >>> 24;
  },
};

/** HMAC-SHA-256, cut to 128 bits. */
const macWith = (key: Uint8Array): PageCheck => {
  const place = new Uint8Array(8);
  const view = new DataView(place.buffer);
  return {
    length: 16,
    write: (kind, page, units, start, end, out, at) => {
      view.setUint32(0, kind, true);
      view.setUint32(4, page, true);
      const bytes = new Uint8Array(units.buffer, units.byteOffset + start * 2, (end - start) * 2);
      out.set(createHmac('sha256', key).update(place).update(bytes).digest().subarray(0, 16), at);
    },
  };
};
