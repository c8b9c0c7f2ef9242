import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** pnpm 10 still runs on Node 20; the exact version keeps the lockfile stable. */
export const PNPM = 'pnpm@10.34.9';

/**
 * Runs a command with this terminal's output and resolves with its exit code (128 + n after a signal). Ctrl-C reaches the child by itself, as it
 * belongs to the same process group; we only wait for it to end.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    const wait = () => {};
    process.on('SIGINT', wait);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', wait);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

/** `npx` as a JavaScript file where npm tells us where it is, so that no shell is needed on any platform. */
export function npx() {
  const cli = process.env.npm_execpath && join(dirname(process.env.npm_execpath), 'npx-cli.js');
  return cli && existsSync(cli)
    ? { command: process.execPath, args: [cli] }
    : { command: 'npx', args: [], shell: process.platform === 'win32' };
}

export function pnpm(args, options = {}) {
  const { command, args: before, shell = false } = npx();
  return run(command, [...before, '--yes', '--prefer-offline', PNPM, ...args], { shell, ...options });
}

/** Runs the JavaScript file behind a development dependency's command. */
export function bin(file, args, options = {}) {
  return run(process.execPath, [join(root, 'node_modules', file), ...args], options);
}
