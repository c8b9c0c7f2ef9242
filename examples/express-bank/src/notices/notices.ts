/** The bank's ways to reach a person: the inbox of the account, and mail, which a thief who is logged in does not hold. */
import type { Link, LinkNotice } from '@jpki-rp/verifier/links';
import type { Account } from '../accounts/account.ts';
import type { AccountBook } from '../accounts/book.ts';
import type { Sessions } from '../session/session.ts';
import type { UndoTickets } from '../undo/tickets.ts';
import type { Mailbox } from './mailbox.ts';
import { CHANGED, MAILS, noticeText, RENEWED } from './texts.ts';

export interface NoticeParts {
  readonly accounts: AccountBook;
  readonly sessions: Sessions;
  readonly mailbox: Mailbox;
  readonly tickets: UndoTickets;
  readonly linkOf: (notice: Pick<LinkNotice, 'account' | 'link'>) => Promise<Link | null>;
}

const ENDINGS: readonly LinkNotice['type'][] = ['link.ended', 'link.suspended', 'link.superseded'];

/** The ledger's `notify`. At least once becomes once: a repetition is known by its id. */
export function createNotifier({ accounts, sessions, mailbox, tickets, linkOf }: NoticeParts): (notice: LinkNotice) => Promise<void> {
  const told = new Set<string>();
  return async (notice) => {
    const { id, type, link } = notice;
    // A session lives no longer than the link it began through, whatever ended that.
    if (ENDINGS.includes(type)) sessions.endThrough(notice.account, link);
    const account = accounts.byId(notice.account);
    const about = await linkOf(notice);
    if (account === null || told.has(id)) return;
    told.add(id);
    const at = new Date(notice.at);
    const to = { account: account.id, at };
    if (about !== null && about.relation !== 'authentication') {
      if (type !== 'link.established') return;
      accounts.tell(account, { at, ...RENEWED });
      mailbox.deliver({ ...to, ...MAILS.renewed, undo: null });
      return;
    }
    const text = noticeText(notice);
    if (type !== 'link.established') {
      accounts.tell(account, { at, ...text });
      mailbox.deliver({ ...to, subject: CHANGED, text, undo: null });
      return;
    }
    accounts.tell(account, { at, ...text, link });
    mailbox.deliver({ ...to, ...MAILS.linked, undo: tickets.issue({ account: account.id, what: { kind: 'link', link } }) });
  };
}

export const tellRegistered = (
  { accounts, mailbox, tickets }: Pick<NoticeParts, 'accounts' | 'mailbox' | 'tickets'>,
  account: Account,
  ref: string,
  at: Date,
): void => {
  accounts.tell(account, {
    at,
    ja: 'ログインに使う電子証明書を登録しました。心当たりがないときは、お送りしたメールから取り消してください。',
    en: 'A certificate for logging in was registered. If it was not you, undo it from the mail that we sent.',
  });
  mailbox.deliver({
    account: account.id,
    at,
    ...MAILS.registered,
    undo: tickets.issue({ account: account.id, what: { kind: 'certificate', ref } }),
  });
};
