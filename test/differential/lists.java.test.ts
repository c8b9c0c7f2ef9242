/**
 * The same lists, judged by Java's PKIX, which takes no delta CRLs (17). Where the two disagree, `docs/conformance/lists-java.md` says who is right and by
 * which clause; nothing else may differ.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { disagreements, type Judged } from './chains.ts';
import { javaValidate } from './java.ts';
import { LISTS_ROOT, LISTS_SUB, listCases, listsByUs, WHOLE } from './lists.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lists-java-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }), 600_000);

test('every verdict by lists is Java’s, or stands in the table', {
  timeout: 600_000 + 1_000 * Number(process.env['DIFFERENTIAL_PAIRS'] ?? 0),
}, () => {
  const all = listCases();
  const theirs = javaValidate(
    folder,
    all.map(({ minted: { person, crls, signers } }) => ({ path: [person, LISTS_SUB], signers, crls, root: LISTS_ROOT })),
  );
  const judged = all.map(({ changes, minted }, i) => ({ changes, ours: listsByUs(minted), theirs: theirs[i] as Judged }));
  const { unexplained, unused, good } = disagreements('java-lists', 'lists-java.md', judged);
  expect(unexplained).toEqual([]);
  expect(WHOLE ? unused : []).toEqual([]);
  expect(good).toBeGreaterThan(10);
});
