import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, describe, it } from 'vitest';
import { redisTransactionStore } from '../../src/store/redis/index.ts';
import { transactionStoreConformance } from '../../src/transaction/conformance.ts';
import { redisConnection, removeKeys } from './redis-keys.ts';
import { SEALING } from './sealing-key.ts';

const redis = new Redis(redisConnection());
const run = randomBytes(8).toString('hex');
afterAll(async () => {
  await removeKeys(redis, `jpki-test-${run}-`);
  await redis.quit();
});

let count = 0;
describe('transactions in Redis keep the contract of every store', () => {
  transactionStoreConformance({
    test: it,
    makeStore: ({ maxTransactions }) => {
      count += 1;
      return redisTransactionStore({ redis, sealing: SEALING, bounds: { maxTransactions }, prefix: `jpki-test-${run}-{${count}}:` });
    },
  });
});
