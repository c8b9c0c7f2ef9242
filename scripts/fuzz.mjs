/** `npm run fuzz -- [executions] [seed] [targets]`: the bounded run of `test/fuzz`, made as long as one likes. 10 000 000 executions by default. */
import { bin } from './process.mjs';

const [executions = '10000000', seed, targets] = process.argv.slice(2);
process.env.FUZZ_EXECUTIONS = executions;
if (seed !== undefined) process.env.FUZZ_SEED = seed;
if (targets !== undefined) process.env.FUZZ_TARGETS = targets;
process.exitCode = await bin('vitest/vitest.mjs', ['run', 'test/fuzz/fuzz.test.ts']);
