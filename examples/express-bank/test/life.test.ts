import type { Person } from '@jpki-rp/simulator';
import type { History } from '@jpki-rp/verifier/links';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Account } from '../src/accounts/account.ts';
import { type Bank, startBank } from '../src/bank.ts';
import { lifeOf, newsOf } from '../src/life/life.ts';
import { Visitor } from './visitor.ts';

let bank: Bank;
let person: Person;
let visitor: Visitor;
beforeEach(async () => {
  await bank?.close();
  bank = await startBank({ people: 0 });
  person = await bank.simulator.person();
  visitor = new Visitor(bank);
  await visitor.openAccount(person, 'card');
  await visitor.page('/open/done');
  await visitor.identify('register-login', person, 'card');
});
afterAll(() => bank.close());

const hour = (): void => bank.simulator.advanceTo(new Date(bank.simulator.now().getTime() + 3_600_000));
const link = async (): Promise<void> => {
  await visitor.submit('/link');
  await visitor.identify('link-card', person, 'card');
  await visitor.identify('link-smartphone', person, 'smartphone');
};
const known = async (): Promise<{ readonly account: Account; readonly history: History | null }> => {
  const [account] = bank.desk.accounts.all();
  if (account === undefined) throw new Error('no account');
  const history = await bank.desk.ledger.history(account.id);
  return { account, history: history.ok ? history : null };
};
const life = async () => {
  const { account, history } = await known();
  return { ...lifeOf(account, history), news: newsOf(lifeOf(account, history), history).map(({ event }) => event.type) };
};

test('without a link there is no life to draw, and what is registered stands alone', async () => {
  const { cards, alone, begin } = await life();
  expect({ cards, begin, alone: alone.map((one) => one.class) }).toEqual({
    cards: [],
    begin: null,
    alone: ['card-digital-signature', 'card-user-authentication'],
  });
});

test('a linked card no longer stands alone, and is in use by itself', async () => {
  await link();
  const { cards, alone } = await life();
  expect(alone.map((one) => one.class)).toEqual(['card-digital-signature']);
  expect(cards).toMatchObject([
    { card: 1, registered: true, renewal: null, links: [{ phone: 1, spans: [{ state: 'active', from: 0, to: 1 }] }] },
  ]);
});

test('a hold and its end are three spans in a row, and a hold heard of twice is one', async () => {
  await link();
  hour();
  bank.simulator.hold(person, 'smartphone', 'user-authentication');
  hour();
  await visitor.submit('/backstage/sweep');
  const other = new Visitor(bank);
  await other.page('/login');
  await other.identify('login', person, 'smartphone');
  bank.simulator.release(person, 'smartphone', 'user-authentication');
  hour();
  expect((await other.identify('login', person, 'smartphone')).to).toBe('/account');
  const { cards, news } = await life();
  const spans = cards[0]?.links[0]?.spans ?? [];
  expect(spans.map(({ state }) => state)).toEqual(['active', 'suspended', 'active']);
  expect(spans.every(({ from, to }, index) => to > from && from === (spans[index - 1]?.to ?? 0))).toBe(true);
  expect(spans.at(-1)?.to).toBe(1);
  expect(news.filter((type) => type === 'link-suspended')).toHaveLength(1);
  const { history } = await known();
  expect(history?.events.filter(({ event }) => event.type === 'link-suspended').length).toBeGreaterThan(1);
});

test('a new phone of the same card is the second phone of the first card, and the older one ends where it begins', async () => {
  await link();
  hour();
  await bank.simulator.changeDevice(person);
  hour();
  await link();
  const { cards, cardCount, phoneCount } = await life();
  expect({ cardCount, phoneCount, cards: cards.length }).toEqual({ cardCount: 1, phoneCount: 2, cards: 1 });
  const [newer, older] = cards[0]?.links ?? [];
  expect([newer?.phone, newer?.link.state, older?.phone, older?.link.state]).toEqual([2, 'active', 1, 'superseded']);
  expect(older?.spans.at(-1)?.to).toBe(newer?.spans[0]?.from);
});

test('a renewed card comes first, says which card it follows, and the revoked one is in use no more', async () => {
  await link();
  hour();
  await bank.simulator.renew(person);
  hour();
  await visitor.submit('/backstage/sweep');
  await visitor.page('/login');
  await visitor.identify('login', person, 'card');
  const { cards, alone } = await life();
  expect(alone.map((one) => one.class)).toEqual(['card-digital-signature']);
  expect(cards).toMatchObject([
    { card: 2, registered: true, links: [], renewal: { of: 1 } },
    { card: 1, registered: false, links: [{ link: { state: 'ended', endReason: 'card-revoked' } }] },
  ]);
});
