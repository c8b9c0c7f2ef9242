#!/usr/bin/env node
// `npm test [-- filter …]`: runs every case this machine can run, names what it could not, and ends `N passed, N failed, N skipped`.
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CAPABILITIES, names, needs, probe, SUFFIX } from './capabilities.mjs';
import { build, install } from './prepare.mjs';
import { bin, root } from './process.mjs';

const filters = process.argv.slice(2);
const VITEST = 'vitest/vitest.mjs';

let required;
try {
  required = names(process.env.REQUIRE, 'REQUIRE');
} catch (error) {
  console.error(error.message);
  process.exit(2);
}

await install();
await build();

const present = await probe();
console.log(`\n▸ ${CAPABILITIES.map((name) => `${present.has(name) ? '✓' : '–'} ${name}`).join('   ')}\n`);

const folder = mkdtempSync(join(tmpdir(), 'jpki-rp-test-'));
const summaryFile = join(folder, 'summary.json');
const environment = { ...process.env, JPKI_CAPABILITIES: [...present].join(','), JPKI_TEST_SUMMARY: summaryFile };

const code = await bin(VITEST, ['run', ...filters], { env: environment });

let summary;
try {
  summary = JSON.parse(readFileSync(summaryFile, 'utf8'));
} catch {
  // No summary: the runner itself broke down. That is one failure, whatever its exit code says.
  summary = { passed: 0, failed: 1, skipped: 0, files: 0 };
}
if (code !== 0 && summary.failed === 0) summary.failed = 1;

function* testFiles(path) {
  for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) continue;
    const child = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) yield* testFiles(child);
    else if (entry.name.endsWith('.test.ts')) yield child;
  }
}

/** Loads the files that were left out, without running a case, to say how many there are. */
function countCases(files) {
  const listing = join(folder, 'list.json');
  const env = { ...environment, JPKI_CAPABILITIES: CAPABILITIES.join(',') };
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', VITEST), 'list', `--json=${listing}`, ...files], {
    cwd: root,
    env,
    stdio: 'ignore',
    timeout: 120_000,
  });
  try {
    return status === 0 ? JSON.parse(readFileSync(listing, 'utf8')).length : undefined;
  } catch {
    return undefined;
  }
}

const all = [...testFiles('')].filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
const missing = CAPABILITIES.filter((name) => !present.has(name));
console.log('');
const counted = new Set();
for (const name of missing) {
  const files = all.filter((file) => needs(file, name) && !counted.has(file));
  for (const file of files) counted.add(file);
  if (files.length > 0) {
    const cases = countCases(files);
    summary.skipped += cases ?? files.length;
    const what = cases === undefined ? `${files.length} files (cases not counted)` : `${cases} cases in ${files.length} files`;
    console.log(`not run: ${what}, because ${name} is missing (*.${SUFFIX[name]}.test.ts)`);
  } else {
    console.log(`missing: ${name} (no case needs it)`);
  }
  if (required.has(name)) {
    console.error(`✗ REQUIRE: ${name} is missing`);
    summary.failed += 1;
  }
}
rmSync(folder, { recursive: true, force: true });

if (summary.passed + summary.failed === 0) {
  console.error('✗ no case ran');
  summary.failed = 1;
}
console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
process.exit(summary.failed === 0 ? 0 : 1);
