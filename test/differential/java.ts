/** What Java's PKIX makes of paths. Needs a JDK: the judge is one source file. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AT } from '../../packages/verifier/test/revocation/mint.ts';
import type { Judged } from './chains.ts';

export interface JavaCase {
  /** Target first, up to below the anchor: the judge validates, it does not build. */
  readonly path: readonly Uint8Array[];
  /** Certificates of CRL signers. */
  readonly signers: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
  readonly root: Uint8Array;
}

export const javaValidate = (folder: string, all: readonly JavaCase[]): readonly Judged[] => {
  for (const [i, { path, signers, crls, root }] of all.entries()) {
    const at = join(folder, String(i));
    mkdirSync(at);
    for (const [kind, ders] of Object.entries({ cer: path, signer: signers, crl: crls }))
      for (const [j, der] of ders.entries()) writeFileSync(join(at, `${j}.${kind}`), der);
    writeFileSync(join(at, 'root'), root);
  }
  const judge = fileURLToPath(new URL('./PathJudge.java', import.meta.url));
  const lines = execFileSync('java', [judge, folder, String(all.length), String(AT)], { encoding: 'utf8', maxBuffer: 1e8 })
    .trim()
    .split('\n');
  if (lines.length !== all.length) throw new Error(`${lines.length} verdicts on ${all.length} paths`);
  return lines.map((line) => {
    const [verdict, why] = line.split('\t') as [Judged['verdict'], string];
    return { verdict, why };
  });
};
