/**
 * Partitioned, indirect and delta CRLs, judged by `validatePath` and by `openssl verify -extended_crl -use_deltas`. Where the two disagree,
 * `docs/conformance/lists-openssl.md` says who is right and by which clause; nothing else may differ.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { disagreements } from './chains.ts';
import { LISTS_ROOT, LISTS_SUB, listCases, listsByUs, WHOLE } from './lists.ts';
import { opensslVerify } from './openssl.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lists-openssl-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }), 600_000);

test('every verdict by lists is OpenSSL’s, or stands in the table', {
  timeout: 600_000 + 1_000 * Number(process.env['DIFFERENTIAL_PAIRS'] ?? 0),
}, () => {
  const judged = listCases().map(({ changes, minted }) => {
    const chain = { ...minted, root: LISTS_ROOT, intermediates: [LISTS_SUB, ...minted.signers] };
    return { changes, ours: listsByUs(minted), theirs: opensslVerify(folder, chain, '-use_deltas') };
  });
  const { unexplained, unused, good } = disagreements('openssl-lists', 'lists-openssl.md', judged);
  expect(unexplained).toEqual([]);
  expect(WHOLE ? unused : []).toEqual([]);
  expect(good).toBeGreaterThan(10);
});
