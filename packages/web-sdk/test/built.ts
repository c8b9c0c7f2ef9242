import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsup = join(dirname(createRequire(import.meta.url).resolve('tsup/package.json')), 'dist', 'cli-default.js');

/** Builds the package into a fresh folder and returns its path. */
export function build(types: 'with types' | 'without types'): string {
  const folder = mkdtempSync(join(tmpdir(), 'web-sdk-'));
  execFileSync(process.execPath, [tsup, '--silent', ...(types === 'with types' ? [] : ['--no-dts'])], {
    cwd: root,
    env: { ...process.env, JPKI_WEB_OUT: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return folder;
}
