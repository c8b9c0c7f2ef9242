/** `npm run soak`: the run, with lines to follow it by, a report every half minute, and a plot. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepInDocs } from './docs.ts';
import { plot } from './plot.ts';
import { findings, megabytes, type SoakReport, writeWhole } from './report.ts';
import { soak } from './soak.ts';
import type { Plant } from './wire.ts';

const number = (name: string, fallback: number, least: number, most: number): number => {
  const text = process.env[name];
  const value = text === undefined || text === '' ? fallback : Number(text);
  if (!(value >= least && value <= most)) {
    console.error(`${name}: a number from ${least} to ${most} expected`);
    process.exit(2);
  }
  return value;
};

const PLANTS: readonly Plant[] = ['leak', 'wrong', 'lost'];
const plants = (process.env['SOAK_PLANT'] ?? '').split(',').filter((word) => word !== '') as Plant[];
if (!plants.every((word) => PLANTS.includes(word))) {
  console.error(`SOAK_PLANT: ${PLANTS.join(', ')}`);
  process.exit(2);
}
const ci = process.env['CI'] === 'true' || process.env['REQUIRE'] === 'all';
const minutes = number('SOAK_MINUTES', ci ? 2 : 0.5, 0.25, 12 * 60);
const seed = number('SOAK_SEED', 1, 0, 2 ** 31);
const perSecond = number('SOAK_RATE', 200, 1, 10_000);
const root = process.argv[2] ?? '.';
const out = process.env['SOAK_OUT'] ?? join(root, 'test/output/soak');
const here = fileURLToPath(new URL('.', import.meta.url));

const line = (report: SoakReport): string => {
  const { verifications, verdicts, wrong, keeper, swaps, latencyMs, samples } = report;
  const last = samples.party.at(-1);
  const minutesGone = (report.elapsedSeconds / 60).toFixed(1).padStart(4);
  return [
    `${minutesGone} min`,
    `${verifications.answered} verified (${verifications.perSecond.toFixed(0)}/s, ${verifications.late} late)`,
    `${verdicts.valid} valid, ${verdicts.invalid} invalid, ${verdicts.indeterminate} indeterminate`,
    `${wrong.count} wrong`,
    `${keeper.lost.length} lost`,
    `${swaps.at.length} swaps`,
    `${keeper.kills.length} kills`,
    `p50 ${latencyMs.p50.toFixed(1)} ms, p99 ${latencyMs.p99.toFixed(0)} ms`,
    `resident ${megabytes(last?.rss)}, heap ${megabytes(last?.heapUsed)}`,
  ].join(' · ');
};

const write = (report: SoakReport): void => {
  writeWhole(join(out, 'report.json'), `${JSON.stringify(report)}\n`);
  writeWhole(join(out, 'soak.svg'), plot(report));
};

console.log(`soak: ${minutes} min, ${perSecond}/s, seed ${seed}${plants.length === 0 ? '' : `, planted: ${plants.join(', ')}`} → ${out}`);
const report = await soak({
  minutes,
  seed,
  perSecond,
  plants,
  childOf: (name) => {
    const path = join(here, `${name}.js`);
    if (!existsSync(path)) throw new Error(`${path} is missing`);
    return path;
  },
  onProgress: (now) => console.log(line(now)),
  onReport: write,
});
console.log(line(report));
// The long run is the one that is kept.
if (minutes >= 60 && plants.length === 0) keepInDocs(root, report);
for (const [why, times] of Object.entries(report.wrong.why)) console.log(`  wrong × ${times}: ${why}`);
for (const lost of report.keeper.lost.slice(0, 10)) console.log(`  lost: ${lost}`);
let failed = false;
for (const { what, holds } of findings(report)) {
  console.log(`${holds ? '✓' : '✗'} ${what}`);
  failed ||= !holds;
}
process.exit(failed ? 1 : 0);
