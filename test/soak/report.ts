/** What a run has to tell: written again and again while it runs, so that an interruption loses nothing. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { MemoryVerdict } from './memory.ts';
import type { Plant, Sample } from './wire.ts';

/** Ten seconds of verifications. */
export interface Bucket {
  /** Seconds from the start. */
  readonly at: number;
  valid: number;
  invalid: number;
  indeterminate: number;
  wrong: number;
  /** Milliseconds from the call of `verify` to its verdict. */
  p50: number;
  p99: number;
}

export interface SoakReport {
  readonly format: 'soak/1';
  readonly startedAt: string;
  finished: boolean;
  readonly minutes: number;
  readonly seed: number;
  readonly perSecond: number;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryMB: number; readonly node: string };
  certificates: number;
  readonly plants: readonly Plant[];
  elapsedSeconds: number;
  verifications: {
    planned: number;
    asked: number;
    answered: number;
    /** Asked more than 50 ms after their time. */
    late: number;
    /** Not asked, because too many were unanswered. */
    shed: number;
    perSecond: number;
  };
  verdicts: { valid: number; invalid: number; indeterminate: number };
  /** result code → count. */
  codes: Record<string, number>;
  byMode: Record<string, { valid: number; invalid: number; indeterminate: number }>;
  forged: { asked: number; refused: number };
  wrong: { count: number; why: Record<string, number> };
  /** What explains the indeterminate ones; one may have several causes. */
  excused: Record<string, number>;
  indeterminateShare: number;
  latencyMs: { p50: number; p99: number; max: number };
  keeper: {
    /** Seconds from the start. */
    kills: number[];
    /** Times it ended by itself. */
    crashes: number;
    events: Record<string, number>;
    lost: string[];
    audits: number;
    indexes: number;
    /** Files beside the indexes, at most: what killed processes left. */
    leftovers: number;
  };
  swaps: {
    /** Seconds from the start. */
    at: number[];
    revocations: number;
    holds: number;
    releases: number;
    /** Seconds from publication until all indexes were new, by swap; null: not yet. */
    pickupSeconds: (number | null)[];
    /** Indexes that were not new in time. */
    slow: number;
  };
  /** `target fault` → requests that met it. */
  faults: Record<string, number>;
  stalls: number;
  memory: MemoryVerdict | null;
  samples: { party: Sample[]; keeper: Sample[] };
  buckets: Bucket[];
}

export const machine = (): SoakReport['machine'] => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryMB: Math.round(totalmem() / 2 ** 20),
  node: process.version,
});

/** The old or the new file is there, never half of one. */
export const writeWhole = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
};

export const count = (table: Record<string, number>, name: string, by = 1): void => {
  table[name] = (table[name] ?? 0) + by;
};

/** Four downloads at once write one or two files each; what killed keepers left is swept by the next. */
const MOST_UNFINISHED = 16;

/** What the run showed to be so, and whether it is enough; each in a sentence. */
export const findings = (report: SoakReport): readonly { readonly what: string; readonly holds: boolean }[] => {
  const { verifications, wrong, keeper, swaps, minutes, memory, faults } = report;
  const alarms = Object.keys(keeper.events).filter((event) => /^alarm (crl-rollback|index-)/.test(event));
  const slots = Math.ceil(minutes);
  const unmet = unmetFaults(faults, minutes);
  const files = growthOf(report.samples.party.map(({ fds }) => fds));
  return [
    { what: `${wrong.count} wrong answers`, holds: wrong.count === 0 },
    {
      what: `${keeper.lost.length} lost indexes in ${keeper.audits} audits of ${keeper.indexes}`,
      holds: keeper.lost.length === 0 && keeper.audits > 0,
    },
    { what: `${keeper.kills.length} kills of the keeper, ${slots} planned`, holds: keeper.kills.length >= slots },
    {
      what: `${keeper.crashes} times the keeper ended by itself, ${alarms.length} kinds of alarm`,
      holds: keeper.crashes === 0 && alarms.length === 0,
    },
    { what: `${swaps.at.length} swaps of all CRLs, ${slots} planned`, holds: swaps.at.length >= slots },
    { what: `${swaps.slow} indexes late after a swap`, holds: swaps.slow === 0 },
    {
      what: `${verifications.answered} of ${verifications.planned} verifications answered`,
      holds: verifications.answered >= 0.9 * verifications.planned,
    },
    {
      what: `${unmet.length} kinds of faults that did not happen${unmet.map((fault) => `, ${fault}`).join('')}`,
      // A slow machine does not get through all of them in half a minute.
      holds: unmet.length <= (minutes < 2 ? 2 : 0) && Object.keys(faults).length > 0,
    },
    {
      what: `${memory?.rule ?? 'memory'}: heap ${megabytes(memory?.growthBytes.heap)}, resident ${megabytes(memory?.growthBytes.rss)}`,
      holds: memory?.flat === true,
    },
    { what: `${keeper.leftovers} unfinished files beside the indexes, at most`, holds: keeper.leftovers <= MOST_UNFINISHED },
    { what: `${files} more open files at the end`, holds: files < keeper.indexes },
  ];
};

/** In two minutes every kind has come to the responders, and to the CRLs; in less, to one of them. */
const unmetFaults = (faults: Readonly<Record<string, number>>, minutes: number): readonly string[] => {
  const met: Record<string, number> = {};
  for (const [name, times] of Object.entries(faults)) {
    const [target = '', fault = ''] = name.split(' ');
    count(met, minutes < 2 ? fault : `${target.replace('second-', '')} ${fault}`, times);
  }
  return Object.keys(met).filter((name) => met[name] === 0);
};

/** From the first third to the last, medians. */
const growthOf = (values: readonly number[]): number => {
  const size = Math.max(1, Math.floor(values.length / 3));
  const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;
  return median(values.slice(-size)) - median(values.slice(0, size));
};

export const megabytes = (octets: number | undefined): string => (octets === undefined ? '–' : `${(octets / 2 ** 20).toFixed(1)} MB`);
