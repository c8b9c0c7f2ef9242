/** Faults are planted in the rooms that decide; a test has to notice each. One place at a time, named by `scripts/mutation.mjs`. */
const place = process.env.MUTATION_PLACE ?? 'profile';
const name = place.replaceAll('/', '-');

export default {
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  mutate: [`packages/verifier/src/${place}${place.endsWith('.ts') ? '' : '/**/*.ts'}`],
  ignorePatterns: ['examples', 'bench', 'docs', 'packages/web-sdk', 'packages/*/dist', 'test/browser', 'test/differential', 'test/fuzz'],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: 120_000,
  incremental: true,
  incrementalFile: `node_modules/.cache/stryker/${name}.incremental.json`,
  tempDirName: 'node_modules/.cache/stryker/sandbox',
  reporters: ['progress-append-only', 'clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, allowEmojis: false },
  jsonReporter: { fileName: `node_modules/.cache/stryker/${name}.report.json` },
  thresholds: { high: 90, low: 75, break: null },
};
