#!/usr/bin/env node
// Writes docs/codes.md from the registry of codes. `--check` only compares.
import './node-version.mjs';
import { bin, root } from './process.mjs';

// The registry is TypeScript; the test runner loads it, so that no second compiler setup is needed.
const update = !process.argv.includes('--check');
process.exit(
  await bin('vitest/vitest.mjs', ['run', 'test/docs/codes.test.ts'], {
    cwd: root,
    env: { ...process.env, ...(update ? { UPDATE_DOCS: '1' } : {}) },
  }),
);
