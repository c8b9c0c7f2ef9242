/** An empty folder somewhere else, into which the packed tarballs are installed with npm, as a newcomer would. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const PACKAGES = ['verifier', 'node-sdk', 'web-sdk'] as const;
export type PackageName = (typeof PACKAGES)[number];

export interface Ran {
  readonly status: number | null;
  readonly output: string;
}

/** The environment without what the test runner and npm put into it: conditions and configuration must not leak into the consumer. */
export const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_(registry|cache)$)|VITEST|NODE_OPTIONS|NODE_ENV)/i.test(name)),
  );

export function run(command: string, args: readonly string[], cwd: string): Ran {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: cleanEnvironment(),
    encoding: 'utf8',
    timeout: 600_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, output: `${stdout ?? ''}${stderr ?? ''}${error === undefined ? '' : String(error)}` };
}

function must(ran: Ran, what: string): void {
  if (ran.status !== 0) throw new Error(`${what} failed (${ran.status})\n${ran.output}`);
}

export interface Consumer {
  readonly folder: string;
  readonly tarballs: Readonly<Record<PackageName, string>>;
}

/** Builds what is stale, packs the three packages and installs them. */
export function createConsumer(): Consumer {
  const base = mkdtempSync(join(tmpdir(), 'jpki-rp-pack-'));
  const packed = join(base, 'tarballs');
  const folder = join(base, 'consumer');
  mkdirSync(packed);
  mkdirSync(folder);
  must(run(process.execPath, [join(root, 'scripts/build.mjs')], root), 'build');
  const tarballs = {} as Record<PackageName, string>;
  for (const name of PACKAGES) {
    must(
      run(process.execPath, [join(root, 'scripts/pnpm.mjs'), '--dir', `packages/${name}`, 'pack', '--pack-destination', packed], root),
      `pack ${name}`,
    );
    const file = readdirSync(packed).find((entry) => entry.startsWith(`jpki-rp-${name}-`));
    if (file === undefined) throw new Error(`no tarball of ${name}`);
    tarballs[name] = join(packed, file);
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, version: '1.0.0' }));
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--engine-strict', ...PACKAGES.map((name) => tarballs[name])];
  must(run('npm', install, folder), 'npm install');
  return { folder, tarballs };
}

/** Every file below a folder, relative to it. */
export function* filesIn(folder: string, below = ''): Generator<string> {
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* filesIn(folder, path);
    else yield path;
  }
}
