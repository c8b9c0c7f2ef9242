/**
 * What a bench prints, kept: each writes its own `bench/results/<name>.md`, and `bench/RESULTS.md` is all of them one after another.
 *
 *     const report = openReport(root, 'ocsp', 'OCSP answers, measured');
 *     report.say('| … |');
 *     report.close();   // only a run that got to its end replaces the results of the one before
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Report {
  /** Prints a line and keeps it. Headings inside a report begin at `###`. */
  say(line?: string): void;
  close(): void;
}

/** `root` is the repository's folder, the bench's first argument. Begins with date, hardware and load. */
export const openReport = (root: string, name: string, title: string): Report => {
  const lines: string[] = [];
  const say = (line = ''): void => {
    console.log(line);
    lines.push(line);
  };
  say(`## ${title}`);
  say();
  say(
    `${new Date().toISOString().slice(0, 16)}Z · ${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB · Node.js ${process.version}, OpenSSL ${process.versions.openssl}`,
  );
  say();
  const made = `Made by \`${process.env['BENCH_FULL'] === '1' ? 'BENCH_FULL=1 ' : ''}node scripts/bench.mjs ${name}\`. Load average at the start ${load()}`;
  return {
    say,
    close: () => {
      say();
      say(`${made}, at the end ${load()}: what it is above the bench's own threads, something else did on these cores.`);
      const folder = join(root, 'bench/results');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name}.md`), `${lines.join('\n')}\n`);
      assemble(root);
    },
  };
};

const load = (): string =>
  loadavg()
    .map((average) => average.toFixed(1))
    .join(' ');

const assemble = (root: string): void => {
  const folder = join(root, 'bench/results');
  const sections = readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const head = '# Measured\n\nAssembled from `bench/results/`; `bench/notes.md` says how to read it.\n';
  writeFileSync(join(root, 'bench/RESULTS.md'), [head, ...sections].join('\n'));
};

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

/** Median of the rounds' own ratios: both lists in order of the same rounds. */
export const medianRatio = (values: readonly number[], baseline: readonly number[]): number =>
  median(values.map((value, i) => value / (baseline[i] as number)));
