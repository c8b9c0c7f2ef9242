import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { qrMatrix } from '../src/qr/matrix.ts';
import { qrPath } from '../src/qr/path.ts';
import { build } from './built.ts';
import { type FakeRelyingParty, fakeRelyingParty } from './fake-relying-party.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1';
const SHOTS = process.env['WEB_SHOTS'];

let dist: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let bank: FakeRelyingParty;
const problems: string[] = [];

beforeAll(async () => {
  dist = build('without types');
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
});
beforeEach(async () => {
  bank = await fakeRelyingParty(dist);
  problems.length = 0;
});
afterEach(async () => {
  await context?.close();
  await bank.close();
  expect(problems).toEqual([]);
});

async function open(device: 'phone' | 'desktop', query = '', options: { userAgent?: string; dark?: boolean } = {}): Promise<void> {
  context = await browser.newContext({
    locale: 'ja-JP',
    colorScheme: options.dark ? 'dark' : 'light',
    ...(device === 'phone'
      ? { viewport: { width: 390, height: 844 }, userAgent: options.userAgent ?? IPHONE, hasTouch: true, isMobile: true }
      : { viewport: { width: 1280, height: 900 } }),
  });
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|TrustedHTML|TrustedScript/i.test(message.text())) problems.push(message.text());
  });
  await page.goto(`${bank.origin}/${query}`);
}

const shot = async (name: string): Promise<void> => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};
const by = (id: string) => page.getByTestId(id);
const seen = (): Promise<{ phase?: string; outcome?: { result: string; code?: string }; violation?: string }[]> =>
  page.evaluate('window.seen');

describe('on a phone', () => {
  it('opens the app by the person’s own tap on a real link, and comes back to the outcome', async () => {
    await open('phone');
    await shot('phone-1-choice');
    const choices = await page.locator('[part~=choice]').evaluateAll((all) => all.map((one) => one.getAttribute('data-testid')));
    expect(choices).toEqual(['choice-smartphone', 'choice-card']);
    await by('choice-smartphone').click();
    await by('app-link').waitFor();
    await shot('phone-2-preflight');
    expect(await by('app-link').getAttribute('href')).toContain('/app?ticket=');
    expect(await by('preflight').textContent()).toContain('署名用パスワード');
    expect(await by('preflight').textContent()).not.toContain('生体認証');
    await by('app-link').click();
    await page.waitForURL('**/app?*');
    bank.move('arrived');
    await page.goto(`${bank.origin}/`);
    await by('outcome').waitFor();
    await shot('phone-4-identified');
    expect(await by('outcome').getAttribute('data-result')).toBe('identified');
    expect(bank.latest().request).toEqual({ v: 1, operation: 'open-account', carrier: 'smartphone', start: 'app-link', lang: 'ja' });
    expect((await seen()).at(-1)?.outcome).toEqual(bank.outcome);
    expect(await page.evaluate('[sessionStorage.length, localStorage.length]')).toEqual([0, 0]);
  });

  it('shows what to do when the app does not open, and never navigates by itself', async () => {
    await open('phone');
    await by('choice-card').click();
    // An app's own scheme that nothing on this machine handles: the page stays.
    await by('app-link').evaluate((link) => link.setAttribute('href', 'nothing-here:open'));
    await by('app-link').click();
    await by('waiting').waitFor();
    expect(await by('fallback').isVisible()).toBe(false);
    await by('fallback').waitFor({ timeout: 6_000 });
    await shot('phone-3-fallback');
    expect(page.url()).toBe(`${bank.origin}/`);
    expect(await by('app-link').textContent()).toContain('もう一度');
  });
});

describe('on a PC', () => {
  it('draws the code, asks for the two digits on the phone, and shows the outcome', async () => {
    await open('desktop');
    await shot('desktop-1-choice');
    await by('choice-smartphone').click();
    await by('qr').waitFor();
    await shot('desktop-2-qr');
    const content = (await by('qr').getAttribute('data-content')) ?? '';
    expect(content).toContain('/app?ticket=');
    expect(await by('qr').locator('path').getAttribute('d')).toBe(qrPath(qrMatrix(content)));
    bank.move('opened');
    await page.getByText('スマートフォンで操作してください').waitFor();
    await shot('desktop-3-opened');
    bank.move('arrived');
    await by('match-input').waitFor();
    await by('match-input').fill('41');
    await by('match-submit').click();
    await by('match-error').waitFor();
    await shot('desktop-4-match');
    expect(await by('match-error').textContent()).toContain('あと 2 回');
    await by('match-input').fill('４２');
    await by('match-input').press('Enter');
    await by('outcome').waitFor();
    await shot('desktop-5-identified');
    expect(await by('outcome').getAttribute('data-result')).toBe('identified');
  });
});
