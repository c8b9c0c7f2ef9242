/**
 * CRLs from ten thousand to twenty million entries: our ingest against reading and hashing the same octets, and against other implementations, side by
 * side in one run. `node scripts/bench.mjs crl`; `BENCH_FULL=1` adds 20 M, and the others at 5 M (some take gigabytes). Writes results/crl.md and results/crl-growth.svg.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { child } from './crl/child.ts';
import { run } from './crl/measure.ts';
import { mintCrl, mintIssuer, type Shape } from './crl/mint.ts';
import { peers } from './crl/peers.ts';
import { exponentOf, type Point, svgOf } from './crl/plot.ts';
import { median, medianRatio, openReport } from './results/report.ts';

const [first, ...rest] = process.argv.slice(2);
if (first === '--child') {
  await child(rest[0] as string, rest.slice(1));
} else {
  await bench(first as string);
}

interface Rounds {
  readonly times: Readonly<Record<'floor' | 'hashes' | 'one' | 'two' | 'floorCpu' | 'hashesCpu' | 'oneCpu' | 'twoCpu', readonly number[]>>;
  readonly size: number;
  /** Octets of whole serial numbers kept in place of the CRL. */
  readonly heap: number;
}

async function bench(root: string): Promise<void> {
  const full = process.env['BENCH_FULL'] === '1';
  const folder = mkdtempSync(join(tmpdir(), 'jpki-bench-'));
  const report = openReport(root, 'crl', 'CRL ingest');
  const { say } = report;
  try {
    const self = [process.argv[1] as string, '--child'];
    const issuer = mintIssuer();
    const cer = join(folder, 'issuer.cer');
    writeFileSync(cer, issuer.certificate);
    const into = join(folder, 'index');
    const mint = (shape: Shape): string => {
      const path = join(folder, `${shape.entries}-${shape.serial}-${shape.reasons}.crl`);
      mintCrl(path, issuer, shape);
      return path;
    };
    const childOf = async <T>(name: string, ...args: readonly string[]): Promise<T> => {
      const done = await run(process.execPath, [...self, name, ...args]);
      if (!done.ok) throw new Error(`${name}: ${done.stderr}`);
      return JSON.parse(done.stdout) as T;
    };

    const shapes: Shape[] = [
      { entries: 1_000_000, serial: 4, reasons: true },
      { entries: 1_000_000, serial: 4, reasons: false },
      { entries: 1_000_000, serial: 8, reasons: true },
      { entries: 1_000_000, serial: 20, reasons: true },
    ];
    if (full) shapes.push({ entries: 20_000_000, serial: 4, reasons: true });
    say();
    say('### From file to published index, against reading and SHA-256-hashing the same file');
    say();
    const idle = (await childOf<{ peak: number }>('idle')).peak;
    say(
      `*Floor*: read, one SHA-256. *2 hashes*: read, two SHA-256, one thread. Ratios are to the floor, medians of rounds in turn. Node.js with everything loaded and nothing done: ${mb(idle)}.`,
    );
    say();
    say(
      '| entries | serial | reasons | file | floor | 2 hashes | 1 thread | 2 threads | ratio 2 hashes | **ratio 1** | **ratio 2** | CPU ratios (2 hashes, 1, 2) |',
    );
    say('|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|---|');
    const sizes: string[] = [];
    const lookups: string[] = [];
    for (const shape of shapes) {
      const crl = mint(shape);
      const rounds = shape.entries > 5_000_000 ? '3' : '5';
      const { times, size, heap } = await childOf<Rounds>('rounds', crl, cer, into, rounds);
      const peaks: number[] = [];
      for (const threads of ['1', '2']) peaks.push((await childOf<{ peak: number }>('ingest', crl, cer, into, threads)).peak);
      const ratio = (of: keyof Rounds['times'], to: keyof Rounds['times'] = 'floor'): string =>
        medianRatio(times[of], times[to]).toFixed(2);
      const cells = [
        shape.entries.toLocaleString('en'),
        shape.serial,
        shape.reasons ? 'yes' : 'no',
        mb(statSync(crl).size),
        ...(['floor', 'hashes', 'one', 'two'] as const).map((name) => ms(median(times[name]))),
        ratio('hashes'),
        `**${ratio('one')}**`,
        `**${ratio('two')}**`,
        [ratio('hashesCpu', 'floorCpu'), ratio('oneCpu', 'floorCpu'), ratio('twoCpu', 'floorCpu')].join(', '),
      ];
      say(`| ${cells.join(' | ')} |`);
      const over = (peak: number): string => `${mb(peak)} | ${((peak - 64e6) / shape.entries).toFixed(1)} B`;
      sizes.push(
        `| ${shape.entries.toLocaleString('en')} | ${shape.serial} | ${((size - heap) / shape.entries).toFixed(2)} B | ${(heap / shape.entries).toFixed(1)} B | ${peaks.map(over).join(' | ')} |`,
      );
      await run('env', ['KEEP=1', process.execPath, ...self, 'ingest', crl, cer, into, '2']);
      for (const mode of ['on-demand', 'memory']) {
        const found = await childOf<{ openMs: number; resident: number; lookupNs: number; readNs: number; wrong: number }>(
          'lookup',
          into,
          mode,
          JSON.stringify(shape),
        );
        lookups.push(
          `| ${shape.entries.toLocaleString('en')} | ${shape.serial} | ${mode} | ${found.openMs.toFixed(2)} ms | ${mb(found.resident)} | ${Math.round(found.lookupNs)} ns | ${mode === 'memory' ? `${Math.round(found.readNs)} ns` : ''} | ${found.wrong} |`,
        );
      }
      rmSync(into, { force: true });
      rmSync(crl);
    }
    say();
    say('### Size and memory (64 MB and 12 B for each entry are allowed)');
    say();
    say(
      '| entries | serial | pages/entry | serials kept/entry | peak, 1 thread | − 64 MB, per entry | peak, 2 threads | − 64 MB, per entry |',
    );
    say('|--:|--:|--:|--:|--:|--:|--:|--:|');
    for (const line of sizes) say(line);
    say();
    say('### Reopening and looking up (half of the serial numbers listed, half not; date and reason compared)');
    say();
    say('| entries | serial | mode | open | resident | lookup | one random read | wrong answers |');
    say('|--:|--:|---|--:|--:|--:|--:|--:|');
    for (const line of lookups) say(line);

    const others = await peers(folder, cer, self, root);
    for (const entries of [10_000, 100_000, 1_000_000, ...(full ? [5_000_000] : [])]) {
      const crl = mint({ entries, serial: 4, reasons: true });
      const bytes = statSync(crl).size;
      say();
      say(`### ${entries.toLocaleString('en')} entries (${mb(bytes)}), others beside us`);
      say();
      say('| | time | ours is faster | peak per entry | what it does |');
      say('|---|--:|--:|--:|---|');
      const rounds = entries >= 5_000_000 ? 1 : 3;
      const ours: Record<'one' | 'two', number[]> = { one: [], two: [] };
      const peaks = { one: 0, two: 0 };
      const theirs = new Map<string, { ms: number[]; peak: number | null; cannot: string | null }>();
      for (let round = 0; round < rounds; round++) {
        const { times } = await childOf<Rounds>('rounds', crl, cer, into, '1');
        for (const [name, threads] of [
          ['one', '1'],
          ['two', '2'],
        ] as const) {
          ours[name].push(...times[name]);
          peaks[name] = (await childOf<{ peak: number }>('ingest', crl, cer, into, threads)).peak;
        }
        for (const peer of others.present) {
          const row = theirs.get(peer.name) ?? { ms: [], peak: null, cannot: null };
          theirs.set(peer.name, row);
          if (row.cannot !== null) continue;
          const done = await peer.run(crl);
          if (typeof done === 'string') row.cannot = done;
          else {
            row.ms.push(done.ms);
            row.peak = done.peak;
          }
        }
      }
      // What an ingest does by itself: threads from 64 MiB on.
      const chosen = bytes < 2 ** 26 ? 'one' : 'two';
      const own = median(ours[chosen]);
      for (const name of ['one', 'two'] as const) {
        const label = `**ours**, ${name === 'one' ? '1 thread' : '2 threads'}${name === chosen ? ', the default at this size' : ''}`;
        const time = median(ours[name]);
        say(
          `| ${label} | ${ms(time)} | ${(time / own).toFixed(1)} × | ${Math.round(peaks[name] / entries)} B | parse, verify, index, fsync, publish |`,
        );
      }
      for (const { name, does } of others.present) {
        const row = theirs.get(name);
        if (row === undefined) continue;
        if (row.cannot !== null) say(`| ${name} | ${row.cannot.replaceAll('|', '/')} | | | ${does} |`);
        else {
          const time = median(row.ms);
          say(
            `| ${name} | ${ms(time)} | ${(time / own).toFixed(1)} × | ${row.peak === null ? '' : `${Math.round(row.peak / entries)} B`} | ${does} |`,
          );
        }
      }
      rmSync(crl);
    }
    if (others.absent.length > 0) {
      say();
      say(`Not measured, as not on this machine: ${others.absent.join(', ')}.`);
    }

    say();
    say('### Growth');
    say();
    const points: Point[] = [];
    for (const entries of [10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, ...(full ? [10_000_000, 20_000_000] : [])]) {
      const crl = mint({ entries, serial: 4, reasons: true });
      const { times } = await childOf<Rounds>('rounds', crl, cer, into, entries >= 10_000_000 ? '1' : '3');
      const { peak } = await childOf<{ peak: number }>('ingest', crl, cer, into, '2');
      points.push({ entries, ms: median(times.two), peak });
      rmSync(crl);
    }
    const fitted = (of: (point: Point) => number, from: number): string =>
      exponentOf(points.filter(({ entries }) => entries >= from).map((point) => [point.entries, of(point)])).toFixed(2);
    const [time, memory] = [fitted((p) => p.ms, 300_000), fitted((p) => p.peak, 300_000)];
    say(
      `Fitted: time grows with N^${time} from 300 000 entries on (N^${fitted((p) => p.ms, 10_000)} over all), the peak of memory with N^${memory} (N^${fitted((p) => p.peak, 10_000)} over all), and what of it is beyond the idle process with N^${fitted((p) => Math.max(1, p.peak - idle), 300_000)}.`,
    );
    say();
    say('| entries | time | peak |');
    say('|--:|--:|--:|');
    for (const point of points) say(`| ${point.entries.toLocaleString('en')} | ${ms(point.ms)} | ${mb(point.peak)} |`);
    say();
    say('![growth](results/crl-growth.svg)');
    mkdirSync(join(root, 'bench/results'), { recursive: true });
    writeFileSync(join(root, 'bench/results/crl-growth.svg'), svgOf(points, `CRL ingest, 2 threads: time N^${time}, peak N^${memory}`));
    report.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ms(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value).toLocaleString('en')} ms`;
}

function mb(value: number): string {
  return `${(value / 1e6).toFixed(value < 1e8 ? 1 : 0)} MB`;
}
