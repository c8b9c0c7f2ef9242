/** Waits between tries: doubling from half a second to eight, with up to a quarter of jitter so that many pages do not return in step. */
export function delayMilliseconds(attempt: number, random: () => number = Math.random): number {
  const base = Math.min(8_000, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(base * (0.75 + random() * 0.25));
}

/** Resolves after the time, on `signal`'s abort, or when `wake` calls its listener; never rejects. */
export function pause(milliseconds: number, signal: AbortSignal, wake?: (listener: () => void) => () => void): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      unsubscribe?.();
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
    const unsubscribe = wake?.(end);
  });
}
