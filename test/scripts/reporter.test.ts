import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TestModule } from 'vitest/node';
import SummaryReporter from '../reporter.ts';

let folder: string;
const before = process.env['JPKI_TEST_SUMMARY'];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jpki-rp-reporter-'));
  process.env['JPKI_TEST_SUMMARY'] = join(folder, 'summary.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  if (before === undefined) delete process.env['JPKI_TEST_SUMMARY'];
  else process.env['JPKI_TEST_SUMMARY'] = before;
});

interface Case {
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
}

const module = (cases: readonly Case[], errors: { file?: number; suite?: number } = {}): TestModule =>
  ({
    errors: () => Array(errors.file ?? 0).fill({}),
    children: {
      allSuites: () => [{ errors: () => Array(errors.suite ?? 0).fill({}) }],
      allTests: () => cases.map(({ state }) => ({ result: () => ({ state }) })),
    },
  }) as unknown as TestModule;

const counted = (modules: readonly TestModule[], unhandled = 0): unknown => {
  new SummaryReporter().onTestRunEnd(modules, Array(unhandled).fill({ message: 'x' }));
  return JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
};
const zero = { passed: 0, failed: 0, skipped: 0, files: 1 };

test('each state is counted once', () => {
  const list: Case[] = [{ state: 'passed' }, { state: 'failed' }, { state: 'skipped' }];
  expect(counted([module(list)])).toEqual({ ...zero, passed: 1, failed: 1, skipped: 1 });
});

test('a case that never ran to its end is not passed', () => {
  expect(counted([module([{ state: 'pending' }])])).toEqual({ ...zero, skipped: 1 });
});

test('a file that does not load, a hook that throws and an error outside any case are failures', () => {
  expect(counted([module([], { file: 1 })])).toEqual({ ...zero, failed: 1 });
  expect(counted([module([], { suite: 1 })])).toEqual({ ...zero, failed: 1 });
  expect(counted([module([])], 2)).toEqual({ ...zero, failed: 2 });
});
