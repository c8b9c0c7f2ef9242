/** The bank's own sessions. They are not the binding of an identification: that cookie belongs to the relying-party SDK. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Carrier } from '@jpki-rp/verifier';
import type { Application, PayeeId } from '../accounts/account.ts';
import type { StepUpReason } from '../trust/demand.ts';

export interface Notice {
  readonly tone: 'good' | 'bad';
  readonly ja: string;
  readonly en: string;
}

/** By what the session came to stand for its account. */
export interface Through {
  readonly carriers: readonly Carrier[];
  /** The link that led to the account. The session lives no longer than it. */
  readonly link: string | null;
  /** As of when the card behind the link was known to be good. */
  readonly cardStatusAsOf: Date | null;
}

export interface TransferOrder {
  readonly id: string;
  readonly payee: PayeeId;
  readonly amount: number;
}

/** What waits for the card. The smartphone's verdict lies sealed in the transaction store under `id`. */
export interface StepUp {
  readonly id: string;
  readonly of: 'login' | 'transfer';
  readonly why: StepUpReason;
  readonly carrierWitnesses: readonly ('certificate' | 'app')[];
}

export interface Session {
  /** Names the session to the identification that was begun in it; never leaves the server. Another one for another customer. */
  owner: string;
  account: string | null;
  /** `id` ties the signature to the very text that was declared. */
  application: (Application & { readonly id: string }) | null;
  ceremony: { readonly id: string; readonly step: 'card' | 'smartphone' } | null;
  through: Through | null;
  transfer: TransferOrder | null;
  stepUp: StepUp | null;
  /** What was undone in this browser, for the page that says so. */
  undone: { readonly what: 'link' | 'certificate'; readonly replaced: boolean } | null;
  /** Shown once, on the next page. */
  notice: Notice | null;
  /** The identifier changes at the next page, because what it stands for has changed (session fixation). */
  mustRotate: boolean;
}

/** `__Host-`: no subdomain and no plain-http neighbour can plant it. */
export const SESSION_COOKIE = '__Host-komorebi';
const IDLE_MS = 30 * 60_000;
const MAX_SESSIONS = 5_000;

export interface Sessions {
  /** The session that a Cookie header names, or null. */
  read(cookieHeader: string | null | undefined): Session | null;
  byOwner(owner: string | undefined): Session | null;
  start(): Session;
  signIn(session: Session, account: string, through: Through): void;
  /** Ends it on the server, whatever the browser keeps. */
  end(session: Session): void;
  /** Everywhere, for whoever it is. */
  endAll(account: string): void;
  /** Those that began through this link. */
  endThrough(account: string, link: string): void;
  /** The Set-Cookie value; a new identifier where one is due. */
  cookie(session: Session): string;
}

export const expiredCookie = `${SESSION_COOKIE}=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0`;

const newOwner = (): string => randomBytes(16).toString('base64url');

export function createSessions(clock: () => number = Date.now): Sessions {
  const key = randomBytes(32);
  const sessions = new Map<string, { readonly session: Session; expiresAt: number }>();
  const ids = new WeakMap<Session, string>();
  const mac = (id: string): Buffer => createHmac('sha256', key).update(id).digest();

  const sweep = (): void => {
    for (const [id, { expiresAt }] of sessions) {
      if (expiresAt > clock()) break;
      sessions.delete(id);
    }
    if (sessions.size < MAX_SESSIONS) return;
    // Anybody can start sessions: that must not log customers out.
    const [oldest] = sessions.keys();
    const [nobodys] = [...sessions].find(([, { session }]) => session.account === null) ?? [oldest];
    if (nobodys !== undefined) sessions.delete(nobodys);
  };
  const place = (session: Session): void => {
    const id = randomBytes(32).toString('base64url');
    const before = ids.get(session);
    if (before !== undefined) sessions.delete(before);
    ids.set(session, id);
    sessions.set(id, { session, expiresAt: clock() + IDLE_MS });
  };
  const end = (session: Session): void => {
    const id = ids.get(session);
    if (id !== undefined) sessions.delete(id);
    ids.delete(session);
  };
  const endWhere = (isMeant: (session: Session) => boolean): void => {
    for (const { session } of [...sessions.values()]) if (isMeant(session)) end(session);
  };
  return {
    read(cookieHeader) {
      const values = (cookieHeader ?? '')
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${SESSION_COOKIE}=`))
        .map((pair) => pair.slice(SESSION_COOKIE.length + 1));
      const [id = '', seal = ''] = values.length === 1 ? (values[0] ?? '').split('.') : [];
      const given = Buffer.from(seal, 'base64url');
      const expected = mac(id);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      const found = sessions.get(id);
      if (found === undefined || found.expiresAt <= clock()) return null;
      // Oldest first stays true: what is used moves to the end.
      sessions.delete(id);
      sessions.set(id, { session: found.session, expiresAt: clock() + IDLE_MS });
      return found.session;
    },
    byOwner: (owner) => [...sessions.values()].find(({ session }) => session.owner === owner)?.session ?? null,
    start() {
      sweep();
      const session: Session = {
        owner: newOwner(),
        account: null,
        application: null,
        ceremony: null,
        through: null,
        transfer: null,
        stepUp: null,
        undone: null,
        notice: null,
        mustRotate: false,
      };
      place(session);
      return session;
    },
    signIn(session, account, through) {
      if (session.account !== account) {
        // What was begun for somebody else in this browser ends here.
        session.owner = newOwner();
        session.ceremony = null;
        session.transfer = null;
      }
      session.stepUp = null;
      session.through = through;
      session.account = account;
      session.mustRotate = true;
    },
    end,
    endAll: (account) => endWhere((session) => session.account === account),
    endThrough: (account, link) => endWhere((session) => session.account === account && session.through?.link === link),
    cookie(session) {
      // Ended while its request was under way: it does not come back.
      if (!ids.has(session)) return expiredCookie;
      if (session.mustRotate) {
        place(session);
        session.mustRotate = false;
      }
      const id = ids.get(session) ?? '';
      return `${SESSION_COOKIE}=${id}.${mac(id).toString('base64url')}; Path=/; HttpOnly; Secure; SameSite=Lax`;
    },
  };
}
