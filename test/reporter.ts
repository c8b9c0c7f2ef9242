import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

export interface Summary {
  passed: number;
  failed: number;
  skipped: number;
  files: number;
}

/**
 * Counts what ran. A module that cannot be loaded and an error outside any test count as failed: nothing that went wrong is silent.
 * `scripts/test.mjs` reads the counts from the file named in `JPKI_TEST_SUMMARY`; run by hand, they are printed.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const summary: Summary = { passed: 0, failed: unhandled.length, skipped: 0, files: modules.length };
    for (const module of modules) {
      if (module.errors().length > 0) summary.failed += 1;
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) summary.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') summary.passed += 1;
        else if (state === 'failed') summary.failed += 1;
        else summary.skipped += 1;
      }
    }
    const file = process.env['JPKI_TEST_SUMMARY'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(summary));
    else console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
  }
}
