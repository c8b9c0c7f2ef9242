/** The lives that links have, told end to end: simulated JPKI, relying party, ledger. */
import type { Person } from '@jpki-rp/simulator';
import { revocationsIn } from '@jpki-rp/verifier/links';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Bank, identifiers, openBank } from './stage.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;
const USER = 'user-authentication';
const NOT_FOUND = { ok: false, code: 'link-not-found' };

let bank: Bank;
let count = 0;
beforeAll(async () => {
  bank = await openBank({ linkInformation: ['article-37'], linkedRevocationDelaySeconds: 0 });
});
afterAll(() => bank.close());
afterEach(() => {
  bank.login = {};
  bank.basis = { kind: 'same-session' };
  for (const list of [bank.notices, bank.sessionsEnded, bank.established, bank.verdicts]) list.length = 0;
});

const customer = async (): Promise<{ person: Person; account: string }> => {
  count += 1;
  return { person: await bank.simulator.person(), account: `account-${count}` };
};
const linkedCustomer = async () => {
  const { person, account } = await customer();
  const made = await bank.link(account, person);
  if (!made.ok) throw new Error(made.code);
  bank.notices.length = 0;
  return { person, account, target: { account, link: made.link.id } };
};

describe('a person', () => {
  test('links card and smartphone, and is found by either', async () => {
    const { person, account } = await customer();
    expect(await bank.logIn(person, 'smartphone')).toEqual(NOT_FOUND);
    expect(await bank.link(account, person)).toMatchObject({ ok: true, link: { assurance: 'control', state: 'active' } });
    expect(bank.notices).toMatchObject([{ type: 'link.established', account }]);
    for (const carrier of ['card', 'smartphone'] as const) expect(await bank.logIn(person, carrier)).toMatchObject({ ok: true, account });
  });

  test('changes the phone: the old one is dead, the new one is linked by the card', async () => {
    const { person, account } = await linkedCustomer();
    await bank.simulator.changeDevice(person);
    expect(await bank.logIn(person, 'smartphone')).toEqual(NOT_FOUND);
    expect(await bank.link(account, person)).toMatchObject({ ok: true });
    expect(await bank.states(account)).toEqual(['superseded: superseded', 'active']);
    await bank.sweep('smartphone-user-authentication');
    expect(await bank.states(account)).toEqual(['superseded: superseded', 'active']);
    expect(await bank.logIn(person, 'smartphone')).toMatchObject({ ok: true, account });
  });

  test('loses the phone: the call centre holds it, and it is revoked for good', async () => {
    const { person, account } = await linkedCustomer();
    bank.simulator.hold(person, 'smartphone', USER);
    expect(typeof (await bank.logIn(person, 'smartphone'))).toBe('string');
    expect(await bank.states(account)).toEqual(['suspended']);
    expect(await bank.logIn(person, 'card')).toEqual({ ok: false, code: 'link-suspended' });
    bank.simulator.revoke(person, 'smartphone', USER, 'cessationOfOperation');
    await bank.sweep('smartphone-user-authentication');
    expect(await bank.states(account)).toEqual(['ended: smartphone-revoked']);
    expect(bank.notices.map(({ type }) => type)).toEqual(['link.suspended', 'link.ended']);
  });

  test('loses the phone and finds it: the hold is lifted, and a newer verdict lifts the link’s', async () => {
    const { person, account, target } = await linkedCustomer();
    bank.later(60);
    bank.simulator.hold(person, 'smartphone', USER);
    await bank.sweep('smartphone-user-authentication');
    expect(await bank.states(account)).toEqual(['suspended']);
    bank.later(60);
    bank.simulator.release(person, 'smartphone', USER);
    expect(await bank.logIn(person, 'smartphone')).toEqual({ ok: false, code: 'link-suspended' });
    const [verdict] = bank.verdicts;
    if (verdict === undefined) throw new Error('the certificate is good again');
    expect(await bank.ledger.resume(target, { verdict })).toMatchObject({ ok: true, link: { state: 'active' } });
    expect(await bank.logIn(person, 'smartphone')).toMatchObject({ ok: true, account });
  });

  test('sells the phone without revoking it: the certificate stays good, and only their own word ends the link', async () => {
    const { person, account, target } = await linkedCustomer();
    // Nobody can know: the certificate is good, its key and PIN work.
    expect(await bank.logIn(person, 'smartphone')).toMatchObject({ ok: true, account });
    expect(await bank.ledger.end(target, { by: 'person', reason: 'withdrawn' })).toMatchObject({ ok: true });
    expect(await bank.logIn(person, 'smartphone')).toEqual(NOT_FOUND);
    expect(bank.verdicts.at(-1)?.result).toBe('valid');
    // With card and phone it can be linked again: whoever has both has what it takes.
    expect(await bank.link(account, person)).toMatchObject({ ok: true });
  });

  test('renews the card: the issuer says which one it replaced, and the account goes on', async () => {
    const { person, account } = await linkedCustomer();
    await bank.simulator.renew(person);
    expect(await bank.logIn(person, 'smartphone')).toBe('revoked');
    expect(await bank.states(account)).toEqual(['ended: smartphone-revoked']);
    const relation = 'authentication-renewal';
    bank.login = { relation };
    expect(await bank.logIn(person, 'card')).toEqual(NOT_FOUND);
    await bank.run(bank.visitor(), 'renew-card', person, 'card', { account, ceremony: `renewal-of-${account}` });
    expect(bank.established.at(-1)).toMatchObject({ ok: true, link: { relation, assurance: 'issuer', legalSource: 'article-37' } });
    expect(await bank.logIn(person, 'card')).toMatchObject({ ok: true, account });
    // Somebody else's account is not continued by this card.
    const other = await linkedCustomer();
    await bank.run(bank.visitor(), 'renew-card', person, 'card', { account: other.account, ceremony: 'a-renewal-for-another' });
    expect(bank.established.at(-1)).toEqual(NOT_FOUND);
  });

  test('moves house: the signature certificates end, the link of the authentication ones stays', async () => {
    const { person, account } = await linkedCustomer();
    await bank.simulator.moveHouse(person, 'hoshikaze-shi');
    for (const carrier of ['card', 'smartphone'] as const) await bank.sweep(`${carrier}-digital-signature`);
    await bank.sweep('card-user-authentication');
    expect(await bank.states(account)).toEqual(['active']);
    expect(await bank.logIn(person, 'smartphone')).toMatchObject({ ok: true, account });
  });

  test('leaves: what is left names neither person nor certificate, and the certificates are free', async () => {
    const { person, account } = await linkedCustomer();
    const erased = await bank.ledger.erase(account);
    if (!erased.ok) throw new Error(erased.code);
    expect(JSON.stringify(erased.tombstone)).not.toContain(account);
    expect(await bank.ledger.verifyTombstone(erased.tombstone)).toBe(true);
    expect(await bank.logIn(person, 'smartphone')).toEqual(NOT_FOUND);
    expect(await bank.link(`${account}-again`, person)).toMatchObject({ ok: true });
  });

  test('is found under a new identifier key, and their identifiers are renewed when they come', async () => {
    const { person, account } = await linkedCustomer();
    const rotated = bank.also({ identifier: identifiers.rotated });
    await bank.logIn(person, 'smartphone');
    const [verdict] = bank.verdicts;
    if (verdict === undefined) throw new Error('nobody logged in');
    expect(await rotated.find({ verdict })).toMatchObject({ ok: true, account });
    const known = await rotated.history(account);
    expect(known.ok && known.links.map(({ from, to }) => [from.ref, to.ref].map((ref) => ref.split('.')[0]))).toEqual([['k1', 'k2']]);
  });
});

describe.each([
  ['at once', 0],
  ['an hour later', HOUR],
  ['three days later', 3 * DAY],
])('a card is revoked, and its smartphone %s', (_, delay) => {
  let slow: Bank;
  beforeAll(async () => {
    slow = await openBank({ linkedRevocationDelaySeconds: delay });
  });
  afterAll(() => slow.close());

  test('the link ends with the card, and what the issuer has not done in time is reported', async () => {
    const person = await slow.simulator.person();
    expect(await slow.link('account', person)).toMatchObject({ ok: true });
    slow.simulator.revoke(person, 'card', USER, 'keyCompromise');
    expect(await slow.sweep('card-user-authentication')).toBe(1);
    expect(await slow.states('account')).toEqual(['ended: card-revoked']);
    // The certificate may still be good; it finds nobody.
    expect(await slow.logIn(person, 'smartphone')).toEqual(delay === 0 ? 'revoked' : NOT_FOUND);
    const overdue = async () => {
      const lists = await slow.lists('smartphone-user-authentication');
      const report = await slow.ledger.overdueFollowers({
        revocations: revocationsIn(lists),
        classes: ['smartphone-user-authentication'],
        asOf: slow.simulator.now(),
        windowSeconds: DAY,
      });
      return report.overdue.map(({ account }) => account);
    };
    expect(await overdue()).toEqual([]);
    slow.later(2 * DAY);
    expect(await overdue()).toEqual(delay > 2 * DAY ? ['account'] : []);
    slow.later(2 * DAY);
    expect(await overdue()).toEqual([]);
    expect(await slow.logIn(person, 'smartphone')).toBe('revoked');
  });
});

describe('different people', () => {
  /** Two whose cards were issued on one day, and end on one day. */
  const couple = async () => [await customer(), await customer()] as const;

  test('with equal expiry and no word of the issuer cannot be told apart: the link is `control` and says no more', async () => {
    const [one, other] = await couple();
    expect(await bank.link(one.account, one.person, other.person)).toMatchObject({
      ok: true,
      link: { basis: 'same-session', assurance: 'control' },
    });
    bank.login = { assurance: 'issuer' };
    expect(await bank.logIn(other.person, 'smartphone')).toEqual({ ok: false, code: 'link-assurance' });
  });

  test('are told apart by the issuer’s link information', async () => {
    const [one, other] = await couple();
    bank.basis = async (card) => ({
      kind: 'issuer-link-information',
      counterpart: await bank.ask('counterpart', { ...card.certificate, class: card.class }),
    });
    expect(await bank.link(one.account, one.person, other.person)).toEqual({ ok: false, code: 'link-disagreement' });
    expect(await bank.link(one.account, one.person)).toMatchObject({ ok: true, link: { assurance: 'issuer', legalSource: 'article-37' } });
    bank.login = { assurance: 'issuer' };
    expect(await bank.logIn(one.person, 'smartphone')).toMatchObject({ ok: true });
  });

  test('are told apart by a platform’s user ids', async () => {
    const [one, other] = await couple();
    bank.basis = { kind: 'platform-user-id', from: one.person.id, to: other.person.id };
    expect(await bank.link(one.account, one.person, other.person)).toEqual({ ok: false, code: 'link-disagreement' });
  });

  test.each([
    ['a smartphone that outlives the card', 1, 2, 'link-expiry-order'],
    ['a smartphone that ends before the card', 2, 1, 'link-expiry-differs'],
  ])('are told apart by %s', async (_, cardGeneration, phoneGeneration, code) => {
    const one = await bank.simulator.person({ generation: cardGeneration });
    const other = await bank.simulator.person({ generation: phoneGeneration });
    expect(await bank.link('account-of-two', one, other)).toEqual({ ok: false, code });
  });

  test('are told apart by the account that knows one of them', async () => {
    const known = await linkedCustomer();
    const { person, account } = await customer();
    expect(await bank.link(account, person, known.person)).toEqual({ ok: false, code: 'link-other-account' });
    expect(await bank.link(account, known.person, person)).toEqual({ ok: false, code: 'link-other-account' });
  });
});

describe('a ceremony', () => {
  const session = (account: string) => ({ account, ceremony: `ceremony-of-${account}` });

  test('raced by two browsers links once', async () => {
    const { person, account } = await customer();
    const [one, other] = [bank.visitor(), bank.visitor()];
    for (const browser of [one, other]) await bank.run(browser, 'link-card', person, 'card', session(account));
    await Promise.all([one, other].map((browser) => bank.run(browser, 'link-smartphone', person, 'smartphone', session(account))));
    expect(bank.established.filter(({ ok }) => ok).length).toBeLessThanOrEqual(1);
    const third = bank.visitor();
    for (const [operation, carrier] of [
      ['link-card', 'card'],
      ['link-smartphone', 'smartphone'],
    ] as const)
      await bank.run(third, operation, person, carrier, session(account));
    expect(bank.established.filter(({ ok }) => ok).length).toBe(1);
    expect(await bank.states(account)).toEqual(['active']);
  });

  test('replayed after its end links nobody', async () => {
    const { person, account } = await customer();
    const browser = bank.visitor();
    const both = async (as: string) => {
      await bank.run(browser, 'link-card', person, 'card', { account: as, ceremony: 'one-and-the-same' });
      await bank.run(browser, 'link-smartphone', person, 'smartphone', { account: as, ceremony: 'one-and-the-same' });
      return bank.established.at(-1);
    };
    expect(await both(account)).toMatchObject({ ok: true });
    expect(await both(account)).toEqual({ ok: false, code: 'link-ceremony' });
    expect(await both(`${account}-another`)).toEqual({ ok: false, code: 'link-ceremony' });
  });

  test('begun with the smartphone leads nowhere', async () => {
    const { person, account } = await customer();
    const browser = bank.visitor();
    expect(await bank.run(browser, 'link-smartphone', person, 'smartphone', session(account))).toMatchObject({ next: { step: 'lost' } });
    expect(await bank.run(browser, 'link-card', person, 'smartphone', session(account))).toMatchObject({ result: 'refused' });
    expect(await bank.run(browser, 'link-card', person, 'card', session(account))).toMatchObject({ result: 'identified' });
    expect(bank.established).toEqual([]);
    expect(await bank.states(account)).toEqual(['link-not-found']);
  });
});

describe('a thief with card and PIN', () => {
  test('adds a phone: the person hears of it, it cannot pay for days, and undoing it ends its sessions for good', async () => {
    const victim = await linkedCustomer();
    const thief = await bank.simulator.person();
    // The victim's card in the thief's hands, the thief's own phone; both were issued on one day.
    const made = await bank.link(victim.account, victim.person, thief);
    if (!made.ok) throw new Error(made.code);
    expect(bank.notices.map(({ type, account }) => [type, account])).toEqual([
      ['link.established', victim.account],
      ['link.superseded', victim.account],
    ]);
    bank.login = { coolingOffSeconds: 3 * DAY };
    expect(await bank.logIn(thief, 'smartphone')).toEqual({ ok: false, code: 'link-cooling-off' });
    bank.login = { stepUp: 'card' };
    expect(await bank.logIn(thief, 'smartphone')).toEqual({ ok: false, code: 'link-step-up' });

    const target = { account: victim.account, link: made.link.id };
    expect(await bank.ledger.undo(target)).toMatchObject({
      ok: true,
      link: { endReason: 'undone' },
      replaced: [{ id: victim.target.link }],
    });
    expect(bank.sessionsEnded).toEqual([target]);
    bank.login = {};
    expect(await bank.logIn(thief, 'smartphone')).toEqual(NOT_FOUND);
    expect(await bank.link(victim.account, victim.person, thief)).toEqual({ ok: false, code: 'link-suspended' });
    // The person links their own phone again.
    expect(await bank.link(victim.account, victim.person)).toMatchObject({ ok: true });
    expect(await bank.logIn(victim.person, 'smartphone')).toMatchObject({ ok: true, account: victim.account });
  });
});
