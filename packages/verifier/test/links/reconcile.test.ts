import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLinkLedger, hmacIdentifier, type LinkStore, memoryLinkStore, type RevokedCertificate } from '../../src/links/index.ts';
import { KEY, NEW_KEY, testLedger } from './ledgers.ts';
import { card, later, NOW, smartphone } from './verdicts.ts';

const entry = (serial: number, reason: RevokedCertificate['reason'] = 'keyCompromise', issuerKeyId = '0a0b'): RevokedCertificate => ({
  issuerKeyId,
  serialNumber: serial.toString(16).padStart(4, '0'),
  reason,
});

/** Accounts 0…n-1 with card 0x1000 + i and smartphone 0x2000 + i. */
const populated = async (n: number, store: LinkStore = memoryLinkStore()) => {
  const world = testLedger({ store });
  for (let i = 0; i < n; i++) {
    const id = `ceremony-${i}`;
    const pair = [card(0x1000 + i, { ceremony: id }), smartphone(0x2000 + i, { ceremony: id })] as const;
    const made = await world.ledger.establish(...pair, { account: `a${i}`, ceremony: { id } });
    if (!made.ok) throw new Error(made.code);
  }
  world.notices.length = 0;
  const states = async (): Promise<readonly string[]> =>
    Promise.all(
      Array.from({ length: n }, async (_, i) => {
        const history = await world.ledger.history(`a${i}`);
        return history.ok ? (history.links[0]?.endReason ?? history.links[0]?.state ?? '') : history.code;
      }),
    );
  return { ...world, states };
};

describe('a sweep', () => {
  test('of newly revoked certificates ends and suspends exactly the links concerned', async () => {
    const { ledger, states, notices } = await populated(5);
    const revocations = [
      entry(0x9999),
      entry(0x1000),
      entry(0x2001, 'cessationOfOperation'),
      entry(0x1002, 'certificateHold'),
      entry(0x1003, 'keyCompromise', '0a0c'),
      entry(0x1004, 'removeFromCRL'),
    ];
    const report = await ledger.reconcile({ revocations, asOf: later(1) });
    expect(report).toEqual({ examined: 6, cursor: 6, changed: 3, failures: { 'link-busy': 0, 'link-integrity': 0 } });
    expect(await states()).toEqual(['card-revoked', 'smartphone-revoked', 'suspended', 'active', 'active']);
    expect(notices.map(({ type, account }) => `${account} ${type}`).sort()).toEqual([
      'a0 link.ended',
      'a1 link.ended',
      'a2 link.suspended',
    ]);
  });

  test('of both certificates of one link, or of one certificate twice, in one batch ends it once', async () => {
    const { ledger, states, notices } = await populated(1);
    const revocations = [entry(0x1000, 'certificateHold'), entry(0x2000), entry(0x1000), entry(0x2000)];
    expect(await ledger.reconcile({ revocations, asOf: later(1) })).toMatchObject({ examined: 4, changed: 1 });
    expect(await states()).toEqual(['smartphone-revoked']);
    expect(notices.filter(({ type }) => type === 'link.ended').length).toBe(1);
  });

  test('run again, or twice at once, changes nothing more', async () => {
    const { ledger, states, notices } = await populated(20);
    const revocations = Array.from({ length: 20 }, (_, i) => entry(0x1000 + i));
    const run = () => ledger.reconcile({ revocations, asOf: later(1), batch: 3 });
    const reports = await Promise.all([run(), run(), run()]);
    expect(reports.reduce((sum, { changed }) => sum + changed, 0)).toBe(20);
    expect((await run()).changed).toBe(0);
    expect(new Set(await states())).toEqual(new Set(['card-revoked']));
    expect(notices.length).toBe(20);
  });

  test('takes an async list and tells how far it is', async () => {
    const { ledger } = await populated(2);
    const cursors: number[] = [];
    async function* list() {
      for (let i = 0; i < 7; i++) yield entry(0x1000 + i);
    }
    await ledger.reconcile({ revocations: list(), asOf: later(1), batch: 3, onProgress: ({ cursor }) => void cursors.push(cursor) });
    expect(cursors).toEqual([3, 6, 7]);
  });

  test('finds what is stored under an older key', async () => {
    const { also, states } = await populated(1);
    const rotated = also({ identifier: hmacIdentifier({ keyId: 'k2', key: NEW_KEY, previous: [{ keyId: 'k1', key: KEY }] }) });
    expect((await rotated.reconcile({ revocations: [entry(0x1000)], asOf: later(1) })).changed).toBe(1);
    expect(await states()).toEqual(['link-integrity']);
    const history = await rotated.history('a0');
    expect(history.ok && history.links[0]?.state).toBe('ended');
  });

  test('goes on after a person whose record is broken, and says so', async () => {
    const inner = memoryLinkStore();
    const store: LinkStore = {
      ...inner,
      holders: async (refs) => (await inner.holders(refs)).map((person) => (person.account === 'a0' ? { ...person, salt: '' } : person)),
    };
    const { ledger, states } = await populated(2, store);
    const report = await ledger.reconcile({ revocations: [entry(0x1000), entry(0x1001)], asOf: later(1) });
    expect(report).toMatchObject({ changed: 1, failures: { 'link-integrity': 1 } });
    expect(await states()).toEqual(['active', 'card-revoked']);
  });

  test('stops where it is told to, and goes on from its cursor', async () => {
    const { ledger, states } = await populated(6);
    const revocations = Array.from({ length: 6 }, (_, i) => entry(0x1000 + i));
    const stop = new AbortController();
    let cursor = 0;
    const interrupted = ledger.reconcile({
      revocations,
      asOf: later(1),
      batch: 2,
      signal: stop.signal,
      onProgress: (progress) => {
        cursor = progress.cursor;
        if (cursor === 4) stop.abort(new Error('stop'));
      },
    });
    await expect(interrupted).rejects.toThrow('stop');
    expect(await ledger.reconcile({ revocations, asOf: later(1), cursor })).toMatchObject({ examined: 2, cursor: 6, changed: 2 });
    expect(new Set(await states())).toEqual(new Set(['card-revoked']));
  });

  test.each([{ cursor: -1 }, { cursor: 1.5 }, { batch: 0 }, { batch: 1_001 }, { asOf: new Date(Number.NaN) }])(
    'takes no %o: argument-invalid',
    async (change) => {
      const { ledger } = testLedger();
      await expect(ledger.reconcile({ revocations: [], asOf: NOW, ...change })).rejects.toMatchObject({ code: 'argument-invalid' });
    },
  );

  test('that crashes anywhere, as often as it likes, ends in the same state, and every notice arrives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40), { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 7 }), async (crashes, batch) => {
        const inner = memoryLinkStore();
        const { states } = await populated(12, inner);
        const delivered = new Set<string>();
        let fuse = Number.POSITIVE_INFINITY;
        const burn = async <R>(step: () => Promise<R>): Promise<R> => {
          if (fuse-- === 0) throw new Error('crash');
          const result = await step();
          if (fuse-- === 0) throw new Error('crash');
          return result;
        };
        const store: LinkStore = {
          ...inner,
          holders: (refs) => burn(() => inner.holders(refs)),
          commit: (change) => burn(() => inner.commit(change)),
          settle: (settlements) => burn(() => inner.settle(settlements)),
          delivered: (ids) => burn(() => inner.delivered(ids)),
        };
        const ledger = createLinkLedger({
          store,
          identifier: hmacIdentifier({ keyId: 'k1', key: KEY }),
          clock: () => NOW,
          notify: ({ id }) => void delivered.add(id),
        });
        await inner.delivered((await inner.pendingNotices(100)).map(({ id }) => id));
        const revocations = Array.from({ length: 12 }, (_, i) => entry(0x1000 + i, i % 2 === 0 ? 'keyCompromise' : 'certificateHold'));
        let cursor = 0;
        const keep = (progress: { cursor: number }): void => {
          cursor = progress.cursor;
        };
        const run = () => ledger.reconcile({ revocations, asOf: later(1), batch, cursor, onProgress: keep });
        for (const steps of crashes) {
          fuse = steps;
          await run().catch((error: Error) => expect(error.message).toBe('crash'));
        }
        fuse = Number.POSITIVE_INFINITY;
        await run();
        await ledger.deliverNotices();
        expect(await states()).toEqual(Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? 'card-revoked' : 'suspended')));
        expect(delivered.size).toBe(12);
        expect(await inner.pendingNotices(10)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
