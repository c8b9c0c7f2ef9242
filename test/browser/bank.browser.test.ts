import type { Person } from '@jpki-rp/simulator';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { apply, openOnPhone, registerOnPhone } from './customer.ts';
import { approve, chooseCarrier, openAppAndReturn, type Stage, scanAndApprove, setStage } from './stage.ts';

// A whole way through two browsers takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let stage: Stage;
const pages: Page[] = [];
const desktop = async (): Promise<Page> => keep(await stage.desktop());
const phone = async (): Promise<Page> => keep(await stage.phone());
const keep = (page: Page): Page => {
  pages.push(page);
  return page;
};

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());
afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close();
  expect(stage.complaints.splice(0)).toEqual([]);
});

const resident = (): Promise<Person> => stage.bank.simulator.person();

test('on a PC, a QR code and the phone’s two digits open an account', async () => {
  const [page, app, person] = [await desktop(), await phone(), await resident()];
  await page.goto(stage.bank.origin);
  await stage.look(page, '01-home');
  await page.getByTestId('open-account').click();
  await stage.look(page, '02-apply');
  await page.getByTestId('apply').click();
  await page.locator('[part~="choice-smartphone"]').waitFor();
  await stage.look(page, '03-sign');
  await chooseCarrier(page, 'smartphone');
  await scanAndApprove(stage, page, app, { person, carrier: 'smartphone', purpose: 'signing' }, '04');
  await page.getByTestId('opened').waitFor();
  await stage.look(page, '05-opened');
  expect(await page.getByTestId('person-name').textContent()).toBe(person.name);
  expect(await page.getByTestId('class').getAttribute('data-class')).toBe('smartphone-digital-signature');
  expect(await page.locator('[data-check][data-status="passed"]').count()).toBe(13);

  await page.getByTestId('verify-evidence').click();
  expect(await page.getByTestId('evidence-result').getAttribute('data-ok')).toBe('true');
  await stage.look(page, '06-evidence');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download-evidence').click()]);
  expect(download.suggestedFilename()).toBe('evidence.jws');
});

test('on a phone, the app link opens the app and the way back completes', async () => {
  const [page, person] = [await phone(), await resident()];
  await openOnPhone(stage, page, person);
  expect(await page.getByTestId('person-name').textContent()).toBe(person.name);
});

test('a registered card logs in on a PC', async () => {
  const [page, person] = [await phone(), await resident()];
  await openOnPhone(stage, page, person);
  await registerOnPhone(page, person, 'card');
  await stage.look(page, '07-account');

  const [other, app] = [await desktop(), await phone()];
  await other.goto(`${stage.bank.origin}/login`);
  await other.locator('[part~="choice-card"]').waitFor();
  await stage.look(other, '08-login');
  await chooseCarrier(other, 'card');
  await scanAndApprove(stage, other, app, { person, carrier: 'card', purpose: 'authentication' });
  await other.getByTestId('greeting').waitFor();
  expect(await other.getByTestId('greeting').textContent()).toContain(person.name);
});

test('card, then smartphone: linked; from then on the smartphone logs in, until the link is undone', async () => {
  const [page, person] = [await phone(), await resident()];
  await openOnPhone(stage, page, person);
  await page.goto(`${stage.bank.origin}/account/certificates`);
  await stage.look(page, '09-unlinked');
  await page.getByTestId('go-link').click();
  await stage.look(page, '10-link');
  await page.getByTestId('start-link').click();
  await chooseCarrier(page, 'card');
  await openAppAndReturn(page, { person, carrier: 'card', purpose: 'authentication' });
  await page.locator('jpki-identify[operation="link-smartphone"]').waitFor();
  await stage.look(page, '11-link-smartphone');
  await chooseCarrier(page, 'smartphone');
  await openAppAndReturn(page, { person, carrier: 'smartphone', purpose: 'authentication' });
  await page.getByTestId('link').waitFor();
  expect(await page.getByTestId('link').getAttribute('data-state')).toBe('active');
  await stage.look(page, '12-linked');
  await page.goto(`${stage.bank.origin}/account`);
  expect(await page.getByTestId('inbox').textContent()).toContain('スマートフォンで口座をお使いいただけるようになりました');
  await stage.look(page, '13-account-linked');

  const login = async (): Promise<Page> => {
    const other = await phone();
    await other.goto(`${stage.bank.origin}/login`);
    await chooseCarrier(other, 'smartphone');
    await openAppAndReturn(other, { person, carrier: 'smartphone', purpose: 'authentication' });
    return other;
  };
  const other = await login();
  await other.getByTestId('greeting').waitFor();
  await page.goto(`${stage.bank.origin}/account/certificates`);
  await page.getByTestId('withdraw-link').click();
  await page.locator('[data-testid="link"][data-state="ended"]').waitFor();
  await stage.look(page, '14-withdrawn');
  const later = await login();
  await later.getByTestId('notice').waitFor();
  await stage.look(later, '15-not-found');
});

test('cancelled in the app, the page says so and can begin again', async () => {
  const page = await phone();
  await resident();
  await apply(stage, page);
  await chooseCarrier(page, 'smartphone');
  await page.locator('[part~="app-link"]').waitFor();
  await stage.look(page, '16-prepare');
  await page.locator('[part~="app-link"]').click();
  await page.getByTestId('cancel').click();
  await page.getByTestId('return-link').click();
  const outcome = page.locator('[part~="outcome"]');
  await outcome.waitFor();
  expect(await outcome.getAttribute('data-code')).toBe('cancelled');
  await stage.look(page, '17-cancelled');
  await page.locator('[part~="retry"]').click();
  await page.locator('[part~="choice-smartphone"]').waitFor();
});

test('come back in another browser, nothing is told there; in the first one it completes', async () => {
  const [page, app, person] = [await phone(), await phone(), await resident()];
  await apply(stage, page);
  await chooseCarrier(page, 'smartphone');
  const link = await page.locator('[part~="app-link"]').getAttribute('href');
  await app.goto(link ?? '');
  await app.getByTestId('request').first().waitFor();
  await approve(app, person, 'smartphone', 'signing');
  const back = (await app.getByTestId('return-link').getAttribute('href')) ?? '';
  await app.getByTestId('return-link').click();
  await app.getByText('元のブラウザーに戻ってください').waitFor();
  expect(await app.textContent('body')).not.toContain(person.name);
  await stage.look(app, '18-wrong-browser');
  // The browser that began still waits: an answer that came by a link waits until its own person is back.
  // Long enough for the waiting page to hear of anything there were to hear.
  await page.waitForTimeout(2_000);
  expect(await page.getByTestId('opened').count()).toBe(0);
  // Away first: the page that waits would complete in the same moment as the one that comes back.
  await page.goto('about:blank');
  await page.goto(back);
  await page.getByTestId('opened').waitFor();
});

test('behind the scenes a card is revoked, and the bank refuses it with a reason', async () => {
  const [page, stranger, person] = [await phone(), await phone(), await resident()];
  await openOnPhone(stage, page, person);
  await registerOnPhone(page, person, 'card');
  await stranger.goto(`${stage.bank.origin}/backstage`);
  await stage.look(stranger, '19-backstage');
  await stranger.locator(`[data-person="${person.id}"]`).getByTestId('revoke-card-user-authentication').click();
  await stranger.goto(`${stage.bank.origin}/login`);
  await chooseCarrier(stranger, 'card');
  await openAppAndReturn(stranger, { person, carrier: 'card', purpose: 'authentication' });
  const outcome = stranger.locator('[part~="outcome"]');
  await outcome.waitFor();
  expect(await outcome.getAttribute('data-code')).toBe('revoked');
  await stage.look(stranger, '20-revoked');
});

test('a wrong PIN is told with the tries that are left, and the next try counts', async () => {
  const [page, person] = [await phone(), await resident()];
  await openOnPhone(stage, page, person);
  await page.getByTestId('register-login').first().click();
  await chooseCarrier(page, 'card');
  await page.locator('[part~="app-link"]').click();
  await page.getByTestId('request').first().waitFor();
  await approve(
    page,
    { ...person, pins: { ...person.pins, authentication: person.pins.authentication === '0000' ? '1111' : '0000' } },
    'card',
    'authentication',
  );
  await page.getByTestId('return-link').click();
  const outcome = page.locator('[part~="outcome"]');
  await outcome.waitFor();
  expect(await outcome.getAttribute('data-code')).toBe('pin-wrong');
  expect(await page.locator('[part~="tries-left"]').textContent()).toContain('2');
  await stage.look(page, '21-wrong-pin');
  await page.locator('[part~="retry"]').click();
  await chooseCarrier(page, 'card');
  await openAppAndReturn(page, { person, carrier: 'card', purpose: 'authentication' });
  await page.getByTestId('greeting').waitFor();
});

test('in English, the bank speaks English', async () => {
  const [page, person] = [await phone(), await resident()];
  const english = async (): Promise<void> => {
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    const text = await page.evaluate(() => {
      const shown = document.body.cloneNode(true) as HTMLElement;
      for (const own of shown.querySelectorAll('[lang="ja"]')) own.remove();
      return shown.textContent ?? '';
    });
    expect(text.match(/[\u3040-\u30ff\u4e00-\u9fff]+/g)).toBeNull();
  };
  await page.goto(stage.bank.origin);
  await page.locator('.language').click();
  await english();
  await stage.look(page, '22-home-en');
  await page.getByTestId('open-account').click();
  await english();
  await page.getByTestId('apply').click();
  await english();
  await chooseCarrier(page, 'smartphone');
  await openAppAndReturn(page, { person, carrier: 'smartphone', purpose: 'signing' });
  await page.getByTestId('opened').waitFor();
  await english();
  await stage.look(page, '23-opened-en');
  for (const path of ['/account', '/account/certificates', '/link', '/login', '/backstage', '/no-such-page']) {
    await page.goto(stage.bank.origin + path);
    await english();
    await stage.look(page, `24${path.replaceAll('/', '-')}-en`);
  }
  // The page that does not exist is a 404, and the browser says so.
  expect(stage.complaints.splice(0)).toEqual([expect.stringContaining('404')]);
});
