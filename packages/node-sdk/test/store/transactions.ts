import type { NewTransaction } from '../../src/transaction/record.ts';

export const AT = Date.UTC(2026, 3, 1);

/** What a person would say in it, to be looked for where it must not stand. */
export const PERSONAL = '見本 花子 1980-01-01';

export const someTransaction = (id: string, change: Partial<NewTransaction> = {}): NewTransaction => ({
  id,
  operation: 'open-account',
  purpose: 'digital-signature',
  carriers: ['card', 'smartphone'],
  scheme: 'rsa-pkcs1-sha256',
  carrierWitnesses: 'two',
  door: 'door',
  channel: 'qr',
  binding: `binding-${id}`,
  message: new TextEncoder().encode(PERSONAL),
  documentText: PERSONAL,
  account: 'account-of-hanako',
  returnTo: '/',
  lang: 'ja',
  createdAt: AT,
  expiresAt: AT + 60_000,
  ticket: `ticket-${id}`,
  ...change,
});
