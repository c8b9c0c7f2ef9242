/**
 * What outlives a navigation: which transaction this page waits for. No link, no ticket, no number; the binding cookie, which no script can
 * read, remains the only proof that this is the browser that began.
 *
 * Kept in the tab (`sessionStorage`). An app often comes back into a *new* tab, whose session storage is empty; so a followed link is also
 * noted in `localStorage`, and a new tab takes it up only once the app has answered.
 */
import { readShow, readTransactionId } from '../channel/guard.ts';
import type { Choice, Transaction } from './transaction.ts';

export interface Pending {
  save(transaction: Transaction): void;
  /** `sameTab`: found in this tab's own storage. */
  load(): { readonly transaction: Transaction; readonly sameTab: boolean } | null;
  clear(): void;
}

type Area = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export interface PendingOptions {
  /** Absolute base URL of the endpoint. */
  readonly endpoint: string;
  readonly operation: string;
  /** Epoch milliseconds. */
  readonly wallClock: () => number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Throwing getters are expected: storage may be forbidden. */
  readonly session: () => Area | undefined;
  readonly local: () => Area | undefined;
}

const CHOICES: readonly Choice[] = ['auto', 'card', 'smartphone'];
const LONGEST_MILLISECONDS = 900_000;

export function createPending(options: PendingOptions): Pending {
  const key = `jpki-rp:1:${options.endpoint}:${options.operation}`;
  const withArea = <T>(area: () => Area | undefined, use: (area: Area) => T): T | null => {
    try {
      const found = area();
      return found ? use(found) : null;
    } catch {
      return null; // private mode, a full quota, or a storage policy: resuming is a comfort, not a need
    }
  };
  const remove = (area: () => Area | undefined): void => {
    withArea(area, (found) => found.removeItem(key));
  };
  const read = (area: () => Area | undefined): Transaction | null => {
    const text = withArea(area, (found) => found.getItem(key));
    if (text === null || text.length > 4096) return null;
    try {
      return revive(JSON.parse(text), options);
    } catch {
      remove(area);
      return null;
    }
  };
  return {
    save(transaction) {
      const { id, choice, kind, match, show, expiresAt, deadline } = transaction;
      const until = options.wallClock() + Math.max(0, deadline - options.now());
      const text = JSON.stringify({ id, choice, kind, match, show, expiresAt, until });
      withArea(options.session, (area) => area.setItem(key, text));
      if (kind === 'link') withArea(options.local, (area) => area.setItem(key, text));
    },
    load() {
      const own = read(options.session);
      if (own) return { transaction: own, sameTab: true };
      const other = read(options.local);
      return other ? { transaction: other, sameTab: false } : null;
    },
    clear() {
      remove(options.session);
      remove(options.local);
    },
  };
}

/** Storage is written by anything of this origin: read it like an answer of a stranger. */
function revive(value: unknown, { now, wallClock }: PendingOptions): Transaction {
  if (typeof value !== 'object' || value === null) throw new TypeError('pending');
  const stored = value as Readonly<Record<string, unknown>>;
  const choice = CHOICES.find((candidate) => candidate === stored['choice']);
  const kind = stored['kind'];
  const { match, expiresAt, until } = stored;
  if (!choice || (kind !== 'link' && kind !== 'qr') || typeof match !== 'boolean') throw new TypeError('pending');
  if (typeof expiresAt !== 'string' || Number.isNaN(Date.parse(expiresAt)) || typeof until !== 'number') throw new TypeError('pending');
  const left = until - wallClock();
  if (!(left > 0 && left <= LONGEST_MILLISECONDS)) throw new TypeError('pending');
  return { id: readTransactionId(stored['id']), choice, kind, match, show: readShow(stored['show']), expiresAt, deadline: now() + left };
}
