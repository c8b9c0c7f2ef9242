/** Transactions in the memory of one process: bounded in count, bytes and time. */
import { JpkiError } from '@jpki-rp/verifier';
import { MATCH_TRIES, type NewTransaction, type Transaction } from './record.ts';
import type { KeptCeremony, TransactionStore } from './store.ts';

export interface MemoryTransactionStoreOptions {
  /** Transactions and kept ceremonies together. Default 10 000. */
  readonly maxTransactions?: number;
  /** Bytes of messages, documents, answers and sealed verdicts together. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Longest life of a transaction or kept ceremony. Default 900. */
  readonly maxLifetimeSeconds?: number;
}

const DEFAULTS = { maxTransactions: 10_000, maxBytes: 64 * 1024 * 1024, maxLifetimeSeconds: 900 } as const;

/** Fixed cost charged per entry for its short fields and the index entries. */
const ENTRY_BYTES = 2_048;
/** An expired transaction stays readable this long, so that its page can be told; it goes at once when room is needed. */
const GRACE_MS = 60_000;
const SWEEP_EVERY_MS = 1_000;

interface Entry {
  transaction: Transaction;
  bytes: number;
  answer?: string;
  back?: string;
}

/**
 * For one process. At its bound it refuses new transactions (`store-full`, HTTP 503) and never drops a live one.
 * Everything is lost when the process ends: pages are told `transaction-unknown` and begin again.
 */
export function memoryTransactionStore(options: MemoryTransactionStoreOptions = {}): TransactionStore {
  const bounds = Object.freeze({ ...DEFAULTS, ...options });
  for (const [name, value] of Object.entries(bounds)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new JpkiError('argument-invalid', `${name} must be a positive integer`, { pointer: `/${name}` });
  }
  const entries = new Map<string, Entry>();
  const byTicket = new Map<string, Entry>();
  const byAnswer = new Map<string, Entry>();
  const byReturn = new Map<string, Entry>();
  const ceremonies = new Map<string, { readonly kept: KeptCeremony; readonly expiresAt: number; readonly bytes: number }>();
  const waiting = new Map<string, Set<() => void>>();
  let bytes = 0;
  let nextSweep = Number.NEGATIVE_INFINITY;

  const wake = (id: string): void => {
    for (const resolve of waiting.get(id) ?? []) resolve();
  };
  const change = (entry: Entry, patch: Partial<Transaction>): Transaction => {
    entry.transaction = { ...entry.transaction, ...patch, version: entry.transaction.version + 1 };
    const cost = costOf(entry.transaction);
    bytes += cost - entry.bytes;
    entry.bytes = cost;
    wake(entry.transaction.id);
    return entry.transaction;
  };
  const remove = (entry: Entry): void => {
    entries.delete(entry.transaction.id);
    byTicket.delete(entry.transaction.ticket);
    if (entry.answer !== undefined) byAnswer.delete(entry.answer);
    if (entry.back !== undefined) byReturn.delete(entry.back);
    bytes -= entry.bytes;
    wake(entry.transaction.id);
  };
  const forgetCeremony = (id: string): void => {
    bytes -= ceremonies.get(id)?.bytes ?? 0;
    ceremonies.delete(id);
  };
  const sweep = (before: number): void => {
    for (const entry of entries.values()) if (entry.transaction.expiresAt <= before) remove(entry);
    for (const [id, { expiresAt }] of ceremonies) if (expiresAt <= before) forgetCeremony(id);
  };
  const fits = (cost: number, count: number): boolean =>
    entries.size + ceremonies.size + count <= bounds.maxTransactions && bytes + cost <= bounds.maxBytes;
  const makeRoom = (cost: number, count: number, at: number): boolean => {
    if (at >= nextSweep) {
      sweep(at - GRACE_MS);
      nextSweep = at + SWEEP_EVERY_MS;
    }
    if (!fits(cost, count)) sweep(at);
    return fits(cost, count);
  };
  const withinLife = (expiresAt: number, at: number): void => {
    if (!(expiresAt > at && expiresAt - at <= bounds.maxLifetimeSeconds * 1_000)) {
      throw new JpkiError('argument-invalid', 'expiresAt is outside the store’s lifetime bound', { pointer: '/expiresAt' });
    }
  };
  const live = (entry: Entry | undefined, at: number): entry is Entry => entry !== undefined && entry.transaction.expiresAt > at;

  return {
    async create(transaction: NewTransaction, at) {
      withinLife(transaction.expiresAt, at);
      if (entries.has(transaction.id) || byTicket.has(transaction.ticket))
        throw new JpkiError('argument-invalid', 'the transaction exists already');
      const stored: Transaction = { ...transaction, state: 'pending', version: 1, matchesLeft: MATCH_TRIES, returned: false };
      const entry: Entry = { transaction: stored, bytes: costOf(stored) };
      if (!makeRoom(entry.bytes, 1, at)) return 'full';
      entries.set(transaction.id, entry);
      byTicket.set(transaction.ticket, entry);
      bytes += entry.bytes;
      return 'created';
    },
    async get(id) {
      return entries.get(id)?.transaction ?? null;
    },
    async open(ticket, hashes, at) {
      const entry = byTicket.get(ticket);
      if (!live(entry, at) || entry.transaction.state !== 'pending') return null;
      entry.answer = hashes.answer;
      entry.back = hashes.return;
      byAnswer.set(hashes.answer, entry);
      byReturn.set(hashes.return, entry);
      return change(entry, { state: 'opened' });
    },
    async park(answer, message, at) {
      const entry = byAnswer.get(answer);
      if (!live(entry, at)) return null;
      const { id, state } = entry.transaction;
      if (state !== 'opened') return { id, result: 'ignored' };
      if (!makeRoom(message.length, 0, at)) return { id, result: 'full' };
      change(entry, { state: 'arrived', unverifiedAnswer: new Uint8Array(message) });
      return { id, result: 'parked' };
    },
    async findByReturn(hash, at) {
      const entry = byReturn.get(hash);
      return live(entry, at) ? entry.transaction : null;
    },
    async markReturned(id, at) {
      const entry = entries.get(id);
      if (live(entry, at) && !entry.transaction.returned) change(entry, { returned: true });
    },
    async spendMatch(id, at) {
      const entry = entries.get(id);
      if (!live(entry, at) || entry.transaction.state !== 'arrived' || entry.transaction.matchesLeft < 1) return null;
      // Not a change of state that a waiting page should hear of.
      entry.transaction = { ...entry.transaction, matchesLeft: entry.transaction.matchesLeft - 1 };
      return entry.transaction.matchesLeft;
    },
    async consume(id, at) {
      const entry = entries.get(id);
      if (!live(entry, at) || entry.transaction.state !== 'arrived') return null;
      return change(entry, { state: 'completing' });
    },
    async finish(id, outcome) {
      const entry = entries.get(id);
      if (entry === undefined || entry.transaction.state !== 'completing') return;
      const { unverifiedAnswer: _answer, documentText: _text, ...rest } = entry.transaction;
      entry.transaction = rest;
      change(entry, { state: 'done', outcome, message: new Uint8Array(0) });
    },
    async cancel(id, at) {
      const entry = entries.get(id);
      if (!live(entry, at) || entry.transaction.state === 'completing' || entry.transaction.state === 'done') return false;
      remove(entry);
      return true;
    },
    async waitForChange(id, version, signal) {
      const entry = entries.get(id);
      if (signal.aborted || entry === undefined || entry.transaction.version !== version) return;
      const set = waiting.get(id) ?? new Set();
      waiting.set(id, set);
      await new Promise<void>((resolve) => {
        const settle = (): void => {
          set.delete(settle);
          if (set.size === 0 && waiting.get(id) === set) waiting.delete(id);
          signal.removeEventListener('abort', settle);
          resolve();
        };
        set.add(settle);
        signal.addEventListener('abort', settle);
      });
    },
    async keepCeremony(id, kept, expiresAt, at) {
      withinLife(expiresAt, at);
      const cost = ENTRY_BYTES + 2 * kept.sealed.length;
      const replaced = ceremonies.get(id);
      if (!makeRoom(cost - (replaced?.bytes ?? 0), replaced === undefined ? 1 : 0, at)) return 'full';
      forgetCeremony(id);
      ceremonies.set(id, { kept, expiresAt, bytes: cost });
      bytes += cost;
      return 'kept';
    },
    async takeCeremony(id, at) {
      const found = ceremonies.get(id);
      forgetCeremony(id);
      return found !== undefined && found.expiresAt > at ? found.kept : null;
    },
  };
}

const costOf = (transaction: Transaction): number =>
  ENTRY_BYTES +
  transaction.message.length +
  2 * (transaction.documentText?.length ?? 0) +
  2 * transaction.returnTo.length +
  (transaction.unverifiedAnswer?.length ?? 0) +
  (transaction.outcome === undefined ? 0 : 2 * JSON.stringify(transaction.outcome).length);
