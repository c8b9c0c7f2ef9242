import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromium, chromiumArguments } from '../../../test/capabilities.ts';
import { qrMatrix } from '../src/qr/matrix.ts';
import { qrPath } from '../src/qr/path.ts';
import { build } from './built.ts';
import { type FakeRelyingParty, fakeRelyingParty } from './fake-relying-party.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1';
const SHOTS = process.env['WEB_SHOTS'];

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let dist: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let bank: FakeRelyingParty;
const problems: string[] = [];

beforeAll(async () => {
  dist = build('without types');
  browser = await playwright.launch({ executablePath: chromium(), args: [...chromiumArguments] });
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
/** A tap after which the page stays where it is, as when the system hands the link to an app, or to nothing at all. */
const tapInto = async (_where: 'the app' | 'nothing'): Promise<void> => {
  await by('app-link').evaluate((link) => link.addEventListener('click', (event) => event.preventDefault()));
  await by('app-link').click();
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

  it('is taken up by the new tab that the app comes back to', async () => {
    await open('phone');
    await by('choice-smartphone').click();
    await tapInto('the app');
    bank.move('opened');
    const second = await context.newPage();
    await second.goto(`${bank.origin}/`);
    await second.getByTestId('choice-smartphone').waitFor();
    bank.latest().state = 'arrived';
    const third = await context.newPage();
    await third.goto(`${bank.origin}/`);
    await third.getByTestId('outcome').waitFor();
    expect(await third.getByTestId('outcome').getAttribute('data-result')).toBe('identified');
    // The tab that was left learns the same when it is looked at again.
    bank.move('done');
    await by('outcome').waitFor();
    expect(await by('outcome').getAttribute('data-result')).toBe('identified');
  });

  it('who comes back without an answer can only begin anew: the link has been redeemed', async () => {
    await open('phone');
    await by('choice-smartphone').click();
    await tapInto('the app');
    const first = bank.latest().id;
    bank.move('opened');
    await by('start-over').waitFor();
    expect(await by('app-link').count()).toBe(0);
    await by('start-over').click();
    await by('choice-card').click();
    await by('app-link').waitFor();
    expect(bank.transactions.has(first)).toBe(false);
  });

  it('warns inside another app’s browser', async () => {
    await open('phone', '', { userAgent: `${IPHONE} Line/15.4.1` });
    await by('choice-smartphone').click();
    await by('notice-in-app-browser').waitFor();
    await shot('phone-5-in-app');
    expect(await by('notice-in-app-browser').textContent()).toContain('LINE');
  });

  it('says so when the operation takes another carrier than the one chosen', async () => {
    bank.show = { ...bank.show, carriers: ['card'], purpose: 'user-authentication' };
    await open('phone', '?lang=en');
    await by('choice-smartphone').click();
    await by('notice-carrier').waitFor();
    expect(await by('preflight').textContent()).toContain('4-digit user-authentication PIN');
    expect(await by('preflight').textContent()).toContain('My Number card');
  });

  it('shows a locked PIN with where to go, in the dark too', async () => {
    bank.outcome = {
      v: 1,
      result: 'refused',
      code: 'pin-locked',
      messageKey: 'pin-locked',
      actor: 'user',
      place: 'municipality',
      retryable: false,
    };
    await open('phone', '', { dark: true });
    await by('choice-card').click();
    await by('app-link').waitFor();
    await shot('phone-6-dark');
    bank.move('arrived');
    await by('outcome').waitFor();
    await shot('phone-7-refused');
    expect(await by('place').textContent()).toContain('市区町村');
    expect(await by('code').textContent()).toContain('pin-locked');
  });

  it('shows what to do when the app does not open, and never navigates by itself', async () => {
    await open('phone');
    await by('choice-card').click();
    await tapInto('nothing');
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

  it('replaces an expired code on request, by a new transaction', async () => {
    bank.seconds = 2;
    await open('desktop');
    await by('choice-card').click();
    await by('qr').waitFor();
    const first = bank.latest().id;
    await by('qr-expired').waitFor({ timeout: 8_000 });
    await shot('desktop-6-expired');
    expect(await by('qr').count()).toBe(0);
    bank.seconds = 110;
    await by('refresh').click();
    await by('qr').waitFor();
    expect(bank.transactions.has(first)).toBe(false);
    expect(bank.latest().request.carrier).toBe('card');
  });

  it('works by keyboard alone, and the focus follows', async () => {
    await open('desktop', '?lang=en&attributes=qr-text');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await by('qr').waitFor();
    await shot('desktop-7-en');
    expect(await page.evaluate("document.querySelector('jpki-identify').shadowRoot.activeElement?.dataset.testid")).toBe('title');
    expect(await by('qr-text').inputValue()).toContain('/app?ticket=');
    bank.move('arrived');
    await by('match-input').waitFor();
    await page.keyboard.type('42');
    await page.keyboard.press('Enter');
    await by('outcome').waitFor();
    expect(await by('outcome').getAttribute('data-result')).toBe('identified');
  });

  it('stops after three wrong numbers, and can begin anew', async () => {
    await open('desktop');
    await by('choice-smartphone').click();
    await by('qr').waitFor();
    bank.move('arrived');
    for (const digits of ['10', '11', '12']) {
      await by('match-input').fill(digits);
      await by('match-submit').click();
      await by('spinner').waitFor({ state: 'detached' });
    }
    await by('outcome').waitFor();
    await shot('desktop-8-exhausted');
    expect(await by('outcome').getAttribute('data-code')).toBe('match-exhausted');
    await by('retry').click();
    await by('choice-smartphone').waitFor();
  });

  it('cancel deletes the transaction', async () => {
    await open('desktop');
    await by('choice-smartphone').click();
    await by('qr').waitFor();
    await by('cancel').click();
    await by('outcome').waitFor();
    await shot('desktop-9-cancelled');
    await expect.poll(() => bank.transactions.size).toBe(0);
    expect((await seen()).at(-1)?.outcome).toMatchObject({ result: 'try-again', code: 'cancelled' });
  });

  it('continues after a reload while the phone is at work', async () => {
    await open('desktop');
    await by('choice-smartphone').click();
    await by('qr').waitFor();
    bank.move('opened');
    await page.getByText('スマートフォンが接続されました').waitFor();
    await page.reload();
    await page.getByText('スマートフォンが接続されました').waitFor();
    bank.move('arrived');
    await by('match-input').waitFor();
    expect(bank.transactions.size).toBe(1);
  });

  it('gets there by long polling where events do not get through', async () => {
    bank.events = 'missing';
    await open('desktop');
    await by('choice-smartphone').click();
    await by('qr').waitFor();
    await expect.poll(() => bank.log.filter((line) => line === 'GET /jpki/transactions/{id}').length).toBeGreaterThan(0);
    bank.move('arrived');
    await by('match-input').waitFor();
  });

  it('says that the connection is lost, and recovers', async () => {
    bank.events = 'missing';
    bank.faults.set('^GET /jpki/transactions/', 'drop');
    await open('desktop');
    await by('choice-smartphone').click();
    await by('connection').waitFor();
    await shot('desktop-10-lost');
    bank.faults.clear();
    bank.move('arrived');
    await by('match-input').waitFor({ timeout: 15_000 });
  });

  it('fails closed on an answer that it cannot read', async () => {
    bank.faults.set('^POST /jpki/transactions/.*/complete$', { status: 200, body: '{"v":1,"result":"ok"}' });
    await open('desktop', '?lang=en');
    await by('choice-smartphone').click();
    await by('qr').waitFor();
    bank.move('arrived');
    await by('match-input').fill('42');
    await by('match-submit').click();
    await by('outcome').waitFor();
    await shot('desktop-11-unreadable');
    expect(await by('outcome').getAttribute('data-code')).toBe('answer-unknown');
    expect((await seen()).some((entry) => entry.outcome?.result === 'identified')).toBe(false);
  });

  it('never draws a link that would run in the page', async () => {
    const href = 'javascript:document.title=1';
    const body = JSON.stringify({
      v: 1,
      transactionId: 'transaction-9',
      expiresAt: '2099-01-01T00:00:00Z',
      start: { kind: 'app-link', href },
      show: bank.show,
    });
    bank.faults.set('^POST /jpki/transactions$', { status: 201, body });
    await open('desktop', '?attributes=device%3Dphone');
    await by('choice-smartphone').click();
    await by('outcome').waitFor();
    expect(await by('outcome').getAttribute('data-code')).toBe('answer-unknown');
  });

  it('an endpoint of another origin is never asked', async () => {
    await open('desktop');
    await page.evaluate("document.querySelector('jpki-identify').setAttribute('endpoint', 'https://evil.example.test/jpki')");
    await by('misconfigured').waitFor();
    expect(await by('choice-smartphone').count()).toBe(0);
  });

  it('words set before the script had loaded count', async () => {
    await open('desktop');
    await page.evaluate(`{
      const early = document.implementation.createHTMLDocument('').createElement('jpki-identify');
      early.labels = { card: 'early words' };
      early.setAttribute('operation', 'open-account');
      document.querySelector('jpki-identify').replaceWith(early);
    }`);
    await page.getByText('early words').waitFor();
  });

  it('the language can change while it stands, and the phone is told', async () => {
    await open('desktop');
    await page.evaluate("document.querySelector('jpki-identify').setAttribute('lang', 'en')");
    await by('title').filter({ hasText: 'How would you like' }).waitFor();
    await by('choice-card').click();
    await by('qr').waitFor();
    expect(bank.latest().request.lang).toBe('en');
  });

  it('words can be replaced, and markup in them stays text', async () => {
    await open('desktop');
    await page.evaluate("document.querySelector('jpki-identify').labels = { smartphone: '<img src=x onerror=alert(1)>スマホ' }");
    await by('choice-smartphone').waitFor();
    expect(await by('choice-smartphone').textContent()).toContain('<img src=x onerror=alert(1)>スマホ');
    expect(await page.locator('jpki-identify img').count()).toBe(0);
  });
});

describe('startIdentification', () => {
  const start = async (options: string): Promise<void> => {
    await open('desktop', '?bare');
    await page.evaluate(`window.options = ${options}`);
    await page.locator('#go').click();
  };

  it('begins at once with a carrier, in a dialog, and resolves with the outcome', async () => {
    await start("{ carrier: 'smartphone' }");
    await by('qr').waitFor();
    await shot('desktop-12-dialog');
    bank.move('arrived');
    await by('match-input').fill('42');
    await by('match-submit').click();
    expect(await page.evaluate('window.result')).toEqual(bank.outcome);
    expect(await page.locator('jpki-identify').count()).toBe(0);
    expect(bank.latest().request.carrier).toBe('smartphone');
  });

  it('Escape leaves it, and the server forgets', async () => {
    await start('{}');
    await by('choice-card').click();
    await by('qr').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.evaluate('window.result')).toMatchObject({ result: 'try-again', code: 'cancelled' });
    await expect.poll(() => bank.transactions.size).toBe(0);
  });

  it('a failure is shown until it is closed, and is the outcome then', async () => {
    bank.faults.set('^POST /jpki/transactions$', {
      status: 503,
      body: JSON.stringify({ v: 1, code: 'store-full', messageKey: 'store-full', retryable: true }),
    });
    await start('{}');
    await by('choice-card').click();
    await by('outcome').waitFor();
    await by('close').click();
    expect(await page.evaluate('window.result')).toMatchObject({ result: 'try-again', code: 'store-full', retryable: true });
  });

  it('an abort removes it and rejects with the reason', async () => {
    await start("(window.abort = new AbortController(), { signal: window.abort.signal, lang: 'en' })");
    await by('choice-card').click();
    await by('qr').waitFor();
    const message = await page.evaluate(
      "(window.abort.abort(new Error('left')), window.result.then(() => 'resolved', (error) => error.message))",
    );
    expect(message).toBe('left');
    await expect.poll(() => bank.transactions.size).toBe(0);
  });
});

describe('accessibility (axe-core)', () => {
  const violations = async (): Promise<string[]> => {
    await page.evaluate(axe);
    const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    return found.violations
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
      .filter((line) => !PAGE_RULES.test(line));
  };
  // Rules about the page around the element, which here is the test's.
  const PAGE_RULES = /^(?:landmark-one-main|page-has-heading-one|region|heading-order):/;

  it.each([
    ['phone', false],
    ['phone', true],
    ['desktop', false],
    ['desktop', true],
  ] as const)('every view on a %s, dark: %s', async (device, dark) => {
    await open(device, '', { dark });
    expect(await violations()).toEqual([]);
    await by('choice-smartphone').click();
    await by(device === 'phone' ? 'app-link' : 'qr').waitFor();
    expect(await violations()).toEqual([]);
    bank.outcome = {
      v: 1,
      result: 'try-again',
      code: 'pin-wrong',
      messageKey: 'pin-wrong',
      place: 'app',
      retryable: true,
      remainingTries: 1,
    };
    bank.move('arrived');
    if (device === 'desktop') {
      await by('match-input').fill('10');
      await by('match-submit').click();
      await by('match-error').waitFor();
      expect(await violations()).toEqual([]);
      await by('match-input').fill('42');
      await by('match-submit').click();
    }
    await by('outcome').waitFor();
    await shot(`${device}-${dark ? 'dark' : 'light'}-outcome`);
    expect(await violations()).toEqual([]);
  });
});
