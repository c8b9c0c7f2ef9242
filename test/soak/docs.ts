/** The long run's result in docs/soak.md, between two marks, with its plot. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plot } from './plot.ts';
import { findings, megabytes, type SoakReport, writeWhole } from './report.ts';

const BEGIN = '<!-- result -->';
const END = '<!-- /result -->';

export const keepInDocs = (root: string, report: SoakReport): void => {
  writeWhole(join(root, 'docs/images/soak.svg'), plot(report));
  const path = join(root, 'docs/soak.md');
  writeWhole(path, withResult(readFileSync(path, 'utf8'), report));
};

export const withResult = (page: string, report: SoakReport): string => {
  const [before, rest = ''] = page.split(BEGIN);
  const [, after] = rest.split(END);
  if (before === undefined || after === undefined) throw new RangeError('docs/soak.md has no place for a result');
  return `${before}${BEGIN}\n${resultOf(report)}\n${END}${after}`;
};

const resultOf = (report: SoakReport): string => {
  const { verifications, verdicts, forged, latencyMs, keeper, swaps, memory, machine, codes } = report;
  const share = (part: number): string => `${((100 * part) / Math.max(1, verifications.answered)).toFixed(2)} %`;
  const pickups = swaps.pickupSeconds.filter((seconds) => seconds !== null);
  const rows: readonly (readonly [string, string])[] = [
    [
      '日付・機械 / date, machine',
      `${report.startedAt.slice(0, 10)} · ${machine.cpu} × ${machine.cores}, ${machine.memoryMB} MB · Node.js ${machine.node}`,
    ],
    ['長さ・乱数の種 / length, seed', `${report.minutes} min · ${report.seed}`],
    [
      '検証 / verifications',
      `${verifications.answered} of ${verifications.planned} planned · ${verifications.perSecond.toFixed(1)}/s · ${verifications.late} asked over 50 ms late · ${verifications.shed} not asked`,
    ],
    [
      '結果 / verdicts',
      `valid ${verdicts.valid} · invalid ${verdicts.invalid} · indeterminate ${verdicts.indeterminate} (${share(verdicts.indeterminate)})`,
    ],
    ['偽造 / forgeries', `${forged.refused} of ${forged.asked} refused, by name`],
    ['時間 / time of one', `p50 ${latencyMs.p50.toFixed(1)} ms · p99 ${latencyMs.p99.toFixed(0)} ms · max ${latencyMs.max.toFixed(0)} ms`],
    [
      '証明書・変更 / certificates, changes',
      `${report.certificates} · ${swaps.revocations} revoked, ${swaps.holds} held, ${swaps.releases} released`,
    ],
    [
      '入替から全索引まで / swap to last index',
      pickups.length === 0 ? '–' : `${Math.min(...pickups).toFixed(1)}–${Math.max(...pickups).toFixed(1)} s`,
    ],
    ['停滞 / stalls over 0.3 s', String(report.stalls)],
    [
      'メモリ / memory',
      `${memory?.rule ?? '–'}: heap ${megabytes(memory?.growthBytes.heap)} (bound ${megabytes(memory?.boundBytes.heap)}), resident ${megabytes(memory?.growthBytes.rss)} (bound ${megabytes(memory?.boundBytes.rss)}), warm-up ${memory?.warmUpSeconds ?? 0} s`,
    ],
    ['indeterminate のコード / codes', listed(codes, /^indeterminate /)],
    ['障害に当たった要求 / requests that met a fault', listed(report.faults, /./)],
    ['キーパーの出来事 / events of the keeper', listed(keeper.events, /./)],
  ];
  return [
    '![耐久試験の図 / plot of the soak](images/soak.svg)',
    '',
    ...findings(report).map(({ what, holds }) => `- ${holds ? '✓' : '✗'} ${what}`),
    '',
    '| | |',
    '|---|---|',
    ...rows.map(([name, value]) => `| ${name} | ${value.replaceAll('|', '\\|')} |`),
  ].join('\n');
};

const listed = (table: Readonly<Record<string, number>>, which: RegExp): string =>
  Object.entries(table)
    .filter(([name]) => which.test(name))
    .map(([name, times]) => `${name.replace(/^indeterminate /, '')} ${times}`)
    .join(' · ') || '–';
