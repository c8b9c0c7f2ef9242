/**
 * The same chains, judged by `validatePath` and by Java's PKIX (`java.security.cert`). Where the two disagree, `docs/conformance/java.md` says who is right
 * and by which clause; nothing else may differ.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { byUs, cases, disagreements, type Judged } from './chains.ts';
import { javaValidate } from './java.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'path-java-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }), 600_000);

test('every verdict is Java’s, or stands in the table', {
  timeout: 600_000 + 1_000 * Number(process.env['DIFFERENTIAL_PAIRS'] ?? 0),
}, () => {
  const all = cases();
  const theirs = javaValidate(
    folder,
    all.map(({ minted: { root, intermediates, person, crls } }) => ({
      path: [person, ...[...intermediates].reverse()],
      signers: [],
      crls,
      root,
    })),
  );
  const judged = all.map(({ changes, minted }, i) => ({ changes, ours: byUs(minted), theirs: theirs[i] as Judged }));
  const { unexplained, unused, good } = disagreements('java', 'java.md', judged);
  expect(unexplained).toEqual([]);
  expect(unused).toEqual([]);
  expect(good).toBeGreaterThan(10);
});
