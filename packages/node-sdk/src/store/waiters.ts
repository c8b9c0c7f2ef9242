/** Pages that wait for a change, over a store that other processes change too: one look for all of them, a few times a second. */

/** Current versions of the transactions asked for; one that is gone is left out. */
export type ReadVersions = (ids: readonly string[]) => Promise<ReadonlyMap<string, number>>;

export interface Waiters {
  /** See `TransactionStore.waitForChange`. */
  wait(id: string, version: number, signal: AbortSignal): Promise<void>;
  /** What this process changed itself needs no look. */
  wake(id: string): void;
}

interface Waiter {
  readonly version: number;
  readonly settle: () => void;
}

export function createWaiters(read: ReadVersions, pollMilliseconds: number): Waiters {
  const waiting = new Map<string, Set<Waiter>>();
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    const ids = [...waiting.keys()];
    try {
      const versions = await read(ids);
      for (const id of ids) for (const waiter of waiting.get(id) ?? []) if (versions.get(id) !== waiter.version) waiter.settle();
    } catch {
      // The store does not answer just now. Whoever waits goes on waiting; its own deadline ends it.
    }
    timer = undefined;
    schedule();
  };
  const schedule = (): void => {
    if (timer !== undefined || waiting.size === 0) return;
    timer = setTimeout(look, pollMilliseconds);
    timer.unref();
  };

  return {
    async wait(id, version, signal) {
      if (signal.aborted) return;
      const set = waiting.get(id) ?? new Set<Waiter>();
      waiting.set(id, set);
      const changed = new Promise<void>((resolve) => {
        const waiter: Waiter = {
          version,
          settle: () => {
            set.delete(waiter);
            if (set.size === 0 && waiting.get(id) === set) waiting.delete(id);
            signal.removeEventListener('abort', waiter.settle);
            resolve();
          },
        };
        set.add(waiter);
        signal.addEventListener('abort', waiter.settle);
      });
      schedule();
      // What changed before the first look would else be noticed only by it.
      try {
        if ((await read([id])).get(id) !== version) for (const waiter of set) if (waiter.version === version) waiter.settle();
      } catch {
        // As above.
      }
      await changed;
    },
    wake(id) {
      for (const waiter of waiting.get(id) ?? []) waiter.settle();
    },
  };
}
