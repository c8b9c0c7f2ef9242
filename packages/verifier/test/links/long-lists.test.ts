/** Lists so long that they are not asked about entry by entry: the same answers, and nothing is left out. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprintSet } from '../../src/links/fingerprints.ts';
import { anyMac, refsOf } from '../../src/links/identifier.ts';
import { hmacIdentifier, type Identifier, type LinkStore, memoryLinkStore, type RevokedCertificate } from '../../src/links/index.ts';
import { KEY, NEW_KEY, testLedger } from './ledgers.ts';
import { card, later, NOW, smartphone } from './verdicts.ts';

const LONG = 25_000;
const entry = (serial: number): RevokedCertificate => ({
  issuerKeyId: '0a0b',
  serialNumber: serial.toString(16).padStart(8, '0'),
  reason: 'keyCompromise',
});
function* noise(first: number, count: number): Generator<RevokedCertificate> {
  for (let n = 0; n < count; n++) yield entry(0x40000000 + first + n);
}
const rotated = hmacIdentifier({ keyId: 'k2', key: NEW_KEY, previous: [{ keyId: 'k1', key: KEY }] });

/** One linked person per serial number, and how often the store was asked who holds something. */
const world = async (serials: readonly number[], options: { readonly identifier?: Identifier } = {}) => {
  const inner = memoryLinkStore();
  const asked: number[] = [];
  const store: LinkStore = {
    ...inner,
    holders: (refs) => {
      asked.push(refs.length);
      return inner.holders(refs);
    },
  };
  const here = testLedger({ store });
  for (const serial of serials) {
    const id = `ceremony-${serial}`;
    const pair = [card(serial, { ceremony: id }), smartphone(serial + 1, { ceremony: id })] as const;
    expect((await here.ledger.establish(...pair, { account: `a${serial}`, ceremony: { id } })).ok).toBe(true);
  }
  const stateOf = async (serial: number): Promise<string> => {
    const known = await here.also(options).history(`a${serial}`);
    return known.ok ? (known.links[0]?.state ?? '') : known.code;
  };
  return { ...here, ledger: here.also(options), asked, stateOf };
};

describe('a long list', () => {
  test.each<[string, { readonly identifier?: Identifier }]>([
    ['under the current key', {}],
    ['under an older key', { identifier: rotated }],
  ])('reaches every certificate in it, early or late, %s', async (_, options) => {
    const [early, late, last, untouched] = [0x20000010, 0x20000020, 0x20000030, 0x20000040];
    const { ledger, stateOf, asked } = await world([early, late, last, untouched], options);
    const revocations = [entry(early), ...noise(0, LONG), entry(late), entry(late), ...noise(LONG, LONG), entry(last)];
    const report = await ledger.reconcile({ revocations, asOf: later(1) });
    expect(report).toMatchObject({ examined: revocations.length, cursor: revocations.length, changed: 3 });
    expect(await Promise.all([early, late, last, untouched].map(stateOf))).toEqual(['ended', 'ended', 'ended', 'active']);
    const questions = asked.reduce((sum, refs) => sum + refs, 0);
    expect(questions).toBeLessThan((LONG - 100) * (options.identifier === undefined ? 1 : 2));
  });

  test('is asked about entry by entry where the key is elsewhere and answers later', async () => {
    const { macSync: _, ...remote } = hmacIdentifier({ keyId: 'k1', key: KEY });
    const { ledger, stateOf, asked } = await world([0x20000010], { identifier: remote });
    const revocations = [...noise(0, LONG), entry(0x20000010)];
    expect(await ledger.reconcile({ revocations, asOf: later(1) })).toMatchObject({ changed: 1 });
    expect(await stateOf(0x20000010)).toBe('ended');
    expect(asked.reduce((sum, refs) => sum + refs, 0)).toBe(LONG + 1);
  });

  test('tells how far it is, and goes on from there', async () => {
    const { ledger, stateOf } = await world([0x20000010, 0x20000020]);
    const revocations = [...noise(0, LONG), entry(0x20000010), ...noise(LONG, 2 * LONG), entry(0x20000020)];
    const cursors: number[] = [];
    const stop = new AbortController();
    const onProgress = ({ cursor }: { readonly cursor: number }): void => {
      cursors.push(cursor);
      if (cursor > LONG) stop.abort(new Error('stop'));
    };
    await expect(ledger.reconcile({ revocations, asOf: later(1), onProgress, signal: stop.signal })).rejects.toThrow('stop');
    expect(cursors).toEqual([...cursors].sort((a, b) => a - b));
    const cursor = cursors.at(-1) ?? 0;
    const rest = await ledger.reconcile({ revocations, asOf: later(1), cursor });
    expect(rest).toMatchObject({ examined: revocations.length - cursor, cursor: revocations.length });
    expect(await Promise.all([0x20000010, 0x20000020].map(stateOf))).toEqual(['ended', 'ended']);
  });

  test('lets others of its process have their turn', async () => {
    const { ledger } = await world([]);
    let turns = 0;
    const others = setInterval(() => (turns += 1), 0);
    const soon = (async () => {
      for (let n = 0; n < 3; n++) await new Promise((resolve) => setImmediate(resolve));
      turns += 1_000;
    })();
    const during = ledger.reconcile({ revocations: noise(0, 10 * LONG), asOf: later(1) }).then(() => turns);
    await soon;
    clearInterval(others);
    expect(await during).toBeGreaterThanOrEqual(1_000);
  });

  test.each(['0g', '123', 'é0', '12 4'])(
    'with a serial number that is no hex (%s) is refused, wherever it stands',
    async (serialNumber) => {
      const { ledger } = await world([]);
      const revocations = [...noise(0, LONG), { ...entry(1), serialNumber }];
      await expect(ledger.reconcile({ revocations, asOf: NOW })).rejects.toMatchObject({ code: 'argument-invalid' });
    },
  );

  test('reads what is claimed only once its length is worth it, and then once', async () => {
    const { also, store } = await world([]);
    const worth: number[] = [];
    const large: LinkStore = {
      ...store,
      fingerprints: async (atMost) => {
        worth.push(atMost);
        return atMost < 1_000_000 ? null : [new Uint8Array(6 * 1_000_000).fill(1)];
      },
    };
    const ledger = also({ store: large });
    await ledger.reconcile({ revocations: noise(0, 1_500), asOf: NOW });
    expect(worth).toEqual([]);
    await ledger.reconcile({ revocations: noise(0, LONG), asOf: NOW });
    expect(worth.at(0)).toBeGreaterThanOrEqual(200_000);
    expect(worth.filter((atMost) => atMost >= 1_000_000)).toEqual([1_000_000]);
  });

  test('stops where the store cannot say what is claimed', async () => {
    const { also, store } = await world([]);
    const broken: LinkStore = { ...store, fingerprints: () => Promise.reject(new Error('the store is gone')) };
    await expect(also({ store: broken }).reconcile({ revocations: noise(0, 2 * LONG), asOf: NOW })).rejects.toThrow('the store is gone');
  });
});

describe('fingerprints', () => {
  const octets = fc.uint8Array({ minLength: 6, maxLength: 6 });
  const edges = fc.constantFrom(...[0, 1, 0xff].flatMap((a) => [0, 1, 0xff].map((b) => Uint8Array.of(a, a, a, b, b, b))));

  test('hold what was put in, in whichever pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.oneof(octets, edges), { maxLength: 20 })), (pieces) => {
        const set = fingerprintSet();
        for (const piece of pieces) set.add(Buffer.concat(piece));
        expect(set.size).toBe(pieces.flat().length);
        expect(pieces.flat().every(set.test())).toBe(true);
      }),
    );
  });

  test.each([0, 1, 1_000, 200_000])('of %i say yes to hardly anything else', (count) => {
    const macOf = (n: number): Buffer => createHmac('sha256', KEY).update(String(n)).digest();
    const set = fingerprintSet();
    for (let n = 0; n < count; n++) set.add(macOf(n).subarray(0, 6));
    const has = set.test();
    let inVain = 0;
    for (let n = 0; n < 20_000; n++) if (has(macOf(1_000_000 + n))) inVain += 1;
    expect(inVain).toBeLessThan(count === 0 ? 1 : 200);
    for (let n = 0; n < count; n += 97) expect(has(macOf(n))).toBe(true);
  });

  test('come whole', () => {
    expect(() => fingerprintSet().add(new Uint8Array(7))).toThrow('whole');
  });

  test('are made of the bytes that a ref is made of, whatever certificate came before', async () => {
    const hex = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex'));
    const upper = hex.map((text) => text.toUpperCase());
    const name = fc.record({ issuerKeyId: fc.oneof(hex, fc.constant('0a0b')), serialNumber: fc.oneof(hex, upper) });
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 8 }), async (names) => {
        const seen: string[][] = [];
        const check = anyMac(rotated, (mac) => {
          seen.at(-1)?.push(Buffer.from(mac).toString('base64url'));
          return false;
        });
        for (const one of names) {
          seen.push([]);
          check(one);
        }
        const refs = await Promise.all(names.map((one) => refsOf(rotated, one)));
        expect(seen).toEqual(refs.map((list) => list.map((ref) => ref.split('.')[1])));
      }),
    );
  });

  test('come from the MAC of node:crypto', () => {
    const label = 'jpki-rp/links/v1/certificate\0';
    const bytes = Buffer.concat([Buffer.from(label, 'latin1'), Uint8Array.of(2, 2, 0x0a, 0x0b, 0x12, 0x34)]);
    const expected = createHmac('sha256', KEY).update(bytes).digest('hex');
    let seen = '';
    anyMac(hmacIdentifier({ keyId: 'k1', key: KEY }), (mac) => {
      seen = Buffer.from(mac).toString('hex');
      return true;
    })({ issuerKeyId: '0a0b', serialNumber: '1234' });
    expect(seen).toBe(expected);
  });
});
