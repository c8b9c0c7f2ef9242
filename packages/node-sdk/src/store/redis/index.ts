export type { StoreBounds } from '../bounds.ts';
export type { SealingKey, SealingOptions } from '../sealing.ts';
export type { RedisClient } from './client.ts';
export { type RedisStoreEvent, type RedisTransactionStoreOptions, redisTransactionStore } from './transactions.ts';
