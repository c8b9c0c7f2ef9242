import type { PublicOutcome } from '../http/wire.ts';
import type { NewTransaction, Transaction } from './record.ts';

/** What waits between two steps of a ceremony. */
export interface KeptCeremony {
  /** A sealed verdict; opaque to the store. */
  readonly sealed: string;
  /** Whoever takes it must be the same account in the same browser. */
  readonly account: string | null;
  readonly binding: string;
}

/**
 * Where transactions live. Every method is one atomic step: of any number of concurrent calls, over all processes that share the store, the
 * stated guarantee holds. A transaction whose `expiresAt` is not after `at` can be read, but no method changes it any more.
 * `transactionStoreConformance` is the test suite of this contract.
 */
export interface TransactionStore {
  /** Adds it, or answers `full` at the store's bound. Never removes a transaction that has not expired to make room. */
  create(transaction: NewTransaction, at: number): Promise<'created' | 'full'>;

  get(id: string): Promise<Transaction | null>;

  /** Spends the ticket: `pending` → `opened`, exactly once per ticket. Keeps the hashes under which the app answers and the browser returns. */
  open(ticket: string, hashes: { readonly answer: string; readonly return: string }, at: number): Promise<Transaction | null>;

  /**
   * Keeps the first answer that comes under the answer hash: `opened` → `arrived`. A later one, the same or another, changes nothing
   * (`ignored`). `full`: no room for it now; the transaction is unchanged and the app may send again.
   */
  park(
    answer: string,
    message: Uint8Array,
    at: number,
  ): Promise<{ readonly id: string; readonly result: 'parked' | 'ignored' | 'full' } | null>;

  /** The transaction whose app was given this way back. */
  findByReturn(hash: string, at: number): Promise<Transaction | null>;

  /** Records that the way back has led to the browser that began. */
  markReturned(id: string, at: number): Promise<void>;

  /** Takes one of the number tries and says how many are left, or null when none was. Counts before anything is compared. */
  spendMatch(id: string, at: number): Promise<number | null>;

  /** `arrived` → `completing`. Exactly one caller ever gets the transaction; everyone else gets null. */
  consume(id: string, at: number): Promise<Transaction | null>;

  /** `completing` → `done`. Keeps the outcome until expiry and forgets message, document and answer. */
  finish(id: string, outcome: PublicOutcome): Promise<void>;

  /** Forgets a transaction that has not been consumed. */
  cancel(id: string, at: number): Promise<boolean>;

  /** Resolves when the version is no longer the one given, or on abort; may resolve early. Never rejects. */
  waitForChange(id: string, version: number, signal: AbortSignal): Promise<void>;

  /** Keeps one entry per ceremony until `expiresAt`; a second replaces the first. */
  keepCeremony(id: string, kept: KeptCeremony, expiresAt: number, at: number): Promise<'kept' | 'full'>;

  /** Gives the entry once. */
  takeCeremony(id: string, at: number): Promise<KeptCeremony | null>;
}
