/** What stands in Redis, for how long, and what many processes at once can do. */
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import type { RedisClient } from '../../src/store/redis/client.ts';
import { type RedisStoreEvent, type RedisTransactionStoreOptions, redisTransactionStore } from '../../src/store/redis/index.ts';
import type { TransactionStore } from '../../src/transaction/store.ts';
import { keysOf, redisConnection, removeKeys } from './redis-keys.ts';
import { SEALING } from './sealing-key.ts';
import { AT, PERSONAL, someTransaction } from './transactions.ts';

const run = `jpki-test-${randomBytes(8).toString('hex')}-`;
const redis = new Redis(redisConnection());
const others = Array.from({ length: 31 }, () => new Redis(redisConnection()));
afterAll(async () => {
  await removeKeys(redis, run);
  await Promise.all([redis, ...others].map((one) => one.quit()));
});

let count = 0;
const newPrefix = (): string => `${run}{${count++}}:`;
const storeAt = (prefix: string, change: Partial<RedisTransactionStoreOptions> = {}): TransactionStore =>
  redisTransactionStore({ redis, sealing: SEALING, prefix, ...change });
const everywhere = (prefix: string, change: Partial<RedisTransactionStoreOptions> = {}): TransactionStore[] =>
  [redis, ...others].map((one) => storeAt(prefix, { redis: one, ...change }));

const arrived = async (store: TransactionStore, id: string): Promise<void> => {
  await store.create(someTransaction(id), AT);
  await store.open(`ticket-${id}`, { answer: `answer-${id}`, return: `return-${id}` }, AT);
  await store.park(`answer-${id}`, new TextEncoder().encode(PERSONAL), AT);
};

const dump = async (prefix: string): Promise<string> => {
  const lines = await Promise.all(
    (await keysOf(redis, prefix)).map(async (key) => {
      const type = await redis.type(key);
      const value =
        type === 'hash' ? await redis.hgetall(key) : type === 'zset' ? await redis.zrange(key, '0', '-1') : await redis.get(key);
      return `${key} ${JSON.stringify(value)}`;
    }),
  );
  return lines.join('\n');
};

describe('32 processes at once', () => {
  it('consume one transaction once', async () => {
    const stores = everywhere(newPrefix());
    await arrived(stores[0] as TransactionStore, 't');
    const results = await Promise.all(stores.map((store) => store.consume('t', AT)));
    expect(results.filter((result) => result !== null).length).toBe(1);
  });

  it('begin three where there is room for three', async () => {
    const stores = everywhere(newPrefix(), { bounds: { maxTransactions: 3 } });
    const results = await Promise.all(stores.map((store, i) => store.create(someTransaction(`t${i}`), AT)));
    expect(results.filter((result) => result === 'created').length).toBe(3);
  });

  it('hear of each other’s changes while they wait', async () => {
    const [here, there] = everywhere(newPrefix(), { pollMilliseconds: 20 });
    await there?.create(someTransaction('t'), AT);
    const changed = here?.waitForChange('t', 1, AbortSignal.timeout(20_000));
    await there?.open('ticket-t', { answer: 'a', return: 'r' }, AT);
    await changed;
    expect((await here?.get('t'))?.state).toBe('opened');
  });
});

describe('what stands in Redis', () => {
  it('says nothing about the person, at no state, and goes by itself', async () => {
    const prefix = newPrefix();
    const store = storeAt(prefix);
    await arrived(store, 't');
    await store.keepCeremony('c', { sealed: 'sealed', account: 'account-of-hanako', binding: 'binding' }, AT + 1_000, AT);
    await store.consume('t', AT);
    const before = await dump(prefix);
    await store.finish('t', { v: 1, result: 'identified', next: PERSONAL });
    const all = `${before}\n${await dump(prefix)}`;
    expect(all).toContain('completing');
    for (const secret of [PERSONAL, '見本', 'hanako', 'open-account', Buffer.from(PERSONAL).toString('base64url').slice(0, 12)]) {
      expect(all).not.toContain(secret);
    }
    const keys = await keysOf(redis, prefix);
    expect(keys.length).toBe(7);
    for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
  });

  it('is all gone once everything is over', async () => {
    const prefix = newPrefix();
    const store = storeAt(prefix);
    await arrived(store, 'cancelled');
    await store.cancel('cancelled', AT);
    await arrived(store, 'expired');
    await store.keepCeremony('c', { sealed: 'x', account: null, binding: 'b' }, AT + 1_000, AT);
    await store.takeCeremony('c', AT);
    await store.create(someTransaction('last', { expiresAt: AT + 300_000 }), AT + 200_000);
    expect((await keysOf(redis, prefix)).map((key) => key.slice(prefix.length)).sort()).toEqual([
      'k:ticket-last',
      'live',
      'sizes',
      't:last',
    ]);
    await store.cancel('last', AT + 200_000);
    expect(await redis.hgetall(`${prefix}sizes`)).toEqual({ '*': '0' });
  });

  it('finds room again in bytes once something is cancelled, and an answer that does not fit can come again', async () => {
    const store = storeAt(newPrefix(), { bounds: { maxBytes: 8_000 } });
    expect(await store.create(someTransaction('a'), AT)).toBe('created');
    expect(await store.create(someTransaction('b'), AT)).toBe('created');
    expect(await store.create(someTransaction('c'), AT)).toBe('full');
    await store.open('ticket-b', { answer: 'x', return: 'y' }, AT);
    const answer = new Uint8Array(2_500);
    expect(await store.park('x', answer, AT)).toEqual({ id: 'b', result: 'full' });
    await store.cancel('a', AT);
    expect(await store.park('x', answer, AT)).toEqual({ id: 'b', result: 'parked' });
  });

  it('decides nothing once another transaction’s content was put into it', async () => {
    const prefix = newPrefix();
    const store = storeAt(prefix);
    await arrived(store, 'mine');
    await arrived(store, 'foreign');
    await redis.hset(`${prefix}t:mine`, 'content', (await redis.hget(`${prefix}t:foreign`, 'content')) ?? '');
    await expect(store.consume('mine', AT)).rejects.toThrow();
  });

  it('refuses the same id or ticket twice, and a prefix without a hash tag', async () => {
    const store = storeAt(newPrefix());
    await store.create(someTransaction('t'), AT);
    await expect(store.create(someTransaction('t', { ticket: 'another' }), AT)).rejects.toMatchObject({ code: 'argument-invalid' });
    await expect(store.create(someTransaction('u', { ticket: 'ticket-t' }), AT)).rejects.toMatchObject({ code: 'argument-invalid' });
    expect(() => storeAt('no-tag:')).toThrowError(expect.objectContaining({ code: 'argument-invalid' }));
  });
});

describe('a server', () => {
  const told = async (info: () => Promise<string>): Promise<RedisStoreEvent[]> => {
    const events: RedisStoreEvent[] = [];
    const client: RedisClient = {
      evalsha: (sha1, keys, ...values) => redis.evalsha(sha1, keys, ...values),
      eval: (script, keys, ...values) => redis.eval(script, keys, ...values),
      info,
    };
    const store = storeAt(newPrefix(), { redis: client, onEvent: (event) => events.push(event) });
    await store.create(someTransaction('a'), AT);
    await store.create(someTransaction('b'), AT);
    await new Promise((resolve) => setImmediate(resolve));
    return events;
  };

  it.each([
    ['may evict keys with a time', async () => 'maxmemory_policy:volatile-lru\r\n', 'volatile-lru'],
    ['may evict any key', async () => 'used_memory:1\r\nmaxmemory_policy:allkeys-lfu\r\n', 'allkeys-lfu'],
    ['does not say what it evicts', async () => '', null],
    ['does not answer', () => Promise.reject(new Error('NOPERM')), null],
  ])('that %s is told of once', async (_case, info, policy) => {
    expect(await told(info)).toEqual([{ type: 'store-may-evict', policy }]);
  });

  it('that evicts nothing is not', async () => {
    expect(await told(async () => 'maxmemory_policy:noeviction\r\n')).toEqual([]);
  });

  it('that has no memory left is full, and one that fails is not', async () => {
    const failing = (message: string): TransactionStore => {
      const fail = (): Promise<never> => Promise.reject(new Error(message));
      return storeAt(newPrefix(), { redis: { evalsha: fail, eval: fail, info: async () => '' } });
    };
    expect(await failing('OOM command not allowed when used memory > maxmemory.').create(someTransaction('a'), AT)).toBe('full');
    await expect(failing('READONLY You can not write against a read only replica.').create(someTransaction('a'), AT)).rejects.toThrow(
      'READONLY',
    );
  });

  it('that has forgotten a script is given it again', async () => {
    const client: RedisClient = {
      evalsha: () => Promise.reject(new Error('NOSCRIPT No matching script.')),
      eval: (script, keys, ...values) => redis.eval(script, keys, ...values),
      info: async () => '',
    };
    const store = storeAt(newPrefix(), { redis: client });
    await store.create(someTransaction('a'), AT);
    expect((await store.get('a'))?.id).toBe('a');
  });
});
