/** The bank's accounts, in memory: this is a sample. A certificate is found by a keyed MAC over issuer key and serial number. */
import { createHmac, randomBytes, randomInt } from 'node:crypto';
import type { Person } from '@jpki-rp/node-sdk';
import type { ProvenVerdict } from '@jpki-rp/verifier';
import type { Account, Application, Identification, Message } from './account.ts';

export interface AccountBook {
  open(application: Application, person: Person, verdict: ProvenVerdict, at: Date): Account;
  byId(id: string | null | undefined): Account | null;
  byCertificate(verdict: ProvenVerdict): Account | null;
  /** False where another account holds the certificate. */
  register(account: Account, verdict: ProvenVerdict, at: Date): boolean;
  record(account: Account, identification: Identification): void;
  tell(account: Account, message: Message): void;
}

export function createAccountBook(key: Uint8Array = randomBytes(32)): AccountBook {
  const accounts = new Map<string, Account>();
  const holders = new Map<string, string>();
  const refOf = ({ certificate }: ProvenVerdict): string =>
    createHmac('sha256', key).update(`certificate\0${certificate.issuerKeyId}\0${certificate.serialNumber}`).digest('base64url');
  const numberOf = (): string => {
    for (;;) {
      const number = String(randomInt(1_000_000, 9_999_999));
      if (![...accounts.values()].some((account) => account.number === number)) return number;
    }
  };
  const book: AccountBook = {
    open(application, person, verdict, at) {
      const id = randomBytes(16).toString('base64url');
      const account: Account = {
        id,
        number: numberOf(),
        application,
        openedAt: at,
        person,
        identifications: [],
        certificates: [],
        inbox: [],
      };
      accounts.set(id, account);
      book.register(account, verdict, at);
      return account;
    },
    byId: (id) => (id === null || id === undefined ? null : (accounts.get(id) ?? null)),
    byCertificate: (verdict) => book.byId(holders.get(refOf(verdict))),
    register(account, verdict, at) {
      const ref = refOf(verdict);
      const holder = holders.get(ref);
      if (holder !== undefined) return holder === account.id;
      holders.set(ref, account.id);
      account.certificates.push({ ref, class: verdict.class, registeredAt: at });
      return true;
    },
    record: (account, identification) => void account.identifications.unshift(identification),
    tell: (account, message) => void account.inbox.unshift(message),
  };
  return book;
}
