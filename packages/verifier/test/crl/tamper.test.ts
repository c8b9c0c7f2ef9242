import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type CrlIndex, CrlIndexError, openCrlIndex, verifyCrlIndex } from '../../src/crl/index.ts';
import { AT, crlNumber, DAY, entry, HOME_IDP, int, mintCrl } from '../revocation/mint.ts';
import { bytesOf, entryOf, folder, HOME_TEXT, ISSUER, indexed, ingest, type Listed, SCOPE } from './reference.ts';

const KEY = new Uint8Array(32).fill(0x5a);
const LISTED: readonly Listed[] = Array.from({ length: 90 }, (_, i) => ({
  serial:
    i % 3 === 0
      ? `0${(i + 1).toString(16).padStart(5, '1')}`
      : `2b${i
          .toString(16)
          .padStart(2, '0')
          .repeat(i % 2 === 0 ? 6 : 19)}`,
  // Some dates do not fit the packed form.
  date: i % 9 === 0 ? Date.UTC(1999, 1, 1 + i) : AT - i * DAY,
  reason: [1, 3, 4, 5, 6][i % 5] as number,
}));
const CRL = mintCrl({ entries: LISTED.map((listed) => entryOf(listed)) });
const UNLISTED = ['05', '0badcafe', 'ff'.padStart(4, '0'), '7b'.repeat(20)].map(bytesOf);

const answers = (index: CrlIndex): string[] =>
  [...LISTED.map(({ serial }) => bytesOf(serial)), ...UNLISTED].map((serial) => {
    try {
      return JSON.stringify(index.lookup(serial));
    } catch (error) {
      if (error instanceof CrlIndexError) return error.code;
      throw error;
    }
  });

vi.setConfig({ testTimeout: 180_000 });

describe.each([
  ['without a MAC', {}],
  ['with a MAC', { key: KEY }],
])('%s', (_, keyed) => {
  const where = folder();
  const into = join(where, 'index');

  test('an octet changed anywhere gives an error or the right answer, never another', async () => {
    const index = await indexed(CRL, into, keyed);
    const right = answers(index);
    index.close();
    const whole = readFileSync(into);
    const damaged = join(where, 'damaged');
    let noticed = 0;
    let unread = 0;
    // All of prefix, pages and trailer; of the heap's blocks and the space before them every 97th octet as well.
    for (let at = 0; at < whole.length; at += at < 64 || at > 8192 ? 5 : 97) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      writeFileSync(damaged, changed);
      let found: string[];
      try {
        const opened = await openCrlIndex(damaged, { mode: at % 2 === 0 ? 'memory' : 'on-demand', ...keyed });
        found = answers(opened);
        opened.close();
      } catch (error) {
        expect((error as CrlIndexError).code).toMatch(/^index-(corrupt|truncated|version|key)$/);
        noticed += 1;
        continue;
      }
      const wrong = found.filter((answer, i) => answer !== right[i] && answer !== 'index-corrupt');
      expect(wrong).toEqual([]);
      if (found.includes('index-corrupt')) noticed += 1;
      else unread += 1;
    }
    expect(noticed).toBeGreaterThan(200);
    // Between the prefix and the first block, and behind the last page, nothing is kept.
    expect(unread).toBeLessThan(60);
  });

  test('a file cut anywhere does not open', async () => {
    const index = await indexed(CRL, into, keyed);
    index.close();
    const whole = readFileSync(into);
    const cut = join(where, 'cut');
    for (const length of [0, 1, 63, 64, 65, 4096, 9000, whole.length - 4, whole.length - 1]) {
      writeFileSync(cut, whole);
      truncateSync(cut, length);
      await expect(openCrlIndex(cut, keyed)).rejects.toMatchObject({ code: 'index-truncated' });
    }
    writeFileSync(cut, Buffer.concat([whole, Buffer.alloc(1)]));
    await expect(openCrlIndex(cut, keyed)).rejects.toMatchObject({ code: 'index-corrupt' });
  });

  test('two pages exchanged are noticed', async () => {
    const two = mintCrl({ entries: Array.from({ length: 512 }, (_, i) => entry({ serial: int(1, i >> 8, i & 255) })) });
    const index = await indexed(two, into, keyed);
    const entries = [...index.entries()].map(({ serialNumber }) => serialNumber);
    index.close();
    const whole = readFileSync(into);
    // Pages of equal length stand side by side; exchanging records of eight octets moves an entry to another page.
    const changed = Buffer.from(whole);
    whole.copy(changed, 4096, 4096 + 64, 4096 + 128);
    whole.copy(changed, 4096 + 64, 4096, 4096 + 64);
    writeFileSync(into, changed);
    const again = await openCrlIndex(into, keyed);
    expect(() => entries.map((serial) => again.lookup(serial))).toThrow(CrlIndexError);
    again.close();
  });
});

describe('what does not open', () => {
  test('no file, another kind of file, a later version', async () => {
    const where = folder();
    await expect(openCrlIndex(join(where, 'none'))).rejects.toMatchObject({ code: 'index-missing' });
    writeFileSync(join(where, 'other'), Buffer.alloc(5000, 1));
    await expect(openCrlIndex(join(where, 'other'))).rejects.toMatchObject({ code: 'index-corrupt', detail: 'magic' });
    const into = join(where, 'index');
    await indexed(CRL, into);
    const later = readFileSync(into);
    // As a machine of the other byte order would have written it.
    later.subarray(12, 16).reverse();
    writeFileSync(join(where, 'other'), later);
    await expect(openCrlIndex(join(where, 'other'))).rejects.toMatchObject({ code: 'index-version', detail: 'byte-order' });
    later[8] = 3;
    writeFileSync(into, later);
    await expect(openCrlIndex(into)).rejects.toMatchObject({ code: 'index-version' });
    expect(await ingest(CRL, into)).toEqual({ ok: false, code: 'index-version', detail: 'published' });
  });
  test('an index with a MAC without its key or with another, and one without a MAC where a key is expected', async () => {
    const into = join(folder(), 'index');
    await indexed(CRL, into, { key: KEY });
    await expect(openCrlIndex(into)).rejects.toMatchObject({ code: 'index-key', detail: 'key-missing' });
    await expect(openCrlIndex(into, { key: new Uint8Array(32) })).rejects.toMatchObject({ code: 'index-key', detail: 'seal' });
    const plain = join(folder(), 'index');
    await indexed(CRL, plain);
    await expect(openCrlIndex(plain, { key: KEY })).rejects.toMatchObject({ code: 'index-key', detail: 'not-keyed' });
  });
});

describe('an index against its archived CRL', () => {
  const options = { issuer: ISSUER, scope: SCOPE };
  test('is the same', async () => {
    const into = join(folder(), 'index');
    await indexed(CRL, into, { key: KEY });
    expect(await verifyCrlIndex(into, CRL, { ...options, key: KEY })).toEqual({ ok: true });
  });
  test('is that of another CRL', async () => {
    const into = join(folder(), 'index');
    await indexed(CRL, into);
    const other = mintCrl({ extensions: [crlNumber(6), HOME_IDP] });
    expect(await verifyCrlIndex(into, other, options)).toEqual({ ok: false, code: 'index-differs', detail: 'other-crl' });
    expect(await verifyCrlIndex(into, other.subarray(1), options)).toEqual({ ok: false, code: 'crl-malformed' });
  });
  test('lists something else, sealed by whoever could', async () => {
    const where = folder();
    await indexed(CRL, join(where, 'index'));
    await indexed(mintCrl({ entries: LISTED.slice(1).map((listed) => entryOf(listed)) }), join(where, 'other'));
    const { decodeLayout, encodeLayout } = await import('../../src/crl/layout.ts');
    const octets = readFileSync(join(where, 'other'));
    const read = { size: octets.length, read: (at: number, length: number) => octets.subarray(at, at + length) };
    const layout = decodeLayout(read, null);
    const genuine = await openCrlIndex(join(where, 'index'));
    const trailerOffset = octets.readUInt32LE(16);
    const { prefix, trailer } = encodeLayout({ ...layout, info: genuine.info }, trailerOffset, null);
    genuine.close();
    writeFileSync(join(where, 'forged'), Buffer.concat([prefix, octets.subarray(64, trailerOffset), trailer]));
    const forged = await openCrlIndex(join(where, 'forged'));
    expect(forged.info).toMatchObject({ distributionPoint: HOME_TEXT, entries: LISTED.length });
    forged.close();
    expect(await verifyCrlIndex(join(where, 'forged'), CRL, options)).toEqual({ ok: false, code: 'index-differs', detail: 'entries' });
  });
});
