/** The bank's accounts, in memory: this is a sample. A certificate is found by a keyed MAC over issuer key and serial number. */
import { createHmac, randomBytes, randomInt } from 'node:crypto';
import type { Person } from '@jpki-rp/node-sdk';
import type { ProvenVerdict } from '@jpki-rp/verifier';
import type { CertificateName } from '@jpki-rp/verifier/links';
import type { Account, Application, Identification, Message, RegisteredCertificate } from './account.ts';

/** So that there is something to transfer. */
const OPENING_GIFT = 500_000;

export interface AccountBook {
  open(application: Application, person: Person, verdict: ProvenVerdict, at: Date): Account;
  all(): readonly Account[];
  byId(id: string | null | undefined): Account | null;
  byCertificate(verdict: { readonly certificate: CertificateName }): Account | null;
  /** The account with a link of this certificate, whatever became of it. */
  byLinkedCertificate(verdict: ProvenVerdict): Account | null;
  registration(account: Account, verdict: ProvenVerdict): RegisteredCertificate | null;
  /** Null where another account holds the certificate, or this one's owner has said that it is not theirs. */
  register(account: Account, verdict: ProvenVerdict, at: Date): RegisteredCertificate | null;
  /** Remembers which certificates a link ties; its card may log in from now on. */
  linked(account: Account, link: { readonly id: string; readonly card: ProvenVerdict; readonly smartphone: ProvenVerdict }, at: Date): void;
  /** A card that took the place of an older one; `link` null where the ledger knew none of the two. */
  renewed(account: Account, link: string | null, card: ProvenVerdict, at: Date): boolean;
  /** The person says that this link is not theirs: its smartphone is barred, and a card that only this link brought no longer logs in. */
  disownLink(account: Account, link: string): void;
  /** The same for a certificate that was registered by itself. */
  disownCertificate(account: Account, ref: string): void;
  /** Whether the account's owner has said that this certificate is not theirs. */
  isBarred(account: Account, verdict: ProvenVerdict): boolean;
  record(account: Account, identification: Identification): void;
  tell(account: Account, message: Message): void;
}

export function createAccountBook(key: Uint8Array = randomBytes(32)): AccountBook {
  const accounts = new Map<string, Account>();
  const holders = new Map<string, string>();
  const refOf = ({ certificate }: { readonly certificate: CertificateName }): string =>
    createHmac('sha256', key).update(`certificate\0${certificate.issuerKeyId}\0${certificate.serialNumber}`).digest('base64url');
  const numberOf = (): string => {
    for (;;) {
      const number = String(randomInt(1_000_000, 9_999_999));
      if (![...accounts.values()].some((account) => account.number === number)) return number;
    }
  };
  const enter = (account: Account, verdict: ProvenVerdict, at: Date, link: string | null): RegisteredCertificate | null => {
    const ref = refOf(verdict);
    if (account.barred.has(ref)) return null;
    const holder = holders.get(ref);
    if (holder !== undefined) return holder === account.id ? (account.certificates.find((one) => one.ref === ref) ?? null) : null;
    const entry: RegisteredCertificate = { ref, class: verdict.class, registeredAt: at, link };
    holders.set(ref, account.id);
    account.certificates.push(entry);
    return entry;
  };
  const strike = (account: Account, isStruck: (certificate: RegisteredCertificate) => boolean): void => {
    for (const { ref } of account.certificates.filter(isStruck)) {
      account.certificates.splice(
        account.certificates.findIndex((one) => one.ref === ref),
        1,
      );
      holders.delete(ref);
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
        links: new Map(),
        barred: new Set(),
        transfers: [],
        balance: OPENING_GIFT,
        inbox: [],
      };
      accounts.set(id, account);
      enter(account, verdict, at, null);
      return account;
    },
    all: () => [...accounts.values()],
    byId: (id) => (id === null || id === undefined ? null : (accounts.get(id) ?? null)),
    byCertificate: (verdict) => book.byId(holders.get(refOf(verdict))),
    byLinkedCertificate(verdict) {
      const ref = refOf(verdict);
      const knows = ({ links }: Account): boolean => [...links.values()].some(({ card, smartphone }) => card === ref || smartphone === ref);
      return [...accounts.values()].find(knows) ?? null;
    },
    registration: (account, verdict) => account.certificates.find(({ ref }) => ref === refOf(verdict)) ?? null,
    register: (account, verdict, at) => enter(account, verdict, at, null),
    linked(account, { id, card, smartphone }, at) {
      account.links.set(id, { card: refOf(card), smartphone: refOf(smartphone) });
      enter(account, card, at, id);
    },
    renewed(account, link, card, at) {
      if (enter(account, card, at, link) === null) return false;
      if (link !== null) account.links.set(link, { card: refOf(card), smartphone: null });
      return true;
    },
    disownLink(account, link) {
      const refs = account.links.get(link);
      if (refs?.smartphone != null) account.barred.add(refs.smartphone);
      strike(account, (one) => one.link === link || one.ref === refs?.smartphone);
    },
    disownCertificate(account, ref) {
      account.barred.add(ref);
      strike(account, (one) => one.ref === ref);
    },
    isBarred: (account, verdict) => account.barred.has(refOf(verdict)),
    record: (account, identification) => void account.identifications.unshift(identification),
    tell: (account, message) => void account.inbox.unshift(message),
  };
  return book;
}
