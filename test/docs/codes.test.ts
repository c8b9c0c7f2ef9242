import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CODES, type CodeEntry } from '../../packages/verifier/src/codes.ts';
import { codesTable } from './codes-table.ts';

const file = new URL('../../docs/codes.md', import.meta.url);
if (process.env['UPDATE_DOCS'] !== undefined) writeFileSync(file, codesTable());

test('docs/codes.md is what the registry says today (else: npm run docs)', () => {
  expect(readFileSync(file, 'utf8')).toBe(codesTable());
});

test('every code is kebab-case and has a cause and a text in Japanese and in English', () => {
  const incomplete = Object.entries<CodeEntry>(CODES).filter(
    ([code, { cause, ja, en }]) =>
      !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(code) ||
      cause === '' ||
      !/[\u3040-\u30ff\u4e00-\u9fff]/.test(ja) ||
      !/^[\x20-\x7e’“”–—]+$/.test(en),
  );
  expect(incomplete.map(([code]) => code)).toEqual([]);
});
