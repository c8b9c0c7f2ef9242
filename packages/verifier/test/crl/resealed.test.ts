/** Whoever can write an index without a MAC can seal it too: what then does not fit together is refused when it is opened, in either mode, at once. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openCrlIndex } from '../../src/crl/index.ts';
import { entry, int, mintCrl, SERIAL } from '../revocation/mint.ts';
import { bytesOf, folder, indexed, ingest } from './reference.ts';

const LISTED = '07001195';
const LONG = '2b'.repeat(12);
const CRL = mintCrl({ entries: [entry({ serial: SERIAL, reason: 1 }), entry({ serial: int(...bytesOf(LONG)), reason: 1 })] });

interface Described {
  readonly short: Record<'offset' | 'pageBits' | 'recordBytes', unknown>;
  readonly long: Record<'offset' | 'pageBits' | 'recordBytes', unknown>;
  readonly heap: Record<'offset' | 'blocks', unknown>;
}

let good: Buffer;
const where = folder();
beforeAll(async () => {
  const into = join(where, 'good');
  (await indexed(CRL, into)).close();
  good = readFileSync(into);
});

/** The index with its trailer changed and sealed again. */
const resealed = (change: (described: Described, starts: Uint32Array) => void): string => {
  const at = Number(good.readBigUInt64LE(16));
  const trailer = Buffer.from(good.subarray(at, at + good.readUInt32LE(24)));
  const length = trailer.readUInt32LE(0);
  const described = JSON.parse(trailer.toString('utf8', 4, 4 + length)) as Described & { short: { pageBits: number } };
  const tables = Buffer.from(trailer.subarray(4 + Math.ceil(length / 4) * 4));
  const starts = new Uint32Array(new Uint8Array(tables).buffer, 0, 2 ** described.short.pageBits + 1);
  change(described, starts);
  Buffer.from(starts.buffer, 0, starts.byteLength).copy(tables);
  const json = Buffer.from(JSON.stringify(described));
  const head = Buffer.alloc(4 + Math.ceil(json.length / 4) * 4);
  head.writeUInt32LE(json.length);
  json.copy(head, 4);
  const end = Buffer.concat([head, tables]);
  const prefix = Buffer.from(good.subarray(0, 64));
  prefix.writeUInt32LE(end.length, 24);
  createHash('sha256').update(prefix.subarray(0, 32)).update(end).digest().copy(prefix, 32);
  const file = join(where, 'resealed');
  writeFileSync(file, Buffer.concat([prefix, good.subarray(64, at), end]));
  return file;
};

const CORRUPT = { name: 'CrlIndexError', code: 'index-corrupt' };

test('an index sealed again as it was says what it said', async () => {
  const index = await openCrlIndex(resealed(() => undefined));
  expect([LISTED, LONG, '05'].map((serial) => index.lookup(bytesOf(serial))?.reason)).toEqual([
    'keyCompromise',
    'keyCompromise',
    undefined,
  ]);
  index.close();
});

describe.each(['on-demand', 'memory'] as const)('opened %s, an index is refused', (mode) => {
  test.each<[string, (described: Described, starts: Uint32Array) => void]>([
    ['whose pages do not follow each other', (_, starts) => starts.fill(0xffff_ffff, 1, 2)],
    ['whose first page does not begin at the beginning', (_, starts) => starts.fill(1, 0, 1)],
    ['whose pages go beyond the file', (_, starts) => starts.fill(0xffff_ffff, 1)],
    ['with more pages than there are', ({ short }) => Object.assign(short, { pageBits: 40 })],
    ['with one page', ({ short }) => Object.assign(short, { pageBits: 0 })],
    ['with less than one page', ({ short }) => Object.assign(short, { pageBits: -1 })],
    ['with half a page', ({ short }) => Object.assign(short, { pageBits: 8.5 })],
    ['with records of no octets', ({ short }) => Object.assign(short, { recordBytes: 0 })],
    ['with records of another size', ({ long }) => Object.assign(long, { recordBytes: 8 })],
    ['whose pages begin before the file', ({ short }) => Object.assign(short, { offset: -5000 })],
    ['whose pages begin in the prefix', ({ short }) => Object.assign(short, { offset: 0 })],
    ['whose pages begin beyond what a number can say', ({ long }) => Object.assign(long, { offset: 2 ** 53 })],
    ['whose pages begin at a text', ({ short }) => Object.assign(short, { offset: '4096' })],
    ['whose heap is elsewhere', ({ heap }) => Object.assign(heap, { offset: 0 })],
    ['whose heap has no number of blocks', ({ heap }) => Object.assign(heap, { blocks: null })],
    ['whose heap is larger than the file', ({ heap }) => Object.assign(heap, { blocks: 1_000_000 })],
  ])('%s', async (_, change) => {
    await expect(openCrlIndex(resealed(change), { mode })).rejects.toMatchObject(CORRUPT);
  });
});

describe('what is no file', () => {
  test('does not open: a folder, a pipe nobody writes into', async () => {
    mkdirSync(join(where, 'folder'));
    execFileSync('mkfifo', [join(where, 'pipe')]);
    for (const name of ['folder', 'pipe']) {
      const path = join(where, name);
      await expect(openCrlIndex(path)).rejects.toMatchObject({ ...CORRUPT, detail: 'no-file' });
      expect(await ingest(CRL, path)).toEqual({ ok: false, code: 'index-corrupt', detail: 'published' });
    }
  });

  test('a link to an index is that index', async () => {
    symlinkSync(join(where, 'good'), join(where, 'link'));
    const index = await openCrlIndex(join(where, 'link'));
    expect(index.lookup(bytesOf(LISTED))?.reason).toBe('keyCompromise');
    index.close();
  });
});
