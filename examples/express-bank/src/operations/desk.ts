/** Where the bank's own decisions are made: what an identification means for accounts and links. */
import { randomBytes } from 'node:crypto';
import { type IdentifiedOutcome, identityOf, type Json, type Outcome, type OutcomeContext } from '@jpki-rp/node-sdk';
import { CODES } from '@jpki-rp/verifier';
import type { EvidenceKey } from '@jpki-rp/verifier/evidence';
import { sealEvidence } from '@jpki-rp/verifier/evidence';
import type { LinkLedger } from '@jpki-rp/verifier/links';
import { openVerdict, sealVerdict } from '@jpki-rp/verifier/links';
import type { Account, Identification } from '../accounts/account.ts';
import type { AccountBook } from '../accounts/book.ts';
import type { Notice, Session, Sessions } from '../session/session.ts';

export interface Desk {
  readonly accounts: AccountBook;
  readonly sessions: Sessions;
  readonly ledger: LinkLedger;
  readonly evidenceKey: EvidenceKey;
  /** 32 octets; seals the first verdict of a ceremony until the second is there. */
  readonly verdictKey: Uint8Array;
  /** The JPKI's clock. */
  readonly now: () => Date;
}

type Handler = (desk: Desk, outcome: IdentifiedOutcome, session: Session, context: OutcomeContext) => Promise<string>;

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
  desk.sessions.signIn(session, account.id);
  return '/open/done';
};

export const registerLogin: Handler = async (desk, outcome, session) => {
  const account = desk.accounts.byId(session.account);
  if (account === null) return '/login';
  if (!(await isFreeFor(desk, account, outcome)) || !desk.accounts.register(account, outcome.verdict, desk.now())) {
    say(session, 'bad', 'この証明書は、別の口座で使われています。', 'This certificate is in use for another account.');
    return '/account';
  }
  await record(desk, account, outcome);
  desk.accounts.tell(account, {
    at: desk.now(),
    ja: 'ログインに使う電子証明書を登録しました。心当たりがないときは、すぐにご連絡ください。',
    en: 'A certificate for logging in was registered. If it was not you, contact us at once.',
  });
  say(session, 'good', 'ログインに使う電子証明書を登録しました。', 'The certificate is registered for logging in.');
  return '/account';
};

export const login: Handler = async (desk, outcome, session) => {
  const found = await desk.ledger.find({ verdict: outcome.verdict });
  const account = found.ok
    ? desk.accounts.byId(found.account)
    : found.code === 'link-not-found'
      ? desk.accounts.byCertificate(outcome.verdict)
      : null;
  if (account === null) {
    const suspended = !found.ok && found.code === 'link-suspended';
    say(
      session,
      'bad',
      suspended
        ? '対応するカードの電子証明書が一時停止されているため、このスマートフォンではログインできません。'
        : '本人確認はできましたが、この電子証明書で使える口座が見つかりません。カードでログインするか、口座を開設してください。',
      suspended
        ? 'This smartphone cannot log in while the certificate of its card is on hold.'
        : 'You were identified, but no account knows this certificate. Log in with your card, or open an account.',
    );
    return '/login';
  }
  await record(desk, account, outcome);
  desk.sessions.signIn(session, account.id);
  return '/account';
};

/** Step one of linking: the card's verdict waits, sealed, for the smartphone's. */
export const linkCard: Handler = async (desk, outcome, session, context) => {
  const account = desk.accounts.byId(session.account);
  const { ceremony } = context;
  if (account === null || ceremony === undefined) return '/login';
  const holder = desk.accounts.byCertificate(outcome.verdict);
  if (holder !== null && holder.id !== account.id) {
    say(session, 'bad', 'このカードの電子証明書は、別の口座で使われています。', 'This card is in use for another account.');
    return '/link';
  }
  await ceremony.keep(sealVerdict(outcome.verdict, desk.verdictKey, { context: contextOf(account, ceremony.id) }));
  await record(desk, account, outcome);
  session.ceremony = { id: ceremony.id, step: 'smartphone' };
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
  const established = await desk.ledger.establish(card, outcome.verdict, { account: account.id, ceremony: { id: ceremony.id } });
  if (!established.ok) {
    const { ja, en } = CODES[established.code];
    say(session, 'bad', ja, en);
    return '/link';
  }
  desk.accounts.register(account, card, desk.now());
  await record(desk, account, outcome);
  return '/account/certificates';
};

async function isFreeFor(desk: Desk, account: Account, { verdict }: IdentifiedOutcome): Promise<boolean> {
  const found = await desk.ledger.find({ verdict });
  return found.ok ? found.account === account.id : found.code === 'link-not-found';
}

const contextOf = (account: Account, ceremony: string): string => `${account.id}/${ceremony}`;

function say(session: Session, tone: Notice['tone'], ja: string, en: string): void {
  session.notice = { tone, ja, en };
}

async function record(desk: Desk, account: Account, outcome: IdentifiedOutcome): Promise<void> {
  const { verdict, operation, carrierWitnesses } = outcome;
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
