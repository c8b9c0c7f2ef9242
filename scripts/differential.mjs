/** `npm run differential [-- pairs]`: the comparisons with OpenSSL and Java of `test/differential`, with thousands of pairs of changes. */
import { bin } from './process.mjs';

process.env.DIFFERENTIAL_PAIRS = process.argv[2] ?? '3000';
process.exitCode = await bin('vitest/vitest.mjs', ['run', 'test/differential']);
