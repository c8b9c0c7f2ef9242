/** Whether a page is what was written: a sum against accidents, a MAC against people. */
import { createHmac } from 'node:crypto';
import { partKernel } from './part-kernel.ts';

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

const { sum } = partKernel();

/** 32 bits. A CRC would do as well; it costs a call into native code for each of the many small pages. */
const SUM: PageCheck = {
  length: 4,
  write: (kind, page, units, start, end, out, at) => {
    const value = sum((kind << 28) ^ page, units, start, end);
    out[at] = value;
    out[at + 1] = value >>> 8;
    out[at + 2] = value >>> 16;
    out[at + 3] = value >>> 24;
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
