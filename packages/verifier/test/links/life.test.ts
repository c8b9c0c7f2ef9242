import { describe, expect, test } from 'vitest';
import { ImpossibleHistory } from '../../src/links/events.ts';
import {
  type EndRequest,
  fold,
  type Link,
  type LinkLedgerOptions,
  type LinkState,
  RELATIONS,
  stateAfter,
  transition,
} from '../../src/links/index.ts';
import { CEREMONY, type TestLedger, testLedger } from './ledgers.ts';
import { card, later, NOW, revoked, smartphone } from './verdicts.ts';

const ACCOUNT = 'account-1';
const linked = async (
  options: Partial<LinkLedgerOptions> = {},
): Promise<TestLedger & { link: Link; at: { account: string; link: string } }> => {
  const world = testLedger(options);
  const result = await world.ledger.establish(card(1), smartphone(2), { account: ACCOUNT, ceremony: CEREMONY });
  if (!result.ok) throw new Error(result.code);
  world.notices.length = 0;
  return { ...world, link: result.link, at: { account: ACCOUNT, link: result.link.id } };
};
const CARD = { class: 'card-user-authentication', serial: 1 } as const;
const PHONE = { class: 'smartphone-user-authentication', serial: 2 } as const;
const again = { ceremony: 'ceremony-2' };
const context2 = { account: ACCOUNT, ceremony: { id: 'ceremony-2' } };

describe('a presented certificate', () => {
  test('finds its account through the link, from either side, and says how old the knowledge about the card is', async () => {
    const { ledger, link, now } = await linked();
    now(later(3_600));
    const at = later(3_600);
    expect(await ledger.find({ verdict: smartphone(2, { at }) })).toEqual({
      ok: true,
      account: ACCOUNT,
      link,
      state: 'active',
      presented: 'to',
      cardStatusAsOf: NOW,
    });
    expect(await ledger.find({ verdict: card(1, { at }) })).toMatchObject({ presented: 'from', cardStatusAsOf: at });
  });

  test('nobody knows finds nothing, nor does one of another issuer with the same serial', async () => {
    const { ledger } = await linked();
    expect(await ledger.find({ verdict: smartphone(3) })).toEqual({ ok: false, code: 'link-not-found' });
    expect(await ledger.find({ verdict: smartphone(2, { issuer: '0a0c' }) })).toEqual({ ok: false, code: 'link-not-found' });
    expect(await ledger.find({ verdict: card(1), relation: 'signature' })).toEqual({ ok: false, code: 'link-not-found' });
  });

  test('whose verdict is old finds nothing', async () => {
    const { ledger, now } = await linked();
    now(later(601));
    expect(await ledger.find({ verdict: smartphone(2) })).toEqual({ ok: false, code: 'link-verdict-age' });
  });

  test('is refused where the card’s status is older than the operation allows, until the card is seen again', async () => {
    const { ledger, now } = await linked();
    const at = later(200_000);
    now(at);
    const find = () => ledger.find({ verdict: smartphone(2, { at }), maxStatusAgeSeconds: 86_400 });
    expect(await find()).toEqual({ ok: false, code: 'link-status-age' });
    expect(await ledger.observe(card(1, { at }))).toEqual({ ok: true, changed: [] });
    expect(await find()).toMatchObject({ ok: true, cardStatusAsOf: at });
  });

  test('is refused where the operation needs more assurance than the link has', async () => {
    const { ledger } = await linked();
    expect(await ledger.find({ verdict: smartphone(2), assurance: 'issuer' })).toEqual({ ok: false, code: 'link-assurance' });
    expect((await ledger.find({ verdict: smartphone(2), assurance: 'control' })).ok).toBe(true);
  });

  test('of several accounts finds the one that is meant, and none where that is not said', async () => {
    const { ledger } = await linked({ accountsPerCertificate: 2 });
    const other = { account: 'account-2', ceremony: { id: 'ceremony-2' } };
    expect((await ledger.establish(card(1, again), smartphone(2, again), other)).ok).toBe(true);
    expect(await ledger.find({ verdict: smartphone(2) })).toEqual({ ok: false, code: 'link-other-account' });
    expect(await ledger.find({ verdict: smartphone(2), account: 'account-2' })).toMatchObject({ ok: true, account: 'account-2' });
    expect(await ledger.find({ verdict: smartphone(2), account: 'account-3' })).toEqual({ ok: false, code: 'link-not-found' });
  });

  test('does not grow the history with every login', async () => {
    const { ledger, now } = await linked();
    for (let day = 1; day <= 20; day++) {
      const at = later(day * 10_000);
      now(at);
      await ledger.find({ verdict: smartphone(2, { at }) });
      await ledger.find({ verdict: card(1, { at }) });
    }
    const history = await ledger.history(ACCOUNT);
    expect(history.ok && history.events.length).toBeLessThanOrEqual(3 + 3);
  });
});

describe('a trusted revocation', () => {
  test.each([
    ['of the card', CARD, 'card-revoked'],
    ['of the smartphone', PHONE, 'smartphone-revoked'],
  ] as const)('%s ends the link in the operation that first sees it', async (_, certificate, reason) => {
    const { ledger, notices, link } = await linked();
    const observed = await ledger.observe(revoked(certificate, 'keyCompromise'));
    expect(observed).toMatchObject({
      ok: true,
      changed: [{ id: link.id, state: 'ended', endReason: reason, revocationReason: 'keyCompromise' }],
    });
    expect(notices).toMatchObject([{ type: 'link.ended', reason }]);
    for (const verdict of [card(1), smartphone(2)]) expect(await ledger.find({ verdict })).toEqual({ ok: false, code: 'link-not-found' });
    expect(await ledger.observe(revoked(certificate, 'keyCompromise'))).toEqual({ ok: true, changed: [] });
    expect(notices.length).toBe(1);
  });

  test('is not forgotten by an older verdict that still says good', async () => {
    const { ledger } = await linked();
    await ledger.observe(revoked(CARD, 'superseded'));
    expect(await ledger.establish(card(1, again), smartphone(3, again), context2)).toEqual({ ok: false, code: 'link-verdict-age' });
    expect((await ledger.establish(card(5, again), smartphone(3, again), context2)).ok).toBe(true);
  });

  test('of a certificate that was not shown to be genuine changes nothing', async () => {
    const { ledger } = await linked();
    expect(await ledger.observe(revoked(CARD, 'keyCompromise', false))).toEqual({ ok: true, changed: [] });
    expect((await ledger.find({ verdict: smartphone(2) })).ok).toBe(true);
  });

  test('of somebody else’s certificate changes nothing', async () => {
    const { ledger } = await linked();
    expect(await ledger.observe(revoked({ ...CARD, serial: 9 }, 'keyCompromise'))).toEqual({ ok: true, changed: [] });
    expect(await ledger.observe(revoked({ ...CARD, issuer: '0a0c' }, 'keyCompromise'))).toEqual({ ok: true, changed: [] });
  });

  test('told by a plain object is misuse', async () => {
    const { ledger } = await linked();
    await expect(ledger.observe({ ...revoked(CARD, 'keyCompromise') })).rejects.toMatchObject({ code: 'verdict-not-proven' });
  });
});

describe('a certificate on hold', () => {
  test('suspends the link until a newer verdict shows it good', async () => {
    const { ledger, at, now, notices } = await linked();
    now(later(100));
    const observed = await ledger.observe(revoked({ ...PHONE, at: later(100) }, 'certificateHold'));
    expect(observed).toMatchObject({
      ok: true,
      changed: [{ state: 'suspended', suspensions: [{ reason: 'certificate-hold', side: 'to' }] }],
    });
    expect(await ledger.find({ verdict: card(1) })).toEqual({ ok: false, code: 'link-suspended' });
    expect(await ledger.find({ verdict: smartphone(2) })).toEqual({ ok: false, code: 'link-suspended' });
    expect(await ledger.resume(at, { verdict: smartphone(2, { at: later(100) }) })).toEqual({ ok: false, code: 'link-verdict-age' });
    expect(await ledger.resume(at, { by: 'operator' })).toEqual({ ok: false, code: 'link-transition' });
    expect(await ledger.resume(at, { verdict: card(1, { at: later(101) }) })).toEqual({ ok: false, code: 'link-transition' });
    expect(await ledger.resume(at, { verdict: smartphone(3, { at: later(101) }) })).toEqual({ ok: false, code: 'link-transition' });
    expect(await ledger.resume(at, { verdict: smartphone(2, { at: later(101) }) })).toMatchObject({
      ok: true,
      link: { state: 'active', suspensions: [] },
    });
    expect((await ledger.find({ verdict: smartphone(2) })).ok).toBe(true);
    expect(notices.map(({ type }) => type)).toEqual(['link.suspended', 'link.resumed']);
  });

  test('is not held again by status data from before it was lifted', async () => {
    const { ledger, at, now } = await linked();
    const hold = revoked({ ...CARD, at: later(100) }, 'certificateHold');
    await ledger.observe(hold);
    now(later(200));
    await ledger.resume(at, { verdict: card(1, { at: later(200) }) });
    expect(await ledger.observe(hold)).toEqual({ ok: true, changed: [] });
    expect(await ledger.observe(revoked({ ...CARD, at: later(300) }, 'certificateHold'))).toMatchObject({
      changed: [{ state: 'suspended' }],
    });
  });

  test('ends the link where the ledger is told so', async () => {
    const { ledger } = await linked({ onHold: 'end' });
    expect(await ledger.observe(revoked({ ...CARD, at: later(1) }, 'certificateHold'))).toMatchObject({
      changed: [{ state: 'ended', endReason: 'card-revoked', revocationReason: 'certificateHold' }],
    });
  });

  test('on both sides keeps the link suspended until both are lifted', async () => {
    const { ledger, at, now } = await linked();
    await ledger.observe(revoked({ ...CARD, at: later(1) }, 'certificateHold'));
    await ledger.observe(revoked({ ...PHONE, at: later(1) }, 'certificateHold'));
    now(later(2));
    expect(await ledger.resume(at, { verdict: card(1, { at: later(2) }) })).toMatchObject({ ok: true, link: { state: 'suspended' } });
    expect(await ledger.resume(at, { verdict: smartphone(2, { at: later(2) }) })).toMatchObject({ ok: true, link: { state: 'active' } });
  });

  test('that becomes a revocation ends the link', async () => {
    const { ledger } = await linked();
    await ledger.observe(revoked({ ...CARD, at: later(1) }, 'certificateHold'));
    expect(await ledger.observe(revoked({ ...CARD, at: later(2) }, 'keyCompromise'))).toMatchObject({ changed: [{ state: 'ended' }] });
  });

  test('cannot be linked anew by a verdict from before the hold', async () => {
    const { ledger } = await linked();
    await ledger.observe(revoked({ ...CARD, at: later(1) }, 'certificateHold'));
    expect(await ledger.establish(card(1, again), smartphone(3, again), context2)).toEqual({ ok: false, code: 'link-suspended' });
    const since = { ...again, at: later(2) };
    expect(await ledger.establish(card(1, since), smartphone(3, since), context2)).toMatchObject({
      ok: true,
      superseded: [{ id: expect.any(String) }],
    });
  });

  test('released (removeFromCRL) is no revocation', async () => {
    const { ledger } = await linked();
    expect(await ledger.observe(revoked({ ...CARD, at: later(1) }, 'removeFromCRL'))).toEqual({ ok: true, changed: [] });
  });
});

describe('a suspension', () => {
  test('by an operator is lifted by an operator, not by the person, a verdict or a new ceremony', async () => {
    const { ledger, at } = await linked();
    expect(await ledger.suspend(at, { by: 'operator' })).toMatchObject({ ok: true, link: { state: 'suspended' } });
    expect(await ledger.find({ verdict: smartphone(2) })).toEqual({ ok: false, code: 'link-suspended' });
    expect(await ledger.resume(at, { by: 'person' })).toEqual({ ok: false, code: 'link-transition' });
    expect(await ledger.resume(at, { verdict: smartphone(2) })).toEqual({ ok: false, code: 'link-transition' });
    expect(await ledger.establish(card(1, again), smartphone(2, again), context2)).toEqual({ ok: false, code: 'link-suspended' });
    expect(await ledger.establish(card(1, again), smartphone(3, again), context2)).toEqual({ ok: false, code: 'link-suspended' });
    expect(await ledger.resume(at, { by: 'operator' })).toMatchObject({ ok: true, link: { state: 'active' } });
  });

  test('by the person is lifted by the person or an operator', async () => {
    for (const by of ['person', 'operator'] as const) {
      const { ledger, at } = await linked();
      await ledger.suspend(at, { by: 'person' });
      expect(await ledger.resume(at, { by })).toMatchObject({ ok: true, link: { state: 'active' } });
      expect(await ledger.resume(at, { by })).toEqual({ ok: false, code: 'link-transition' });
    }
  });

  test('by anybody else is misuse', async () => {
    const { ledger, at } = await linked();
    await expect(ledger.suspend(at, { by: 'thief' as never })).rejects.toMatchObject({ code: 'argument-invalid' });
  });
});

describe('an end', () => {
  test.each<EndRequest>([
    { by: 'person', reason: 'withdrawn' },
    { by: 'relying-party', reason: 'account-closed' },
    { by: 'operator', reason: 'deceased' },
    { by: 'operator', reason: 'moved' },
  ])('is for good: %o', async (request) => {
    const { ledger, at } = await linked();
    expect(await ledger.end(at, request)).toMatchObject({ ok: true, link: { state: 'ended', endReason: request.reason } });
    expect(await ledger.end(at, request)).toEqual({ ok: false, code: 'link-transition' });
    expect(await ledger.suspend(at, { by: 'operator' })).toEqual({ ok: false, code: 'link-transition' });
    expect(await ledger.resume(at, { by: 'operator' })).toEqual({ ok: false, code: 'link-transition' });
    expect(await ledger.find({ verdict: smartphone(2) })).toEqual({ ok: false, code: 'link-not-found' });
  });

  test('frees the certificates for another account', async () => {
    const { ledger, at } = await linked();
    await ledger.end(at, { by: 'relying-party', reason: 'account-closed' });
    expect((await ledger.establish(card(1, again), smartphone(2, again), { ...context2, account: 'account-2' })).ok).toBe(true);
  });

  test('for a reason that is not theirs to give is misuse', async () => {
    const { ledger, at } = await linked();
    const misuse = expect.objectContaining({ code: 'argument-invalid' });
    await expect(ledger.end(at, { by: 'person', reason: 'deceased' } as never)).rejects.toEqual(misuse);
    await expect(ledger.end(at, { by: 'operator', reason: 'card-revoked' } as never)).rejects.toEqual(misuse);
    await expect(ledger.end(at, { by: 'constructor', reason: 'withdrawn' } as never)).rejects.toEqual(misuse);
  });

  test('of a link through another account finds nothing', async () => {
    const { ledger, at } = await linked();
    await ledger.establish(card(3, again), smartphone(4, again), { ...context2, account: 'account-2' });
    for (const account of ['account-2', 'account-3']) {
      const foreign = { ...at, account };
      expect(await ledger.end(foreign, { by: 'person', reason: 'withdrawn' })).toEqual({ ok: false, code: 'link-not-found' });
      expect(await ledger.suspend(foreign, { by: 'person' })).toEqual({ ok: false, code: 'link-not-found' });
      expect(await ledger.resume(foreign, { by: 'person' })).toEqual({ ok: false, code: 'link-not-found' });
    }
  });
});

describe('the state machine', () => {
  const STATES: LinkState[] = ['proposed', 'active', 'suspended', 'superseded', 'ended'];

  test('knows these transitions and no other', () => {
    const actions = ['activate', 'suspend', 'lift', 'resume', 'supersede', 'end'] as const;
    const table = STATES.map((state) => [
      state,
      Object.fromEntries(actions.flatMap((a) => (stateAfter(state, a) === null ? [] : [[a, stateAfter(state, a)]]))),
    ]);
    expect(Object.fromEntries(table)).toEqual({
      proposed: { activate: 'active', end: 'ended' },
      active: { suspend: 'suspended', supersede: 'superseded', end: 'ended' },
      suspended: { suspend: 'suspended', lift: 'suspended', resume: 'active', supersede: 'superseded', end: 'ended' },
      superseded: {},
      ended: {},
    });
  });

  test('does not type-check an impossible transition, and refuses it at run time', () => {
    const active: 'active' = transition('proposed', 'activate');
    expect(active).toBe('active');
    const refused = expect.objectContaining({ code: 'link-transition' });
    // @ts-expect-error nothing comes after the end
    expect(() => transition('ended', 'resume')).toThrow(refused);
    // @ts-expect-error an active link has nothing to resume from
    expect(() => transition('active', 'resume')).toThrow(refused);
    // @ts-expect-error names that every object has are no actions
    expect(() => transition('active', 'constructor')).toThrow(refused);
  });

  test('knows the classes of every relation', () => {
    expect(Object.entries(RELATIONS).map(([relation, { from, to }]) => `${relation}: ${from} → ${to}`)).toEqual([
      'authentication: card-user-authentication → smartphone-user-authentication',
      'signature: card-digital-signature → smartphone-digital-signature',
      'card: card-digital-signature → card-user-authentication',
      'authentication-renewal: card-user-authentication → card-user-authentication',
      'signature-renewal: card-digital-signature → card-digital-signature',
    ]);
  });

  test('refuses histories that cannot have happened', async () => {
    const { ledger } = await linked();
    const history = await ledger.history(ACCOUNT);
    const events = history.ok ? history.events.map(({ event }) => event) : [];
    expect(fold(events)?.links[0]?.state).toBe('active');
    expect(fold([])).toBeNull();
    const [opened, proposed, activated] = events;
    const impossible = [
      [proposed],
      [opened, opened],
      [opened, activated],
      [opened, proposed, proposed],
      [opened, proposed, activated, activated],
    ];
    for (const sequence of impossible) expect(() => fold(sequence.flatMap((event) => event ?? []))).toThrow(ImpossibleHistory);
  });
});
