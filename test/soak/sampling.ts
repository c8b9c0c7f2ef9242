/** Memory and file descriptors of this process; and whether it stood still. */
import { readdirSync } from 'node:fs';
import type { Sample } from './wire.ts';

const collect = (globalThis as { gc?: () => void }).gc;

export const sampleNow = (force: boolean): Sample => {
  if (force) collect?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { at: Date.now(), rss, heapUsed, external, fds: openFiles(), collected: force && collect !== undefined };
};

const openFiles = (): number => {
  try {
    // The reading itself takes one.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return 0;
  }
};

const TICK_MS = 50;
const STALL_MS = 300;

/** Tells of every time the event loop came round too late. */
export const watchStalls = (onStall: (from: number, until: number) => void): NodeJS.Timeout => {
  let last = Date.now();
  return setInterval(() => {
    const now = Date.now();
    if (now - last > STALL_MS) onStall(last, now);
    last = now;
  }, TICK_MS);
};
