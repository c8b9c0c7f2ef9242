/**
 * Chains with one or two things wrong, judged by `validatePath` and by `openssl verify`. Where the two disagree, `docs/conformance/openssl.md` says who is
 * right and by which clause; nothing else may differ.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { byUs, cases, disagreements } from './chains.ts';
import { opensslVerify } from './openssl.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'path-openssl-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }), 600_000);

test('every verdict is OpenSSL’s, or stands in the table', {
  timeout: 600_000 + 1_000 * Number(process.env['DIFFERENTIAL_PAIRS'] ?? 0),
}, () => {
  const judged = cases().map(({ changes, minted }) => ({ changes, ours: byUs(minted), theirs: opensslVerify(folder, minted) }));
  const { unexplained, unused, good } = disagreements('openssl', 'openssl.md', judged);
  expect(unexplained).toEqual([]);
  expect(unused).toEqual([]);
  expect(good).toBeGreaterThan(10);
});
