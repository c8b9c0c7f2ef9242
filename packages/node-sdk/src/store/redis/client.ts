/** What the store needs of a Redis client. A client of `ioredis` is one as it is. */
import { createHash } from 'node:crypto';

export interface RedisClient {
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: (string | number)[]): Promise<unknown>;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: (string | number)[]): Promise<unknown>;
  info(section: string): Promise<string>;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');

/** No room, and the server may not evict: nothing was written. */
export const isOutOfMemory = (error: unknown): boolean => messageOf(error).includes('OOM ');

export type RunScript = (keys: readonly string[], values: readonly (string | number)[]) => Promise<unknown>;

/** A script runs alone on the server: all of it, or nothing. Sent in full only where the server does not know it yet. */
export function scriptOf(redis: RedisClient, source: string): RunScript {
  const sha1 = createHash('sha1').update(source, 'utf8').digest('hex');
  return async (keys, values) => {
    try {
      return await redis.evalsha(sha1, keys.length, ...keys, ...values);
    } catch (error) {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
      return await redis.eval(source, keys.length, ...keys, ...values);
    }
  };
}

/** `noeviction`, `allkeys-lru`, …; null where the server does not say. */
export async function evictionPolicy(redis: RedisClient): Promise<string | null> {
  const found = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'));
  return found?.[1] ?? null;
}
