/** The ways of a customer that several journeys begin with. */
import type { Person } from '@jpki-rp/simulator';
import type { Carrier } from '@jpki-rp/verifier';
import type { Page } from 'playwright-core';
import { chooseCarrier, openAppAndReturn, type Stage } from './stage.ts';

export async function apply(stage: Stage, page: Page): Promise<void> {
  await page.goto(stage.bank.origin);
  await page.getByTestId('open-account').click();
  await page.getByTestId('apply').click();
  await page.getByTestId('declaration').waitFor();
}

/** An account opened on a phone with the smartphone’s certificate. */
export async function openOnPhone(stage: Stage, page: Page, person: Person): Promise<void> {
  await apply(stage, page);
  await chooseCarrier(page, 'smartphone');
  await openAppAndReturn(page, { person, carrier: 'smartphone', purpose: 'signing' });
  await page.getByTestId('opened').waitFor();
}

export async function registerOnPhone(page: Page, person: Person, carrier: Carrier): Promise<void> {
  await page.getByTestId('register-login').first().click();
  await chooseCarrier(page, carrier);
  await openAppAndReturn(page, { person, carrier, purpose: 'authentication' });
  await page.getByTestId('greeting').waitFor();
}

/** From the login page to wherever it leads. */
export async function logInOnPhone(stage: Stage, page: Page, person: Person, carrier: Carrier): Promise<void> {
  await page.goto(`${stage.bank.origin}/login`);
  await chooseCarrier(page, carrier);
  await openAppAndReturn(page, { person, carrier, purpose: 'authentication' });
}

/** Card, then smartphone; of one person or, as only a thief would, of two. */
export async function linkOnPhone(stage: Stage, page: Page, card: Person, smartphone: Person = card): Promise<void> {
  await page.goto(`${stage.bank.origin}/link`);
  await page.getByTestId('start-link').click();
  await chooseCarrier(page, 'card');
  await openAppAndReturn(page, { person: card, carrier: 'card', purpose: 'authentication' });
  await page.locator('jpki-identify[operation="link-smartphone"]').waitFor();
  await chooseCarrier(page, 'smartphone');
  await openAppAndReturn(page, { person: smartphone, carrier: 'smartphone', purpose: 'authentication' });
  await page.locator('[data-testid="link"][data-state="active"]').waitFor();
}
