import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Person, type Simulator, startSimulator } from '../../src/index.ts';
import { type FakeRelyingParty, fakeRelyingParty, signatureHolds } from '../relying-party.ts';

const SHOTS = process.env['SIMULATOR_SHOTS'];

let browser: Browser;
let context: BrowserContext;
let page: Page;
let simulator: Simulator;
let login: FakeRelyingParty;
let signing: FakeRelyingParty;
let person: Person;
let complaints: string[];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  simulator = await startSimulator();
  login = await fakeRelyingParty(simulator, 'user-authentication');
  signing = await fakeRelyingParty(simulator, 'digital-signature');
  person = await simulator.person();
  await simulator.person({ smartphonePurposes: ['user-authentication'] });
});
afterAll(async () => {
  await browser.close();
  await Promise.all([simulator.close(), login.close(), signing.close()]);
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'ja-JP' });
  page = await context.newPage();
  complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  login.answers.length = 0;
  signing.answers.length = 0;
});
afterEach(async () => {
  await context.close();
  expect(complaints).toEqual([]);
});

const by = (testid: string) => page.getByTestId(testid);
const shoot = async (name: string): Promise<void> => {
  if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};
const withNumber = (document: Record<string, unknown>) => ({ ...document, number: '42' });
const DECLARATION = '口座開設のお申込み\n\n私は、みほん銀行に普通預金口座の開設を申し込みます。\n申込内容に誤りがないことを確認しました。';

describe('the phone in a browser', () => {
  test('takes pasted QR content, signs with the signing password, shows the number and the way back', async () => {
    await page.goto(simulator.urls.app);
    await shoot('scan');
    await by('link-input').fill(signing.link((document) => withNumber({ ...document, why: '口座の開設', doc: DECLARATION }), 'qr'));
    await by('link-open').click();
    expect(await by('rp-name').textContent()).toBe('みほん銀行');
    expect(await by('rp-origin').textContent()).toBe(signing.origin);
    expect(await by('document').textContent()).toBe(DECLARATION);
    await by('carrier-smartphone').check();
    expect(await by('biometrics').isVisible()).toBe(false);
    await by('unlock-input').fill(person.pins.signing.toLowerCase());
    await shoot('sign');
    await by('approve').click();
    await by('result').waitFor();
    expect(await by('match-number').textContent()).toBe('42');
    expect(await by('return-link').getAttribute('href')).toBe(`${signing.origin}/jpki/callback/virtual-app?back=1`);
    await shoot('number');
    expect(signing.answers).toHaveLength(1);
    expect(signatureHolds(signing.answers[0] ?? {}, signing.message)).toBe(true);
    expect(signing.answers[0]).toMatchObject({ holder: 'SP', result: '0000' });
  });

  test('opens an app link at once, takes the ticket out of the address, and goes on after a reload', async () => {
    await page.goto(login.link());
    await by('request').waitFor();
    expect(page.url()).toBe(simulator.urls.app);
    await page.reload();
    await by('request').waitFor();
    await shoot('login');
    await by('biometrics').click();
    await by('result').waitFor();
    await shoot('done');
    expect(await by('match-number').count()).toBe(0);
    expect(login.answers[0]).toMatchObject({ holder: 'SP', result: '0000' });
  });

  test('leaves a wrong PIN’s format on the phone, and tells the service of a wrong PIN with the tries left', async () => {
    await page.goto(login.link());
    await by('carrier-card').check();
    await by('unlock-input').fill('12');
    await by('approve').click();
    expect(await by('unlock-trouble').isVisible()).toBe(true);
    expect(login.answers).toEqual([]);
    await by('unlock-input').fill(person.pins.authentication === '0000' ? '1111' : '0000');
    await by('approve').click();
    expect(await by('tries').textContent()).toContain('あと2回');
    expect(login.answers).toEqual([{ tx: 'tx-1', result: 'P010', holder: 'IC', tries: 2 }]);
    await shoot('wrong-pin');
  });

  test('cancels', async () => {
    await page.goto(login.link());
    await by('cancel').click();
    expect(await by('result').getAttribute('data-result')).toBe('C001');
    expect(login.answers[0]).toMatchObject({ result: 'C001' });
  });

  test.each([
    ['pin-locked', 'P020'],
    ['no-certificate', 'N001'],
    ['app-outdated', 'V001'],
    ['rp-not-allowed', 'W001'],
    ['timeout', 'none'],
  ])('gives the outcome %s from the drawer', async (outcome, result) => {
    await page.goto(login.link());
    await by('outcomes').locator('summary').click();
    await by('outcome-select').selectOption(outcome);
    await by('approve').click();
    expect(await by('result').getAttribute('data-result')).toBe(result);
  });

  test('says that a link was used already', async () => {
    const link = login.link();
    await simulator.app.open(link);
    await page.goto(link);
    expect(await by('error').getAttribute('data-code')).toBe('ticket-refused');
    await shoot('used');
  });

  test('does not contact a service that is not on the whitelist', async () => {
    await page.goto(`${simulator.urls.app}?r=${encodeURIComponent('https://bank.example/jpki/request/virtual-app')}&t=x`);
    expect(await by('error').getAttribute('data-code')).toBe('rp-not-allowed');
  });

  test('offers only the carriers that the request accepts', async () => {
    await page.goto(login.link((document) => ({ ...document, holders: ['card'] })));
    expect(await by('carrier-smartphone').isDisabled()).toBe(true);
    expect(await by('carrier-card').isChecked()).toBe(true);
  });

  test('adds a fictional person', async () => {
    await page.goto(login.link());
    const before = simulator.people().length;
    await by('add-person').click();
    await by(`person-p00${before + 1}`).waitFor();
    expect(simulator.people().length).toBe(before + 1);
  });

  test('is a phone in a frame on a wide screen', async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(login.link());
    await by('request').waitFor();
    await shoot('wide');
    const box = await page.locator('.phone').boundingBox();
    expect(box?.width).toBeLessThan(450);
  });

  test('never scrolls sideways at 390 pixels', async () => {
    await page.goto(signing.link((document) => ({ ...document, doc: `${'x'.repeat(400)}\n${DECLARATION}` })));
    await by('request').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });
});
