import { describe, expect, test } from 'vitest';
import type { ProvenVerdict } from '../../src/index.ts';
import type { EstablishContext, LinkLedgerOptions } from '../../src/links/index.ts';
import { CEREMONY, testLedger } from './ledgers.ts';
import { card, type Facts, later, NOT_AFTER, NOW, proven, smartphone } from './verdicts.ts';

const context = { account: 'account-1', ceremony: CEREMONY };

describe('a link is established', () => {
  test('from a card to a smartphone of one ceremony, and says no more than it knows', async () => {
    const { ledger, notices } = testLedger();
    const result = await ledger.establish(card(1), smartphone(2), { ...context, evidence: { from: 'e-1', to: 'e-2' } });
    expect(result).toMatchObject({
      ok: true,
      superseded: [],
      link: {
        relation: 'authentication',
        state: 'active',
        basis: 'same-session',
        assurance: 'control',
        from: { class: 'card-user-authentication' },
        to: { class: 'smartphone-user-authentication' },
        activeSince: NOW.toISOString(),
        suspensions: [],
      },
    });
    expect(notices.map(({ type, account }) => [type, account])).toEqual([['link.established', 'account-1']]);
  });

  test('between other certificates where the relation says so', async () => {
    const signing = { ceremony: 'ceremony-2' } as const;
    const { ledger } = testLedger();
    const cardSigning = proven({ class: 'card-digital-signature', serial: 3, step: 'card', transaction: 'a', ...signing });
    const phoneSigning = proven({ class: 'smartphone-digital-signature', serial: 4, step: 'smartphone', transaction: 'b', ...signing });
    const ofSignature = await ledger.establish(cardSigning, phoneSigning, {
      ...context,
      ceremony: { id: 'ceremony-2' },
      relation: 'signature',
    });
    expect(ofSignature).toMatchObject({ ok: true, link: { relation: 'signature' } });
    const own = { id: 'ceremony-3', steps: { from: 'sign', to: 'log-in' } };
    const sameCard = [
      proven({ class: 'card-digital-signature', serial: 3, step: 'sign', transaction: 'c', ceremony: own.id }),
      card(1, { step: 'log-in', transaction: 'd', ceremony: own.id, notAfter: later(86_400, NOT_AFTER) }),
    ] as const;
    expect(await ledger.establish(...sameCard, { ...context, ceremony: own, relation: 'card' })).toMatchObject({
      ok: true,
      link: { relation: 'card' },
    });
    expect((await ledger.establish(card(1), smartphone(2), context)).ok).toBe(true);
    const history = await ledger.history('account-1');
    expect(history.ok && history.links.map(({ relation, state }) => `${relation} ${state}`)).toEqual([
      'signature active',
      'card active',
      'authentication active',
    ]);
  });

  test.each([
    [{ kind: 'same-session' }, 'control'],
    [{ kind: 'operator' }, 'control'],
    [{ kind: 'platform-user-id', from: 'u', to: 'u' }, 'issuer'],
    [{ kind: 'issuer-link-information', agrees: true }, 'issuer'],
  ] as const)('with the assurance of its basis: %o', async (basis, assurance) => {
    const { ledger } = testLedger({ issuerLinkInformation: 'article-37' });
    const result = await ledger.establish(card(1), smartphone(2), { ...context, basis });
    expect(result).toMatchObject({ ok: true, link: { basis: basis.kind, assurance } });
  });

  test('and keeps neither serial number nor expiry date nor any other word of the certificates', async () => {
    const { ledger, store } = testLedger();
    await ledger.establish(card(0x7777abcd), smartphone(0x7777abce), context);
    const kept = JSON.stringify(await store.load({ account: 'account-1' }));
    for (const word of ['7777abcd', '2030-06-15', '0a0b', String(0x7777abcd)]) expect(kept).not.toContain(word);
    expect(kept).toContain('"expiresBy":"2030-07-01T00:00:00.000Z"');
  });
});

describe('no link is established', () => {
  type Case = readonly [
    name: string,
    code: string,
    from: Partial<Facts>,
    to: Partial<Facts>,
    context?: Partial<EstablishContext>,
    options?: Partial<LinkLedgerOptions>,
  ];
  const cases: readonly Case[] = [
    ['from a smartphone', 'link-carriers', { class: 'smartphone-user-authentication' }, {}],
    ['to a card', 'link-carriers', {}, { class: 'card-user-authentication' }],
    ['to a certificate of another purpose', 'link-carriers', {}, { class: 'smartphone-digital-signature' }],
    ['in another relation than the certificates have', 'link-carriers', {}, {}, { relation: 'signature' }],
    ['by an old verdict of the card', 'link-verdict-age', { at: later(-601) }, {}],
    ['by an old verdict of the smartphone', 'link-verdict-age', { at: later(-700) }, { at: later(-601) }],
    ['by a verdict older than the ledger allows', 'link-verdict-age', { at: later(-61) }, {}, {}, { maxVerdictAgeSeconds: 60 }],
    ['by a verdict from the future', 'link-verdict-age', {}, { at: later(6) }],
    ['by a card of another ceremony', 'link-ceremony', { ceremony: 'ceremony-2' }, {}],
    ['by a smartphone of another ceremony', 'link-ceremony', {}, { ceremony: 'ceremony-2' }],
    ['in another ceremony than was signed', 'link-ceremony', {}, {}, { ceremony: { id: 'ceremony-2' } }],
    ['by a card that signed no ceremony', 'link-ceremony', { ceremony: null }, {}],
    ['by a smartphone that signed the card’s step', 'link-ceremony', {}, { step: 'card' }],
    ['by a card that signed the smartphone’s step', 'link-ceremony', { step: 'smartphone' }, {}],
    [
      'by steps that are one and the same',
      'link-ceremony',
      {},
      { step: 'card' },
      { ceremony: { id: 'ceremony-1', steps: { from: 'card', to: 'card' } } },
    ],
    ['by steps taken in the wrong order', 'link-ceremony', {}, { at: later(-1) }],
    ['by one transaction for both', 'link-ceremony', {}, { transaction: 't-card-1' }],
    ['by signatures for two origins', 'link-ceremony', {}, { origin: 'https://other.example' }],
    ['by verdicts of two environments', 'link-ceremony', {}, { environment: 'another' }],
    ['by a message of another format', 'link-ceremony', {}, { version: 'jpki-rp/v2' }],
    ['by a signature of another domain', 'link-ceremony', {}, { type: 'jpki-rp/v1/digital-signature' }],
    ['by a verdict over a digest only', 'link-ceremony', {}, { message: null }],
    ['by a message that is not JSON', 'link-ceremony', {}, { message: 'jpki-rp/v1' }],
    ['by a message that is an array', 'link-ceremony', {}, { message: '[]' }],
    ['to a smartphone that outlives its card', 'link-expiry-order', {}, { notAfter: later(1, NOT_AFTER) }],
    [
      'to a smartphone that outlives its card, even where it may end earlier',
      'link-expiry-order',
      {},
      { notAfter: later(1, NOT_AFTER) },
      {},
      { allowEarlierExpiry: true },
    ],
    ['to a smartphone that ends before its card', 'link-expiry-differs', {}, { notAfter: later(-1, NOT_AFTER) }],
    ['where the platform knows two users', 'link-disagreement', {}, {}, { basis: { kind: 'platform-user-id', from: 'u1', to: 'u2' } }],
    ['where the platform knows no user', 'link-disagreement', {}, {}, { basis: { kind: 'platform-user-id', from: '', to: '' } }],
    [
      'where the issuer disagrees',
      'link-disagreement',
      {},
      {},
      { basis: { kind: 'issuer-link-information', agrees: false } },
      { issuerLinkInformation: 'article-37' },
    ],
    ['in place of a link that does not exist', 'link-not-found', {}, {}, { account: 'account-of-nobody' }],
  ];

  test.each(cases)('%s: %s', async (name, code, from, to, change = {}, options = {}) => {
    const { ledger, store, notices } = testLedger(options);
    const pair = [card(1, from), smartphone(2, to)] as const;
    const target = { ...context, ...change };
    const run = code === 'link-not-found' ? ledger.supersede('nobody.1', ...pair, target) : ledger.establish(...pair, target);
    expect(await run, name).toEqual({ ok: false, code });
    expect(await store.load({ account: target.account })).toBeNull();
    expect(notices).toEqual([]);
  });

  test('to a smartphone that ends earlier — unless the ledger allows it', async () => {
    const { ledger } = testLedger({ allowEarlierExpiry: true });
    expect(await ledger.establish(card(1), smartphone(2, { notAfter: later(-1, NOT_AFTER) }), context)).toMatchObject({ ok: true });
  });

  test('with a certificate of another account: link-other-account', async () => {
    for (const [mine, theirs] of [
      [1, 9],
      [9, 2],
    ] as const) {
      const { ledger } = testLedger();
      expect((await ledger.establish(card(1), smartphone(2), context)).ok).toBe(true);
      const pair = [card(mine, { ceremony: 'ceremony-2' }), smartphone(theirs, { ceremony: 'ceremony-2' })] as const;
      const other = { account: 'account-2', ceremony: { id: 'ceremony-2' } };
      expect(await ledger.establish(...pair, other)).toEqual({ ok: false, code: 'link-other-account' });
      expect(await ledger.history('account-2')).toEqual({ ok: false, code: 'link-not-found' });
    }
  });

  test('twice in one ceremony, neither by the same account nor by another', async () => {
    const { ledger } = testLedger();
    expect((await ledger.establish(card(1), smartphone(2), context)).ok).toBe(true);
    expect(await ledger.establish(card(1), smartphone(2), context)).toEqual({ ok: false, code: 'link-ceremony' });
    expect(await ledger.establish(card(3), smartphone(4), { ...context, account: 'account-2' })).toEqual({
      ok: false,
      code: 'link-ceremony',
    });
    await ledger.erase('account-1');
    expect(await ledger.establish(card(1), smartphone(2), context)).toEqual({ ok: false, code: 'link-ceremony' });
  });

  test.each<[string, (verdict: ProvenVerdict) => unknown]>([
    ['a plain object of the same shape', (v) => ({ ...v })],
    ['a deep copy', (v) => ({ ...JSON.parse(JSON.stringify(v)), evidence: v.evidence })],
    ['a proxy', (v) => new Proxy(v, {})],
    ['an object that inherits from one', (v) => Object.create(v)],
    ['null', () => null],
    ['nothing', () => undefined],
    ['text', () => 'valid'],
  ])('by %s: verdict-not-proven is thrown', async (_, forge) => {
    const { ledger } = testLedger();
    const forged = forge(card(1)) as ProvenVerdict;
    const thrown = expect.objectContaining({ code: 'verdict-not-proven' });
    await expect(ledger.establish(forged, smartphone(2), context)).rejects.toEqual(thrown);
    await expect(ledger.establish(card(1), forge(smartphone(2)) as ProvenVerdict, context)).rejects.toEqual(thrown);
    await expect(ledger.find({ verdict: forged })).rejects.toEqual(thrown);
    await expect(ledger.observe(forged)).rejects.toEqual(thrown);
  });

  test('by a verdict whose dates were moved after it was minted', async () => {
    const { ledger } = testLedger();
    const old = card(1, { at: later(-10_000) });
    old.at.setTime(NOW.getTime());
    expect(await ledger.establish(old, smartphone(2), context)).toEqual({ ok: false, code: 'link-verdict-age' });
    const outliving = smartphone(2, { notAfter: later(1, NOT_AFTER) });
    outliving.certificate.notAfter.setTime(NOT_AFTER.getTime());
    expect(await ledger.establish(card(1), outliving, context)).toEqual({ ok: false, code: 'link-expiry-order' });
  });

  test.each<[string, Partial<EstablishContext>]>([
    ['without an account', { account: '' }],
    ['without a ceremony', { ceremony: { id: '' } }],
    ['by issuer link information without a legal source', { basis: { kind: 'issuer-link-information', agrees: true } }],
    ['on an unknown basis', { basis: { kind: 'hearsay' } as never }],
  ])('%s: argument-invalid is thrown', async (_, change) => {
    const { ledger } = testLedger();
    await expect(ledger.establish(card(1), smartphone(2), { ...context, ...change })).rejects.toMatchObject({ code: 'argument-invalid' });
  });
});

describe('a further link', () => {
  const again = (n: number): Partial<Facts> => ({ ceremony: `ceremony-${n}` });
  const contextOf = (n: number) => ({ account: 'account-1', ceremony: { id: `ceremony-${n}` } });

  test('supersedes the one before it', async () => {
    const { ledger, notices } = testLedger();
    const first = await ledger.establish(card(1), smartphone(2), context);
    const second = await ledger.establish(card(1, again(2)), smartphone(3, again(2)), contextOf(2));
    expect(first.ok && second.ok && second.superseded.map(({ id, state, supersededBy }) => [id, state, supersededBy])).toEqual([
      [first.ok && first.link.id, 'superseded', second.ok && second.link.id],
    ]);
    expect(notices.map(({ type }) => type)).toEqual(['link.established', 'link.established', 'link.superseded']);
    expect(await ledger.find({ verdict: smartphone(2) })).toEqual({ ok: false, code: 'link-not-found' });
    expect(await ledger.find({ verdict: smartphone(3) })).toMatchObject({ ok: true, account: 'account-1' });
  });

  test('leaves as many as the ledger allows', async () => {
    const { ledger } = testLedger({ maxActive: 2 });
    for (const n of [1, 2, 3])
      expect((await ledger.establish(card(1, again(n)), smartphone(10 + n, again(n)), contextOf(n))).ok).toBe(true);
    const history = await ledger.history('account-1');
    expect(history.ok && history.links.map(({ state }) => state)).toEqual(['superseded', 'active', 'active']);
    expect((await ledger.establish(card(1, again(4)), smartphone(12, again(4)), contextOf(4))).ok).toBe(true);
    const after = await ledger.history('account-1');
    expect(after.ok && after.links.map(({ state }) => state)).toEqual(['superseded', 'superseded', 'active', 'active']);
  });

  test('in place of a named one supersedes exactly that', async () => {
    const { ledger } = testLedger({ maxActive: 3 });
    const first = await ledger.establish(card(1), smartphone(2), context);
    await ledger.establish(card(1, again(2)), smartphone(3, again(2)), contextOf(2));
    const id = first.ok ? first.link.id : '';
    const third = await ledger.supersede(id, card(1, again(3)), smartphone(4, again(3)), contextOf(3));
    expect(third).toMatchObject({ ok: true, superseded: [{ id }] });
    const again4 = await ledger.supersede(id, card(1, again(4)), smartphone(5, again(4)), contextOf(4));
    expect(again4).toEqual({ ok: false, code: 'link-transition' });
  });

  test('of many made at once for one account: one remains, and every one is accounted for', async () => {
    const { ledger } = testLedger();
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, i) => ledger.establish(card(1, again(i)), smartphone(20 + i, again(i)), contextOf(i))),
    );
    expect(results.filter(({ ok }) => ok).length).toBe(6);
    const history = await ledger.history('account-1');
    expect(history.ok && history.links.filter(({ state }) => state === 'active').length).toBe(1);
    expect(history.ok && history.links.length).toBe(6);
  });

  test('of many accounts that want one certificate at once: one gets it', async () => {
    const { ledger } = testLedger();
    const results = await Promise.all(
      Array.from({ length: 32 }, (_, i) =>
        ledger.establish(card(1, again(i)), smartphone(100 + i, again(i)), { account: `account-${i}`, ceremony: { id: `ceremony-${i}` } }),
      ),
    );
    expect(results.filter(({ ok }) => ok).length).toBe(1);
    expect(results.filter((result) => !result.ok && result.code === 'link-other-account').length).toBe(31);
  });
});
