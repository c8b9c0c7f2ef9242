/** Faults are planted in the rooms that decide; a test has to notice each. One place at a time, named by `scripts/mutation.mjs`. */
const place = process.env.MUTATION_PLACE ?? 'profile';
const name = place.replaceAll('/', '-');

const tests = 'packages/verifier/test';
/** The tests that are nearest to each room: a fault that only a distant test would notice counts as unnoticed. */
const NEAREST = {
  profile: [`${tests}/profile/**/*.test.ts`],
  signature: [`${tests}/signature/**/*.test.ts`, `${tests}/historic/{signature,algorithm}.test.ts`],
  revocation: [`${tests}/revocation/**/*.test.ts`],
  path: [`${tests}/path/**/*.test.ts`],
};
/** Tests that go through every bit, or wait for a network that is slow in real time: a survivor would wait for each of them. */
const SLOW = ['no single changed bit', 'any flipped bit'];
const WAITING = ['/ocsp/faults.test.ts#', 'an answer larger than a response may be leads to the second URL'];
const asksTheNetwork = /(client|source|http)\.ts$/.test(place);

export default {
  plugins: ['./scripts/mutation-runner.mjs'],
  testRunner: 'in-process',
  inProcess: { tests: NEAREST[place.split('/')[0]], without: asksTheNetwork ? SLOW : [...SLOW, ...WAITING] },
  mutate: [`packages/verifier/src/${place}${place.endsWith('.ts') ? '' : '/**/*.ts'}`],
  ignorePatterns: ['examples', 'bench', 'docs', 'packages/web-sdk', 'packages/*/dist', 'test/browser', 'test/differential', 'test/fuzz'],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: 30_000,
  warnings: { unknownOptions: false },
  incremental: true,
  incrementalFile: `node_modules/.cache/stryker/${name}.incremental.json`,
  tempDirName: 'node_modules/.cache/stryker/sandbox',
  reporters: ['progress-append-only', 'clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, allowEmojis: false },
  jsonReporter: { fileName: `node_modules/.cache/stryker/${name}.report.json` },
  thresholds: { high: 90, low: 75, break: null },
};
