/** When a feed is asked for next. Pure: time and chance are arguments. */
import { JpkiError } from '@jpki-rp/verifier';
import { pauseBefore } from '@jpki-rp/verifier/net';
import type { CrlFeed, KeeperSchedule } from './keeper.types.ts';
import type { FeedState } from './state.ts';

export type Asked = Pick<FeedState, 'checkedAt' | 'changedAt' | 'nextUpdate'>;

export interface Timing extends Required<Omit<KeeperSchedule, 'swapWindow'>> {
  /** Milliseconds from midnight in Japan, and how long. */
  readonly swap: { readonly startMs: number; readonly lengthMs: number } | null;
}

const DEFAULTS = {
  beforeNextUpdateSeconds: 3_600,
  pollSeconds: 300,
  everySeconds: 21_600,
  deltaEverySeconds: 3_600,
  jitterSeconds: 60,
  backoff: { baseMs: 5_000, capMs: 900_000 },
} as const;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Japan has no summer time. */
const JAPAN = 9 * 60 * MINUTE;

/** @throws JpkiError `argument-invalid` */
export const timingOf = ({ swapWindow, ...given }: KeeperSchedule = {}): Timing => {
  const timing = { ...DEFAULTS, ...given };
  const { jitterSeconds, backoff, ...positive } = timing;
  for (const [name, value] of Object.entries({ ...positive, ...backoff })) {
    if (!Number.isFinite(value) || value <= 0) throw new JpkiError('argument-invalid', `schedule.${name} must be positive`);
  }
  if (!(jitterSeconds >= 0)) throw new JpkiError('argument-invalid', 'schedule.jitterSeconds must not be negative');
  return { ...timing, swap: swapWindow === undefined ? null : swapOf(swapWindow) };
};

const swapOf = ({ start, minutes }: NonNullable<KeeperSchedule['swapWindow']>): Timing['swap'] => {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(start) ?? [];
  if (hour === undefined || minute === undefined || !(minutes > 0 && minutes < 1440)) {
    throw new JpkiError('argument-invalid', 'schedule.swapWindow: start HH:MM in Japan, and minutes below a day');
  }
  return { startMs: (Number(hour) * 60 + Number(minute)) * MINUTE, lengthMs: minutes * MINUTE };
};

/** Milliseconds since 1970 of the last start of the swap window, at or before `at`. */
const swapBefore = (at: number, startMs: number): number => {
  const midnight = Math.floor((at + JAPAN) / DAY) * DAY - JAPAN;
  return midnight + startMs <= at ? midnight + startMs : midnight + startMs - DAY;
};

export const afterFailure = (now: number, failures: number, { backoff }: Timing, random: () => number): number =>
  now + pauseBefore(failures, backoff, random);

/** From what is known of the feed; never asked: now. */
export const nextAttempt = (feed: CrlFeed, state: Asked | null, now: number, timing: Timing, random: () => number): number => {
  if (state === null) return now;
  const { nextUpdate, changedAt } = state;
  // A clock that was set back must not postpone anything.
  const checkedAt = Math.min(state.checkedAt, now);
  const chance = random();
  const jitter = (mostSeconds: number): number => Math.floor(chance * Math.min(timing.jitterSeconds, mostSeconds) * 1000);
  const polled = checkedAt + timing.pollSeconds * 1000 + jitter(timing.pollSeconds);
  const every = feed === 'full' ? timing.everySeconds : timing.deltaEverySeconds;
  // At least so often: earlier, not later.
  const times = [checkedAt + every * 1000 - jitter(every / 2)];
  if (nextUpdate !== null) {
    const { beforeNextUpdateSeconds } = timing;
    const awaited = nextUpdate - beforeNextUpdateSeconds * 1000;
    times.push(checkedAt < awaited ? awaited + jitter(beforeNextUpdateSeconds / 2) : polled);
  }
  if (timing.swap !== null && feed === 'full') {
    const { startMs, lengthMs } = timing.swap;
    const start = swapBefore(checkedAt, startMs);
    const awaiting = checkedAt < start + lengthMs && changedAt < start;
    times.push(awaiting ? polled : start + DAY + jitter(lengthMs / 2000));
  }
  return Math.min(...times);
};
