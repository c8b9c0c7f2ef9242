/** A keeper in a process of its own: Node.js 20 runs no TypeScript, so the sources are made JavaScript once per test file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll } from 'vitest';
import { later } from './stage.ts';

const packages = fileURLToPath(new URL('../../..', import.meta.url));

const javascript = (from: string, to: string): void => {
  const { outputText } = ts.transpileModule(readFileSync(from, 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  });
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, outputText);
};

const folderOf = (from: string, to: string): void => {
  for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.ts')) javascript(join(from, name), join(to, name.replace(/\.ts$/, '.js')));
  }
};

const transpiled = (): string => {
  const out = mkdtempSync(join(tmpdir(), 'crl-keeper-js-'));
  afterAll(() => rmSync(out, { recursive: true, force: true }));
  const verifier = join(out, 'node_modules/@jpki-rp/verifier');
  folderOf(join(packages, 'verifier/src'), join(verifier, 'src'));
  folderOf(join(packages, 'node-sdk/src/keeper'), join(out, 'src/keeper'));
  javascript(fileURLToPath(new URL('child.ts', import.meta.url)), join(out, 'test/keeper/child.js'));
  const { exports } = JSON.parse(readFileSync(join(packages, 'verifier/package.json'), 'utf8')) as {
    exports: Record<string, string | { '@jpki-rp/source': string }>;
  };
  const entries = Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string' ? [] : [[path, target['@jpki-rp/source'].replace(/\.ts$/, '.js')]],
  );
  writeFileSync(
    join(verifier, 'package.json'),
    JSON.stringify({ name: '@jpki-rp/verifier', type: 'module', exports: Object.fromEntries(entries) }),
  );
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  for (const name of ['zod', 'undici', 'jose', 'pkijs']) {
    symlinkSync(join(packages, 'verifier/node_modules', name), join(out, 'node_modules', name));
  }
  return join(out, 'test/keeper/child.js');
};

let script: string | undefined;

export interface KeeperProcess {
  readonly child: ChildProcess;
  /** Events as they were told, one JSON object each. */
  readonly told: Record<string, unknown>[];
  readonly complaint: () => string;
  readonly kill: () => Promise<void>;
}

/** Runs until it is killed, at the latest when the test ends. */
export const keeperProcess = (directory: string, environment: unknown, everySeconds: number): KeeperProcess => {
  script ??= transpiled();
  const child = spawn(process.execPath, [script, directory, JSON.stringify(environment), String(everySeconds)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told: Record<string, unknown>[] = [];
  let [rest, complaint] = ['', ''];
  child.stdout?.on('data', (text) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) told.push(JSON.parse(line));
  });
  child.stderr?.on('data', (text) => {
    complaint += text;
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  later(kill);
  return { child, told, complaint: () => complaint, kill };
};
