import { describe, expect, test } from 'vitest';
import { type Asked, afterFailure, nextAttempt, timingOf } from '../../src/keeper/schedule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const japan = (text: string): number => Date.parse(`${text}+09:00`);
const show = (at: number): string => new Date(at + 9 * HOUR).toISOString().slice(0, 19);

/** Neither half a day nor a poll gets in the way of what a test is about. */
const RARE = { everySeconds: 40 * 86_400, jitterSeconds: 0 } as const;
const NIGHT = timingOf({ ...RARE, swapWindow: { start: '03:10', minutes: 30 }, pollSeconds: 240 });
const asked = (changes: Partial<Asked> & { readonly checkedAt: number }): Asked => ({ changedAt: 0, nextUpdate: null, ...changes });
const next = (state: Asked | null, timing = NIGHT, chance = 0, now = state?.checkedAt ?? 0): string =>
  show(nextAttempt('full', state, now, timing, () => chance));

test('a list never had is asked for at once', () => {
  expect(next(null, NIGHT, 0.9, japan('2026-09-15T12:00:00'))).toBe('2026-09-15T12:00:00');
});

describe('the swap window, in Japanese time', () => {
  const before = japan('2026-09-15T01:00:00');
  test.each<[string, Asked, string]>([
    ['the evening before: at its start', asked({ checkedAt: japan('2026-09-14T20:00:00'), changedAt: before }), '2026-09-15T03:10:00'],
    ['a minute before: at its start', asked({ checkedAt: japan('2026-09-15T03:09:00'), changedAt: before }), '2026-09-15T03:10:00'],
    [
      'in it, still yesterday’s list: after the pause',
      asked({ checkedAt: japan('2026-09-15T03:12:00'), changedAt: before }),
      '2026-09-15T03:16:00',
    ],
    [
      'at its end, still yesterday’s: one last time beyond it',
      asked({ checkedAt: japan('2026-09-15T03:38:00'), changedAt: before }),
      '2026-09-15T03:42:00',
    ],
    ['beyond it: tomorrow', asked({ checkedAt: japan('2026-09-15T03:42:00'), changedAt: before }), '2026-09-16T03:10:00'],
    [
      'in it, and today’s list is there: tomorrow',
      asked({ checkedAt: japan('2026-09-15T03:14:00'), changedAt: japan('2026-09-15T03:14:00') }),
      '2026-09-16T03:10:00',
    ],
  ])('%s', (_, state, at) => {
    expect(next(state)).toBe(at);
  });
  test('one that spans midnight is one window', () => {
    const timing = timingOf({ ...RARE, swapWindow: { start: '23:50', minutes: 20 }, pollSeconds: 60 });
    expect(next(asked({ checkedAt: japan('2026-09-15T00:05:00'), changedAt: japan('2026-09-14T20:00:00') }), timing)).toBe(
      '2026-09-15T00:06:00',
    );
    expect(next(asked({ checkedAt: japan('2026-09-15T00:05:00'), changedAt: japan('2026-09-14T23:55:00') }), timing)).toBe(
      '2026-09-15T23:50:00',
    );
  });
  test('it says nothing about deltas', () => {
    const timing = timingOf({ ...RARE, deltaEverySeconds: 40 * 86_400, swapWindow: { start: '03:10', minutes: 30 } });
    const checkedAt = japan('2026-09-15T03:12:00');
    expect(nextAttempt('delta', asked({ checkedAt }), checkedAt, timing, () => 0)).toBe(checkedAt + 40 * 86_400_000);
  });
});

describe('nextUpdate', () => {
  const timing = timingOf({ ...RARE, beforeNextUpdateSeconds: 1_800, pollSeconds: 120 });
  const nextUpdate = japan('2026-09-16T06:00:00');
  test.each([
    ['long before: when the time before it begins', '2026-09-15T06:00:00', '2026-09-16T05:30:00'],
    ['within it: after the pause', '2026-09-16T05:31:00', '2026-09-16T05:33:00'],
    ['past nextUpdate: after the pause', '2026-09-16T07:00:00', '2026-09-16T07:02:00'],
  ])('%s', (_, checkedAt, at) => {
    expect(next(asked({ checkedAt: japan(checkedAt), nextUpdate }), timing)).toBe(at);
  });
});

test('whatever comes first counts: nextUpdate, the swap window, or the longest pause', () => {
  const timing = timingOf({ jitterSeconds: 0, everySeconds: 7_200, swapWindow: { start: '03:10', minutes: 30 } });
  const checkedAt = japan('2026-09-15T00:00:00');
  expect(next(asked({ checkedAt }), timing)).toBe('2026-09-15T02:00:00');
  expect(next(asked({ checkedAt, nextUpdate: japan('2026-09-15T02:30:00') }), timing)).toBe('2026-09-15T01:30:00');
  expect(next(asked({ checkedAt: japan('2026-09-15T02:00:00') }), timing)).toBe('2026-09-15T03:10:00');
});

test('a clock that was set back postpones nothing', () => {
  const timing = timingOf({ jitterSeconds: 0, everySeconds: 600 });
  const now = japan('2026-09-15T00:00:00');
  expect(next(asked({ checkedAt: now + 48 * HOUR }), timing, 0, now)).toBe('2026-09-15T00:10:00');
});

describe('jitter', () => {
  const timing = timingOf({
    everySeconds: 3_600,
    jitterSeconds: 60,
    beforeNextUpdateSeconds: 1_800,
    pollSeconds: 10,
    swapWindow: { start: '03:10', minutes: 1 },
  });
  const spread = (state: Asked): readonly [string, string] => [next(state, timing, 0).slice(11), next(state, timing, 0.999_999).slice(11)];
  test.each<[string, Asked, readonly [string, string]]>([
    ['the longest pause only gets shorter', asked({ checkedAt: japan('2026-09-15T10:00:00') }), ['11:00:00', '10:59:00']],
    [
      'the time before nextUpdate begins up to a minute later',
      asked({ checkedAt: japan('2026-09-15T10:00:00'), nextUpdate: japan('2026-09-15T11:00:00') }),
      ['10:30:00', '10:30:59'],
    ],
    [
      'a swap window of a minute is still met in its first half',
      asked({ checkedAt: japan('2026-09-15T02:50:00') }),
      ['03:10:00', '03:10:29'],
    ],
    ['a short pause at most doubles', asked({ checkedAt: japan('2026-09-15T03:10:05'), changedAt: 1 }), ['03:10:15', '03:10:24']],
  ])('%s', (_, state, bounds) => {
    expect(spread(state)).toEqual(bounds);
  });
});

test('pauses after failures: anywhere from nothing to a bound that doubles and ends', () => {
  const timing = timingOf({ backoff: { baseMs: 1_000, capMs: 60_000 } });
  const bounds = [1, 2, 3, 6, 7, 40].map((failures) =>
    [0, 0.5, 0.999_999].map((chance) => afterFailure(0, failures, timing, () => chance)),
  );
  expect(bounds).toEqual([
    [0, 500, 999],
    [0, 1_000, 1_999],
    [0, 2_000, 3_999],
    [0, 16_000, 31_999],
    [0, 30_000, 59_999],
    [0, 30_000, 59_999],
  ]);
});

test.each([
  ['a time that no clock shows', { swapWindow: { start: '24:00', minutes: 10 } }],
  ['a window of a day', { swapWindow: { start: '03:00', minutes: 1_440 } }],
  ['a window of no length', { swapWindow: { start: '03:00', minutes: 0 } }],
  ['a pause of nothing', { pollSeconds: 0 }],
  ['no number', { everySeconds: Number.NaN }],
  ['negative jitter', { jitterSeconds: -1 }],
  ['a back-off without an end', { backoff: { baseMs: 1, capMs: Number.POSITIVE_INFINITY } }],
] as const)('%s is refused', (_, schedule) => {
  expect(() => timingOf(schedule)).toThrow(expect.objectContaining({ code: 'argument-invalid' }));
});
