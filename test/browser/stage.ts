/** A bank, a browser, and a phone in a browser of its own. Whatever a page complains about fails the run. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Person } from '@jpki-rp/simulator';
import type { Carrier } from '@jpki-rp/verifier';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { type Bank, startBank } from '../../examples/express-bank/src/bank.ts';
import { type OpenStores, openMemory } from '../../examples/express-bank/src/stores/stores.ts';
import { chromiumArguments, chromium as executablePath } from '../capabilities.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1';

const axe = readFileSync(
  createRequire(new URL('../../packages/web-sdk/package.json', import.meta.url)).resolve('axe-core/axe.min.js'),
  'utf8',
);
interface Violations {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly target: readonly string[] }[] }[];
}

export interface Stage {
  readonly bank: Bank;
  /** What pages logged as errors, threw, or what the content security policy stopped. */
  readonly complaints: string[];
  desktop(): Promise<Page>;
  phone(): Promise<Page>;
  /** What keeps people out (axe-core) is a complaint. With `BANK_SHOTS=folder`: the page as it looks at 1280 and at 390 px, dark with `BANK_SHOTS_SCHEME=dark`. */
  look(page: Page, name: string): Promise<void>;
  close(): Promise<void>;
}

export async function setStage(stores: OpenStores = openMemory): Promise<Stage> {
  const bank = await startBank({ people: 0, stores });
  let browser: Browser;
  try {
    browser = await chromium.launch({ executablePath: executablePath(), args: [...chromiumArguments] });
  } catch (error) {
    await bank.close();
    throw error;
  }
  const complaints: string[] = [];
  const folder = process.env['BANK_SHOTS'];
  const colorScheme = process.env['BANK_SHOTS_SCHEME'] === 'dark' ? 'dark' : 'light';
  const watched = async (context: BrowserContext): Promise<Page> => {
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
    });
    context.on('weberror', (error) => complaints.push(`page: ${error.error().message}`));
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
    return context.newPage();
  };
  return {
    bank,
    complaints,
    desktop: async () => watched(await browser.newContext({ locale: 'ja-JP', colorScheme, viewport: { width: 1280, height: 900 } })),
    phone: async () =>
      watched(
        await browser.newContext({
          locale: 'ja-JP',
          colorScheme,
          viewport: { width: 390, height: 844 },
          userAgent: IPHONE,
          hasTouch: true,
          isMobile: true,
        }),
      ),
    async look(page, name) {
      await page.evaluate(axe);
      const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as Violations;
      for (const { id, nodes } of violations)
        complaints.push(`axe: ${name}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
      if (folder === undefined) return;
      const before = page.viewportSize();
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
        await page.waitForTimeout(150);
        await page.screenshot({ path: `${folder}/${name}-${width}.png`, fullPage: true });
      }
      if (before !== null) await page.setViewportSize(before);
    },
    async close() {
      await browser.close();
      await bank.close();
    },
  };
}

/** Inside the virtual app, which has a request open: choose, unlock, send. */
export async function approve(app: Page, person: Person, carrier: Carrier, purpose: 'signing' | 'authentication'): Promise<void> {
  await app.getByTestId(`person-${person.id}`).check({ force: true });
  await app.getByTestId(`carrier-${carrier}`).check({ force: true });
  await app.getByTestId('unlock-input').fill(person.pins[purpose]);
  await app.getByTestId('approve').click();
  await app.getByTestId('result').waitFor();
}

/** The page's element, begun. */
export async function chooseCarrier(page: Page, carrier: Carrier): Promise<void> {
  await page.locator(`[part~="choice-${carrier}"]`).click();
}

/** A code on the page, read by the phone in its own browser, and the digits typed back. */
export async function scanAndApprove(
  stage: Stage,
  page: Page,
  app: Page,
  by: { readonly person: Person; readonly carrier: Carrier; readonly purpose: 'signing' | 'authentication' },
  shots?: string,
): Promise<void> {
  const content = await page.getByTestId('qr').getAttribute('data-content');
  if (shots !== undefined) await stage.look(page, `${shots}-qr`);
  await app.goto(stage.bank.simulator.urls.app);
  await app.getByTestId('link-input').fill(content ?? '');
  await app.getByTestId('link-open').click();
  await app.getByTestId('request').first().waitFor();
  await approve(app, by.person, by.carrier, by.purpose);
  const digits = (await app.getByTestId('match-number').textContent()) ?? '';
  await page.locator('[part~="match-input"]').fill(digits.trim());
  if (shots !== undefined) await stage.look(page, `${shots}-match`);
  await page.locator('[part~="match-submit"]').click();
}

/** On one phone: the app link, the app, and back. */
export async function openAppAndReturn(
  page: Page,
  by: { readonly person: Person; readonly carrier: Carrier; readonly purpose: 'signing' | 'authentication' },
): Promise<void> {
  await page.locator('[part~="app-link"]').click();
  await page.getByTestId('request').first().waitFor();
  await approve(page, by.person, by.carrier, by.purpose);
  await page.getByTestId('return-link').click();
}
