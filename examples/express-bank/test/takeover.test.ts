import type { Person } from '@jpki-rp/simulator';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type Bank, startBank } from '../src/bank.ts';
import { openMemory } from '../src/stores/stores.ts';
import { Visitor } from './visitor.ts';

let bank: Bank;
beforeEach(async () => {
  await bank?.close();
  bank = await startBank({ people: 0 });
});
afterAll(() => bank.close());

const later = (days: number): void => bank.simulator.advanceTo(new Date(bank.simulator.now().getTime() + days * 86_400_000));
const logIn = async (person: Person, carrier: 'card' | 'smartphone', visitor = new Visitor(bank)) => {
  await visitor.page('/login');
  return { visitor, ...(await visitor.identify('login', person, carrier)) };
};
const link = async (visitor: Visitor, card: Person, smartphone: Person): Promise<string | null> => {
  await visitor.submit('/link');
  await visitor.identify('link-card', card, 'card');
  return (await visitor.identify('link-smartphone', smartphone, 'smartphone')).to;
};
/** A customer whose card logs in. */
const customer = async (): Promise<{ readonly person: Person; readonly visitor: Visitor }> => {
  const [person, visitor] = [await bank.simulator.person(), new Visitor(bank)];
  await visitor.openAccount(person, 'card');
  await visitor.page('/open/done');
  await visitor.identify('register-login', person, 'card');
  return { person, visitor };
};
/** Somebody with the customer's card and PIN adds a smartphone of their own. */
const takeover = async (): Promise<{
  readonly owner: Person;
  readonly thief: Person;
  readonly ownPages: Visitor;
  readonly thiefs: Visitor;
}> => {
  const { person: owner, visitor: ownPages } = await customer();
  const thief = await bank.simulator.person();
  const { visitor: thiefs, to } = await logIn(owner, 'card');
  expect(to).toBe('/account');
  expect(await link(thiefs, owner, thief)).toBe('/account/certificates');
  return { owner, thief, ownPages, thiefs };
};
const REGISTERED = 'ログイン方法が登録されました';
const mailedTicket = (subject = 'スマートフォンが登録されました'): string =>
  bank.desk.mailbox.all().find((mail) => mail.subject.ja === subject)?.undo ?? 'no such mail';
const post = (visitor: Visitor, path: string, fields: Readonly<Record<string, string>>, headers: Record<string, string> = {}) =>
  visitor.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  });
const isIn = async (visitor: Visitor): Promise<boolean> => (await visitor.page('/account')).includes('data-testid="greeting"');

test('a phone that a thief added is undone from the mail: its link, every open page, and its way back in', async () => {
  const { owner, thief, ownPages, thiefs } = await takeover();
  const phone = (await logIn(thief, 'smartphone')).visitor;
  expect(await isIn(phone)).toBe(true);
  expect(await isIn(thiefs)).toBe(true);

  const mail = new Visitor(bank);
  const ticket = mailedTicket();
  expect(ticket).toMatch(/^[\w-]{43}$/);
  expect(await mail.page(`/undo/${ticket}`)).toContain('data-testid="undo"');
  expect(await isIn(thiefs)).toBe(true);
  expect(await mail.submit('/undo', { ticket })).toContain('data-testid="undone"');

  expect(await Promise.all([thiefs, phone, ownPages].map(isIn))).toEqual([false, false, false]);
  expect((await logIn(thief, 'smartphone')).to).toBe('/login');
  // The owner's card was theirs before the thief came, and still is.
  const back = await logIn(owner, 'card');
  expect(back.to).toBe('/account');
  const page = await back.visitor.page('/account/certificates');
  expect(page).toContain('data-state="ended"');
  expect(page).toContain('心当たりがないとのお申出');
});

test('the thief who still has the card cannot add the same phone again, nor register it by itself', async () => {
  const { owner, thief } = await takeover();
  await new Visitor(bank).submit('/undo', { ticket: mailedTicket() });
  const { visitor } = await logIn(owner, 'card');
  expect(await link(visitor, owner, thief)).toBe('/link');
  expect((await visitor.identify('register-login', thief, 'smartphone')).to).toBe('/account');
  expect(await visitor.page('/account')).toContain('この証明書は登録できません');
  expect((await logIn(thief, 'smartphone')).to).toBe('/login');
});

test('a card that only the undone link brought no longer logs in', async () => {
  const [person, visitor] = [await bank.simulator.person(), new Visitor(bank)];
  await visitor.openAccount(person, 'smartphone');
  await visitor.page('/open/done');
  const thief = await bank.simulator.person();
  // An open browser is enough: card and phone are both the thief's.
  expect(await link(visitor, thief, thief)).toBe('/account/certificates');
  expect((await logIn(thief, 'card')).to).toBe('/account');
  await new Visitor(bank).submit('/undo', { ticket: mailedTicket() });
  expect((await logIn(thief, 'card')).to).toBe('/login');
  expect((await logIn(thief, 'smartphone')).to).toBe('/login');
});

test('a way to log in that was registered by itself is undone in the same way', async () => {
  const { person: owner, visitor: ownPages } = await customer();
  const thief = await bank.simulator.person();
  const { visitor: thiefs } = await logIn(owner, 'card');
  await thiefs.identify('register-login', thief, 'smartphone');
  expect((await logIn(thief, 'smartphone')).to).toBe('/account');
  await new Visitor(bank).submit('/undo', { ticket: mailedTicket(REGISTERED) });
  expect(await Promise.all([thiefs, ownPages].map(isIn))).toEqual([false, false]);
  expect((await logIn(thief, 'smartphone')).to).toBe('/login');
  expect((await logIn(owner, 'card')).to).toBe('/account');
});

const linkStates = async (): Promise<readonly string[]> => {
  const [account] = bank.desk.accounts.all();
  const history = await bank.desk.ledger.history(account?.id ?? '');
  return history.ok ? history.links.map(({ state, endReason }) => endReason ?? state) : [history.code];
};

test.each([
  ['registered first', ['register', 'link']],
  ['linked first', ['link', 'register']],
])('a phone that is registered and linked, %s, is gone from both by the mail of its registration', async (_what, steps) => {
  const { person: owner } = await customer();
  const thief = await bank.simulator.person();
  const { visitor: thiefs } = await logIn(owner, 'card');
  for (const step of steps)
    if (step === 'link') expect(await link(thiefs, owner, thief)).toBe('/account/certificates');
    else await thiefs.identify('register-login', thief, 'smartphone');
  const phone = (await logIn(thief, 'smartphone')).visitor;
  expect(await new Visitor(bank).submit('/undo', { ticket: mailedTicket(REGISTERED) })).toContain('data-testid="undone"');
  expect(await linkStates()).toEqual(['undone']);
  expect(await Promise.all([thiefs, phone].map(isIn))).toEqual([false, false]);
  expect((await logIn(thief, 'smartphone')).to).toBe('/login');
  expect((await logIn(owner, 'card')).to).toBe('/account');
});

test('the owner’s own link stays where a phone is disowned that is no part of it', async () => {
  const { person: owner, visitor } = await customer();
  expect(await link(visitor, owner, owner)).toBe('/account/certificates');
  const thief = await bank.simulator.person();
  await visitor.identify('register-login', thief, 'smartphone');
  await new Visitor(bank).submit('/undo', { ticket: mailedTicket(REGISTERED) });
  expect(await linkStates()).toEqual(['active']);
  expect((await logIn(owner, 'smartphone')).to).toBe('/account');
});

test('a card that was registered and disowned takes the phones with it that it brought', async () => {
  const { visitor } = await customer();
  const thief = await bank.simulator.person();
  await visitor.identify('register-login', thief, 'card');
  const { visitor: thiefs } = await logIn(thief, 'card');
  expect(await link(thiefs, thief, thief)).toBe('/account/certificates');
  await new Visitor(bank).submit('/undo', { ticket: mailedTicket(REGISTERED) });
  expect(await linkStates()).toEqual(['undone']);
  for (const carrier of ['smartphone', 'card'] as const) expect((await logIn(thief, carrier)).to).toBe('/login');
});

test.each(['smartphone', 'card'] as const)('a %s that was disowned is neither linked nor registered again', async (carrier) => {
  const { person: owner, visitor } = await customer();
  const thief = await bank.simulator.person();
  await visitor.identify('register-login', thief, carrier);
  await new Visitor(bank).submit('/undo', { ticket: mailedTicket(REGISTERED) });
  const { visitor: thiefs } = await logIn(owner, 'card');
  await thiefs.submit('/link');
  expect((await thiefs.identify('link-card', carrier === 'card' ? thief : owner, 'card')).to).toBe('/link');
  if (carrier === 'smartphone') expect((await thiefs.identify('link-smartphone', thief, 'smartphone')).to).toBe('/link');
  // No step of the ceremony is open after that.
  else await expect(thiefs.begin('link-smartphone')).rejects.toThrow('operation-closed');
  expect(await thiefs.page('/link')).toContain('「心当たりがない」とお申出');
  expect(await linkStates()).toEqual(['link-not-found']);
  await thiefs.identify('register-login', thief, carrier);
  expect(await thiefs.page('/account')).toContain('この証明書は登録できません');
  expect((await logIn(thief, carrier)).to).toBe('/login');
});

test.each(['before', 'after'])('a phone that is disowned just %s the ledger links it stays out', async (when) => {
  const { person: owner, visitor } = await customer();
  const thief = await bank.simulator.person();
  await visitor.identify('register-login', thief, 'smartphone');
  const { visitor: thiefs } = await logIn(owner, 'card');
  const { ledger } = bank.desk;
  const disown = () => new Visitor(bank).submit('/undo', { ticket: mailedTicket(REGISTERED) });
  const establish: typeof ledger.establish = async (...given) => {
    if (when === 'before') await disown();
    const established = await ledger.establish(...given);
    if (when === 'after') await disown();
    return established;
  };
  Object.assign(bank.desk, { ledger: { ...ledger, establish } });
  expect(await link(thiefs, owner, thief)).toBe('/link');
  expect(await linkStates()).toEqual(['undone']);
  expect((await logIn(thief, 'smartphone')).to).toBe('/login');
});

/** A bank whose ledger finds somebody faster at every try, while it is busy. */
const bankThatMayBeBusy = async (): Promise<(isBusy: boolean) => void> => {
  await bank.close();
  let busy = false;
  bank = await startBank({
    people: 0,
    stores: async () => {
      const stores = await openMemory();
      const commit: typeof stores.links.commit = async (change) => (busy ? 'conflict' : stores.links.commit(change));
      return { ...stores, links: { ...stores.links, commit } };
    },
  });
  return (isBusy) => {
    busy = isBusy;
  };
};

test('where the ledger is too busy to end the link, the disowned phone is out all the same, and the ticket still works', async () => {
  const setBusy = await bankThatMayBeBusy();
  const { person: owner, visitor } = await customer();
  const thief = await bank.simulator.person();
  await visitor.identify('register-login', thief, 'smartphone');
  expect(await link(visitor, owner, thief)).toBe('/account/certificates');
  const ticket = mailedTicket(REGISTERED);
  setBusy(true);
  expect((await post(new Visitor(bank), '/undo', { ticket })).status).toBe(503);
  setBusy(false);
  expect(await linkStates()).toEqual(['active']);
  expect((await logIn(thief, 'smartphone')).to).toBe('/login');
  expect(await new Visitor(bank).submit('/undo', { ticket })).toContain('data-testid="undone"');
  expect(await linkStates()).toEqual(['undone']);
});

test.each([
  ['disowned', 'the ledger is too busy to end its link', true, '/transfer/confirm'],
  ['still the owner’s', 'nobody disowned it', false, '/transfer/done'],
])('a card that is %s, where %s, is judged so beside a registered phone', async (_whose, _why, isDisowned, to) => {
  const setBusy = await bankThatMayBeBusy();
  const { visitor } = await customer();
  const [other, phone] = [await bank.simulator.person(), await bank.simulator.person()];
  await visitor.identify('register-login', other, 'card');
  const ticket = mailedTicket(REGISTERED);
  expect(await link(visitor, other, other)).toBe('/account/certificates');
  await visitor.identify('register-login', phone, 'smartphone');
  setBusy(true);
  if (isDisowned) expect((await post(new Visitor(bank), '/undo', { ticket })).status).toBe(503);
  setBusy(false);
  const { visitor: browser } = await logIn(phone, 'smartphone');
  await browser.submit('/transfer', { payee: 'landlord', amount: '1000' });
  expect((await browser.identify('transfer', phone, 'smartphone')).to).toBe('/step-up');
  expect((await browser.identify('step-up', other, 'card')).to).toBe(to);
});

test('a ticket works once, and looking at it does not use it up', async () => {
  const { owner } = await takeover();
  const ticket = mailedTicket();
  const mail = new Visitor(bank);
  await mail.page(`/undo/${ticket}`);
  await mail.page(`/undo/${ticket}`);
  expect(await mail.submit('/undo', { ticket })).toContain('data-testid="undone"');
  const { visitor } = await logIn(owner, 'card');
  for (const again of [await mail.fetch(`/undo/${ticket}`), await post(mail, '/undo', { ticket })]) {
    expect(again.status).toBe(410);
    expect(await again.text()).toContain('data-testid="ticket-gone"');
  }
  expect(await isIn(visitor)).toBe(true);
});

test('of many clicks at once, one undoes', async () => {
  await takeover();
  const ticket = mailedTicket();
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(new Visitor(bank), '/undo', { ticket })));
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 410, 410, 410, 410, 410, 410, 410]);
});

test.each([
  ['a ticket that is a week old', (ticket: string) => ticket, 7],
  ['a ticket with one changed character', (ticket: string) => `${ticket.startsWith('A') ? 'B' : 'A'}${ticket.slice(1)}`, 0],
  ['no ticket', () => '', 0],
])('%s undoes nothing', async (_what, change, days) => {
  const { thief } = await takeover();
  later(days);
  const answer = await post(new Visitor(bank), '/undo', { ticket: change(mailedTicket()) });
  expect(answer.status).toBe(410);
  expect((await logIn(thief, 'smartphone')).to).toBe('/account');
});

test('the same ticket works on the sixth day', async () => {
  const { thief } = await takeover();
  later(6);
  expect(await new Visitor(bank).submit('/undo', { ticket: mailedTicket() })).toContain('data-testid="undone"');
  expect((await logIn(thief, 'smartphone')).to).toBe('/login');
});

test.each([
  ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
])('a form of %s undoes nothing, with a ticket or in a session', async (_what, headers) => {
  const { thief, ownPages } = await takeover();
  const [, path = ''] = /action="(\/account\/links\/[^"]+\/undo)"/.exec(await ownPages.page('/account/certificates')) ?? [];
  expect((await post(ownPages, path, {}, headers)).status).toBe(403);
  expect((await post(new Visitor(bank), '/undo', { ticket: mailedTicket() }, headers)).status).toBe(403);
  expect((await logIn(thief, 'smartphone')).to).toBe('/account');
});

test('from the account’s own page it is undone too, by its owner alone', async () => {
  const { thief, ownPages, thiefs } = await takeover();
  const [, path = ''] = /action="(\/account\/links\/[^"]+\/undo)"/.exec(await ownPages.page('/account')) ?? [];
  const { visitor: stranger } = await customer();
  expect((await post(stranger, path, {})).status).toBe(404);
  expect((await post(new Visitor(bank), path, {})).headers.get('location')).toBe('/login');
  expect((await logIn(thief, 'smartphone')).to).toBe('/account');
  expect(await ownPages.submit(path)).toContain('data-testid="undone"');
  expect(await isIn(thiefs)).toBe(false);
  expect((await logIn(thief, 'smartphone')).to).toBe('/login');
});

test('a session that began through a link ends with it', async () => {
  const { person, visitor } = await customer();
  await link(visitor, person, person);
  const phone = (await logIn(person, 'smartphone')).visitor;
  expect(await isIn(phone)).toBe(true);
  const [, path = ''] = /action="(\/account\/links\/[^"]+\/end)"/.exec(await visitor.page('/account/certificates')) ?? [];
  await visitor.submit(path);
  expect(await isIn(phone)).toBe(false);
  expect(await isIn(visitor)).toBe(true);
});

test('the result page and the mail’s page name nobody', async () => {
  const { owner } = await takeover();
  const mail = new Visitor(bank);
  const ticket = mailedTicket();
  const pages = [await mail.page(`/undo/${ticket}`), await mail.submit('/undo', { ticket })];
  for (const page of pages) expect(page).not.toContain(owner.name);
});
