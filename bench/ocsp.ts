/**
 * An OCSP answer judged by every rule, its responder's key known; and round trips to a responder on this machine, with and without connections kept open.
 * `node scripts/bench.mjs ocsp`.
 */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readCertificate } from '../packages/verifier/src/certificate/certificate.ts';
import { type Environment, loadEnvironment } from '../packages/verifier/src/index.ts';
import { createFetcher } from '../packages/verifier/src/net/index.ts';
import { classify } from '../packages/verifier/src/profile/classify.ts';
import { checkOcspResponses } from '../packages/verifier/src/revocation/ocsp/check.ts';
import { ocspSource } from '../packages/verifier/src/revocation/ocsp/source.ts';
import type { StatusContext } from '../packages/verifier/src/revocation/types.ts';
import { inRounds, ratio, type Timed } from './hot/rounds.ts';
import { median, openReport } from './results/report.ts';

const [root = ''] = process.argv.slice(2);
const ROUNDS = Number(process.env['ROUNDS'] ?? 31);
const read = (name: string): unknown => JSON.parse(readFileSync(join(root, 'test/vectors', name), 'utf8'));
const cases = read('cases.json') as readonly {
  readonly id: string;
  readonly at: string;
  readonly input: { readonly certificate: string };
  readonly revocation: { readonly ocspResponses: readonly string[] };
}[];

const prepared = (id: string, name: string): { readonly context: StatusContext; readonly der: Uint8Array } => {
  const found = cases.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no vector ${id}`);
  const environment: Environment = loadEnvironment(read(`environment-${name}.json`));
  const certificate = readCertificate(new Uint8Array(Buffer.from(found.input.certificate, 'base64')));
  const keyId = Buffer.from(certificate.authorityKeyIdentifier?.keyIdentifier ?? []).toString('hex');
  const anchor = environment.anchors.find((one) => one.keyId === keyId);
  const { profile } = classify(certificate, anchor ?? null, environment);
  if (anchor === undefined || profile === null) throw new Error('the vectors have changed');
  const der = new Uint8Array(Buffer.from(found.revocation.ocspResponses[0] as string, 'base64'));
  return { context: { certificate, anchor, profile, at: Date.parse(found.at) }, der };
};

const rsa = prepared('happy/card-user-authentication-g3-ocsp', 'synthetic');
const p256 = prepared('ocsp/p256-responder', 'nextgen');
const judge = ({ context, der }: typeof rsa): void => {
  const { status } = checkOcspResponses([{ der, origin: 'handed-in' }], null, context);
  if (status !== 'good') throw new Error(status);
};
/** As long as the signed part of such an answer. */
const signed = Buffer.alloc(200, 1);
const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ecKey = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const rsaSignature = sign('sha256', signed, rsaKey.privateKey);
const ecSignature = sign('sha256', signed, ecKey.privateKey);
const pkijs = createRequire(`${root}/packages/verifier/package.json`)('pkijs');
pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: globalThis.crypto }));

const times = await inRounds(
  [
    { name: 'crypto.verify, RSA-2048', calls: 300, run: () => verify('sha256', signed, rsaKey.publicKey, rsaSignature) },
    { name: 'ours, RSA-2048', calls: 300, run: () => judge(rsa) },
    { name: 'crypto.verify, P-256', calls: 150, run: () => verify('sha256', signed, ecKey.publicKey, ecSignature) },
    { name: 'ours, P-256', calls: 150, run: () => judge(p256) },
    {
      name: 'pkijs: fromBER and verify, RSA-2048',
      calls: 3,
      run: async () => {
        const { responseBytes } = pkijs.OCSPResponse.fromBER(rsa.der);
        const basic = pkijs.BasicOCSPResponse.fromBER(responseBytes.response.valueBlock.valueHexView);
        await basic.verify({
          trustedCerts: [pkijs.Certificate.fromBER(rsa.context.anchor.certificate.der)],
          checkDate: new Date(rsa.context.at),
        });
      },
    },
  ],
  ROUNDS,
);

/** A responder that says the same to everybody: the trip is measured, not the responder. */
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/ocsp-response' }).end(rsa.der));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
const { profile } = rsa.context;
const query = (n: number) => {
  // Questions about different certificates are not one question.
  const serialNumber = Uint8Array.of(8, n >> 16, n >> 8, n);
  const certificate = Object.assign(Object.create(rsa.context.certificate) as typeof rsa.context.certificate, { serialNumber });
  return {
    ...rsa.context,
    certificate,
    class: profile.class,
    profile: { ...profile, ocsp: { ...profile.ocsp, urls: [`http://${host}/`] } },
  };
};
const kept = createFetcher({ allowedHosts: [host], connections: 32 });
const source = ocspSource({ fetcher: kept });
const at = new Date(rsa.context.at);
const wall = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};
let asked = 0;
const TRIPS = 64;
const trips: Record<'kept' | 'fresh' | 'together', number[]> = { kept: [], fresh: [], together: [] };
for (let round = -2; round < ROUNDS; round++) {
  const one = async (from: typeof source): Promise<void> => {
    const answer = await from.check(query(asked++), { at });
    if (answer.kind !== 'data') throw new Error(answer.kind);
  };
  const keptMs = await wall(async () => {
    for (let i = 0; i < TRIPS; i++) await one(source);
  });
  const freshMs = await wall(async () => {
    for (let i = 0; i < TRIPS; i++) {
      const fetcher = createFetcher({ allowedHosts: [host] });
      await one(ocspSource({ fetcher }));
      await fetcher.close();
    }
  });
  const togetherMs = await wall(async () => {
    for (let i = 0; i < TRIPS; i += 32) await Promise.all(Array.from({ length: 32 }, () => one(source)));
  });
  if (round < 0) continue;
  trips.kept.push(keptMs / TRIPS);
  trips.fresh.push(freshMs / TRIPS);
  trips.together.push(togetherMs / TRIPS);
}
await kept.close();
server.close();

const { say, close } = openReport(root, 'ocsp', 'OCSP answers');
const ratios = (over: readonly number[], under: readonly number[]): string =>
  median(over.map((time, round) => time / (under[round] as number))).toFixed(2);
const row = (name: string, other: string): void => {
  const [ours, theirs] = [times.get(name) as Timed, times.get(other) as Timed];
  say(`| ${name} | ${ours.cpu.toFixed(1)} | ${other} | ${theirs.cpu.toFixed(1)} | ${ratio(ours, theirs).toFixed(2)} |`);
};
say('### Judged by every rule (strict reading, responder’s authority, signature, CertID, times), processor time per answer');
say();
say('| | µs | against | µs | answers in the time of one |');
say('|---|--:|---|--:|--:|');
row('ours, RSA-2048', 'crypto.verify, RSA-2048');
row('ours, P-256', 'crypto.verify, P-256');
row('ours, RSA-2048', 'pkijs: fromBER and verify, RSA-2048');
say();
say(`### Round trips to a responder in this process, ${TRIPS} a round, wall time each`);
say();
say('| | ms | times faster than a connection for each |');
say('|---|--:|--:|');
say(`| a fetcher and connection for each | ${median(trips.fresh).toFixed(2)} | 1 |`);
say(`| connection kept open, one after another | ${median(trips.kept).toFixed(2)} | ${ratios(trips.fresh, trips.kept)} |`);
say(`| connections kept open, 32 in flight | ${median(trips.together).toFixed(2)} | ${ratios(trips.fresh, trips.together)} |`);
close();
