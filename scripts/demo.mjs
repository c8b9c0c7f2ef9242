#!/usr/bin/env node
// `npm run demo`: one identification as a story in the terminal, then a revocation and what it changes.
import './node-version.mjs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, install } from './prepare.mjs';
import { root, run } from './process.mjs';

await install();
await build();

const story = join(root, 'examples/express-bank/dist/demo.js');
if (!existsSync(story)) {
  console.error('✗ examples/express-bank/dist/demo.js がありません / is missing');
  process.exit(1);
}
process.exit(await run(process.execPath, ['--enable-source-maps', story, ...process.argv.slice(2)]));
