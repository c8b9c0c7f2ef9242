/** A customer's phone from the first link to its undoing, told to any bank; the database is asked as well. */
import type { Person } from '@jpki-rp/simulator';
import { expect } from 'vitest';
import type { Bank } from '../src/bank.ts';
import { Visitor } from './visitor.ts';

/** Rows of a statement, asked past the bank. */
export type Ask = (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

export interface Customer {
  readonly person: Person;
  readonly visitor: Visitor;
}

/** An account opened by the card, which is then linked to the phone. */
export async function linkedCustomer(bank: Bank): Promise<Customer> {
  const [person, visitor] = [await bank.simulator.person(), new Visitor(bank)];
  await visitor.openAccount(person, 'card');
  await visitor.page('/open/done');
  await visitor.submit('/link');
  expect((await visitor.identify('link-card', person, 'card')).to).toBe('/link');
  expect((await visitor.identify('link-smartphone', person, 'smartphone')).to).toBe('/account/certificates');
  return { person, visitor };
}

export async function logIn(bank: Bank, person: Person): Promise<string | null> {
  const visitor = new Visitor(bank);
  await visitor.page('/login');
  return (await visitor.identify('login', person, 'smartphone')).to;
}

const eventsIn = async (ask: Ask): Promise<number> => Number((await ask('select count(*) as n from jpki_person_event'))[0]?.['n']);

export async function linkedLoggedInUndone(bank: Bank, ask: Ask): Promise<void> {
  const before = await eventsIn(ask);
  const { person, visitor } = await linkedCustomer(bank);
  const linked = await eventsIn(ask);
  expect(linked).toBeGreaterThan(before);
  expect(await logIn(bank, person)).toBe('/account');

  await visitor.submit('/backstage/sweep');
  expect((await ask('select class from jpki_sweep order by class')).map((row) => row['class'])).toEqual([
    'card-user-authentication',
    'smartphone-user-authentication',
  ]);

  const ticket = bank.desk.mailbox.all().find(({ undo }) => undo !== undefined)?.undo ?? '';
  const mail = new Visitor(bank);
  expect(await mail.submit('/undo', { ticket })).toContain('data-testid="undone"');
  expect(await logIn(bank, person)).toBe('/login');
  expect(await eventsIn(ask)).toBeGreaterThan(linked);
  // Of the person, the tables of links hold MACs and the bank's own id.
  const kept = JSON.stringify(await ask('select event::text from jpki_person_event'));
  expect(kept).not.toContain(person.name);
}
