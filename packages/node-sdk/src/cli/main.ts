#!/usr/bin/env node
/** `jpki-rp` */
import { createInterface } from 'node:readline/promises';
import { runCli } from './run.ts';

const locale = process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || '';

const ask = async (question: string): Promise<string> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
};

/** Once: between two steps. Twice: at once. */
const interruption = (): AbortSignal => {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  return interrupted.signal;
};

void runCli(process.argv.slice(2), {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  language: locale.toLowerCase().startsWith('ja') ? 'ja' : 'en',
  now: () => new Date(),
  ask: process.stdin.isTTY === true && process.stderr.isTTY === true ? ask : null,
  interruption,
}).then((exit) => {
  process.exitCode = exit;
});
