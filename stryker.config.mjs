/** Faults are planted in the rooms that decide; a test has to notice each. One room at a time, named by `scripts/mutation.mjs`. */
const room = process.env.MUTATION_ROOM ?? 'profile';

export default {
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  mutate: [`packages/verifier/src/${room}/**/*.ts`],
  ignorePatterns: ['examples', 'bench', 'docs', 'packages/web-sdk', 'packages/*/dist', 'test/browser', 'test/differential', 'test/fuzz'],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: 20_000,
  incremental: true,
  incrementalFile: `node_modules/.cache/stryker/${room}.incremental.json`,
  tempDirName: 'node_modules/.cache/stryker/sandbox',
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, allowEmojis: false },
  jsonReporter: { fileName: `node_modules/.cache/stryker/${room}.report.json` },
  thresholds: { high: 90, low: 75, break: null },
};
