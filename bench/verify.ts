import { verify as verifyOnce } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crlIndexSource, ingestCrl, openCrlIndex } from '../packages/verifier/src/crl/index.ts';
import { createVerifier, loadEnvironment } from '../packages/verifier/src/index.ts';
import { stage } from './hot/reissue.ts';
import { type Contender, inRounds, ratio, type Timed } from './hot/rounds.ts';

const [root = ''] = process.argv.slice(2);
const ROUNDS = Number(process.env['ROUNDS'] ?? 31);
const LEAVES = Number(process.env['LEAVES'] ?? 2048);
const folder = mkdtempSync(join(tmpdir(), 'jpki-bench-'));
const { environment: json, at, issuer, leaves, leafKey, crl, message, signature } = stage(root, LEAVES, 100_000);
const environment = loadEnvironment(json);
const into = join(folder, 'index');
const done = await ingestCrl(Readable.from([crl]), {
  issuer,
  scope: {
    class: 'card-user-authentication',
    distributionPoint:
      'CN=Sumi-shi CRLDP,OU=Tatoe-fu,OU=CRL Distribution Points,OU=JPKI-VECTORS for user authentication,O=JPKI-VECTORS,C=JP',
  },
  into,
  at,
});
if (!done.ok) throw new Error(JSON.stringify(done));
const index = await openCrlIndex(into, { mode: 'memory' });
const revocation = { sources: [crlIndexSource({ indexes: [index] })], policy: { mode: 'crlcheck' } } as const;
const verifier = createVerifier({ environment, role: 'verifier', revocation });
const inputOf = (certificate: Uint8Array) =>
  ({ certificate, signature, message, scheme: 'rsa-pkcs1-sha256', purpose: 'user-authentication', acceptCarriers: ['card'], at }) as const;
const forgetful = createVerifier({ environment, role: 'verifier', revocation, remember: { certificates: 0 } });
const strict = createVerifier({ environment, role: 'verifier', revocation, remember: { issuerSignature: 'verify' } });
const first = await verifier.verify(inputOf(leaves[0] as Buffer));
if (first.result !== 'valid') throw new Error(JSON.stringify(first));
const leaf = (n: number): Buffer => leaves[n % LEAVES] as Buffer;

const contenders: Contender[] = [
  { name: 'crypto.verify', calls: 400, run: () => verifyOnce('sha256', message, leafKey, signature) },
  { name: 'ours, leaf never seen', calls: 200, run: (n) => verifier.verify(inputOf(leaf(n))) },
  { name: 'ours, nothing remembered', calls: 200, run: (n) => forgetful.verify(inputOf(leaf(n))) },
  { name: 'ours, seen, sig again', calls: 200, run: (n) => strict.verify(inputOf(leaf(n & 7))) },
  { name: 'ours, leaf seen', calls: 200, run: (n) => verifier.verify(inputOf(leaf(n & 7))) },
];
const t = await inRounds(contenders, ROUNDS);
const base = t.get('crypto.verify') as Timed;
for (const x of t.values())
  console.log(
    x.name.padEnd(30),
    x.cpu.toFixed(2),
    'µs',
    `${ratio(x, base).toFixed(3)} of crypto.verify, ${(2 * ratio(x, base)).toFixed(3)} of half`,
  );
index.close();
rmSync(folder, { recursive: true, force: true });
