/**
 * The same chains, judged by `validatePath` and by Java's PKIX (`java.security.cert`). Where the two disagree, `docs/conformance/java.md` says who is right
 * and by which clause; nothing else may differ. Needs a JDK: the judge is one source file.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AT } from '../../packages/verifier/test/revocation/mint.ts';
import { byUs, cases, disagreements, type Judged } from './chains.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'path-java-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }), 600_000);

test('every verdict is Java’s, or stands in the table', {
  timeout: 600_000 + 1_000 * Number(process.env['DIFFERENTIAL_PAIRS'] ?? 0),
}, () => {
  const all = cases();
  for (const [i, { minted }] of all.entries()) {
    const at = join(folder, String(i));
    mkdirSync(at);
    // The judge validates one path: target first, up to below the anchor.
    for (const [j, der] of [minted.person, ...[...minted.intermediates].reverse()].entries()) writeFileSync(join(at, `${j}.cer`), der);
    for (const [j, der] of minted.crls.entries()) writeFileSync(join(at, `${j}.crl`), der);
    writeFileSync(join(at, 'root'), minted.root);
  }
  const lines = execFileSync(
    'java',
    [fileURLToPath(new URL('./PathJudge.java', import.meta.url)), folder, String(all.length), String(AT)],
    {
      encoding: 'utf8',
      maxBuffer: 1e8,
    },
  )
    .trim()
    .split('\n');
  expect(lines).toHaveLength(all.length);
  const judged = all.map(({ changes, minted }, i) => {
    const [verdict, why] = (lines[i] as string).split('\t') as [Judged['verdict'], string];
    return { changes, ours: byUs(minted), theirs: { verdict, why } };
  });
  const { unexplained, unused, good } = disagreements('java', 'java.md', judged);
  expect(unexplained).toEqual([]);
  expect(unused).toEqual([]);
  expect(good).toBeGreaterThan(10);
});
