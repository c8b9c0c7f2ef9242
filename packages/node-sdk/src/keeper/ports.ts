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
