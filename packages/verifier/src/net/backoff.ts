/** Pauses between attempts: exponential, capped, with full jitter, so that many clients do not come back at the same moment. */
import { randomBytes } from 'node:crypto';

/** Chance in [0, 1), from node:crypto. */
export const systemRandom = (): number => randomBytes(4).readUInt32BE(0) / 2 ** 32;

export interface Backoff {
  /** Upper bound of the first pause, milliseconds. It doubles with each further one. */
  readonly baseMs: number;
  readonly capMs: number;
}

/** Milliseconds before attempt `attempt` (1: the first repetition): anywhere from 0 to the bound. */
export const pauseBefore = (attempt: number, { baseMs, capMs }: Backoff, random: () => number): number =>
  Math.floor(Math.min(capMs, baseMs * 2 ** (attempt - 1)) * random());

/** Resolves after that time; rejects with the signal's reason as soon as it aborts. */
export const pause = async (ms: number, signal?: AbortSignal): Promise<void> => {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
};
