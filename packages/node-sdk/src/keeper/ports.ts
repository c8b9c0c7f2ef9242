import { pause, systemRandom } from '@jpki-rp/verifier/net';
import type { KeeperPorts } from './keeper.types.ts';

/** The machine's own time, chance and waiting. */
export const systemPorts: KeeperPorts = Object.freeze({ now: () => new Date(), random: systemRandom, sleep: pause });

/** Waits, or returns early where the signal aborts. */
export const rest = async (ports: KeeperPorts, ms: number, signal: AbortSignal): Promise<void> => {
  await ports.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
};

/**
 * As `rest`, but no longer than until `sooner` resolves; rejects where that does. No signal is derived from `signal`: of one that lives for days, what was
 * derived would be remembered for as long.
 */
export const restUnless = async (ports: KeeperPorts, ms: number, signal: AbortSignal, sooner: Promise<void>): Promise<void> => {
  const waking = new AbortController();
  const wake = (): void => waking.abort();
  signal.addEventListener('abort', wake, { once: true });
  if (signal.aborted) wake();
  try {
    await Promise.race([rest(ports, ms, waking.signal), sooner]);
  } finally {
    signal.removeEventListener('abort', wake);
    wake();
  }
};
