import { describe, expect, test } from 'vitest';
import {
  createLinkLedger,
  hmacIdentifier,
  type LinkLedgerOptions,
  type LinkStore,
  memoryLinkStore,
  type StoredPerson,
} from '../../src/links/index.ts';
import { CEREMONY, KEY, NEW_KEY, testLedger } from './ledgers.ts';
import { card, later, NOW, smartphone } from './verdicts.ts';

const context = { account: 'account-1', ceremony: CEREMONY };
const again = { ceremony: 'ceremony-2' };
const context2 = { account: 'account-1', ceremony: { id: 'ceremony-2' } };

/** A store under the hands of someone who can write the database but has no key. */
const tamperedStore = (change: (person: StoredPerson) => StoredPerson): { store: LinkStore; tamper: () => void } => {
  const inner = memoryLinkStore();
  let tampering = false;
  const through = (person: StoredPerson | null): StoredPerson | null =>
    tampering && person !== null ? change(structuredClone(person)) : person;
  return {
    store: {
      ...inner,
      load: async (by) => through(await inner.load(by)),
      holders: async (refs) => (await inner.holders(refs)).flatMap((person) => through(person) ?? []),
    },
    tamper: () => {
      tampering = true;
    },
  };
};

describe('what is kept', () => {
  const withEvents = (person: StoredPerson, change: (events: StoredPerson['events']) => StoredPerson['events']): StoredPerson => ({
    ...person,
    events: change(person.events),
  });
  test.each<[string, (person: StoredPerson) => StoredPerson]>([
    [
      'an event changed',
      (p) =>
        withEvents(p, (e) =>
          e.map((x) =>
            x.event.type === 'link-activated' ? { ...x, event: { ...x.event, at: NOW.toISOString().replace('2026', '2025') } } : x,
          ),
        ),
    ],
    ['an event left out in the middle', (p) => withEvents(p, (e) => e.toSpliced(2, 1))],
    ['two events exchanged', (p) => withEvents(p, ([a, b, c, ...rest]) => [a, c, b, ...rest].flatMap((x) => x ?? []))],
    ['an event repeated', (p) => withEvents(p, (e) => [...e, ...e.slice(-1)])],
    [
      'an event added without the key',
      (p) =>
        withEvents(p, (e) => [
          ...e,
          {
            sequence: e.length + 1,
            mac: e[0]?.mac ?? '',
            event: {
              type: 'link-ended',
              at: NOW.toISOString(),
              link: 'x',
              reason: 'withdrawn',
              by: 'person',
              side: null,
              raw: null,
              asOf: null,
            },
          },
        ]),
    ],
    [
      'a link’s certificate exchanged',
      (p) =>
        withEvents(p, (e) =>
          e.map((x) => (x.event.type === 'link-proposed' ? { ...x, event: { ...x.event, to: { ...x.event.to, ref: 'k1.another' } } } : x)),
        ),
    ],
    ['the account exchanged', (p) => ({ ...p, account: 'account-of-a-thief' })],
    ['the person exchanged', (p) => ({ ...p, person: 'another' })],
    ['the salt exchanged', (p) => ({ ...p, salt: 'AAAA' })],
    ['a key nobody knows', (p) => ({ ...p, keyId: 'k9' })],
    ['no events', (p) => ({ ...p, events: [] })],
    ['its end cut off', (p) => withEvents(p, (e) => e.slice(0, -1))],
    ['another head', (p) => ({ ...p, headMac: p.events.at(-1)?.mac ?? '' })],
    ['a certificate nobody claims any more', (p) => ({ ...p, claims: p.claims.slice(1) })],
    ['a certificate claimed beside its own', (p) => ({ ...p, claims: [...p.claims, 'k1.another'] })],
    ['a certificate claimed in place of its own', (p) => ({ ...p, claims: ['k1.another', ...p.claims.slice(1)] })],
  ])('with %s is noticed by everything that reads it: link-integrity', async (_, change) => {
    const { store, tamper } = tamperedStore(change);
    const { ledger } = testLedger({ store });
    const made = await ledger.establish(card(1), smartphone(2), context);
    await ledger.suspend({ account: 'account-1', link: made.ok ? made.link.id : '' }, { by: 'person' });
    tamper();
    const refused = { ok: false, code: 'link-integrity' };
    expect(await ledger.find({ verdict: smartphone(2) })).toEqual(refused);
    expect(await ledger.history('account-1')).toEqual(refused);
    expect(await ledger.export('account-1')).toEqual(refused);
    expect(await ledger.establish(card(1, again), smartphone(2, again), context2)).toEqual(refused);
    expect(await ledger.observe(card(1, { at: later(1) }))).toEqual(refused);
  });

  test('by a claim that no event stands behind finds nobody', async () => {
    const inner = memoryLinkStore();
    let victim: StoredPerson | null = null;
    const store: LinkStore = { ...inner, holders: async (refs) => [...(await inner.holders(refs)), ...(victim === null ? [] : [victim])] };
    const { ledger } = testLedger({ store });
    await ledger.establish(card(1), smartphone(2), context);
    victim = await inner.load({ account: 'account-1' });
    expect(await ledger.find({ verdict: smartphone(666) })).toEqual({ ok: false, code: 'link-not-found' });
  });

  test('can be exported for the person without identifiers, and names every event', async () => {
    const { ledger } = testLedger();
    await ledger.establish(card(1), smartphone(2), context);
    const exported = await ledger.export('account-1');
    expect(exported).toMatchObject({
      ok: true,
      account: 'account-1',
      links: [{ from: 'card-user-authentication', to: 'smartphone-user-authentication', state: 'active' }],
      events: [{ type: 'opened' }, { type: 'link-proposed' }, { type: 'link-activated' }],
    });
    expect(JSON.stringify(exported)).not.toMatch(/k1\./);
    expect(await ledger.export('nobody')).toEqual({ ok: false, code: 'link-not-found' });
  });

  test('can be explained: every event with its time, and a head to keep elsewhere', async () => {
    const { ledger } = testLedger();
    await ledger.establish(card(1), smartphone(2), context);
    const history = await ledger.history('account-1');
    expect(history.ok && history.head).toBe(history.ok && history.events.at(-1)?.mac);
    expect(history.ok && new Set(history.events.map(({ mac }) => mac)).size).toBe(3);
  });
});

describe('erasure', () => {
  test('leaves a tombstone that only the ledger can have made, and frees account and certificates', async () => {
    const { ledger, store } = testLedger();
    await ledger.establish(card(1), smartphone(2), context);
    const erased = await ledger.erase('account-1');
    if (!erased.ok) throw new Error(erased.code);
    const { tombstone } = erased;
    expect(JSON.stringify(tombstone)).not.toContain('account-1');
    expect(await store.tombstone(tombstone.person)).toEqual(tombstone);
    expect(await ledger.verifyTombstone(tombstone)).toBe(true);
    for (const change of [
      { events: 4 },
      { erasedAt: later(1).toISOString() },
      { head: 'x' },
      { person: 'x' },
      { keyId: 'k9' },
      { mac: 'x' },
    ]) {
      expect(await ledger.verifyTombstone({ ...tombstone, ...change })).toBe(false);
    }
    expect(await ledger.history('account-1')).toEqual({ ok: false, code: 'link-not-found' });
    expect(await ledger.find({ verdict: smartphone(2) })).toEqual({ ok: false, code: 'link-not-found' });
    expect(await ledger.erase('account-1')).toEqual({ ok: false, code: 'link-not-found' });
    expect((await ledger.establish(card(1, again), smartphone(2, again), { ...context2, account: 'account-2' })).ok).toBe(true);
  });

  test('works where the chain is broken', async () => {
    const { store, tamper } = tamperedStore((person) => ({ ...person, salt: '' }));
    const { ledger } = testLedger({ store });
    await ledger.establish(card(1), smartphone(2), context);
    tamper();
    expect((await ledger.erase('account-1')).ok).toBe(true);
  });
});

describe('rotation of the identifier key', () => {
  const rotated = hmacIdentifier({ keyId: 'k2', key: NEW_KEY, previous: [{ keyId: 'k1', key: KEY }] });

  test('finds what was stored under the old key and rewrites it when the certificates are next presented', async () => {
    const { ledger, also, store } = testLedger();
    await ledger.establish(card(1), smartphone(2), context);
    const after = also({ identifier: rotated });
    expect(await after.find({ verdict: smartphone(2) })).toMatchObject({
      ok: true,
      account: 'account-1',
      link: { to: { ref: expect.stringMatching(/^k2\./) } },
    });
    expect(await after.find({ verdict: card(1) })).toMatchObject({ ok: true, link: { from: { ref: expect.stringMatching(/^k2\./) } } });
    expect(await store.load({ account: 'account-1' })).toMatchObject({ keyId: 'k2' });
    const onlyNew = also({ identifier: hmacIdentifier({ keyId: 'k2', key: NEW_KEY }) });
    expect(await onlyNew.find({ verdict: smartphone(2) })).toMatchObject({ ok: true, account: 'account-1' });
    expect((await onlyNew.history('account-1')).ok).toBe(true);
  });

  test('does not let a certificate under the old key into a second account', async () => {
    const { ledger, also } = testLedger();
    await ledger.establish(card(1), smartphone(2), context);
    const after = also({ identifier: rotated });
    const other = { account: 'account-2', ceremony: { id: 'ceremony-2' } };
    expect(await after.establish(card(1, again), smartphone(9, again), other)).toEqual({ ok: false, code: 'link-other-account' });
  });

  test('does not redeem a ceremony of the old key again', async () => {
    const { ledger, also } = testLedger();
    await ledger.establish(card(1), smartphone(2), context);
    expect(await also({ identifier: rotated }).establish(card(3), smartphone(4), { ...context, account: 'account-2' })).toEqual({
      ok: false,
      code: 'link-ceremony',
    });
  });

  test('keeps a revocation seen under the old key', async () => {
    const { ledger, also } = testLedger();
    const { revoked } = await import('./verdicts.ts');
    await ledger.establish(card(1), smartphone(2), context);
    await ledger.observe(revoked({ class: 'card-user-authentication', serial: 1 }, 'keyCompromise'));
    const after = also({ identifier: rotated });
    expect(await after.establish(card(1, again), smartphone(3, again), context2)).toEqual({ ok: false, code: 'link-verdict-age' });
  });
});

describe('a notice', () => {
  test('that could not be delivered stays, changes nothing, and is delivered later under the same id', async () => {
    let reachable = false;
    const seen: string[] = [];
    const { ledger, store } = testLedger({
      notify: async ({ id }) => {
        if (!reachable) throw new Error('the mail is down');
        seen.push(id);
      },
    });
    expect((await ledger.establish(card(1), smartphone(2), context)).ok).toBe(true);
    const pending = await store.pendingNotices(10);
    expect(pending.map(({ type }) => type)).toEqual(['link.established']);
    expect(await ledger.deliverNotices()).toBe(0);
    reachable = true;
    expect(await ledger.deliverNotices()).toBe(1);
    expect(seen).toEqual(pending.map(({ id }) => id));
    expect(await store.pendingNotices(10)).toEqual([]);
  });

  test('holds nothing that identifies a certificate', async () => {
    const { ledger, notices } = testLedger();
    await ledger.establish(card(1), smartphone(2), context);
    expect(Object.keys(notices[0] ?? {}).sort()).toEqual(['account', 'at', 'id', 'link', 'reason', 'type']);
  });
});

describe('a ledger', () => {
  const good = (): LinkLedgerOptions => ({
    store: memoryLinkStore(),
    identifier: hmacIdentifier({ keyId: 'k1', key: KEY }),
    clock: () => NOW,
    notify: () => {},
  });
  test.each<[string, object]>([
    ['a store', { store: undefined }],
    ['an identifier', { identifier: undefined }],
    ['a clock', { clock: undefined }],
    ['a way to notify the person', { notify: undefined }],
    ['a sensible maxActive', { maxActive: 0 }],
    ['a sensible accountsPerCertificate', { accountsPerCertificate: 1.5 }],
    ['a sensible maxVerdictAgeSeconds', { maxVerdictAgeSeconds: Number.POSITIVE_INFINITY }],
    ['a known onHold', { onHold: 'ignore' }],
  ])('needs %s: argument-invalid', (_, change) => {
    expect(() => createLinkLedger({ ...good(), ...change } as LinkLedgerOptions)).toThrow(
      expect.objectContaining({ code: 'argument-invalid' }),
    );
  });

  test.each<[string, Parameters<typeof hmacIdentifier>[0]]>([
    ['a key of 31 octets', { keyId: 'k1', key: new Uint8Array(31) }],
    ['a key id with a separator', { keyId: 'k.1', key: KEY }],
    ['no key id', { keyId: '', key: KEY }],
    ['one key id twice', { keyId: 'k1', key: KEY, previous: [{ keyId: 'k1', key: NEW_KEY }] }],
  ])('takes no identifier with %s', (_, options) => {
    expect(() => hmacIdentifier(options)).toThrow(expect.objectContaining({ code: 'argument-invalid' }));
  });

  test('gives up where others are always faster: link-busy', async () => {
    const { ledger } = testLedger({ store: { ...memoryLinkStore(), commit: async () => 'conflict' } });
    expect(await ledger.establish(card(1), smartphone(2), context)).toEqual({ ok: false, code: 'link-busy' });
  });
});
