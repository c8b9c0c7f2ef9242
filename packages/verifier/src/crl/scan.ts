/**
 * The loop that nearly every entry of a large CRL goes through. It takes the entries of one shape,
 *
 *     30 L  02 s serial…  17 0d YYMMDDHHMMSS'Z'  [30 0c 30 0a 06 03 55 1d 15 04 03 0a 01 reason]
 *
 * with every octet checked as strictly as the general reader does, and stops at the first entry that is anything else.
 */
import { days, PACKED_DAYS } from './calendar.ts';
import type { Collector } from './collector.ts';
import { mixSerial } from './mix.ts';
import { knownCode, REMOVE_FROM_CRL } from './reason-code.ts';

/** No entry of the shape is longer, so that one limit serves every read of the loop. */
export const LONGEST_SHAPE = 56;

export interface ScanResult {
  /** Offset of the first entry not taken. */
  pos: number;
  removal: boolean;
}

const REASONS: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => knownCode(code));

/** Takes entries from `start` on while `LONGEST_SHAPE` octets are left before `end`; the outcome is put into `result`. */
export const scanEntries = (bytes: Uint8Array, start: number, end: number, collector: Collector, result: ScanResult): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let pos = start;
  while (pos <= end - LONGEST_SHAPE) {
    const head = view.getInt32(pos);
    const s = head & 0xff;
    const withReason = ((head >>> 16) & 0xff) === s + 31;
    if (head >>> 24 !== 0x30 || (head & 0xff00) !== 0x0200 || s === 0 || s > 20) break;
    if (!withReason && ((head >>> 16) & 0xff) !== s + 17) break;
    result.pos = pos;
    scanAlike(bytes, view, end - LONGEST_SHAPE, head, collector, result);
    if (result.pos === pos) break;
    pos = result.pos;
  }
  result.pos = pos;
};

/** Entries in a row that begin with the same four octets: same length of serial number, all with a reason or all without. */
const scanAlike = (bytes: Uint8Array, view: DataView, last: number, head: number, collector: Collector, result: ScanResult): void => {
  const { short, baseDay } = collector;
  const { words, at: ats, limit: limits } = short;
  const table = days();
  const baseTime = collector.timeOf(0);
  const s = head & 0xff;
  const withReason = ((head >>> 16) & 0xff) === s + 31;
  const shift = 32 - 8 * Math.min(4, s);
  // Positive and minimal: what s octets, and no fewer, can say. Longer numbers show it in their first four octets.
  const least = s === 1 ? 0 : 0x80 << (8 * (Math.min(4, s) - 2));
  let pos = result.pos;
  let taken = 0;
  let removal = false;
  while (pos <= last && view.getInt32(pos) === head) {
    const serial = view.getInt32(pos + 4) >> shift;
    if (serial < least) break;

    const d = pos + 4 + s;
    const a = view.getInt32(d + 2) ^ 0x30303030;
    const b = view.getInt32(d + 6) ^ 0x30303030;
    const c = view.getInt32(d + 10) ^ 0x30303030;
    if (view.getInt16(d) !== 0x170d || view.getUint8(d + 14) !== 0x5a) break;
    if (((a | b | c | (a + 0x06060606) | (b + 0x06060606) | (c + 0x06060606)) & 0xf0f0f0f0) !== 0) break;
    const yearMonth = ((a >>> 8) & 0x0f000f) * 10 + (a & 0x0f000f);
    const dayHour = ((b >>> 8) & 0x0f000f) * 10 + (b & 0x0f000f);
    const minuteSecond = ((c >>> 8) & 0x0f000f) * 10 + (c & 0x0f000f);
    const month = yearMonth & 0xff;
    const dayOfMonth = dayHour >>> 16;
    const hour = dayHour & 0xff;
    const minute = minuteSecond >>> 16;
    const second = minuteSecond & 0xff;
    if (month > 12 || dayOfMonth > 31 || hour > 23 || minute > 59 || second > 59) break;
    // Dates before the base become huge here and, like days that no calendar has, are left to the general reader.
    const day = (table[((yearMonth >>> 16) << 9) | (month << 5) | dayOfMonth] as number) - baseDay;
    if (day >>> 0 >= PACKED_DAYS) break;

    let reason = 0;
    let next = d + 15;
    if (withReason) {
      if (view.getInt32(next) !== 0x300c300a || view.getInt32(next + 4) !== 0x0603551d || view.getInt32(next + 8) !== 0x1504030a) break;
      const code = view.getInt16(next + 12) - 0x0100;
      if (code >>> 0 >= 0x80) break;
      reason = REASONS[code] as number;
      if (reason === REMOVE_FROM_CRL) removal = true;
      next += 14;
    }

    const seconds = day * 86_400 + hour * 3_600 + minute * 60 + second;
    if (s <= 4) {
      const key = mixSerial(serial);
      const part = key >>> 24;
      let at = ats[part] as number;
      if (at === limits[part]) at = short.grow(part);
      words[at] = key;
      words[at + 1] = (seconds << 4) | reason;
      ats[part] = at + 2;
      taken += 1;
    } else {
      collector.add(bytes, pos + 4, s, baseTime + seconds * 1000, reason);
    }
    pos = next;
  }
  collector.count += taken;
  result.pos = pos;
  result.removal ||= removal;
};
