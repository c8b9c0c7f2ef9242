/** Whether memory is flat: a line through what is left after garbage collection, once the process has warmed up. */
import type { Sample } from './wire.ts';

export interface MemoryVerdict {
  readonly flat: boolean;
  /** Bytes: the rule that was applied, and what was found. */
  readonly rule: string;
  readonly samples: number;
  readonly warmUpSeconds: number;
  readonly growthBytes: Growth;
  readonly boundBytes: Growth;
  /** Least squares, for the reader; the rule may be another. */
  readonly slopeBytesPerHour: Growth;
}

interface Growth {
  /** Heap and external memory, after collection. */
  readonly heap: number;
  readonly rss: number;
}

const MB = 1024 * 1024;
/** From this length on a slope can be told from noise. */
const LONG_MS = 30 * 60_000;
const LONG_BOUND: Growth = { heap: 2 * MB, rss: 16 * MB };
const SHORT_BOUND: Growth = { heap: 12 * MB, rss: 24 * MB };
const FEWEST = 3;
/** Half of what an unhurried machine collects: a process that was hardly ever looked at has not been shown to be flat. */
const FEWEST_PER_MINUTE = 3;

const warmUpMs = (durationMs: number): number => Math.min(durationMs / 2, Math.max(30_000, durationMs / 5));

/**
 * From half an hour on: growth per hour by a straight line. Shorter: from the first third to the last, by their medians. The resident set is allowed more
 * than the heap, because the allocator gives back when it likes.
 */
export const memoryVerdict = (samples: readonly Sample[], startedAt: number, durationMs: number): MemoryVerdict => {
  const warm = warmUpMs(durationMs);
  const fewest = Math.max(FEWEST, Math.floor(((durationMs - warm) / 60_000) * FEWEST_PER_MINUTE));
  const counted = samples.filter(({ at, collected }) => collected && at - startedAt >= warm);
  const heap = counted.map(({ at, heapUsed, external }) => [at, heapUsed + external] as const);
  const rss = counted.map(({ at, rss: octets }) => [at, octets] as const);
  const slopes = { heap: slopePerHour(heap), rss: slopePerHour(rss) };
  const long = durationMs >= LONG_MS;
  const growth = long ? slopes : { heap: thirds(heap), rss: thirds(rss) };
  const bound = long ? LONG_BOUND : SHORT_BOUND;
  return {
    flat: counted.length >= fewest && growth.heap < bound.heap && growth.rss < bound.rss,
    rule: long ? 'growth per hour, straight line' : 'growth from the first third to the last, medians',
    samples: counted.length,
    warmUpSeconds: Math.round(warm / 1000),
    growthBytes: rounded(growth),
    boundBytes: bound,
    slopeBytesPerHour: rounded(slopes),
  };
};

type Point = readonly [at: number, octets: number];

const slopePerHour = (points: readonly Point[]): number => {
  const n = points.length;
  if (n < 2) return 0;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return variance === 0 ? 0 : (covariance / variance) * 3_600_000;
};

const thirds = (points: readonly Point[]): number => {
  const size = Math.max(1, Math.floor(points.length / 3));
  return median(points.slice(-size)) - median(points.slice(0, size));
};

const median = (points: readonly Point[]): number => {
  const sorted = points.map(([, octets]) => octets).toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
};

const rounded = ({ heap, rss }: Growth): Growth => ({ heap: Math.round(heap), rss: Math.round(rss) });
