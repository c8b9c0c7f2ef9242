#!/usr/bin/env node
/** `jpki-rp` */
import { runCli } from './run.ts';

const locale = process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || '';

void runCli(process.argv.slice(2), {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  language: locale.toLowerCase().startsWith('ja') ? 'ja' : 'en',
  now: () => new Date(),
}).then((exit) => {
  process.exitCode = exit;
});
