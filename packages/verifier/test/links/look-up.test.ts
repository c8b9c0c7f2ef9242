import { describe, expect, test } from 'vitest';
import { hmacIdentifier, type LinkStore, type LookUpReport, memoryLinkStore, type RevocationIndex } from '../../src/links/index.ts';
import { KEY, NEW_KEY, testLedger } from './ledgers.ts';
import { card, later, NOW, smartphone } from './verdicts.ts';

const sealCertificates = new Uint8Array(32).fill(5);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A list of the issuer all the tests' certificates come from, and how often each serial number was asked for. */
const listOf = (serials: readonly number[], reason: 'keyCompromise' | 'certificateHold' = 'keyCompromise') => {
  const listed = new Set(serials.map((serial) => serial.toString(16).padStart(2, '0')));
  const asked: string[] = [];
  const index: RevocationIndex = {
    info: { issuerKeyId: '0a0b' },
    lookup: (serialNumber) => {
      asked.push(hex(serialNumber));
      return listed.has(hex(serialNumber)) ? { reason, revokedAt: NOW } : null;
    },
  };
  return { index, asked };
};

/** So many persons, with card and smartphone 2n and 2n + 1. */
const world = async (
  count: number,
  options: { readonly store?: LinkStore; readonly sealCertificates?: Uint8Array } = { sealCertificates },
) => {
  const here = testLedger(options);
  for (let n = 1; n <= count; n++) {
    const ceremony = `ceremony-${n}`;
    const pair = [card(2 * n, { ceremony, der: 'c' }), smartphone(2 * n + 1, { ceremony, der: 's' })] as const;
    expect((await here.ledger.establish(...pair, { account: `a${n}`, ceremony: { id: ceremony } })).ok).toBe(true);
  }
  const stateOf = async (n: number): Promise<string> => {
    const known = await here.ledger.history(`a${n}`);
    return known.ok ? (known.links[0]?.state ?? '') : known.code;
  };
  return { ...here, stateOf, states: () => Promise.all(Array.from({ length: count }, (_, i) => stateOf(i + 1))) };
};

const tampered = (inner: LinkStore, change: (name: string, ref: string, all: readonly (string | null)[]) => string | null): LinkStore => ({
  ...inner,
  names: async (after, limit) => {
    const page = await inner.names(after, limit);
    const all = page.claims.map(({ name }) => name);
    return { ...page, claims: page.claims.map((claim) => ({ ...claim, name: change(claim.name ?? '', claim.ref, all) })) };
  },
});

describe('a look-up of everything that is held', () => {
  test('asks the list about every certificate once, ends the links it names, and asks about these no more', async () => {
    const { ledger, states, notices } = await world(4);
    const { index, asked } = listOf([2, 5, 0x77]);
    const report = await ledger.lookUp({ lists: [index], asOf: later(1) });
    expect(report).toEqual({
      cursor: null,
      examined: 8,
      listed: 2,
      unnamed: 0,
      uncovered: 0,
      changed: 2,
      failures: { 'link-busy': 0, 'link-integrity': 0 },
    } satisfies LookUpReport);
    expect(asked.sort()).toEqual(['02', '03', '04', '05', '06', '07', '08', '09']);
    expect(await states()).toEqual(['ended', 'ended', 'active', 'active']);
    expect(notices.filter(({ type }) => type === 'link.ended').length).toBe(2);
    expect(await ledger.lookUp({ lists: [index], asOf: later(1) })).toMatchObject({ examined: 4, listed: 0, changed: 0 });
  });

  test('leaves the same as the entries of the list one after the other', async () => {
    const [looked, listed] = [await world(6), await world(6)];
    const serials = [2, 3, 4, 7, 12, 0x50];
    await looked.ledger.lookUp({ lists: [listOf(serials, 'certificateHold').index], asOf: later(1) });
    const revocations = serials.map((serial) => ({
      issuerKeyId: '0a0b',
      serialNumber: serial.toString(16).padStart(2, '0'),
      reason: 'certificateHold' as const,
      revokedAt: NOW,
    }));
    await listed.ledger.reconcile({ revocations, asOf: later(1) });
    const histories = async (there: typeof looked) =>
      await Promise.all(
        [1, 2, 3, 4, 5, 6].map(async (n) => {
          const known = await there.ledger.history(`a${n}`);
          return known.ok ? known.links.map(({ state, suspensions }) => ({ state, suspensions })) : known.code;
        }),
      );
    expect(await histories(looked)).toEqual(await histories(listed));
    expect(await looked.states()).toContain('suspended');
  });

  test('asks every partition of the issuer, and counts certificates of issuers that no list is of', async () => {
    const { ledger, states } = await world(2);
    const other: RevocationIndex = { ...listOf([4]).index, info: { issuerKeyId: 'ffff' } };
    expect(await ledger.lookUp({ lists: [other], asOf: later(1) })).toMatchObject({ examined: 4, uncovered: 4, changed: 0 });
    const partitions = [listOf([2]).index, listOf([5]).index];
    expect(await ledger.lookUp({ lists: partitions, asOf: later(1) })).toMatchObject({ uncovered: 0, listed: 2, changed: 2 });
    expect(await states()).toEqual(['ended', 'ended']);
  });

  test('goes on where it was stopped, page by page, and twice at once does no more than once', async () => {
    const inner = memoryLinkStore();
    const small: LinkStore = { ...inner, names: (after) => inner.names(after, 2) };
    const { ledger, states, notices } = await world(7, { store: small, sealCertificates });
    const { index } = listOf([2, 4, 6, 8, 10, 12, 14]);
    const stop = new AbortController();
    let cursor = '';
    const onProgress = (progress: LookUpReport): void => {
      cursor = progress.cursor ?? '';
      stop.abort(new Error('stop'));
    };
    await expect(ledger.lookUp({ lists: [index], asOf: later(1), onProgress, signal: stop.signal })).rejects.toThrow('stop');
    expect((await states()).filter((state) => state === 'ended').length).toBe(2);
    const both = await Promise.all([1, 2].map(() => ledger.lookUp({ lists: [index], asOf: later(1), cursor })));
    expect(both.map((report) => [report.cursor, report.examined])).toEqual([
      [null, expect.any(Number)],
      [null, expect.any(Number)],
    ]);
    expect(both.reduce((sum, { changed }) => sum + changed, 0)).toBe(5);
    expect(await states()).toEqual(Array(7).fill('ended'));
    expect(notices.filter(({ type }) => type === 'link.ended').length).toBe(7);
  });

  test('reports a name that does not open, is another certificate’s of the same person, or another person’s', async () => {
    const cases: readonly Parameters<typeof tampered>[1][] = [
      (name) => `${name.slice(0, -2)}${name.endsWith('AA') ? 'BB' : 'AA'}`,
      (name) => name.slice(0, 20),
      (_, __, [first]) => first ?? null,
    ];
    for (const [at, change] of cases.entries()) {
      const { store } = await world(2);
      const { ledger } = await testLedger({ store: tampered(store, change), sealCertificates });
      const report = await ledger.lookUp({ lists: [listOf([]).index], asOf: later(1) });
      expect(report.failures['link-integrity']).toBe(at === 2 ? 3 : 4);
    }
  });

  test('reports a name that was taken away, and whoever’s record does not show that there never was one', async () => {
    const unnamed: Parameters<typeof tampered>[1] = () => null;
    const { store } = await world(2);
    const { ledger } = testLedger({ store: tampered(store, unnamed), sealCertificates });
    const report = await ledger.lookUp({ lists: [listOf([2]).index], asOf: later(1) });
    expect(report).toMatchObject({ examined: 4, unnamed: 0, failures: { 'link-integrity': 4 } });

    const { store: older } = await world(1, {});
    const broken: LinkStore = {
      ...older,
      holders: async (refs) => (await older.holders(refs)).map((stored) => ({ ...stored, headMac: 'another' })),
    };
    const there = testLedger({ store: broken, sealCertificates });
    expect(await there.ledger.lookUp({ lists: [], asOf: later(1) })).toMatchObject({ unnamed: 0, failures: { 'link-integrity': 2 } });
  });

  test('does not take a name for one that never was because its identifier is rewritten meanwhile', async () => {
    const { store, also } = await world(1);
    const identifier = hmacIdentifier({ keyId: 'k2', key: NEW_KEY, previous: [{ keyId: 'k1', key: KEY }] });
    const unnamed = tampered(store, () => null);
    const rekeying: LinkStore = {
      ...unnamed,
      names: async (after, limit) => {
        const page = await unnamed.names(after, limit);
        await also({ identifier }).rekey();
        return page;
      },
    };
    const there = also({ store: rekeying, identifier });
    expect(await there.lookUp({ lists: [], asOf: later(1) })).toMatchObject({ unnamed: 0, failures: { 'link-integrity': 2 } });
  });

  test('counts what was linked before certificates were sealed', async () => {
    const { also } = await world(1, {});
    const { ledger } = { ledger: also({ sealCertificates }) };
    expect(await ledger.lookUp({ lists: [listOf([2]).index], asOf: later(1) })).toMatchObject({ examined: 2, unnamed: 2, changed: 0 });
  });

  test('finds names under a new identifier key, before and after identifiers are rewritten', async () => {
    const { also, stateOf } = await world(2);
    const rotating = also({
      identifier: hmacIdentifier({ keyId: 'k2', key: NEW_KEY, previous: [{ keyId: 'k1', key: KEY }] }),
      sealCertificates,
    });
    expect(await rotating.lookUp({ lists: [listOf([2]).index], asOf: later(1) })).toMatchObject({ examined: 4, changed: 1 });
    await rotating.rekey();
    const onlyNew = also({ identifier: hmacIdentifier({ keyId: 'k2', key: NEW_KEY }), sealCertificates });
    expect(await onlyNew.lookUp({ lists: [listOf([5]).index], asOf: later(1) })).toMatchObject({
      examined: 2,
      changed: 1,
      failures: { 'link-integrity': 0 },
    });
    void stateOf;
  });

  test('keeps serial numbers unreadable, and is not for mode mac: argument-invalid', async () => {
    const { ledger, also, store } = await world(1);
    const claims = (await store.names(null, 10)).claims;
    expect(claims.map(({ name }) => Buffer.from(name ?? '', 'base64url').includes(Buffer.from('0a0b', 'hex')))).toEqual([false, false]);
    const wrong = also({ sealCertificates: new Uint8Array(32).fill(6) });
    expect((await wrong.lookUp({ lists: [listOf([]).index], asOf: later(1) })).failures['link-integrity']).toBe(2);
    const misuse = { code: 'argument-invalid' };
    await expect(testLedger().ledger.lookUp({ lists: [], asOf: later(1) })).rejects.toMatchObject(misuse);
    await expect(ledger.lookUp({ lists: [], asOf: new Date(Number.NaN) })).rejects.toMatchObject(misuse);
    await expect(ledger.lookUp({ lists: [{ ...listOf([]).index, info: { issuerKeyId: null } }], asOf: later(1) })).rejects.toMatchObject(
      misuse,
    );
  });
});
