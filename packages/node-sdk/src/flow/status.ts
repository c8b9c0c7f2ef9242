/** status() and cancel(): what the browser that began may ask and do while the app works. */
import { JpkiError } from '@jpki-rp/verifier';
import type { Binding } from '../http/binding.ts';
import type { TransactionStatus } from '../http/wire.ts';
import type { Transaction } from '../transaction/record.ts';
import { isReady, ownTransaction, type Rooms } from './rooms.ts';

export interface StatusInput {
  readonly binding: Binding;
  /** Up to 25. Holds the answer while nothing has happened. */
  readonly waitSeconds?: number;
  /** The state the caller knows. Absent: `pending` and `opened` are waited on, anything else is told at once. */
  readonly seen?: TransactionStatus['state'];
  readonly signal?: AbortSignal;
}

export const MAX_WAIT_SECONDS = 25;

/** Throws `transaction-unknown` for any transaction that this browser did not begin. */
export async function status(rooms: Rooms, id: string, input: StatusInput): Promise<TransactionStatus> {
  const seconds = Math.min(Math.max(input.waitSeconds ?? 0, 0), MAX_WAIT_SECONDS);
  let current = await read(rooms, id, input.binding);
  const known = input.seen ?? (isWaiting(current.status.state) ? current.status.state : null);
  if (current.status.state !== known || isOver(known) || seconds === 0 || input.signal?.aborted) return current.status;
  // Also wakes at the transaction's end, which no change announces.
  const left = Math.max(current.transaction.expiresAt - rooms.clock().getTime(), 0) + 1;
  const deadline = deadlineOf(Math.min(seconds * 1_000, left), input.signal);
  try {
    while (current.status.state === known && !deadline.signal.aborted) {
      await rooms.store.waitForChange(id, current.transaction.version, deadline.signal);
      current = await read(rooms, id, input.binding);
    }
    return current.status;
  } finally {
    deadline.clear();
  }
}

/** Aborts after the time or with the caller. Leaves no timer and no listener behind: pages ask again and again. */
function deadlineOf(milliseconds: number, caller: AbortSignal | undefined): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, milliseconds);
  caller?.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', abort);
    },
  };
}

const isWaiting = (state: TransactionStatus['state']): boolean => state === 'pending' || state === 'opened';
const isOver = (state: TransactionStatus['state']): boolean => state === 'done' || state === 'expired';

async function read(rooms: Rooms, id: string, binding: Binding): Promise<{ transaction: Transaction; status: TransactionStatus }> {
  const transaction = await ownTransaction(rooms, id, binding);
  if (transaction === null) throw new JpkiError('transaction-unknown');
  return { transaction, status: statusOf(rooms, transaction) };
}

function statusOf(rooms: Rooms, transaction: Transaction): TransactionStatus {
  const { id, state, expiresAt, outcome } = transaction;
  const head = { v: 1, transactionId: id, expiresAt: new Date(expiresAt).toISOString() } as const;
  if (state === 'done') return { ...head, state, ...(outcome === undefined ? {} : { outcome }) };
  if (expiresAt <= rooms.clock().getTime()) return { ...head, state: 'expired' };
  if (state === 'completing') return { ...head, state: 'arrived' };
  return { ...head, state: state === 'arrived' && !isReady(rooms, transaction) ? 'opened' : state };
}

/** Ends a transaction that has not been completed. Throws `transaction-unknown`. */
export async function cancel(rooms: Rooms, id: string, input: { readonly binding: Binding }): Promise<void> {
  const transaction = await ownTransaction(rooms, id, input.binding);
  if (transaction === null) throw new JpkiError('transaction-unknown');
  if (await rooms.store.cancel(id, rooms.clock().getTime())) rooms.audit({ type: 'cancelled', operation: transaction.operation }, id);
}
