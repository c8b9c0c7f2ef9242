/** How long CRLs are kept. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Retention {
  readonly count: number;
  readonly ageSeconds: number;
}

const NAME = /^([0-9a-f]{64})\.crl$/;

/** Deletes what is beyond the `count` newest or older than that age, never what is `needed`. Returns how many. */
export const prune = (folder: string, needed: ReadonlySet<string>, { count, ageSeconds }: Retention, now: number): number => {
  const kept = readdirSync(folder)
    .flatMap((name) => {
      const sha256 = NAME.exec(name)?.[1];
      return sha256 === undefined ? [] : { path: join(folder, name), sha256, since: statSync(join(folder, name)).mtimeMs };
    })
    .sort((a, b) => b.since - a.since);
  const leaving = kept.filter(({ sha256, since }, i) => (i >= count || now - since > ageSeconds * 1000) && !needed.has(sha256));
  for (const { path } of leaving) rmSync(path, { force: true });
  return leaving.length;
};
