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
  const wait = Math.min(Math.max(input.waitSeconds ?? 0, 0), MAX_WAIT_SECONDS) * 1_000;
  const deadline = AbortSignal.timeout(wait);
  const signal = input.signal === undefined ? deadline : AbortSignal.any([deadline, input.signal]);
  const first = await read(rooms, id, input.binding);
  const known = input.seen ?? (isWaiting(first.status.state) ? first.status.state : null);
  let current = first;
  while (current.status.state === known && !isOver(known) && wait > 0 && !signal.aborted) {
    await waitForChange(rooms, current.transaction, signal);
    current = await read(rooms, id, input.binding);
  }
  return current.status;
}

const isWaiting = (state: TransactionStatus['state']): boolean => state === 'pending' || state === 'opened';
const isOver = (state: TransactionStatus['state']): boolean => state === 'done' || state === 'expired';

/** Also wakes at the transaction's end, which no change announces. */
async function waitForChange(rooms: Rooms, transaction: Transaction, signal: AbortSignal): Promise<void> {
  const left = Math.max(transaction.expiresAt - rooms.clock().getTime(), 0) + 1;
  await rooms.store.waitForChange(transaction.id, transaction.version, AbortSignal.any([signal, AbortSignal.timeout(left)]));
}

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
