/** A process that publishes two CRLs in turn, for ever, until it is killed. Transpiled by the test that starts it. */

import { readFileSync } from 'node:fs';
import { ingestCrl } from '../../src/crl/ingest.ts';

const [issuer, into, distributionPoint, threads, ...crls] = process.argv.slice(2) as [string, string, string, string, ...string[]];
process.stdout.write('ready\n');
for (let i = 0; ; i++) {
  const result = await ingestCrl(crls[i % crls.length] as string, {
    issuer: readFileSync(issuer),
    scope: { class: 'card-digital-signature', distributionPoint },
    into,
    threads: threads === '2' ? 2 : 1,
    // The lists take turns: this test is about what is on the disk, not about which is newer.
    override: { operator: 'crash test', reason: 'turns' },
  });
  if (!result.ok) throw new Error(result.code);
}
