#!/usr/bin/env node
// `npm run conformance`: the frozen vectors and the public suites in CONFORMANCE_DIR. Ends `N passed, N failed, N skipped`; a missing suite fails.
import './node-version.mjs';
import { join } from 'node:path';
import { root, run } from './process.mjs';

const filters = process.argv.length > 2 ? process.argv.slice(2) : ['.conformance.', 'vectors'];
const env = { ...process.env, REQUIRE: 'conformance' };
process.exit(await run(process.execPath, [join(root, 'scripts/test.mjs'), ...filters], { env }));
