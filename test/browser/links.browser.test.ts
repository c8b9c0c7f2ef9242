import type { Person } from '@jpki-rp/simulator';
import type { Link } from '@jpki-rp/verifier/links';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openPGlite } from '../../examples/express-bank/src/stores/pglite.ts';
import { linkOnPhone, logInOnPhone, openOnPhone, registerOnPhone } from './customer.ts';
import { chooseCarrier, openAppAndReturn, type Stage, setStage } from './stage.ts';

// A whole way through two browsers takes its time on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

let stage: Stage;
const pages: Page[] = [];
const phone = async (): Promise<Page> => {
  const page = await stage.phone();
  pages.push(page);
  return page;
};

beforeAll(async () => {
  // The database that the bank opens by itself.
  stage = await setStage(openPGlite());
});
afterAll(() => stage.close());
afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close();
  expect(stage.complaints.splice(0)).toEqual([]);
});

const resident = (): Promise<Person> => stage.bank.simulator.person();
const backstage = async (person: Person, lever: string): Promise<void> => {
  const page = await phone();
  await page.goto(`${stage.bank.origin}/backstage`);
  await page.locator(`[data-person="${person.id}"]`).getByTestId(lever).click();
  await page.getByTestId('lever').waitFor();
};
const pull = async (lever: string): Promise<void> => {
  const page = await phone();
  await page.goto(`${stage.bank.origin}/backstage`);
  await page.getByTestId(lever).click();
  await page.getByTestId('lever').waitFor();
};
/** A customer whose card logs in, in a browser of their own. */
const customer = async (): Promise<{ readonly page: Page; readonly person: Person }> => {
  const [page, person] = [await phone(), await resident()];
  await openOnPhone(stage, page, person);
  await registerOnPhone(page, person, 'card');
  return { page, person };
};
const certificates = async (page: Page): Promise<void> => {
  await page.goto(`${stage.bank.origin}/account/certificates`);
  await page.getByTestId('life').waitFor();
};
const linksOf = async (person: Person): Promise<readonly Link[]> => {
  const account = stage.bank.desk.accounts.all().find((one) => one.person.name === person.name);
  const history = await stage.bank.desk.ledger.history(account?.id ?? '');
  return history.ok ? history.links : [];
};
/** The drawing, the list beside it and the ledger say the same. */
const isDrawnAsItIs = async (page: Page, person: Person): Promise<readonly string[]> => {
  await certificates(page);
  const links = await linksOf(person);
  const inLedger = links.map(({ id, state }) => `${id} ${state}`).sort();
  const drawn = await page
    .locator('[data-testid="life"] [data-link]')
    .evaluateAll((nodes) => nodes.map((node) => `${node.getAttribute('data-link')} ${node.getAttribute('data-state')}`).sort());
  expect(drawn).toEqual(inLedger);
  const listed = await page.getByTestId('link').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-state')).sort());
  expect(listed).toEqual(
    links
      .filter(({ relation }) => relation === 'authentication')
      .map(({ state }) => state)
      .sort(),
  );
  const { width, seen } = await page.evaluate(() => ({ width: document.documentElement.scrollWidth, seen: innerWidth }));
  expect(width).toBeLessThanOrEqual(seen);
  return links.map(({ state, endReason }) => (endReason === null ? state : `${state}: ${endReason}`));
};

test('a smartphone logs in through its link; when the card was last seen long ago, the card is asked for', async () => {
  const { page, person } = await customer();
  await linkOnPhone(stage, page, person);
  await stage.look(page, '30-linked');
  const first = await phone();
  await logInOnPhone(stage, first, person, 'smartphone');
  await first.getByTestId('greeting').waitFor();
  expect(await first.getByTestId('through').getAttribute('data-carriers')).toBe('smartphone');
  expect(await first.getByTestId('card-status').locator('time').getAttribute('datetime')).toBe(
    (await linksOf(person)).at(-1)?.from.statusAsOf,
  );
  await stage.look(first, '31-through-link');

  await pull('advance-1m');
  const later = await phone();
  await logInOnPhone(stage, later, person, 'smartphone');
  await later.getByTestId('step-up').waitFor();
  expect(await later.getByTestId('step-up').getAttribute('data-why')).toBe('link-status-age');
  await later.locator('[part~="app-link"], [part~="choice-card"]').first().waitFor();
  await stage.look(later, '32-step-up');
  await chooseCarrier(later, 'card');
  await openAppAndReturn(later, { person, carrier: 'card', purpose: 'authentication' });
  await later.getByTestId('greeting').waitFor();
  expect(await later.getByTestId('through').getAttribute('data-carriers')).toBe('smartphone card');
});

test('a large transfer from a smartphone that was added just now needs the card beside it', async () => {
  const { page, person } = await customer();
  await linkOnPhone(stage, page, person);
  await page.goto(`${stage.bank.origin}/transfer`);
  await page.getByTestId('amount').fill('250000');
  await stage.look(page, '33-transfer');
  await page.getByTestId('review-transfer').click();
  await page.locator('[part~="choice-smartphone"]').waitFor();
  await stage.look(page, '34-confirm-transfer');
  await chooseCarrier(page, 'smartphone');
  await openAppAndReturn(page, { person, carrier: 'smartphone', purpose: 'authentication' });
  await page.getByTestId('step-up').waitFor();
  expect(await page.getByTestId('step-up').getAttribute('data-why')).toBe('large-amount');
  await stage.look(page, '35-transfer-step-up');
  await chooseCarrier(page, 'card');
  await openAppAndReturn(page, { person, carrier: 'card', purpose: 'authentication' });
  await page.getByTestId('transferred').waitFor();
  expect(await page.getByTestId('confirmed-with').getAttribute('data-shown')).toBe('smartphone card');
  await stage.look(page, '36-transferred');
  await page.goto(`${stage.bank.origin}/account`);
  expect(await page.getByTestId('balance').textContent()).toBe('¥250,000');
});

test('a thief adds a phone; the owner undoes it from the mail; the thief’s open pages and phone are dead', async () => {
  const { page: own, person: owner } = await customer();
  const [thiefs, thief] = [await phone(), await resident()];
  await logInOnPhone(stage, thiefs, owner, 'card');
  await thiefs.getByTestId('greeting').waitFor();
  await linkOnPhone(stage, thiefs, owner, thief);
  const thiefsPhone = await phone();
  await logInOnPhone(stage, thiefsPhone, thief, 'smartphone');
  await thiefsPhone.getByTestId('greeting').waitFor();

  await own.reload();
  await own.getByTestId('inbox-undo').waitFor();
  await stage.look(own, '40-inbox');
  const mail = await phone();
  await mail.goto(`${stage.bank.origin}/backstage`);
  await mail.getByTestId('go-mail').click();
  await mail.getByTestId('mail').first().waitFor();
  await stage.look(mail, '41-mail');
  await mail.getByTestId('mail').first().getByTestId('mail-undo').click();
  await mail.getByTestId('undo').waitFor();
  await stage.look(mail, '42-undo');
  const ticket = mail.url();
  await mail.getByTestId('undo').click();
  await mail.getByTestId('undone').waitFor();
  await stage.look(mail, '43-undone');

  for (const open of [thiefs, thiefsPhone, own]) {
    await open.goto(`${stage.bank.origin}/account`);
    await open.locator('jpki-identify[operation="login"]').waitFor();
  }
  await logInOnPhone(stage, thiefsPhone, thief, 'smartphone');
  await thiefsPhone.getByTestId('notice').waitFor();
  expect(await thiefsPhone.getByTestId('greeting').count()).toBe(0);
  await mail.goto(ticket);
  await mail.getByTestId('ticket-gone').waitFor();
  await stage.look(mail, '44-ticket-gone');
  expect(stage.complaints.splice(0)).toEqual([expect.stringContaining('410')]);

  await logInOnPhone(stage, own, owner, 'card');
  await own.getByTestId('greeting').waitFor();
  expect(await isDrawnAsItIs(own, owner)).toEqual(['ended: undone']);
  await stage.look(own, '45-after-undo');
});

test('the whole life of a link, played behind the scenes, is drawn as the ledger has it', async () => {
  const { page, person } = await customer();
  expect(await isDrawnAsItIs(page, person)).toEqual([]);
  await linkOnPhone(stage, page, person);
  expect(await isDrawnAsItIs(page, person)).toEqual(['active']);

  await backstage(person, 'hold-smartphone-user-authentication');
  await pull('advance-1h');
  await pull('sweep');
  expect(await isDrawnAsItIs(page, person)).toEqual(['suspended']);
  expect(await page.getByTestId('why-suspended').textContent()).toContain('スマートフォンの電子証明書が一時停止中');
  await stage.look(page, '50-suspended');
  const held = await phone();
  await logInOnPhone(stage, held, person, 'smartphone');
  await held.locator('[part~="outcome"]').waitFor();
  expect(await held.locator('[part~="outcome"]').getAttribute('data-code')).toBe('revoked');

  await backstage(person, 'release-smartphone-user-authentication');
  await pull('advance-1h');
  const back = await phone();
  await logInOnPhone(stage, back, person, 'smartphone');
  await back.getByTestId('greeting').waitFor();
  expect(await isDrawnAsItIs(page, person)).toEqual(['active']);

  await backstage(person, 'device');
  await pull('advance-1h');
  await linkOnPhone(stage, page, person);
  expect(await isDrawnAsItIs(page, person)).toEqual(['superseded: superseded', 'active']);
  await stage.look(page, '51-superseded');

  await backstage(person, 'move');
  await pull('advance-1d');
  await pull('sweep');
  // Only the signature certificates moved with the address.
  expect(await isDrawnAsItIs(page, person)).toEqual(['superseded: superseded', 'active']);

  await backstage(person, 'renew');
  await pull('advance-1d');
  await pull('sweep');
  expect(await isDrawnAsItIs(page, person)).toEqual(['superseded: superseded', 'ended: card-revoked']);
  const renewed = await phone();
  await logInOnPhone(stage, renewed, person, 'card');
  await renewed.getByTestId('greeting').waitFor();
  await backstage(person, 'device');
  await pull('advance-1d');
  await linkOnPhone(stage, renewed, person);
  expect(await isDrawnAsItIs(renewed, person)).toEqual(['superseded: superseded', 'ended: card-revoked', 'active', 'active']);
  await stage.look(renewed, '52-whole-life');
  expect(await renewed.locator('#life-desc').textContent()).toMatch(/カード 2 とスマートフォン 3 のつながりは、有効。/);
});

test('in English, all of this speaks English', async () => {
  const { page, person } = await customer();
  await linkOnPhone(stage, page, person);
  const english = async (of: Page, shot: string): Promise<void> => {
    expect(await of.locator('html').getAttribute('lang')).toBe('en');
    const text = await of.evaluate(() => {
      const shown = document.body.cloneNode(true) as HTMLElement;
      for (const own of shown.querySelectorAll('[lang="ja"]')) own.remove();
      return shown.textContent ?? '';
    });
    expect(text.match(/[\u3040-\u30ff\u4e00-\u9fff]+/g)).toBeNull();
    await stage.look(of, shot);
  };
  await page.goto(`${stage.bank.origin}/account/certificates`);
  await page.locator('.language').click();
  await page.getByTestId('life').waitFor();
  await english(page, '60-certificates-en');
  await page.goto(`${stage.bank.origin}/account`);
  await english(page, '61-account-en');
  await page.goto(`${stage.bank.origin}/transfer`);
  await english(page, '62-transfer-en');
  await page.getByTestId('amount').fill('250000');
  await page.getByTestId('review-transfer').click();
  await chooseCarrier(page, 'smartphone');
  await openAppAndReturn(page, { person, carrier: 'smartphone', purpose: 'authentication' });
  await page.getByTestId('step-up').waitFor();
  await english(page, '63-step-up-en');
  await page.goto(`${stage.bank.origin}/backstage`);
  await english(page, '64-backstage-en');
  await page.goto(`${stage.bank.origin}/backstage/mail`);
  await english(page, '65-mail-en');
  await page.getByTestId('mail').first().getByTestId('mail-undo').click();
  await page.getByTestId('undo').waitFor();
  await english(page, '66-undo-en');
  await page.getByTestId('undo').click();
  await page.getByTestId('undone').waitFor();
  await english(page, '67-undone-en');
});
