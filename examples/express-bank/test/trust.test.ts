import type { Person } from '@jpki-rp/simulator';
import type { Carrier } from '@jpki-rp/verifier';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type Bank, startBank } from '../src/bank.ts';
import { LARGE_AMOUNT } from '../src/trust/demand.ts';
import { Visitor } from './visitor.ts';

let bank: Bank;
let person: Person;
let visitor: Visitor;
/** A customer with a card that logs in, and a smartphone linked to it just now. */
beforeEach(async () => {
  await bank?.close();
  bank = await startBank({ people: 0 });
  person = await bank.simulator.person();
  visitor = new Visitor(bank);
  await visitor.openAccount(person, 'card');
  await visitor.page('/open/done');
  await visitor.identify('register-login', person, 'card');
  await visitor.submit('/link');
  await visitor.identify('link-card', person, 'card');
  await visitor.identify('link-smartphone', person, 'smartphone');
});
afterAll(() => bank.close());

const later = (days: number): void => bank.simulator.advanceTo(new Date(bank.simulator.now().getTime() + days * 86_400_000));
const logIn = async (carrier: Carrier, by: Person = person) => {
  const browser = new Visitor(bank);
  await browser.page('/login');
  return { browser, ...(await browser.identify('login', by, carrier)) };
};
const order = (browser: Visitor, amount: number): Promise<string> =>
  browser.submit('/transfer', { payee: 'landlord', amount: String(amount) });
const shown = async (browser: Visitor): Promise<string | undefined> =>
  /data-shown="([^"]+)"/.exec(await browser.page('/transfer/done'))?.[1];
const balance = async (browser: Visitor): Promise<string | undefined> =>
  /data-testid="balance">([^<]+)</.exec(await browser.page('/account'))?.[1];
const why = async (browser: Visitor): Promise<string | undefined> => /data-why="([^"]+)"/.exec(await browser.page('/step-up'))?.[1];

test('a linked smartphone logs in alone, and the page says as of when its card was good', async () => {
  const { browser, to } = await logIn('smartphone');
  expect(to).toBe('/account');
  const page = await browser.page('/account');
  expect(page).toContain('data-carriers="smartphone"');
  const asOf = new Date(/data-testid="card-status">[^<]*<time datetime="([^"]+)"/.exec(page)?.[1] ?? '');
  const history = await bank.desk.ledger.history(bank.desk.accounts.all()[0]?.id ?? '');
  expect(asOf.toISOString()).toBe(history.ok ? history.links[0]?.from.statusAsOf : history.code);
});

test('thirty days later the smartphone still logs in alone; after that the card is asked for, once', async () => {
  later(29.9);
  expect((await logIn('smartphone')).to).toBe('/account');
  later(0.2);
  const { browser, to } = await logIn('smartphone');
  expect(to).toBe('/step-up');
  expect(await why(browser)).toBe('link-status-age');
  expect(await browser.page('/account')).toContain('operation="login"');
  expect((await browser.identify('step-up', person, 'card')).to).toBe('/account');
  expect(await browser.page('/account')).toContain('data-carriers="smartphone card"');
  // The card has been seen: the next time the smartphone is enough again.
  expect((await logIn('smartphone')).to).toBe('/account');
});

test('what the night batch saw counts as seen: no card is asked for', async () => {
  later(31);
  await visitor.submit('/backstage/sweep');
  expect((await logIn('smartphone')).to).toBe('/account');
});

test('another card than the link’s makes nothing good', async () => {
  const stranger = await bank.simulator.person();
  later(31);
  const { browser } = await logIn('smartphone');
  expect((await browser.identify('step-up', stranger, 'card')).to).toBe('/login');
  expect(await browser.page('/login')).toContain('このスマートフォンと結び付いたカードではありません');
  expect(await browser.page('/account')).toContain('operation="login"');
  await expect(browser.begin('step-up')).rejects.toThrow('operation-closed');
});

test('a revoked card makes nothing good: the link ends at once', async () => {
  later(31);
  const { browser } = await logIn('smartphone');
  bank.simulator.revoke(person, 'card', 'user-authentication');
  expect((await browser.identify('step-up', person, 'card')).outcome).toMatchObject({ result: 'refused', code: 'revoked' });
  expect((await logIn('smartphone')).to).toBe('/login');
});

test('a step-up belongs to the browser that began it', async () => {
  later(31);
  await logIn('smartphone');
  const other = new Visitor(bank);
  await other.page('/login');
  await expect(other.begin('step-up')).rejects.toThrow('operation-closed');
});

test.each([
  ['within the first day, a small transfer', 30_000, 0.5, 'link-cooling-off'],
  ['within the first week, a large one', LARGE_AMOUNT + 1, 6.5, 'large-amount'],
])('%s from a new smartphone needs the card beside it', async (_what, amount, days, reason) => {
  later(days);
  const { browser } = await logIn('smartphone');
  expect(await order(browser, amount)).toContain('operation="transfer"');
  expect((await browser.identify('transfer', person, 'smartphone')).to).toBe('/step-up');
  expect(await why(browser)).toBe(reason);
  expect(await balance(browser)).toBe('¥500,000');
  expect((await browser.identify('step-up', person, 'card')).to).toBe('/transfer/done');
  expect(await shown(browser)).toBe('smartphone card');
  expect(await balance(browser)).toBe(`¥${(500_000 - amount).toLocaleString('en-US')}`);
});

test.each([
  ['after a day, a transfer up to the limit', LARGE_AMOUNT, 1.1, 'smartphone'],
  ['before the week is over, no large one', LARGE_AMOUNT + 1, 6.9, null],
])('%s alone', async (_what, amount, days, alone) => {
  later(days);
  const { browser } = await logIn('smartphone');
  await order(browser, amount);
  expect((await browser.identify('transfer', person, 'smartphone')).to).toBe(alone === null ? '/step-up' : '/transfer/done');
});

test('a week after it was linked, and with its card seen lately, the smartphone makes a large transfer alone', async () => {
  later(6);
  await logIn('card');
  later(1.1);
  const { browser } = await logIn('smartphone');
  await order(browser, LARGE_AMOUNT + 1);
  expect((await browser.identify('transfer', person, 'smartphone')).to).toBe('/transfer/done');
  expect(await shown(browser)).toBe('smartphone');
});

test('the card alone is its own confirmation', async () => {
  const { browser } = await logIn('card');
  await order(browser, LARGE_AMOUNT + 1);
  expect((await browser.identify('transfer', person, 'card')).to).toBe('/transfer/done');
  expect(await shown(browser)).toBe('card');
});

test('somebody else’s certificate confirms nothing', async () => {
  const stranger = await bank.simulator.person();
  const theirs = new Visitor(bank);
  await theirs.openAccount(stranger, 'card');
  await theirs.page('/open/done');
  await theirs.identify('register-login', stranger, 'card');
  const { browser } = await logIn('card');
  await order(browser, 1_000);
  expect((await browser.identify('transfer', stranger, 'card')).to).toBe('/transfer/confirm');
  expect(await balance(browser)).toBe('¥500,000');
});

test('an order that is changed while it is being confirmed is not carried out', async () => {
  const { browser } = await logIn('card');
  await order(browser, 1_000);
  const { start, transactionId } = await browser.begin('transfer');
  const phone = await bank.simulator.app.open(start.kind === 'qr' ? start.content : start.href);
  const { returnUrl } = await phone.answer({ person, carrier: 'card' });
  await browser.fetch(returnUrl);
  await order(browser, 400_000);
  expect((await browser.complete(transactionId)).body.next).toEqual({ to: '/transfer' });
  expect(await balance(browser)).toBe('¥500,000');
});

/** What happens once, while the bank looks up whose certificate it was shown. */
const whileRecognised = (during: () => Promise<unknown>): void => {
  const { ledger } = bank.desk;
  const happens = [during];
  const find: typeof ledger.find = async (presented) => {
    const found = await ledger.find(presented);
    await happens.pop()?.();
    return found;
  };
  Object.assign(bank.desk, { ledger: { ...ledger, find } });
};

test.each([
  ['as it was', (_browser: Visitor) => Promise.resolve(), '/transfer/done', '¥499,000'],
  ['and its page looked at', (browser: Visitor) => browser.page('/transfer/confirm'), '/transfer/done', '¥499,000'],
  ['and changed', (browser: Visitor) => order(browser, 400_000), '/transfer', '¥500,000'],
  ['and taken back', (browser: Visitor) => order(browser, 0), '/transfer', '¥500,000'],
])(
  'an order confirmed, %s while its certificate is looked up, is paid as it was confirmed or not at all',
  async (_what, during, to, left) => {
    const { browser } = await logIn('card');
    await order(browser, 1_000);
    whileRecognised(() => during(browser));
    expect((await browser.identify('transfer', person, 'card')).to).toBe(to);
    expect(await balance(browser)).toBe(left);
  },
);

test.each([
  ['as it was', (_browser: Visitor) => Promise.resolve(), '/transfer/done', '¥499,000'],
  ['and changed', (browser: Visitor) => order(browser, 400_000), '/transfer', '¥500,000'],
])(
  'an order whose card is shown beside the smartphone, %s while both are looked up, is paid as it was or not at all',
  async (_what, during, to, left) => {
    const { browser } = await logIn('smartphone');
    await order(browser, 1_000);
    expect((await browser.identify('transfer', person, 'smartphone')).to).toBe('/step-up');
    whileRecognised(() => during(browser));
    expect((await browser.identify('step-up', person, 'card')).to).toBe(to);
    expect(await balance(browser)).toBe(left);
  },
);

test('an order confirmed twice is carried out once', async () => {
  const { browser } = await logIn('card');
  await order(browser, 1_000);
  const begun = [await browser.begin('transfer'), await browser.begin('transfer')];
  for (const { start } of begun) {
    const phone = await bank.simulator.app.open(start.kind === 'qr' ? start.content : start.href);
    await browser.fetch((await phone.answer({ person, carrier: 'card' })).returnUrl);
  }
  const completed = await Promise.all(begun.map(({ transactionId }) => browser.complete(transactionId)));
  expect(completed.map(({ body }) => (body.next as { to: string }).to).sort()).toEqual(['/transfer', '/transfer/done']);
  expect(await balance(browser)).toBe('¥499,000');
});

test.each(['0', '-5', '1.5', '1e3', '500001', '９９', '', '99999999999999999999'])('an amount of %j is no order', async (amount) => {
  const { browser } = await logIn('card');
  expect(await browser.submit('/transfer', { payee: 'landlord', amount })).toContain('data-testid="notice"');
  await expect(browser.begin('transfer')).rejects.toThrow('operation-closed');
});

test('a payee who does not exist is no order', async () => {
  const { browser } = await logIn('card');
  expect(await browser.submit('/transfer', { payee: 'constructor', amount: '1000' })).toContain('data-testid="notice"');
});

test('while the card is on hold its smartphone is refused with the reason; seen good again, it logs in', async () => {
  bank.simulator.hold(person, 'card', 'user-authentication');
  await visitor.submit('/backstage/sweep');
  const held = await logIn('smartphone');
  expect(held.to).toBe('/login');
  expect(await held.browser.page('/login')).toContain('一時停止');
  const page = await visitor.page('/account/certificates');
  expect(page).toContain('data-testid="why-suspended"');
  expect(page).toContain('カードの電子証明書が一時停止中');
  later(0.01);
  bank.simulator.release(person, 'card', 'user-authentication');
  // The smartphone's own verdict says nothing of the card.
  expect((await logIn('smartphone')).to).toBe('/login');
  later(0.01);
  expect((await logIn('card')).to).toBe('/account');
  expect((await logIn('smartphone')).to).toBe('/account');
});

test('a renewed card is known as the old one’s successor, and its smartphone is linked anew', async () => {
  await bank.simulator.renew(person);
  const { browser, to } = await logIn('card');
  expect(to).toBe('/account');
  expect(await browser.page('/account')).toContain(person.name);
  expect(bank.desk.mailbox.all()[0]).toMatchObject({ subject: { ja: 'カードの更新を確認しました' }, undo: null });
  // Known from now on, without asking the issuer again.
  expect((await logIn('card')).to).toBe('/account');
  const stranger = await bank.simulator.person();
  await bank.simulator.renew(stranger);
  expect((await logIn('card', stranger)).to).toBe('/login');
});
