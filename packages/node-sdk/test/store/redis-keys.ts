import type { Redis } from 'ioredis';

export const redisConnection = (): { host: string; port: number; lazyConnect: false } => ({
  host: process.env['REDIS_HOST'] ?? '127.0.0.1',
  port: Number(process.env['REDIS_PORT'] ?? 6379),
  lazyConnect: false,
});

export async function keysOf(redis: Redis, prefix: string): Promise<string[]> {
  const found: string[] = [];
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1_000);
    found.push(...keys);
    cursor = next;
  } while (cursor !== '0');
  return found;
}

export async function removeKeys(redis: Redis, prefix: string): Promise<void> {
  for (const key of await keysOf(redis, prefix)) await redis.del(key);
}
