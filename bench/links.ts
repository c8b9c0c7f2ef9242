/**
 * What the ledger itself costs, without a database: a sweep of a list that concerns nobody against the bare HMACs of its entries in the same run, a blind
 * difference in which every entry ends a link, and `find`. CPU time, rounds interleaved. `node scripts/bench.mjs links`; `BENCH_FULL=1` for a million entries.
 */
import { createHmac, createSecretKey } from 'node:crypto';
import { cpus } from 'node:os';
import { canonicalJson } from '../packages/verifier/src/evidence/jcs.ts';
import { createLinkLedger, hmacIdentifier, memoryLinkStore } from '../packages/verifier/src/links/index.ts';
import { mintProven } from '../packages/verifier/src/proven.ts';

const FULL = process.env['BENCH_FULL'] === '1';
const ENTRIES = FULL ? 1_000_000 : 100_000;
const LINKS = FULL ? 50_000 : 5_000;
const ROUNDS = 5;
const ISSUER = '00112233445566778899aabbccddeeff00112233';
const NOW = new Date('2026-04-01T00:00:00Z');
const secret = new Uint8Array(32).fill(3);

const serial = (n: number): string => (0x06000000 + n).toString(16).padStart(8, '0');
const cpuOf = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;

const ledger = createLinkLedger({
  store: memoryLinkStore(),
  identifier: hmacIdentifier({ keyId: 'k1', key: secret }),
  clock: () => NOW,
  notify: () => undefined,
});

const verdictOf = (n: number, carrier: 'card' | 'smartphone') => {
  const message = canonicalJson({
    v: 'jpki-rp/v1',
    type: 'jpki-rp/v1/user-authentication',
    transactionId: `${carrier}-${n}`,
    origin: 'https://rp.example',
    ceremony: { id: `c${n}`, step: carrier },
  });
  const digest = '0'.repeat(64);
  return mintProven({
    result: 'valid',
    class: `${carrier}-user-authentication`,
    at: NOW,
    checks: [],
    warnings: [],
    revocation: { status: 'good', sources: [] },
    certificate: {
      issuerKeyId: ISSUER,
      serialNumber: serial(n * 2 + (carrier === 'card' ? 0 : 1)),
      notBefore: NOW,
      notAfter: new Date('2030-01-01T00:00:00Z'),
      sha256: digest,
    },
    evidence: () => ({
      format: 'evidence.v0',
      at: NOW.toISOString(),
      role: 'verifier',
      environment: { id: 'bench', kind: 'test', digest },
      anchor: null,
      input: {
        certificateSha256: digest,
        message: Buffer.from(message).toString('base64'),
        signature: '',
        scheme: 'rsa-pkcs1-sha256',
        purpose: 'user-authentication',
        acceptCarriers: ['card', 'smartphone'],
        reportedCarrier: null,
      },
      revocation: { mode: 'ocsp', crls: [], ocspResponses: [], ocspNonce: null, sources: [] },
      verdict: { result: 'valid', code: null, detail: null, class: `${carrier}-user-authentication`, checks: [], warnings: [] },
    }),
  });
};

function* revocations(first: number, count: number, step: number) {
  for (let n = 0; n < count; n++) yield { issuerKeyId: ISSUER, serialNumber: serial(first + n * step), reason: 'superseded' as const };
}

const establish = await cpuOf(async () => {
  for (let n = 0; n < LINKS; n++) {
    await ledger.establish(verdictOf(n, 'card'), verdictOf(n, 'smartphone'), { account: `a${n}`, ceremony: { id: `c${n}` } });
  }
});

const key = createSecretKey(secret);
const floor: number[] = [];
const sweep: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  floor.push(
    await cpuOf(() => {
      const bytes = Buffer.alloc(54);
      for (let n = 0; n < ENTRIES; n++) {
        bytes.writeUInt32BE(n, 50);
        createHmac('sha256', key).update(bytes).digest('base64url');
      }
    }),
  );
  sweep.push(await cpuOf(() => ledger.reconcile({ revocations: revocations(0x1000000, ENTRIES, 1), asOf: NOW })));
}

const verdicts = Array.from({ length: 1_000 }, (_, n) => verdictOf(n, 'smartphone'));
const find = await cpuOf(async () => {
  for (const verdict of verdicts) await ledger.find({ verdict });
});
const difference = await cpuOf(() => ledger.reconcile({ revocations: revocations(0, LINKS, 2), asOf: NOW }));

console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, Node.js ${process.version}; CPU time, medians of ${ROUNDS}`);
console.log(`establish                 ${((establish * 1000) / LINKS).toFixed(0)} µs each, ${LINKS} links`);
console.log(`bare HMAC                 ${((median(floor) * 1000) / ENTRIES).toFixed(2)} µs each, ${ENTRIES} entries`);
console.log(`sweep, mode mac           ${(median(sweep) / median(floor)).toFixed(2)} × that`);
console.log(`find                      ${((find * 1000) / verdicts.length).toFixed(0)} µs each`);
console.log(`difference, all of ours   ${((difference * 1000) / LINKS).toFixed(0)} µs each, ${LINKS} links ended`);
