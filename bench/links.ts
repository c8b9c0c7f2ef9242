/**
 * The ledger on a PostgreSQL server: a daily difference matched blind, whole lists, and `find`. `node scripts/bench.mjs links`; `BENCH_FULL=1` for a million links.
 */
import { createHmac, createSecretKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqlPool } from '../packages/node-sdk/src/store/postgres/client.ts';
import { postgresLinkStore } from '../packages/node-sdk/src/store/postgres/links.ts';
import { ingestCrl, openCrlIndex } from '../packages/verifier/src/crl/index.ts';
import {
  createLinkLedger,
  type LinkCommit,
  type LinkLedger,
  type RevocationIndex,
  type RevokedCertificate,
} from '../packages/verifier/src/links/index.ts';
import { mintCrl, mintIssuer, POINT_TEXT } from './crl/mint.ts';
import { loadAll, openSchema, sameAsCommitted, serverCpu } from './links/database.ts';
import {
  cardSerial,
  commitOf,
  ISSUER,
  identifier,
  KEY,
  NOW,
  SEAL_KEY,
  sameAsEstablished,
  sealing,
  strangerSerial,
  verdictOf,
} from './links/people.ts';
import { median, medianRatio, openReport } from './results/report.ts';

const root = process.argv[2] ?? process.cwd();
const FULL = process.env['BENCH_FULL'] === '1';
const LINKS = FULL ? 1_000_000 : 50_000;
const LISTED = FULL ? 1_000_000 : 200_000;
const DAILY = FULL ? 50_000 : 5_000;
const SEALED = FULL ? 20_000 : 2_000;
const ROUNDS = 3;
/** What a sweep reads of mode `sealed`: names, and no certificates. */
const named = { ...sealing, certificates: false };
const later = new Date(NOW.getTime() + 60_000);

const report = openReport(root, 'links', 'Links, on PostgreSQL');
const { say } = report;
const number = (value: number): string => Math.round(value).toLocaleString('en');
const ms = (value: number): string => (value < 10 ? `${value.toFixed(2)} ms` : `${number(value)} ms`);

interface Cost {
  readonly ms: number;
  /** User and system time of this process. */
  readonly cpu: number;
  /** Of the database's. */
  readonly server: number;
}
const costOf = async (work: () => unknown, pool?: SqlPool): Promise<Cost> => {
  const before = pool === undefined ? null : await serverCpu(pool);
  const cpu = process.cpuUsage();
  const from = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const ms = performance.now() - from;
  const after = pool === undefined ? null : await serverCpu(pool);
  return { ms, cpu: (user + system) / 1000, server: after === null || before === null ? Number.NaN : after - before };
};

const memory: (readonly [string, number])[] = [];
const remember = (point: string): void => {
  memory.push([point, process.memoryUsage().rss]);
};

const revocation = (serialNumber: string): RevokedCertificate => ({ issuerKeyId: ISSUER, serialNumber, reason: 'superseded' });
function* strangers(count: number): Generator<RevokedCertificate> {
  for (let n = 0; n < count; n++) yield revocation(strangerSerial(n));
}

async function* people(count: number): AsyncGenerator<readonly LinkCommit[]> {
  for (let from = 0; from < count; from += 2_000) {
    const piece: LinkCommit[] = [];
    for (let n = from; n < Math.min(count, from + 2_000); n++) piece.push(await commitOf(n, undefined, named));
    yield piece;
  }
}

/** The bare HMACs of a list’s entries: nothing is parsed, compared or kept. */
const bareHmacs = (count: number): void => {
  const key = createSecretKey(KEY);
  const bytes = Buffer.alloc(54);
  for (let n = 0; n < count; n++) {
    bytes.writeUInt32BE(n, 50);
    createHmac('sha256', key).update(bytes).digest('base64url');
  }
};

const sweepAll = async (
  ledger: LinkLedger,
  revocations: Iterable<RevokedCertificate>,
): Promise<{ readonly changed: number; readonly peak: number }> => {
  let peak = 0;
  const { changed, failures } = await ledger.reconcile({
    revocations,
    asOf: later,
    batch: 1_000,
    onProgress: () => {
      peak = Math.max(peak, process.memoryUsage().rss);
    },
  });
  if (failures['link-busy'] + failures['link-integrity'] > 0) throw new Error('a sweep failed');
  return { changed, peak };
};

/** The index of a minted CRL, in memory. Its serial numbers are nobody's; the issuer is named as that of everybody here, so that all are looked up in it. */
const listOf = async (entries: number): Promise<RevocationIndex> => {
  const folder = mkdtempSync(join(tmpdir(), 'jpki-bench-'));
  try {
    const [crl, into] = [join(folder, 'crl'), join(folder, 'index')];
    const issuer = mintIssuer();
    mintCrl(crl, issuer, { entries, serial: 4, reasons: true });
    const scope = { class: 'card-user-authentication', distributionPoint: POINT_TEXT } as const;
    const ingested = await ingestCrl(crl, { issuer: issuer.certificate, scope, into });
    if (!ingested.ok) throw new Error(ingested.code);
    const index = await openCrlIndex(into, { mode: 'memory' });
    return { info: { issuerKeyId: ISSUER }, lookup: (serialNumber) => index.lookup(serialNumber) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Every name opened and looked up. */
const lookUpAll = async (ledger: LinkLedger, list: RevocationIndex): Promise<void> => {
  const { examined, listed, unnamed, uncovered, failures } = await ledger.lookUp({ lists: [list], asOf: later });
  if (examined !== 2 * LINKS || listed + unnamed + uncovered + failures['link-integrity'] > 0)
    throw new Error('not every name was looked up');
};

const main = async (): Promise<void> => {
  const sample = Array.from({ length: 200 }, (_, i) => Math.floor((i * LINKS) / 200));
  await sameAsEstablished(sample);
  await sameAsCommitted(root, await Promise.all(sample.map((n) => commitOf(n, undefined, sealing))));
  const schema = await openSchema(root);
  try {
    const ledgerFor = (more: object = {}): LinkLedger =>
      createLinkLedger({ store: postgresLinkStore({ pool: schema.pool }), identifier, clock: () => NOW, notify: () => undefined, ...more });
    const ledger = ledgerFor();
    remember('before loading');
    const load = await costOf(() => loadAll(schema.pool, people(LINKS)));
    say(
      `PostgreSQL ${schema.version} on the same machine, as installed. ${number(LINKS)} links loaded in ${number(load.ms / 1000)} s; a sample of ${sample.length} compared: the same commits, MACs included, that \`establish\` makes, and the same rows that \`commit\` writes.`,
    );
    remember('loaded');

    const finds: number[] = [];
    for (let i = 0; i < 2_000; i++) {
      const verdict = verdictOf(Math.floor(((i * 7919) % 10_007) * (LINKS / 10_007)), 'smartphone');
      const { ms: took } = await costOf(async () => {
        if (!(await ledger.find({ verdict })).ok) throw new Error('nobody was found');
      });
      if (i >= 200) finds.push(took);
    }
    finds.sort((a, b) => a - b);
    remember('after find');

    const [floor, whole, looked]: [Cost[], Cost[], Cost[]] = [[], [], []];
    const sealed = ledgerFor({ sealCertificates: SEAL_KEY });
    const list = await listOf(LISTED);
    let peak = 0;
    await sweepAll(ledger, strangers(30_000));
    for (let round = 0; round < ROUNDS; round++) {
      floor.push(await costOf(() => bareHmacs(LISTED)));
      const runWhole = async (): Promise<void> => {
        peak = Math.max(peak, (await sweepAll(ledger, strangers(LISTED))).peak);
      };
      whole.push(await costOf(runWhole, schema.pool));
      looked.push(await costOf(() => lookUpAll(sealed, list), schema.pool));
    }
    memory.push([`a list of ${number(LISTED)}, highest`, peak]);
    memory.push([`a list of ${number(5 * LISTED)}, highest`, (await sweepAll(ledger, strangers(5 * LISTED))).peak]);

    const few = Math.round(DAILY / 80);
    function* daily(first: number, ours: number): Generator<RevokedCertificate> {
      yield* strangers(DAILY - ours);
      for (let n = 0; n < ours; n++) yield revocation(cardSerial(first + n));
    }
    const differences: (readonly [string, number, Cost])[] = [];
    for (const [first, ours] of [
      [0, few],
      [few, DAILY],
    ] as const) {
      let found = 0;
      const cost = await costOf(async () => {
        found = (await sweepAll(ledger, daily(first, ours))).changed;
      }, schema.pool);
      if (found !== ours) throw new Error(`${found} links ended instead of ${ours}`);
      differences.push([`${number(ours)} of them ours`, ours, cost]);
      remember(`after a difference, ${number(ours)} ours`);
    }

    say();
    say('| | links | entries | time | target | Node.js CPU | PostgreSQL CPU |');
    say('|---|--:|--:|--:|--:|--:|--:|');
    const row = (name: string, entries: number, cost: Cost, target: string): void =>
      say(
        `| ${name} | ${number(LINKS)} | ${number(entries)} | ${ms(cost.ms)} | ${target} | ${ms(cost.cpu)} | ${Number.isNaN(cost.server) ? '' : ms(cost.server)} |`,
      );
    for (const [name, , cost] of differences) row(`daily difference, ${name}`, DAILY, cost, '10,000 ms');
    const middle = (costs: readonly Cost[]): Cost => ({
      ms: median(costs.map((cost) => cost.ms)),
      cpu: median(costs.map(({ cpu }) => cpu)),
      server: median(costs.map(({ server }) => server)),
    });
    row('bare HMAC of a list', LISTED, middle(floor), '');
    row('whole list, `mac`', LISTED, middle(whole), '1.5 × bare HMAC');
    row('every link looked up in the list’s index, `sealed`', LISTED, middle(looked), '30,000 ms');
    const of = (pick: (cost: Cost) => number): string => medianRatio(whole.map(pick), floor.map(pick)).toFixed(2);
    say();
    say(
      `Whole list, \`mac\`: **${of((cost) => cost.ms)} ×** the bare HMAC of its entries in the same round (CPU of Node.js: ${of(({ cpu }) => cpu)} ×).`,
    );
    say(
      `\`find\`: p50 ${ms(finds[finds.length >> 1] ?? Number.NaN)}, p99 ${ms(finds[Math.floor(finds.length * 0.99)] ?? Number.NaN)}; target p50 1 ms.`,
    );

    await schema.pool.query('truncate jpki_person cascade');
    await schema.pool.query('truncate jpki_ceremony');
    const walk = await walked(schema.pool, sealed);
    say(
      `Mode \`sealed\`, link by link (${number(SEALED)} links, both certificates opened): ${number((walk.ms * 1000) / SEALED)} µs per link, so ${number((walk.ms / SEALED) * 1_000)} s for a million. A sweep opens their names only.`,
    );
    say();
    say('| resident memory | MB |');
    say('|---|--:|');
    for (const [point, bytes] of memory) say(`| ${point} | ${number(bytes / 1e6)} |`);
    report.close();
  } finally {
    await schema.drop();
  }
};

/** Every certificate of every link, opened. */
const walked = async (pool: Parameters<typeof loadAll>[0], ledger: LinkLedger): Promise<Cost> => {
  await loadAll(
    pool,
    (async function* () {
      for (let from = 0; from < SEALED; from += 500)
        yield await Promise.all(Array.from({ length: 500 }, (_, i) => commitOf(from + i, undefined, sealing)));
    })(),
  );
  return await costOf(async () => {
    let opened = 0;
    for await (const held of ledger.certificates()) if (held.ok && held.certificate !== null) opened += 1;
    if (opened !== 2 * SEALED) throw new Error(`${opened} certificates opened instead of ${2 * SEALED}`);
  });
};

await main();
