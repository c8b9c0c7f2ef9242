/** The same answers, judged by us and by Java’s PKIX revocation checker; `docs/conformance/ocsp-java.md` says who is right where the two disagree. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANCHOR, answerByUs, answers, NOW, PERSON } from './answers.ts';
import { disagreements, type Judged } from './chains.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocsp-java-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }), 600_000);

test('every answer is believed by both or by neither, or stands in the table', {
  timeout: 600_000 + 1_000 * Number(process.env['DIFFERENTIAL_PAIRS'] ?? 0),
}, () => {
  const all = answers();
  writeFileSync(join(folder, 'anchor'), ANCHOR);
  writeFileSync(join(folder, 'person'), PERSON);
  for (const [i, { response }] of all.entries()) writeFileSync(join(folder, String(i)), response);
  const judge = fileURLToPath(new URL('./OcspJudge.java', import.meta.url));
  const lines = execFileSync('java', [judge, folder, String(all.length), String(NOW)], { encoding: 'utf8', maxBuffer: 1e8 })
    .trim()
    .split('\n');
  expect(lines).toHaveLength(all.length);
  const judged = all.map(({ changes, response }, i) => {
    const [verdict, why] = (lines[i] as string).split('\t') as [Judged['verdict'], string];
    return { changes, ours: answerByUs(response), theirs: { verdict, why } };
  });
  const { unexplained, unused, good } = disagreements('java-ocsp', 'ocsp-java.md', judged);
  expect(unexplained).toEqual([]);
  expect(unused).toEqual([]);
  expect(good).toBeGreaterThan(5);
});
