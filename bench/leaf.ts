/** A digital-signature certificate with its six attributes, from octets to values, strictly; against node's own class and others. `node scripts/bench.mjs leaf`. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPersonalAttributes } from '../packages/verifier/src/certificate/attributes.ts';
import { readCertificate } from '../packages/verifier/src/certificate/certificate.ts';
import { goPeer } from './hot/peers.ts';
import { stage } from './hot/reissue.ts';
import { inRounds, ratio, type Timed } from './hot/rounds.ts';
import { median, openReport } from './results/report.ts';

const [root = ''] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(join(root, 'test/vectors/cases.json'), 'utf8')) as readonly {
  readonly id: string;
  readonly input: { readonly certificate: string };
}[];
const leaves = cases
  .filter(({ id }) => /^happy\/(card|smartphone)-digital-signature/.test(id))
  .map(({ input }) => Buffer.from(input.certificate, 'base64'));
const leaf = (call: number): Buffer => leaves[call % leaves.length] as Buffer;
const pkijs = createRequire(`${root}/packages/verifier/package.json`)('pkijs');
const forX509 = createRequire(`${root}/test/simulator/package.json`);
forX509('reflect-metadata');
const x509 = forX509('@peculiar/x509');

const OURS = 'ours: every field, extension and the six attributes';
const times = await inRounds(
  [
    {
      name: OURS,
      calls: 1_000,
      run: (call) => {
        const read = readPersonalAttributes(readCertificate(leaf(call)).subjectAltName ?? []);
        if (!('attributes' in read)) throw new Error(read.fault);
      },
    },
    {
      name: 'node X509Certificate: the constructor alone, nothing read from it',
      calls: 60,
      run: (call) => new X509Certificate(leaf(call)),
    },
    { name: 'pkijs: Certificate.fromBER, extensions parsed', calls: 6, run: (call) => pkijs.Certificate.fromBER(leaf(call)) },
    {
      name: '@peculiar/x509: the constructor, extensions parsed',
      calls: 6,
      run: (call) => new x509.X509Certificate(leaf(call)).extensions,
    },
  ],
  Number(process.env['ROUNDS'] ?? 31),
);
const folder = mkdtempSync(join(tmpdir(), 'jpki-bench-'));
try {
  const { issuer, message, signature, leaves: users } = stage(root, 1, 1);
  const go = await goPeer(folder, { issuer, message, signature }, users[0] as Buffer, leaf(0));
  const goTimes = go === null ? null : await go();
  const ours = times.get(OURS) as Timed;
  const { say, close } = openReport(root, 'leaf', 'A leaf with six attributes, decoded');
  say('Processor time per call; rounds interleaved, medians of the rounds’ own ratios.');
  say();
  say('| | µs | ours is faster |');
  say('|---|--:|--:|');
  for (const time of times.values()) say(`| ${time.name} | ${time.cpu.toFixed(2)} | ${ratio(ours, time).toFixed(1)} × |`);
  if (goTimes === null) say('| Go | not on this machine | |');
  else {
    const time = median(goTimes.parse);
    say(`| ${goTimes.version}: x509.ParseCertificate, a process of its own | ${time.toFixed(2)} | ${(time / ours.cpu).toFixed(1)} × |`);
  }
  close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
