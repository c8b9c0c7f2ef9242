/**
 * `verifier.verify()` of a user-authentication response by its public door: leaf decoded, both RSA-2048 signatures, class, look-up in a CRL index of
 * 100 000 entries; against node's own `crypto.verify` with the key imported once, and against others doing the same. `node scripts/bench.mjs verify`.
 */
import { verify as verifyOnce } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crlIndexSource, ingestCrl, openCrlIndex } from '../packages/verifier/src/crl/index.ts';
import { createVerifier, loadEnvironment } from '../packages/verifier/src/index.ts';
import { goPeer, nodePeer, peculiarPeer, pkijsPeer } from './hot/peers.ts';
import { stage } from './hot/reissue.ts';
import { type Contender, inRounds, ratio, type Timed } from './hot/rounds.ts';
import { median, openReport } from './results/report.ts';

const [root = ''] = process.argv.slice(2);
const ROUNDS = Number(process.env['ROUNDS'] ?? 31);
/** More than a verifier remembers: going round them, none is seen while it is remembered. */
const LEAVES = 1_100;
const POINT = 'CN=Sumi-shi CRLDP,OU=Tatoe-fu,OU=CRL Distribution Points,OU=JPKI-VECTORS for user authentication,O=JPKI-VECTORS,C=JP';

const folder = mkdtempSync(join(tmpdir(), 'jpki-bench-'));
try {
  const { environment: json, at, issuer, leaves, leafKey, crl, message, signature } = stage(root, LEAVES, 100_000);
  const environment = loadEnvironment(json);
  const into = join(folder, 'index');
  const scope = { class: 'card-user-authentication', distributionPoint: POINT } as const;
  const ingested = await ingestCrl(Readable.from([crl]), { issuer, scope, into, at });
  if (!ingested.ok) throw new Error(ingested.code);
  const index = await openCrlIndex(into, { mode: 'memory' });
  const revocation = { sources: [crlIndexSource({ indexes: [index] })], policy: { mode: 'crlcheck' } } as const;
  const settings = { environment, role: 'verifier', revocation } as const;
  const inputOf = (certificate: Uint8Array) =>
    ({
      certificate,
      signature,
      message,
      scheme: 'rsa-pkcs1-sha256',
      purpose: 'user-authentication',
      acceptCarriers: ['card'],
      at,
    }) as const;
  const leaf = (call: number): Buffer => leaves[call % LEAVES] as Buffer;
  const eight = (call: number): Buffer => leaves[call & 7] as Buffer;
  const ours = (name: string, remember: object, pick: (call: number) => Buffer): Contender => {
    const verifier = createVerifier({ ...settings, remember });
    return {
      name,
      calls: 200,
      run: async (call) => {
        if ((await verifier.verify(inputOf(pick(call)))).result !== 'valid') throw new Error(`${name}: not valid`);
      },
    };
  };
  const revoked = new Set(Array.from({ length: 100_000 }, (_, n) => (0x10000000 + n * 97).toString(16)));
  const job = { root, issuer, leaf, message, signature, revoked };
  const BASE = 'crypto.verify, key imported once';
  const times = await inRounds(
    [
      { name: BASE, calls: 400, run: () => verifyOnce('sha256', message, leafKey, signature) },
      ours('ours, certificate never seen', { certificates: 0 }, leaf),
      ours('ours, certificate never seen, then remembered', {}, leaf),
      ours('ours, certificate seen, issuer’s signature verified again', { issuerSignature: 'verify' }, eight),
      ours('ours, certificate seen, issuer’s signature remembered', {}, eight),
      nodePeer(job),
      pkijsPeer(job),
      peculiarPeer(job),
    ],
    ROUNDS,
  );
  const go = await goPeer(folder, job, leaf(0));
  const goTimes = go === null ? null : await go();
  index.close();

  const base = times.get(BASE) as Timed;
  const never = times.get('ours, certificate never seen') as Timed;
  const again = times.get('ours, certificate seen, issuer’s signature verified again') as Timed;
  const report = openReport(root, 'verify', '`verify()` of a user-authentication response');
  const { say } = report;
  say('Processor time of all threads per call, garbage collection included; rounds interleaved, medians of the rounds’ own ratios.');
  say();
  say('| | µs | of `crypto.verify` | of half of it | ours, never seen, is faster | ours, seen and verified again, is faster |');
  say('|---|--:|--:|--:|--:|--:|');
  for (const time of times.values()) {
    const of = ratio(time, base);
    say(
      `| ${time.name} | ${time.cpu.toFixed(1)} | ${of.toFixed(3)} | ${(2 * of).toFixed(3)} | ${ratio(never, time).toFixed(2)} × | ${ratio(again, time).toFixed(2)} × |`,
    );
  }
  if (goTimes === null) say('| Go | not on this machine | | | | |');
  else {
    const time = median(goTimes.verify);
    say(
      `| ${goTimes.version}, GOMAXPROCS=1, a process of its own | ${time.toFixed(1)} | ${(base.cpu / time).toFixed(3)} | ${((2 * base.cpu) / time).toFixed(3)} | ${(time / never.cpu).toFixed(2)} × | ${(time / again.cpu).toFixed(2)} × |`,
    );
  }
  report.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
