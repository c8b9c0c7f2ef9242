#!/usr/bin/env node
// `npm run build`: builds what is stale; `-- --force` builds everything.
import './node-version.mjs';
import { build, install } from './prepare.mjs';

await install();
await build({ force: process.argv.includes('--force') });
