/** Child processes with their time, output and memory peak. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Measured {
  readonly ok: boolean;
  /** Wall time of the whole process, milliseconds. */
  readonly ms: number;
  /** High-water mark of resident memory, octets; null where the system does not tell. */
  readonly peak: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const highWater = (pid: number): number | null => {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match === null ? null : Number(match[1]) * 1024;
  } catch {
    return null;
  }
};

export const run = (command: string, args: readonly string[], timeoutMs = 600_000): Promise<Measured> =>
  new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    let peak: number | null = null;
    const look = (): void => {
      if (child.pid !== undefined) peak = highWater(child.pid) ?? peak;
    };
    const timer = setInterval(look, 5);
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const end = (ok: boolean): void => {
      clearInterval(timer);
      resolve({ ok, ms: performance.now() - start, peak, stdout, stderr });
    };
    child.on('error', () => end(false));
    child.on('close', (code) => end(code === 0));
  });
