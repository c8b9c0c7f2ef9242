/** Revocation dates as UTCTime writes them, two digits at a time, looked up instead of calculated. */

const NO_DAY = 0xffff;
const DAY_MS = 86_400_000;
const EPOCH_DAY = Date.UTC(1950, 0, 1) / DAY_MS;

/** Days since 1950-01-01 at `year << 9 | month << 5 | day` (year of the century as in UTCTime); `NO_DAY` where the calendar has no such day. */
const dayTable = (): Uint16Array => {
  const table = new Uint16Array(128 << 9).fill(NO_DAY);
  for (let day = 0; ; day++) {
    const date = new Date((EPOCH_DAY + day) * DAY_MS);
    const year = date.getUTCFullYear();
    if (year === 2050) return table;
    table[((year % 100) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate()] = day;
  }
};

let table: Uint16Array | undefined;
/** Built at first use. */
export const days = (): Uint16Array => {
  table ??= dayTable();
  return table;
};

/** A packed date has 28 bits of seconds from a base: eight and a half years. */
export const PACKED_SECONDS: number = 2 ** 28;
/** Whole days within `PACKED_SECONDS`. */
export const PACKED_DAYS: number = Math.floor(PACKED_SECONDS / 86_400);
/** Entries may be dated this many days after thisUpdate and still be packed. */
const DAYS_AHEAD = 31;

/** Day 0 of packed dates, in days since 1950-01-01, for a CRL issued at `thisUpdate` (milliseconds since 1970). */
export const baseDayOf = (thisUpdate: number): number =>
  Math.max(0, Math.floor(thisUpdate / DAY_MS) - EPOCH_DAY + DAYS_AHEAD - PACKED_DAYS);

/** Milliseconds since 1970 of the base day's beginning. */
export const baseTimeOf = (baseDay: number): number => (baseDay + EPOCH_DAY) * DAY_MS;
