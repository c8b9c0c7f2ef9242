/** What runs in a process of its own: the hash floor, our ingest, our lookups, and the peers that are JavaScript. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ingestCrl, openCrlIndex } from '../../packages/verifier/src/crl/index.ts';
import { decodeLayout } from '../../packages/verifier/src/crl/layout.ts';
import { median } from '../results/report.ts';
import { dateOf, POINT_TEXT, reasonOf, type Shape, serialOf } from './mint.ts';

const REASON_NAMES = ['unspecified', 'keyCompromise', '', 'affiliationChanged', 'superseded', 'cessationOfOperation', 'certificateHold'];
const say = (value: unknown): void => console.log(JSON.stringify(value));

/** Read and hashed, once or as often as an ingest on one thread cannot do without, and nothing else. */
const floor = (crl: string, hashes: 1 | 2): number => {
  const start = performance.now();
  const fd = openSync(crl, 'r');
  const buffer = Buffer.alloc(1 << 20);
  const all = Array.from({ length: hashes }, () => createHash('sha256'));
  for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) {
    for (const hash of all) hash.update(buffer.subarray(0, read));
  }
  for (const hash of all) hash.digest();
  closeSync(fd);
  return performance.now() - start;
};

const ingest = async (crl: string, issuer: string, into: string, threads: 1 | 2): Promise<number> => {
  const start = performance.now();
  const result = await ingestCrl(crl, {
    issuer: readFileSync(issuer),
    scope: { class: 'card-digital-signature', distributionPoint: POINT_TEXT },
    into,
    threads,
  });
  if (!result.ok) throw new Error(result.code);
  return performance.now() - start;
};

/** What the index keeps of long serial numbers in place of the CRL. */
const heapBytes = (into: string): number => {
  const octets = readFileSync(into);
  const read = { size: octets.length, read: (at: number, length: number) => octets.subarray(at, at + length) };
  return decodeLayout(read, null).heap.blocks * 4096;
};

/** Nanoseconds of one read at random out of as many octets, each place known only after the read before: what no lookup in memory can be below. */
const randomRead = (octets: number): number => {
  const memory = new Uint16Array(Math.floor(octets / 2)).fill(1);
  const reads = 500_000;
  const times: number[] = [];
  let at = 1;
  let sum = 0;
  for (let pass = 0; pass < 4; pass++) {
    const start = performance.now();
    for (let i = 0; i < reads; i++) {
      at = (Math.imul(at, 1_664_525) + 1_013_904_222 + (sum & 1)) | 1;
      sum = memory[Math.floor(((at >>> 0) / 2 ** 32) * memory.length)] as number;
    }
    times.push(((performance.now() - start) * 1e6) / reads);
  }
  return median(times);
};

const children: Readonly<Record<string, (...args: readonly string[]) => unknown>> = {
  /** The process itself, with everything loaded and nothing done. */
  idle: () => say({ peak: process.resourceUsage().maxRSS * 1024 }),
  /** Rounds of floor, two hashes, one thread, two threads, one after another in one process. */
  rounds: async (crl = '', issuer = '', into = '', rounds = '5') => {
    const times: Record<string, number[]> = {};
    for (let round = -1; round < Number(rounds); round++) {
      for (const [name, work] of [
        ['floor', () => floor(crl, 1)],
        ['hashes', () => floor(crl, 2)],
        ['one', () => ingest(crl, issuer, into, 1)],
        ['two', () => ingest(crl, issuer, into, 2)],
      ] as const) {
        const cpu = process.cpuUsage();
        const ms = await work();
        const { user, system } = process.cpuUsage(cpu);
        // The first round warms the caches and the compiler.
        if (round < 0) continue;
        times[name] = [...(times[name] ?? []), ms];
        times[`${name}Cpu`] = [...(times[`${name}Cpu`] ?? []), (user + system) / 1000];
      }
    }
    say({ times, size: statSync(into).size, heap: heapBytes(into) });
  },
  /** Once, for its memory. */
  ingest: async (crl = '', issuer = '', into = '', threads = '2') => {
    const ms = await ingest(crl, issuer, into, threads === '1' ? 1 : 2);
    say({ ms, peak: process.resourceUsage().maxRSS * 1024 });
  },
  lookup: async (into = '', mode = 'memory', shapeJson = '') => {
    const shape = JSON.parse(shapeJson) as Shape;
    const before = process.memoryUsage().rss;
    const index = await openCrlIndex(into, { mode: mode === 'memory' ? 'memory' : 'on-demand' });
    const resident = process.memoryUsage().rss - before;
    const opened: number[] = [];
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      (await openCrlIndex(into, { mode: mode === 'memory' ? 'memory' : 'on-demand' })).close();
      opened.push(performance.now() - start);
    }
    const count = 200_000;
    const serials = new Uint8Array(count * shape.serial);
    const own = Buffer.alloc(20);
    const keys = Array.from({ length: count }, (_, k) => {
      serialOf((k * 7_919) % shape.entries, shape, own);
      const key = serials.subarray(k * shape.serial, (k + 1) * shape.serial);
      key.set(own.subarray(0, shape.serial));
      // Every other one is asked for although it is (almost certainly) not listed.
      if (k % 2 === 1) key[shape.serial - 1] = (key[shape.serial - 1] as number) ^ 0x55;
      return key;
    });
    let wrong = 0;
    const times: number[] = [];
    for (let pass = 0; pass < 6; pass++) {
      let listed = 0;
      const start = performance.now();
      for (let k = 0; k < count; k++) if (index.lookup(keys[k] as Uint8Array) !== null) listed += 1;
      if (pass > 0) times.push(((performance.now() - start) * 1e6) / count);
      if (listed < count / 2) wrong += count / 2 - listed;
    }
    for (let k = 0; k < count; k += 2) {
      const i = (k * 7_919) % shape.entries;
      const listing = index.lookup(keys[k] as Uint8Array);
      if (listing?.revokedAt.getTime() !== dateOf(i) || (shape.reasons && listing.reason !== REASON_NAMES[reasonOf(i)])) wrong += 1;
    }
    say({ openMs: median(opened), resident, lookupNs: median(times), readNs: randomRead(statSync(into).size), wrong });
  },
  pkijs: (crl = '', root = '') => {
    const require = createRequire(`${root}/packages/verifier/package.json`);
    const { CertificateRevocationList } = require('pkijs');
    const start = performance.now();
    const list = CertificateRevocationList.fromBER(new Uint8Array(readFileSync(crl)));
    say({ ms: performance.now() - start, entries: list.revokedCertificates?.length });
  },
  x509: (crl = '', root = '') => {
    const require = createRequire(`${root}/test/simulator/package.json`);
    require('reflect-metadata');
    const { X509Crl } = require('@peculiar/x509');
    const start = performance.now();
    const list = new X509Crl(new Uint8Array(readFileSync(crl)));
    say({ ms: performance.now() - start, entries: list.entries.length });
  },
};

export const child = async (name: string, args: readonly string[]): Promise<void> => {
  await children[name]?.(...args);
  const into = args[2];
  if ((name === 'ingest' || name === 'rounds') && process.env['KEEP'] === undefined && into !== undefined) rmSync(into, { force: true });
};
