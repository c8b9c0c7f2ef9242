/** Progress of long work: a bar with rate and remaining time on a terminal, nothing in a pipe. */
import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.ts';

export interface Progress {
  update(done: number, total: number | null, entries: number): void;
  stop(): void;
}

const MEBIBYTE = 1024 * 1024;

export const progressOn = ({ interactive, language }: Terminal): Progress => {
  if (!interactive) return { update: () => undefined, stop: () => undefined };
  const [entriesWord, remaining] = language === 'ja' ? ['件', '残り'] : ['entries', 'ETA'];
  const bar = new SingleBar(
    {
      format: `{bar} {percentage}%  {mib} MiB  {rate} MiB/s  {entries} ${entriesWord}  ${remaining} {eta_formatted}`,
      hideCursor: true,
      stream: process.stderr,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  let started: number | null = null;
  return {
    update: (done, total, entries) => {
      if (total === null) return;
      if (started === null) {
        started = performance.now();
        bar.start(total, 0, { mib: '0', rate: '0', entries: 0 });
      }
      const seconds = Math.max(0.001, (performance.now() - started) / 1000);
      bar.update(done, { mib: (done / MEBIBYTE).toFixed(1), rate: (done / MEBIBYTE / seconds).toFixed(0), entries });
    },
    stop: () => {
      if (started !== null) bar.stop();
    },
  };
};

/** The same for a number of entries. */
export const countOn = ({ interactive, language }: Terminal): Pick<Progress, 'stop'> & { update(done: number, total: number): void } => {
  if (!interactive) return { update: () => undefined, stop: () => undefined };
  const [entriesWord, remaining] = language === 'ja' ? ['件', '残り'] : ['entries', 'ETA'];
  const bar = new SingleBar(
    {
      format: `{bar} {percentage}%  {value}/{total} ${entriesWord}  {rate}/s  ${remaining} {eta_formatted}`,
      hideCursor: true,
      stream: process.stderr,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  let started: { readonly at: number; readonly from: number } | null = null;
  return {
    update: (done, total) => {
      if (started === null) {
        started = { at: performance.now(), from: done };
        bar.start(total, done, { rate: '—' });
        return;
      }
      const seconds = Math.max(0.001, (performance.now() - started.at) / 1000);
      bar.update(done, { rate: ((done - started.from) / seconds).toFixed(0) });
    },
    stop: () => {
      if (started !== null) bar.stop();
    },
  };
};
