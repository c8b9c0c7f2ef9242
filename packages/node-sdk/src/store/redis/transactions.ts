import { JpkiError } from '@jpki-rp/verifier';
import { MATCH_TRIES, type Transaction, type TransactionState } from '../../transaction/record.ts';
import type { TransactionStore } from '../../transaction/store.ts';
import { checkedBounds, ENTRY_BYTES, GRACE_MS, type StoreBounds, withinLife } from '../bounds.ts';
import { openCeremony, openTransaction, sealAnswer, sealCeremony, sealNew, sealOutcome } from '../sealed-record.ts';
import { createSealer, type SealingOptions } from '../sealing.ts';
import { createWaiters } from '../waiters.ts';
import { evictionPolicy, isOutOfMemory, type RedisClient, scriptOf } from './client.ts';
import * as scripts from './scripts.ts';

/** The server may throw away what lives. `policy` null: it does not say. */
export interface RedisStoreEvent {
  readonly type: 'store-may-evict';
  readonly policy: string | null;
}

export interface RedisTransactionStoreOptions {
  /** A client of `ioredis`, without `keyPrefix`. */
  readonly redis: RedisClient;
  /** Seals what a transaction says about a person: the same in every process that shares the server, and not on the server. */
  readonly sealing: SealingOptions;
  readonly bounds?: Partial<StoreBounds>;
  /** Begins every key; holds one hash tag, so that in a cluster all keys live together. Default `jpki-rp:{transactions}:`. */
  readonly prefix?: string;
  /** How often a waiting page's transaction is looked at, for changes by other processes. Default 250. */
  readonly pollMilliseconds?: number;
  readonly onEvent?: (event: RedisStoreEvent) => void;
}

/**
 * Transactions in Redis; each method is one script, which runs alone. Set `maxmemory-policy noeviction`: with any other the server may drop a live
 * transaction, and `onEvent` is told so once. A failover to a replica that lags can forget that a transaction was consumed: where one answer must
 * never count twice even then, use PostgreSQL. Throws `argument-invalid`.
 */
export function redisTransactionStore(options: RedisTransactionStoreOptions): TransactionStore {
  const { redis, prefix = 'jpki-rp:{transactions}:', pollMilliseconds = 250, onEvent } = options;
  const bounds = checkedBounds(options.bounds);
  const sealer = createSealer(options.sealing);
  if (!/^[^{}]*\{[^{}]+\}[^{}]*$/.test(prefix))
    throw new JpkiError('argument-invalid', 'the prefix needs exactly one hash tag: {…}', { pointer: '/prefix' });
  const run = Object.fromEntries(Object.entries(scripts).map(([name, source]) => [name, scriptOf(redis, source)])) as Record<
    keyof typeof scripts,
    ReturnType<typeof scriptOf>
  >;
  const keyOf = (id: string): string => `${prefix}t:${id}`;
  const books = [`${prefix}live`, `${prefix}sizes`] as const;
  const longest = (bounds.maxLifetimeSeconds * 1_000 + GRACE_MS) * 2;
  const limits = (at: number): (string | number)[] => [prefix, at, GRACE_MS, bounds.maxTransactions, bounds.maxBytes, longest];
  const fullWhenOutOfMemory = (error: unknown): 'full' => {
    if (isOutOfMemory(error)) return 'full';
    throw error;
  };
  const opened = (reply: unknown): Transaction | null => {
    const row = rowOf(reply);
    return row === null ? null : openTransaction(sealer, row);
  };
  const woken = (transaction: Transaction | null): Transaction | null => {
    if (transaction !== null) waiters.wake(transaction.id);
    return transaction;
  };
  const waiters = createWaiters(async (ids) => {
    const versions = (await run.VERSIONS(ids.map(keyOf), [])) as readonly string[];
    return new Map(ids.flatMap((id, i) => (versions[i] ? [[id, Number(versions[i])] as const] : [])));
  }, pollMilliseconds);

  let asked = false;
  const askOnce = (): void => {
    if (asked || onEvent === undefined) return;
    asked = true;
    evictionPolicy(redis)
      .catch(() => null)
      .then((policy) => {
        if (policy !== 'noeviction') onEvent({ type: 'store-may-evict', policy });
      })
      // What the listener throws is the listener's.
      .catch(() => undefined);
  };

  return {
    async create(transaction, at) {
      withinLife(bounds, transaction.expiresAt, at);
      askOnce();
      const { id, ticket, expiresAt } = transaction;
      const { fixed, content } = sealNew(sealer, transaction);
      const bytes = ENTRY_BYTES + fixed.length + content.length;
      const entry = [id, ticket, expiresAt, bytes, expiresAt - at + GRACE_MS, MATCH_TRIES, fixed, content];
      const result = await run.CREATE(books, [...limits(at), ...entry]).catch(fullWhenOutOfMemory);
      if (result === 'exists') throw new JpkiError('argument-invalid', 'the transaction exists already');
      return result === 'created' ? 'created' : 'full';
    },

    get: async (id) => opened(await run.GET([keyOf(id)], [])),

    open: async (ticket, hashes, at) =>
      woken(opened(await run.OPEN([`${prefix}k:${ticket}`], [prefix, ticket, hashes.answer, hashes.return, at]))),

    async park(answer, message, at) {
      const row = rowOf(await run.FOLLOW([`${prefix}a:${answer}`], [prefix]));
      if (row === null) return null;
      const { id } = row;
      const result = await run.PARK(books, [...limits(at), id, sealAnswer(sealer, id, message)]).catch(fullWhenOutOfMemory);
      if (result !== 'parked' && result !== 'ignored' && result !== 'full') return null;
      if (result === 'parked') waiters.wake(id);
      return { id, result };
    },

    async findByReturn(hash, at) {
      const transaction = opened(await run.FOLLOW([`${prefix}r:${hash}`], [prefix]));
      return transaction !== null && transaction.expiresAt > at ? transaction : null;
    },

    async markReturned(id, at) {
      if ((await run.MARK_RETURNED([keyOf(id)], [at])) === 1) waiters.wake(id);
    },

    async spendMatch(id, at) {
      const left = await run.SPEND_MATCH([keyOf(id)], [at]);
      return left === null ? null : Number(left);
    },

    consume: async (id, at) => woken(opened(await run.CONSUME([keyOf(id)], [at]))),

    async finish(id, outcome) {
      const done = await run.FINISH([keyOf(id), books[1]], [`t:${id}`, sealOutcome(sealer, id, outcome)]);
      if (done === 1) waiters.wake(id);
    },

    async cancel(id, at) {
      if ((await run.CANCEL(books, [...limits(at), id])) !== 1) return false;
      waiters.wake(id);
      return true;
    },

    waitForChange: (id, version, signal) => waiters.wait(id, version, signal),

    async keepCeremony(id, kept, expiresAt, at) {
      withinLife(bounds, expiresAt, at);
      const sealed = sealCeremony(sealer, id, kept);
      const entry = [id, expiresAt, ENTRY_BYTES + sealed.length, expiresAt - at + GRACE_MS, sealed];
      return (await run.KEEP_CEREMONY(books, [...limits(at), ...entry]).catch(fullWhenOutOfMemory)) === 'kept' ? 'kept' : 'full';
    },

    async takeCeremony(id, at) {
      const sealed = await run.TAKE_CEREMONY(books, [...limits(at), id]);
      return typeof sealed === 'string' ? openCeremony(sealer, id, sealed) : null;
    },
  };
}

/** Of a hash as name, value, name, value; null where there is none. */
function rowOf(reply: unknown): Parameters<typeof openTransaction>[1] | null {
  if (!Array.isArray(reply) || reply.length === 0) return null;
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < reply.length; i += 2) fields.set(String(reply[i]), String(reply[i + 1]));
  return {
    id: fields.get('id') ?? '',
    // Only the scripts write it.
    state: fields.get('state') as TransactionState,
    version: Number(fields.get('version')),
    matchesLeft: Number(fields.get('matchesLeft')),
    returned: fields.get('returned') === '1',
    fixed: fields.get('fixed') ?? '',
    content: fields.get('content') ?? null,
    answer: fields.get('answer') ?? null,
    outcome: fields.get('outcome') ?? null,
  };
}
