/** Where the bank's own decisions are made: what an identification means for accounts and links. */
import { randomBytes } from 'node:crypto';
import { type IdentifiedOutcome, identityOf, type Json, type Outcome, type OutcomeContext } from '@jpki-rp/node-sdk';
import { CODES } from '@jpki-rp/verifier';
import type { EvidenceKey } from '@jpki-rp/verifier/evidence';
import { sealEvidence } from '@jpki-rp/verifier/evidence';
import type { CertificateName, LinkLedger } from '@jpki-rp/verifier/links';
import { openVerdict, sealVerdict } from '@jpki-rp/verifier/links';
import type { Account, Identification } from '../accounts/account.ts';
import type { AccountBook } from '../accounts/book.ts';
import type { Mailbox } from '../notices/mailbox.ts';
import { tellRegistered } from '../notices/notices.ts';
import type { Notice, Session, Sessions } from '../session/session.ts';
import { holderOf } from '../trust/recognise.ts';
import type { UndoTickets } from '../undo/tickets.ts';
import { undo } from '../undo/undo.ts';

export interface Desk {
  readonly accounts: AccountBook;
  readonly sessions: Sessions;
  readonly ledger: LinkLedger;
  /** Which certificate this card's took the place of, in the issuer's words; null where it has none to say. */
  readonly predecessorOf: (certificate: CertificateName) => CertificateName | null;
  readonly mailbox: Mailbox;
  readonly tickets: UndoTickets;
  readonly evidenceKey: EvidenceKey;
  /** 32 octets; seals the first verdict of a ceremony until the second is there. */
  readonly verdictKey: Uint8Array;
  /** The JPKI's clock. */
  readonly now: () => Date;
}

export type Handler = (desk: Desk, outcome: IdentifiedOutcome, session: Session, context: OutcomeContext) => Promise<string>;

/** Runs a handler for the session in which the identification began, and tells the page where to go. Nothing else is told. */
export const handled =
  (desk: Desk, handler: Handler) =>
  async (outcome: Outcome, context: OutcomeContext): Promise<Json | undefined> => {
    const session = desk.sessions.byOwner(context.account);
    if (outcome.result !== 'identified' || session === null) return undefined;
    return { to: await handler(desk, outcome, session, context) };
  };

export const openAccount: Handler = async (desk, outcome, session, { ceremony }) => {
  const { person } = identityOf(outcome.verdict);
  const { application } = session;
  if (person === null || application === null) throw new Error('an account is opened from an application and a digital signature');
  if (application.id !== ceremony?.id) {
    say(
      session,
      'bad',
      '署名のあとでお申込みの内容が変わりました。もう一度ご確認のうえ、署名してください。',
      'The application was changed while it was being signed. Please check it and sign again.',
    );
    return '/open/sign';
  }
  if (desk.accounts.byCertificate(outcome.verdict) !== null) {
    say(
      session,
      'bad',
      'この証明書では、すでに口座が開設されています。ログインしてください。',
      'An account has been opened with this certificate already. Please log in.',
    );
    return '/login';
  }
  const account = desk.accounts.open(application, person, outcome.verdict, desk.now());
  session.application = null;
  await record(desk, account, outcome);
  desk.accounts.tell(account, {
    at: desk.now(),
    ja: '口座を開設しました。ご利用ありがとうございます。',
    en: 'Your account is open. Welcome.',
  });
  desk.sessions.signIn(session, account.id, { carriers: [], link: null, cardStatusAsOf: null });
  return '/open/done';
};

export const registerLogin: Handler = async (desk, outcome, session) => {
  const account = desk.accounts.byId(session.account);
  if (account === null) return '/login';
  const holder = await holderOf(desk, outcome.verdict);
  const known = desk.accounts.registration(account, outcome.verdict) !== null;
  const entry = holder !== null && holder !== account.id ? null : desk.accounts.register(account, outcome.verdict, desk.now());
  if (entry === null) {
    say(
      session,
      'bad',
      'この証明書は登録できません。別の口座で使われているか、「心当たりがない」とお申出のあったものです。',
      'This certificate cannot be registered: it is in use for another account, or it was said not to be yours.',
    );
    return '/account';
  }
  await record(desk, account, outcome);
  if (!known) tellRegistered(desk, account, entry.ref, desk.now());
  say(session, 'good', 'ログインに使う電子証明書を登録しました。', 'The certificate is registered for logging in.');
  return '/account';
};

/** Step one of linking: the card's verdict waits, sealed, for the smartphone's. */
export const linkCard: Handler = async (desk, outcome, session, context) => {
  const account = desk.accounts.byId(session.account);
  const { ceremony } = context;
  if (account === null || ceremony === undefined) return '/login';
  const holder = await holderOf(desk, outcome.verdict);
  if (holder !== null && holder !== account.id) {
    say(session, 'bad', 'このカードの電子証明書は、別の口座で使われています。', 'This card is in use for another account.');
    return '/link';
  }
  if (desk.accounts.isBarred(account, outcome.verdict)) return barred(session);
  await ceremony.keep(sealVerdict(outcome.verdict, desk.verdictKey, { context: contextOf(account, ceremony.id) }));
  await record(desk, account, outcome);
  session.ceremony = { id: ceremony.id, step: 'smartphone' };
  // The card is what the session stands on from here: it outlives the link that the new smartphone takes over from.
  if (holder === account.id) session.through = { carriers: ['card'], link: null, cardStatusAsOf: null };
  return '/link';
};

export const linkSmartphone: Handler = async (desk, outcome, session, context) => {
  const account = desk.accounts.byId(session.account);
  const { ceremony } = context;
  if (account === null || ceremony === undefined) return '/login';
  session.ceremony = null;
  const sealed = await ceremony.take();
  if (sealed === null) {
    say(session, 'bad', '時間が経ったため、はじめからやり直してください。', 'That took too long. Please start again.');
    return '/link';
  }
  const card = openVerdict(sealed, desk.verdictKey, { context: contextOf(account, ceremony.id) });
  const isBarred = (): boolean => [card, outcome.verdict].some((verdict) => desk.accounts.isBarred(account, verdict));
  if (isBarred()) return barred(session);
  const established = await desk.ledger.establish(card, outcome.verdict, { account: account.id, ceremony: { id: ceremony.id } });
  if (!established.ok) {
    const { ja, en } = CODES[established.code];
    say(session, 'bad', ja, en);
    return '/link';
  }
  desk.accounts.linked(account, { id: established.link.id, card, smartphone: outcome.verdict }, desk.now());
  if (isBarred()) {
    // Said while the ledger was writing: whoever said it could not see this link yet.
    await undo(desk, { account: account.id, what: { kind: 'link', link: established.link.id } });
    return barred(session);
  }
  await record(desk, account, outcome);
  return '/account/certificates';
};

function barred(session: Session): string {
  say(
    session,
    'bad',
    'この電子証明書は、「心当たりがない」とお申出のあったものです。口座には結び付けられません。',
    'This certificate was said not to be yours. It cannot be linked to the account.',
  );
  return '/link';
}

const contextOf = (account: Account, ceremony: string): string => `${account.id}/${ceremony}`;

export function say(session: Session, tone: Notice['tone'], ja: string, en: string): void {
  session.notice = { tone, ja, en };
}

export async function record(
  desk: Desk,
  account: Account,
  { verdict, operation, carrierWitnesses }: Pick<IdentifiedOutcome, 'verdict' | 'operation' | 'carrierWitnesses'>,
): Promise<void> {
  const identification: Identification = {
    id: randomBytes(12).toString('base64url'),
    operation,
    at: verdict.at,
    class: verdict.class,
    carrierWitnesses,
    checks: verdict.checks,
    revocation: verdict.revocation,
    warnings: verdict.warnings,
    evidence: await sealEvidence(verdict.evidence(), desk.evidenceKey),
  };
  desk.accounts.record(account, identification);
}
