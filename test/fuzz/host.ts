/** Starts the executing thread and watches it: five seconds of work on one input is a hang. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'tsup';
import { conformanceDir } from '../../scripts/capabilities.mjs';
import type { Assignment, Report } from './protocol.ts';
import type { TargetName } from './targets.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const HANG_SECONDS = 5;

/** The thread as one JavaScript file: worker threads know no TypeScript. */
export const bundleWorker = async (): Promise<string> => {
  const outDir = join(root, 'node_modules', '.cache', `fuzz-${process.pid}`);
  mkdirSync(outDir, { recursive: true });
  await build({
    config: false,
    entry: { worker: join(root, 'test/fuzz/worker.ts') },
    outDir,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    noExternal: [/.*/],
    dts: false,
    silent: true,
    tsconfig: join(root, 'tsconfig.json'),
    esbuildOptions: (options) => {
      options.conditions = ['@jpki-rp/source'];
    },
    outExtension: () => ({ js: '.mjs' }),
  });
  return join(outDir, 'worker.mjs');
};

export interface Run extends Report {
  /** The input in hand when something went wrong, base64. */
  readonly input: string | null;
}

/** CPU time, so that a busy machine is not a hang. */
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

export const fuzz = (worker: string, target: TargetName, executions: number, seed: number, hangSeconds = HANG_SECONDS): Promise<Run> => {
  const beat = new SharedArrayBuffer(8);
  const input = new SharedArrayBuffer(256 * 1024);
  const heart = new Int32Array(beat);
  const assignment: Assignment = {
    vectors: join(root, 'test/vectors'),
    conformance: conformanceDir(),
    target,
    executions,
    seed,
    beat,
    input,
  };
  const inHand = (): string => Buffer.from(new Uint8Array(input).slice(0, Atomics.load(heart, 1))).toString('base64');
  return new Promise((resolve, reject) => {
    const thread = new Worker(worker, { workerData: assignment });
    let beats = -1;
    let since = cpuSeconds();
    const failed = (fault: string): Run => ({
      executions: Atomics.load(heart, 0),
      taken: 0,
      elements: 0,
      elementsPerOctet: 0,
      signatures: 0,
      fault,
      input: inHand(),
    });
    const watchdog = setInterval(() => {
      const now = Atomics.load(heart, 0);
      if (now !== beats) {
        beats = now;
        since = cpuSeconds();
      } else if (cpuSeconds() - since > hangSeconds && Atomics.load(heart, 1) > 0) {
        finish();
        void thread.terminate();
        resolve(failed(`no end after ${hangSeconds} s`));
      }
    }, 500);
    const finish = (): void => clearInterval(watchdog);
    thread.on('message', (report: Report) => {
      finish();
      resolve({ ...report, input: report.fault === null ? null : inHand() });
    });
    thread.on('error', (error) => {
      finish();
      resolve(failed(String(error)));
    });
    thread.on('exit', (code) => {
      finish();
      if (code !== 0) reject(new Error(`the executing thread ended with ${code}`));
    });
  });
};
