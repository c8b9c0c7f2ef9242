import { describe, expect, test } from 'vitest';
import { memoryVerdict } from './memory.ts';
import type { Sample } from './wire.ts';

const MB = 2 ** 20;
/** A process that warms up, breathes, and grows by so much an hour. */
const samples = (minutes: number, growth: { heap?: number; rss?: number }): readonly Sample[] =>
  Array.from({ length: minutes * 30 }, (_, i) => {
    const hours = i / 1_800;
    const warm = Math.min(1, i / (minutes * 3)) * 40 * MB;
    const breath = ((i * 7_919) % 13) * 0.05 * MB;
    return {
      at: i * 2_000,
      heapUsed: 20 * MB + warm / 4 + breath + (growth.heap ?? 0) * hours,
      external: 5 * MB,
      rss: 80 * MB + warm + breath * 4 + (growth.rss ?? growth.heap ?? 0) * hours,
      fds: 60,
      collected: i % 5 === 0,
    };
  });
const flat = (minutes: number, growth: { heap?: number; rss?: number }): boolean =>
  memoryVerdict(samples(minutes, growth), 0, minutes * 60_000).flat;

describe('an hour', () => {
  test('of a process that only warms up is flat', () => expect(flat(60, {})).toBe(true));
  test('in which 3 MB of the heap are lost is not', () => expect(flat(60, { heap: 3 * MB })).toBe(false));
  test('in which 20 MB outside the heap are lost is not', () => expect(flat(60, { rss: 20 * MB })).toBe(false));
});

describe('two minutes', () => {
  test('of a process that only warms up are flat', () => expect(flat(2, {})).toBe(true));
  test('in which a verification loses 1 kB are not', () => expect(flat(2, { heap: 1_024 * 200 * 3_600 })).toBe(false));
});

test('what was not measured, or hardly, is not flat', () => {
  expect(memoryVerdict([], 0, 60_000).flat).toBe(false);
  const few = samples(60, {}).filter((_, i) => i % 25 === 0);
  expect(memoryVerdict(few, 0, 3_600_000).flat).toBe(false);
});
