/** The run as a picture that can be printed: memory, time taken, verdicts; kills and swaps as ticks. Lines differ by pattern, not by colour alone. */
import { findings, type SoakReport } from './report.ts';

const WIDTH = 960;
const LEFT = 70;
const RIGHT = 215;
const PANEL = 170;
const GAP = 58;
const TOP = 112;
const INNER = WIDTH - LEFT - RIGHT;

interface Line {
  /** Japanese / English. */
  readonly name: string;
  readonly style: string;
  /** Minutes, value. */
  readonly points: readonly (readonly [number, number])[];
}

interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly log?: boolean;
}

export const plot = (report: SoakReport): string => {
  const startedAt = report.samples.party[0]?.at ?? 0;
  const minutesOf = (at: number): number => (at - startedAt) / 60_000;
  const mb = (octets: number): number => octets / 2 ** 20;
  const { party, keeper } = report.samples;
  const collected = party.filter((sample) => sample.collected);
  const perSecond = (what: 'valid' | 'invalid' | 'indeterminate' | 'wrong') =>
    // The last ten seconds may be fewer.
    report.buckets.slice(0, -1).map((bucket) => [bucket.at / 60, bucket[what] / 10] as const);
  const times = report.buckets.filter(({ p50 }) => p50 > 0);
  const panels: readonly Panel[] = [
    {
      title: 'メモリ [MB] / memory [MB]',
      lines: [
        {
          name: '検証側 RSS / verifier, resident',
          style: 'stroke="#0a4" stroke-width="1.6"',
          points: thinned(party.map((s) => [minutesOf(s.at), mb(s.rss)])),
        },
        {
          name: '検証側 GC 後 / verifier, heap + external after GC',
          style: 'stroke="#064" stroke-width="1.6" stroke-dasharray="6 2"',
          points: thinned(collected.map((s) => [minutesOf(s.at), mb(s.heapUsed + s.external)])),
        },
        {
          name: 'CRL キーパー RSS / keeper, resident',
          style: 'stroke="#86c" stroke-width="1.1" stroke-dasharray="2 2"',
          points: thinned(keeper.map((s) => [minutesOf(s.at), mb(s.rss)])),
        },
      ],
    },
    {
      title: '検証 1 件の時間 [ms、対数] / time of one verification [ms, logarithmic]',
      log: true,
      lines: [
        {
          name: '10 秒ごとの p99 / p99 of 10 s',
          style: 'stroke="#c60" stroke-width="1.3" stroke-dasharray="6 2"',
          points: times.map((b) => [b.at / 60, b.p99]),
        },
        {
          name: '10 秒ごとの p50 / p50 of 10 s',
          style: 'stroke="#05a" stroke-width="1.6"',
          points: times.map((b) => [b.at / 60, b.p50]),
        },
      ],
    },
    {
      title: '結果 [件/秒] / verdicts [per second]',
      lines: [
        { name: 'valid', style: 'stroke="#05a" stroke-width="1.6"', points: perSecond('valid') },
        { name: 'invalid', style: 'stroke="#333" stroke-width="1.3" stroke-dasharray="6 2"', points: perSecond('invalid') },
        { name: 'indeterminate', style: 'stroke="#999" stroke-width="1.3" stroke-dasharray="2 2"', points: perSecond('indeterminate') },
        { name: '誤り / wrong', style: 'stroke="#d00" stroke-width="2"', points: perSecond('wrong') },
      ],
    },
  ];
  const height = TOP + panels.length * (PANEL + GAP) + 12;
  const x = (minutes: number): number => LEFT + (minutes / report.minutes) * INNER;
  const bottom = TOP + panels.length * (PANEL + GAP) - GAP;
  const tick = (seconds: number, style: string): string =>
    `<line x1="${f(x(seconds / 60))}" x2="${f(x(seconds / 60))}" y1="${TOP}" y2="${bottom}" ${style}/>`;
  const bad = findings(report).filter(({ holds }) => !holds);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#111" role="img">`,
    `<title>耐久試験 ${report.minutes} 分 / soak test, ${report.minutes} min</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="${LEFT}" y="24" font-size="17" font-weight="bold">耐久試験 ${report.minutes} 分 / soak test, ${report.minutes} min</text>`,
    `<text x="${LEFT}" y="43" font-size="10.5">${escaped(summary(report))}</text>`,
    `<text x="${LEFT}" y="60">${escaped(`${report.startedAt.slice(0, 10)} · ${report.machine.cpu} × ${report.machine.cores} · Node.js ${report.machine.node}`)}${
      !report.finished ? ' · 途中 / unfinished' : bad.length === 0 ? '' : ` · ${escaped(bad.map(({ what }) => what).join('; '))}`
    }</text>`,
    `<line x1="${LEFT}" x2="${LEFT + 18}" y1="76" y2="76" ${SWAP}/><text x="${LEFT + 24}" y="80">CRL 入替 / swap of all CRLs</text>`,
    `<line x1="${LEFT + 230}" x2="${LEFT + 248}" y1="76" y2="76" ${KILL}/><text x="${LEFT + 254}" y="80">キーパー kill -9 / kill of the keeper</text>`,
    ...report.swaps.at.map((seconds) => tick(seconds, SWAP)),
    ...report.keeper.kills.map((seconds) => tick(seconds, KILL)),
    ...panels.flatMap((panel, index) => drawn(panel, TOP + index * (PANEL + GAP), report.minutes, x)),
    `<text x="${LEFT + INNER}" y="${bottom + 34}" text-anchor="end">経過 [分] / elapsed [min]</text>`,
    '</svg>\n',
  ].join('\n');
};

const SWAP = 'stroke="#7bd" stroke-width="0.8"';
const KILL = 'stroke="#e99" stroke-width="0.8" stroke-dasharray="3 2"';

const summary = ({ verifications, verdicts, wrong, keeper, swaps }: SoakReport): string =>
  `検証 / verifications ${verifications.answered} (${verifications.perSecond.toFixed(0)}/s) · valid ${verdicts.valid} · invalid ${verdicts.invalid} · indeterminate ${verdicts.indeterminate} · 誤り / wrong ${wrong.count} · 失われた索引 / lost indexes ${keeper.lost.length} · swaps ${swaps.at.length} · kills ${keeper.kills.length}`;

const drawn = ({ title, lines, log = false }: Panel, top: number, minutes: number, x: (minutes: number) => number): readonly string[] => {
  const largest = Math.max(1, ...lines.flatMap(({ points }) => points.map(([, value]) => value)));
  const marks = log ? decades(largest) : steps(largest);
  const [least, most] = [marks[0] ?? 0, marks.at(-1) ?? 1];
  const scale = (value: number): number => (log ? Math.log(Math.max(value, least)) : value);
  const y = (value: number): number => top + PANEL - ((scale(value) - scale(least)) / (scale(most) - scale(least))) * PANEL;
  return [
    `<text x="${LEFT}" y="${top - 7}" font-weight="bold">${escaped(title)}</text>`,
    `<rect x="${LEFT}" y="${top}" width="${INNER}" height="${PANEL}" fill="none" stroke="#444"/>`,
    ...marks.flatMap((mark) => [
      `<line x1="${LEFT}" x2="${LEFT + INNER}" y1="${f(y(mark))}" y2="${f(y(mark))}" stroke="#ddd" stroke-width="0.6"/>`,
      `<text x="${LEFT - 6}" y="${f(y(mark) + 4)}" text-anchor="end">${mark}</text>`,
    ]),
    ...steps(minutes)
      .filter((mark) => mark <= minutes)
      .map((mark) => `<text x="${f(x(mark))}" y="${top + PANEL + 15}" text-anchor="middle">${mark}</text>`),
    ...lines.flatMap(({ name, style, points }, index) => [
      `<polyline fill="none" ${style} points="${points.map(([at, value]) => `${f(x(Math.min(minutes, Math.max(0, at))))},${f(y(value))}`).join(' ')}"/>`,
      `<line x1="${LEFT + INNER + 10}" x2="${LEFT + INNER + 34}" y1="${top + 14 + index * 34}" y2="${top + 14 + index * 34}" ${style}/>`,
      ...name
        .split(' / ')
        .map(
          (part, row) => `<text x="${LEFT + INNER + 40}" y="${top + 18 + index * 34 + row * 13}" font-size="10">${escaped(part)}</text>`,
        ),
    ]),
  ];
};

/** About five round marks from 0 to at least the largest. */
const steps = (largest: number): readonly number[] => {
  const rough = largest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  return Array.from({ length: Math.ceil(largest / step) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
};

const decades = (largest: number): readonly number[] => {
  const marks = [0.1];
  while ((marks.at(-1) ?? 0) < largest) marks.push(Number(((marks.at(-1) ?? 0) * 10).toPrecision(3)));
  return marks;
};

/** At most as many points as can be told apart. */
const thinned = (points: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] => {
  const every = Math.ceil(points.length / 600);
  return points.filter((_, i) => i % every === 0);
};

const f = (value: number): string => value.toFixed(1);
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
