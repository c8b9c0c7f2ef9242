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

/** A look that takes longer is given up, so that one lost connection does not blind everybody who waits. */
const LONGEST_LOOK_MS = 5_000;

export function createWaiters(read: ReadVersions, pollMilliseconds: number): Waiters {
  const waiting = new Map<string, Set<Waiter>>();
  let timer: NodeJS.Timeout | undefined;

  const look = async (ids: readonly string[]): Promise<void> => {
    let deadline: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<null>((resolve) => {
        deadline = setTimeout(resolve, LONGEST_LOOK_MS, null);
        deadline.unref();
      });
      const versions = await Promise.race([read(ids), late]);
      if (versions === null) return;
      for (const id of ids) for (const waiter of waiting.get(id) ?? []) if (versions.get(id) !== waiter.version) waiter.settle();
    } catch {
      // The store does not answer just now. Whoever waits goes on waiting; its own deadline ends it.
    } finally {
      clearTimeout(deadline);
    }
  };
  const schedule = (): void => {
    if (timer !== undefined || waiting.size === 0) return;
    timer = setTimeout(async () => {
      await look([...waiting.keys()]);
      timer = undefined;
      schedule();
    }, pollMilliseconds);
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
      // What has changed already is not to wait for the next common look.
      look([id]);
      schedule();
      await changed;
    },
    wake(id) {
      for (const waiter of waiting.get(id) ?? []) waiter.settle();
    },
  };
}
