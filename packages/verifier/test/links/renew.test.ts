import { describe, expect, test } from 'vitest';
import { hmacIdentifier, type Link, type LinkLedgerOptions, type RenewContext } from '../../src/links/index.ts';
import { KEY, NEW_KEY, type TestLedger, testLedger } from './ledgers.ts';
import { card, type Facts, later, proven, revoked, smartphone } from './verdicts.ts';

const ACCOUNT = 'account-1';
const OLD = { issuerKeyId: '0a0b', serialNumber: '01' };
const issuer: RenewContext['basis'] = { kind: 'issuer-link-information' };

/** Account 1 has card 1 and smartphone 2; the card is revoked by its renewal. */
const renewedCard = async (options: Partial<LinkLedgerOptions> = {}): Promise<TestLedger & { link: Link }> => {
  const world = testLedger({ issuerLinkInformation: ['article-18-5', 'article-37'], ...options });
  const made = await world.ledger.establish(card(1, { der: 'old' }), smartphone(2, { der: 'phone' }), {
    account: ACCOUNT,
    ceremony: { id: 'ceremony-1' },
  });
  if (!made.ok) throw new Error(made.code);
  await world.ledger.observe(revoked({ class: 'card-user-authentication', serial: 1 }, 'superseded'));
  world.notices.length = 0;
  return { ...world, link: made.link };
};
const step = (change: Partial<Facts> = {}): Partial<Facts> => ({ ceremony: 'ceremony-2', step: 'renewal', ...change });
const context = (change: Partial<RenewContext> = {}): RenewContext => ({
  account: ACCOUNT,
  ceremony: { id: 'ceremony-2' },
  predecessor: OLD,
  basis: issuer,
  ...change,
});

describe('a renewed card', () => {
  test('goes on with its account on the issuer’s word, and is found from then on', async () => {
    const { ledger, notices, now } = await renewedCard();
    expect(await ledger.renew(card(5, step()), context({ evidence: 'e-5' }))).toMatchObject({
      ok: true,
      superseded: [],
      link: {
        relation: 'authentication-renewal',
        state: 'active',
        basis: 'issuer-link-information',
        assurance: 'issuer',
        legalSource: 'article-37',
      },
    });
    expect(notices).toMatchObject([{ type: 'link.established', account: ACCOUNT }]);
    const at = later(100_000);
    now(at);
    const relation = 'authentication-renewal';
    expect(await ledger.find({ verdict: card(5, { at }), relation })).toMatchObject({ ok: true, account: ACCOUNT, cardStatusAsOf: at });
    expect(await ledger.find({ verdict: card(5, { at }) })).toEqual({ ok: false, code: 'link-not-found' });
  });

  test.each(['0001', '000001'])('is recognised by its predecessor’s serial number however it is spelt: %s', async (serialNumber) => {
    const { ledger } = await renewedCard();
    expect(await ledger.renew(card(5, step()), context({ predecessor: { ...OLD, serialNumber } }))).toMatchObject({ ok: true });
  });

  test('carries the link to a new smartphone like any other card', async () => {
    const { ledger } = await renewedCard();
    await ledger.renew(card(5, step()), context());
    const third = { ceremony: 'ceremony-3' };
    expect(
      await ledger.establish(card(5, third), smartphone(6, third), { account: ACCOUNT, ceremony: { id: 'ceremony-3' } }),
    ).toMatchObject({
      ok: true,
    });
    const known = await ledger.history(ACCOUNT);
    expect(known.ok && known.links.map(({ relation, state }) => `${relation} ${state}`)).toEqual([
      'authentication ended',
      'authentication-renewal active',
      'authentication active',
    ]);
  });

  test('may be renewed again; the newest stays', async () => {
    const { ledger } = await renewedCard();
    const first = await ledger.renew(card(5, step()), context());
    await ledger.observe(revoked({ class: 'card-user-authentication', serial: 5 }, 'superseded'));
    const again = { ceremony: { id: 'ceremony-3' }, predecessor: { issuerKeyId: '0a0b', serialNumber: '05' } };
    expect(first.ok && (await ledger.renew(card(6, step({ ceremony: 'ceremony-3' })), context(again)))).toMatchObject({ ok: true });
    const known = await ledger.history(ACCOUNT);
    expect(known.ok && known.links.map(({ state, endReason }) => [state, endReason])).toEqual([
      ['ended', 'card-revoked'],
      ['ended', 'card-revoked'],
      ['active', null],
    ]);
  });

  test('is not ended by the revocation of the old one, however late it is seen', async () => {
    const { ledger } = await renewedCard();
    await ledger.renew(card(5, step()), context());
    expect(await ledger.observe(revoked({ class: 'card-user-authentication', serial: 1 }, 'superseded'))).toEqual({
      ok: true,
      changed: [],
    });
    expect(await ledger.observe(revoked({ class: 'card-user-authentication', serial: 5 }, 'keyCompromise'))).toMatchObject({
      changed: [{ state: 'ended', endReason: 'card-revoked' }],
    });
  });

  test.each([
    ['a platform’s user id', { kind: 'platform-user-id', from: 'u', to: 'u' }, 'issuer'],
    ['an operator', { kind: 'operator' }, 'control'],
  ] as const)('goes on by %s, who names the old link', async (_, basis, assurance) => {
    const { ledger, link } = await renewedCard();
    expect(await ledger.renew(card(5, step()), context({ basis, predecessor: { link: link.id } }))).toMatchObject({
      ok: true,
      link: { assurance, legalSource: null },
    });
  });

  test('of digital signature is another relation', async () => {
    const { ledger } = testLedger({ issuerLinkInformation: 'article-18-4' });
    const signing = (serial: number, name: string, change: Partial<Facts>) =>
      proven({
        class: `${name === 'smartphone' ? 'smartphone' : 'card'}-digital-signature`,
        serial,
        step: name,
        transaction: `t${serial}`,
        ...change,
      });
    await ledger.establish(signing(1, 'card', {}), signing(2, 'smartphone', {}), {
      account: ACCOUNT,
      ceremony: { id: 'ceremony-1' },
      relation: 'signature',
    });
    expect(await ledger.renew(signing(5, 'renewal', { ceremony: 'ceremony-2' }), context())).toMatchObject({
      ok: true,
      link: { relation: 'signature-renewal', legalSource: 'article-18-4' },
    });
  });

  test('survives new identifier keys in mode sealed', async () => {
    const { ledger, also } = await renewedCard({ sealCertificates: new Uint8Array(32).fill(9) });
    await ledger.renew(card(5, { ...step(), der: 'der' }), context());
    const rotated = also({ identifier: hmacIdentifier({ keyId: 'k2', key: NEW_KEY, previous: [{ keyId: 'k1', key: KEY }] }) });
    expect(await rotated.rekey()).toEqual({ rewritten: 1, failures: 0 });
    expect(await rotated.rekey()).toEqual({ rewritten: 0, failures: 0 });
    const held = [];
    for await (const one of rotated.certificates()) held.push(one.ok && [one.side, one.class]);
    expect(held).toEqual([['to', 'card-user-authentication']]);
  });
});

describe('no renewal is recorded', () => {
  type Case = readonly [name: string, code: string, change: Partial<Facts>, context?: Partial<RenewContext>];
  const cases: readonly Case[] = [
    ['by an old verdict', 'link-verdict-age', { at: later(-601) }],
    ['by a login that signed no renewal', 'link-ceremony', { step: 'card' }],
    ['in another ceremony than was signed', 'link-ceremony', { ceremony: 'ceremony-3' }],
    ['in a ceremony that was redeemed', 'link-ceremony', { ceremony: 'ceremony-1' }, { ceremony: { id: 'ceremony-1' } }],
    ['in place of a certificate that nobody knows', 'link-not-found', {}, { predecessor: { ...OLD, serialNumber: '07' } }],
    ['in place of a smartphone', 'link-not-found', {}, { predecessor: { ...OLD, serialNumber: '02' } }],
    ['for an account that has no card', 'link-not-found', {}, { account: 'account-2' }],
    ['in place of itself', 'link-disagreement', { serial: 1 }],
    ['where the platform knows two users', 'link-disagreement', {}, { basis: { kind: 'platform-user-id', from: 'a', to: 'b' } }],
    ['where the issuer’s word names no certificate', 'link-disagreement', {}, { predecessor: { link: 'person.1' } }],
  ];
  test.each(cases)('%s: %s', async (_, code, change, more = {}) => {
    const { ledger, notices } = await renewedCard();
    expect(await ledger.renew(card(5, step(change)), context(more))).toEqual({ ok: false, code });
    expect(notices).toEqual([]);
  });

  test('with a certificate of another account: link-other-account', async () => {
    const { ledger } = await renewedCard();
    const other = { ceremony: 'ceremony-9' };
    await ledger.establish(card(5, other), smartphone(6, other), { account: 'account-2', ceremony: { id: 'ceremony-9' } });
    expect(await ledger.renew(card(5, step()), context())).toEqual({ ok: false, code: 'link-other-account' });
  });

  test('from a card that another account has by now, under a new identifier key: link-other-account', async () => {
    const world = testLedger({ issuerLinkInformation: ['article-37'] });
    const on = (n: number) => ({ ceremony: `move-${n}` });
    const linking = (n: number, account = ACCOUNT) => ({ account, ceremony: { id: `move-${n}` } });
    expect(await world.ledger.establish(card(1, on(1)), smartphone(2, on(1)), linking(1))).toMatchObject({ ok: true });
    const rotated = world.also({ identifier: hmacIdentifier({ keyId: 'k2', key: NEW_KEY, previous: [{ keyId: 'k1', key: KEY }] }) });
    expect(await rotated.establish(card(9, on(2)), smartphone(12, on(2)), linking(2))).toMatchObject({ ok: true });
    expect(await rotated.establish(card(1, on(3)), smartphone(2, on(3)), linking(3, 'account-2'))).toMatchObject({ ok: true });
    expect(await rotated.renew(card(5, step()), context())).toEqual({ ok: false, code: 'link-other-account' });
  });

  test('from a card whose link was undone', async () => {
    const { ledger } = testLedger({ issuerLinkInformation: 'article-37', endSessions: () => undefined });
    const made = await ledger.establish(card(1), smartphone(2), { account: ACCOUNT, ceremony: { id: 'ceremony-1' } });
    await ledger.undo({ account: ACCOUNT, link: made.ok ? made.link.id : '' });
    expect(await ledger.renew(card(5, step()), context())).toEqual({ ok: false, code: 'link-not-found' });
  });

  test('of a smartphone, without an account, or on an unknown basis: argument-invalid is thrown', async () => {
    const { ledger } = await renewedCard();
    const thrown = { code: 'argument-invalid' };
    await expect(ledger.renew(smartphone(5, step()), context())).rejects.toMatchObject(thrown);
    await expect(ledger.renew(card(5, step()), context({ account: '' }))).rejects.toMatchObject(thrown);
    await expect(ledger.renew(card(5, step()), context({ basis: { kind: 'hearsay' } as never }))).rejects.toMatchObject(thrown);
    await expect(testLedger().ledger.renew(card(5, step()), context())).rejects.toMatchObject(thrown);
  });

  test('by a plain establish between two cards', async () => {
    const { ledger } = testLedger();
    const pair = [card(1, { step: 'x' }), card(5, { step: 'renewal' })] as const;
    const relation = 'authentication-renewal' as never;
    await expect(ledger.establish(...pair, { account: ACCOUNT, ceremony: { id: 'ceremony-1' }, relation })).rejects.toMatchObject({
      code: 'argument-invalid',
    });
  });
});

describe('the smartphone’s signature certificate', () => {
  test('follows the same rule as the other: one of them, the newer supersedes', async () => {
    const { ledger } = testLedger();
    const signing = (serial: number, name: 'card' | 'smartphone', n: number) =>
      proven({ class: `${name}-digital-signature`, serial, step: name, transaction: `t${serial}-${n}`, ceremony: `ceremony-${n}` });
    const link = (n: number, phone: number) =>
      ledger.establish(signing(1, 'card', n), signing(phone, 'smartphone', n), {
        account: ACCOUNT,
        ceremony: { id: `ceremony-${n}` },
        relation: 'signature',
      });
    const first = await link(1, 2);
    expect(await link(2, 3)).toMatchObject({ ok: true, superseded: [{ id: first.ok && first.link.id }] });
    expect(await ledger.find({ verdict: signing(3, 'smartphone', 9), relation: 'signature' })).toMatchObject({ ok: true });
    expect(await ledger.find({ verdict: signing(2, 'smartphone', 9), relation: 'signature' })).toEqual({
      ok: false,
      code: 'link-not-found',
    });
  });
});

describe('the issuer’s word about a pair', () => {
  test.each([
    ['names the smartphone', { issuerKeyId: '0a0b', serialNumber: '02' }, true],
    ['names it in capitals and with a leading zero octet', { issuerKeyId: '0A0B', serialNumber: '0002' }, true],
    ['names another', { issuerKeyId: '0a0b', serialNumber: '03' }, false],
    ['names one of another issuer', { issuerKeyId: '0a0c', serialNumber: '02' }, false],
    ['names none', null, false],
  ])('that %s', async (_, counterpart, agrees) => {
    const { ledger } = testLedger({ issuerLinkInformation: 'article-37' });
    const made = await ledger.establish(card(1), smartphone(2), {
      account: ACCOUNT,
      ceremony: { id: 'ceremony-1' },
      basis: { kind: 'issuer-link-information', counterpart },
    });
    expect(made).toMatchObject(
      agrees ? { ok: true, link: { assurance: 'issuer', legalSource: 'article-37' } } : { code: 'link-disagreement' },
    );
  });

  test('is refused under an article for other pairs', async () => {
    const { ledger } = testLedger({ issuerLinkInformation: ['article-18-4', 'article-18-5'] });
    await expect(
      ledger.establish(card(1), smartphone(2), {
        account: ACCOUNT,
        ceremony: { id: 'ceremony-1' },
        basis: { kind: 'issuer-link-information', agrees: true },
      }),
    ).rejects.toMatchObject({ code: 'argument-invalid' });
  });
});
