import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { fingerprint, mixSerial, print, serialOctets, shortSerial, unmixSerial } from '../../src/crl/mix.ts';
import { AT, DAY, entry, extension, generalizedTime, int, mintCrl, octets, seq } from '../revocation/mint.ts';
import { bytesOf, contentOf, entryOf, expected, folder, indexed, type Listed, pieces, serialDer } from './reference.ts';

vi.setConfig({ testTimeout: 180_000 });

const SECOND = 1000;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Positive serial numbers in their shortest form, of one length. */
const serialOfLength = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => {
    bytes[0] = (bytes[0] as number) & 0x7f;
    if (bytes[0] === 0 && length > 1) bytes[1] = (bytes[1] as number) | 0x80;
    return hex(bytes);
  });
const reason = fc.option(fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 9, 10), { nil: undefined });
const recent = fc.integer({ min: -3000 * 86_400, max: 86_400 }).map((s) => AT + s * SECOND);
/** From UTCTime's first year to its last. */
const anyDate = fc.integer({ min: Date.UTC(1950, 0, 1) / SECOND, max: Date.UTC(2049, 11, 31, 23, 59, 59) / SECOND }).map((s) => s * SECOND);
const listedOf = (serial: fc.Arbitrary<string>, date: fc.Arbitrary<number>): fc.Arbitrary<Listed> =>
  fc.record({ serial, date, reason }).map(({ reason: code, ...rest }) => ({ ...rest, ...(code === undefined ? {} : { reason: code }) }));

const check = async (listed: readonly Listed[], pieceSize: number, key?: Uint8Array): Promise<void> => {
  const crl = mintCrl({ entries: listed.map((one) => entryOf(one)) });
  const into = join(folder(), 'index');
  for (const mode of ['on-demand', 'memory'] as const) {
    const index = await indexed(pieces(crl, pieceSize), into, key === undefined ? {} : { key }, mode);
    const reference = expected(listed);
    expect(contentOf(index)).toEqual(reference);
    expect(index.info.entries).toBe(reference.size);
    for (const [serial, { date, reason: name }] of reference) {
      expect(index.lookup(bytesOf(serial))).toEqual({ revokedAt: new Date(date), reason: name });
      const neighbour = bytesOf(serial);
      neighbour[neighbour.length - 1] = (neighbour[neighbour.length - 1] as number) ^ 1;
      if (!reference.has(hex(neighbour))) expect(index.lookup(neighbour)).toBeNull();
    }
    index.close();
  }
};

describe('membership, date and reason are those of an independent reader', () => {
  test.each(Array.from({ length: 20 }, (_, i) => i + 1))('serial numbers of %i octets', async (length) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(listedOf(serialOfLength(length), recent), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 4096 }),
        (listed, size) => check(listed, size),
      ),
      { numRuns: 6, seed: 20260915 + length },
    );
  });
  test('all lengths and all of UTCTime together, with duplicates, unsorted, with and without a key', async () => {
    const any = fc.integer({ min: 1, max: 20 }).chain(serialOfLength);
    await fc.assert(
      fc.asyncProperty(
        fc.array(listedOf(any, fc.oneof(recent, anyDate)), { minLength: 1, maxLength: 80 }),
        fc.array(fc.tuple(fc.nat(), fc.oneof(recent, anyDate), reason), { maxLength: 30 }),
        fc.boolean(),
        async (first, again, keyed) => {
          const repeated = again.map(([i, date, code]): Listed => {
            const { serial } = first[i % first.length] as Listed;
            return { serial, date, ...(code === undefined ? {} : { reason: code }) };
          });
          await check([...first, ...repeated], 1024, keyed ? new Uint8Array(32).fill(7) : undefined);
        },
      ),
      { numRuns: 40, seed: 4 },
    );
  });
  test('the first and the last second that fit the packed date, and their neighbours', async () => {
    const last = 2 ** 28;
    const dates = [-last, -last + 40 * 86_400, 0, 31 * 86_400, 32 * 86_400].flatMap((s) =>
      [-86_401, -1, 0, 1, 86_401].map((d) => AT + (s + d) * SECOND),
    );
    await check(
      dates.map((date, i) => ({ serial: hex(serialOctets(1000 + i)), date, reason: 1 + (i % 5) })),
      512,
    );
  });
});

test('the mixing of serial numbers is undone exactly, and spreads them over the pages', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (serial) => {
      expect(unmixSerial(mixSerial(serial))).toBe(serial);
      const octetsOf = serialOctets(serial);
      expect(shortSerial(octetsOf, 0, octetsOf.length)).toBe(serial);
    }),
    { seed: 1, numRuns: 2000 },
  );
  for (const step of [1, 2, 256, 65_536]) {
    const pages = new Uint32Array(256);
    for (let i = 0; i < 65_536; i++) {
      const page = mixSerial((i * step) >>> 0) >>> 24;
      pages[page] = (pages[page] as number) + 1;
    }
    expect(Math.max(...pages)).toBeLessThan(400);
  }
});

test('serial numbers with the same fingerprint are told apart by their octets', async () => {
  // Found by search: the words of the fingerprint that name the place in the page agree for none of these, yet each must be confirmed.
  const listed = Array.from(
    { length: 2000 },
    (_, i): Listed => ({ serial: `7f${(i * 2_654_435_761).toString(16).padStart(14, '0').slice(-14)}`, date: AT - DAY, reason: 4 }),
  );
  await check(listed, 65_536);
  const own = bytesOf((listed[0] as Listed).serial);
  fingerprint(own, 0, own.length);
  const first = [...print];
  fingerprint(own, 0, own.length);
  expect([...print]).toEqual(first);
});

describe('entries of other shapes take the slow way', () => {
  const serial = '0102030405';
  const at = AT - 5 * DAY;
  const unknown = extension('1.2.3.4', octets(Uint8Array.of(1)));
  const invalidity = extension('2.5.29.24', generalizedTime(AT - 9 * DAY));
  test.each<[string, Uint8Array, string]>([
    ['another extension', entry({ serial: serialDer(serial), date: at, reason: 1, extensions: [unknown] }), 'keyCompromise'],
    ['an invalidityDate', entry({ serial: serialDer(serial), date: at, reason: 5, extensions: [invalidity] }), 'cessationOfOperation'],
    ['only another extension', entry({ serial: serialDer(serial), date: at, extensions: [unknown] }), 'unspecified'],
    [
      'a long extension',
      entry({ serial: serialDer(serial), date: at, reason: 4, extensions: [extension('1.2.3.4', octets(new Uint8Array(3000)))] }),
      'superseded',
    ],
    ['GeneralizedTime', seq(serialDer(serial), generalizedTime(at)), 'unspecified'],
    ['a reason this verifier does not know', entry({ serial: serialDer(serial), date: at, reason: 11 }), 'unspecified'],
    ['a reserved reason', entry({ serial: serialDer(serial), date: at, reason: 7 }), 'unspecified'],
  ])('%s', async (_, odd, name) => {
    const crl = mintCrl({ entries: [entry({ serial: int(9) }), odd, entry({ serial: int(10) })] });
    for (const size of [1, 7, 64, 100_000]) {
      const index = await indexed(pieces(crl, size), join(folder(), 'index'));
      expect(index.lookup(bytesOf(serial))).toEqual({ revokedAt: new Date(at), reason: name });
      expect(index.info.entries).toBe(3);
      index.close();
    }
  });
  test('GeneralizedTime beyond UTCTime is kept to the second', async () => {
    const far = Date.UTC(2061, 4, 3, 2, 1, 9);
    const index = await indexed(mintCrl({ entries: [seq(int(5), generalizedTime(far))] }), join(folder(), 'index'));
    expect(index.lookup(Uint8Array.of(5))).toEqual({ revokedAt: new Date(far), reason: 'unspecified' });
    index.close();
  });
});

test('an index of many pages, with suffixes of 16 bits, says what the list says', async () => {
  const count = 300_000;
  const reasons = [1, 3, 4, 5, 6];
  const serialAt = (i: number): Uint8Array => serialOctets((i * 7_151 + (i % 7)) >>> 0);
  const dateAt = (i: number): number => AT - ((i * 811) % 200_000_000) * SECOND;
  const blocks: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const own = serialAt(i);
    blocks.push(entry({ serial: Uint8Array.from([2, own.length, ...own]), date: dateAt(i), reason: reasons[i % 5] as number }));
  }
  const crl = mintCrl({ entries: [new Uint8Array(Buffer.concat(blocks))] });
  const into = join(folder(), 'index');
  const index = await indexed(crl, into, { threads: 2 }, 'memory');
  const slow = await indexed(pieces(crl, 100_003), into);
  const names = ['keyCompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation', 'certificateHold'];
  let wrong = 0;
  for (let i = 0; i < count; i++) {
    const listing = index.lookup(serialAt(i));
    if (listing?.revokedAt.getTime() !== dateAt(i) || listing.reason !== names[i % 5]) wrong += 1;
    if (i % 100 === 0 && JSON.stringify(slow.lookup(serialAt(i))) !== JSON.stringify(listing)) wrong += 1;
  }
  expect(wrong).toBe(0);
  expect(index.info.entries).toBe(count);
  index.close();
  slow.close();
});

describe('an index of more entries than one page table', () => {
  const count = 270_000;
  const derOf = (i: number, date: number, reason: number): Uint8Array => {
    const own = serialOctets((i * 15_485_863) >>> 0);
    return entry({ serial: Uint8Array.from([2, own.length, ...own]), date, reason });
  };
  const ders = Array.from({ length: count }, (_, i) => derOf(i, AT - ((i * 811) % 100_000_000) * SECOND, 1 + (i % 5)));
  const mint = (entries: readonly Uint8Array[]): Uint8Array => mintCrl({ entries: [new Uint8Array(Buffer.concat(entries))] });
  const octetsOf = async (crl: Uint8Array, options: object = {}): Promise<Buffer> => {
    const into = join(folder(), 'index');
    (await indexed(crl, into, options)).close();
    return readFileSync(into);
  };

  test('is the same file from one thread and from two, but for what names the CRL also in another order', async () => {
    const crl = mint(ders);
    const alone = await octetsOf(crl, { threads: 1 });
    expect((await octetsOf(crl, { threads: 2 })).equals(alone)).toBe(true);
    const reversed = await octetsOf(mint(ders.toReversed()), { threads: 2 });
    const trailer = alone.readUInt32LE(16);
    expect(reversed.subarray(64, trailer).equals(alone.subarray(64, trailer))).toBe(true);
  });
  test.each<[string, object]>([
    ['one thread', { threads: 1 }],
    ['two threads', { threads: 2 }],
    ['a MAC', { key: new Uint8Array(32).fill(3) }],
  ])('with serial numbers that repeat lists each once, with the earliest date and the gravest reason: %s', async (_, options) => {
    const again = [5, 70_000, count - 1];
    const crl = mint([...ders, ...again.map((i) => derOf(i, AT - 150_000_000 * SECOND, 1))]);
    const into = join(folder(), 'index');
    const index = await indexed(crl, into, options, 'memory');
    expect(index.info.entries).toBe(count);
    for (const i of again) {
      const listing = index.lookup(serialOctets((i * 15_485_863) >>> 0));
      expect(listing).toEqual({ revokedAt: new Date(AT - 150_000_000 * SECOND), reason: 'keyCompromise' });
    }
    expect([...index.entries()].length).toBe(count);
    index.close();
  });
  test('under a MAC says the same', async () => {
    const index = await indexed(mint(ders), join(folder(), 'index'), { key: new Uint8Array(32).fill(3), threads: 2 });
    let wrong = 0;
    for (let i = 0; i < count; i += 97) {
      const listing = index.lookup(serialOctets((i * 15_485_863) >>> 0));
      if (listing?.revokedAt.getTime() !== AT - ((i * 811) % 100_000_000) * SECOND) wrong += 1;
    }
    expect([index.info.entries, wrong]).toEqual([count, 0]);
    index.close();
  });
});
