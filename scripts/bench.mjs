#!/usr/bin/env node
// `node scripts/bench.mjs crl`: bundles bench/crl.ts and runs it with the repository's folder as its argument.
// It writes bench/results/crl.md and all of them as bench/RESULTS.md. BENCH_FULL=1 for the large sizes; nothing else should run beside it.
import './node-version.mjs';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin, root, run } from './process.mjs';

const [name = ''] = process.argv.slice(2);
if (!/^[a-z]+(-[a-z]+)*$/.test(name) || !existsSync(join(root, 'bench', `${name}.ts`))) {
  console.error('usage: node scripts/bench.mjs <name of a file in bench/, without .ts>');
  process.exit(2);
}
// Bundled CommonJS asks for node's own modules with a `require` that modules do not have.
const REQUIRE = `data:text/javascript,import{createRequire}from'node:module';globalThis.require=createRequire('file:///bench.js')`;
const out = mkdtempSync(join(tmpdir(), 'jpki-bench-'));
try {
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  const built = await bin('tsup/dist/cli-default.js', [
    join(root, 'bench', `${name}.ts`),
    '--no-config',
    '--format=esm',
    '--target=node20',
    '--platform=node',
    '--silent',
    `--out-dir=${out}`,
  ]);
  process.exitCode = built === 0 ? await run(process.execPath, ['--import', REQUIRE, join(out, `${name}.js`), root]) : built;
} finally {
  rmSync(out, { recursive: true, force: true });
}
