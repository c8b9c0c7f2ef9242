/** Times as JPKI writes them: whole seconds, days that end at 23:59:59 in Japan. */
const SECOND = 1000;
const DAY = 86_400 * SECOND;
const JST = 9 * 3_600 * SECOND;

export const wholeSeconds = (time: Date): Date => new Date(Math.floor(time.getTime() / SECOND) * SECOND);
export const plusSeconds = (time: Date, seconds: number): Date => new Date(time.getTime() + seconds * SECOND);
export const days = (time: Date, count: number): Date => wholeSeconds(new Date(time.getTime() + count * DAY));

export function years(time: Date, count: number): Date {
  const moved = wholeSeconds(time);
  moved.setUTCFullYear(moved.getUTCFullYear() + count);
  return moved;
}

/** Midnight in Japan at the start of the day that `time` falls on: 15:00:00Z. */
export const startOfDay = (time: Date): Date => new Date(Math.floor((time.getTime() + JST) / DAY) * DAY - JST);
/** 23:59:59 in Japan: 14:59:59Z. */
export const endOfDay = (time: Date): Date => new Date(startOfDay(time).getTime() + DAY - SECOND);

/** `yyyymmddHHMMSS` in Japan. */
export const timestamp = (time: Date): string => new Date(time.getTime() + JST).toISOString().replace(/\D/g, '').slice(0, 14);
