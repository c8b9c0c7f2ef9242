import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withResult } from './docs.ts';
import { plot } from './plot.ts';
import type { Bucket, SoakReport } from './report.ts';
import type { Sample } from './wire.ts';

const sample = (i: number): Sample => ({ at: i * 2_000, rss: 90e6 + i, heapUsed: 20e6, external: 3e6, fds: 60, collected: i % 5 === 0 });
const bucket = (at: number): Bucket => ({ at, valid: 1_400, invalid: 500, indeterminate: 100, wrong: 0, p50: 1.2, p99: 900 });
const REPORT: SoakReport = {
  format: 'soak/1',
  startedAt: '2026-01-02T03:04:05.000Z',
  finished: true,
  minutes: 2,
  seed: 1,
  perSecond: 200,
  machine: { cpu: 'a <processor> & co', cores: 2, memoryMB: 4_096, node: 'v20' },
  certificates: 200,
  plants: [],
  elapsedSeconds: 120,
  verifications: { planned: 24_000, asked: 24_000, answered: 24_000, late: 3, shed: 0, perSecond: 200 },
  verdicts: { valid: 17_000, invalid: 6_000, indeterminate: 1_000 },
  codes: { valid: 17_000, 'invalid revoked': 6_000, 'indeterminate ocsp-missing': 1_000 },
  byMode: {},
  forged: { asked: 480, refused: 480 },
  wrong: { count: 0, why: {} },
  excused: { slow: 1_000 },
  indeterminateShare: 1 / 24,
  latencyMs: { p50: 1.2, p99: 900, max: 2_000 },
  keeper: { kills: [30, 90], crashes: 0, events: { 'refreshed published': 96 }, lost: [], audits: 3, indexes: 48, leftovers: 1 },
  swaps: { at: [18, 78], revocations: 20, holds: 5, releases: 2, pickupSeconds: [9.5, null], slow: 0 },
  faults: { 'ocsp slow': 10 },
  stalls: 0,
  memory: null,
  samples: { party: Array.from({ length: 60 }, (_, i) => sample(i)), keeper: Array.from({ length: 60 }, (_, i) => sample(i)) },
  buckets: Array.from({ length: 12 }, (_, i) => bucket(i * 10)),
};

test('the page has a place for the result, and the next run takes it again', () => {
  const page = readFileSync(new URL('../../docs/soak.md', import.meta.url), 'utf8');
  const once = withResult(page, REPORT);
  expect(once).toContain('24000 of 24000 planned');
  expect(withResult(once, REPORT)).toBe(once);
  expect(() => withResult('no place', REPORT)).toThrow(RangeError);
});

test('the plot is drawn from numbers only, one tick for every kill and swap', () => {
  const svg = plot(REPORT);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg).toContain('a &lt;processor> &amp; co');
  expect(svg.match(/stroke="#7bd"/g)).toHaveLength(1 + REPORT.swaps.at.length);
  expect(svg.match(/stroke="#e99"/g)).toHaveLength(1 + REPORT.keeper.kills.length);
});

test('a plot of a run that has hardly begun is a plot', () => {
  const svg = plot({ ...REPORT, finished: false, samples: { party: [], keeper: [] }, buckets: [] });
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg).toContain('unfinished');
});
