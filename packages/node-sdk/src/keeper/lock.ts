/**
 * One writer per directory, without a server. Each holder makes the next generation's file; the highest is the one that holds. A file of a generation is made
 * once only (O_EXCL), so of several who find a holder dead one takes over. The holder keeps changing its file; whoever sees it unchanged for long enough, or
 * sees that its process is gone, takes it for dead. A holder that wakes up afterwards finds a higher generation and publishes nothing.
 */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readText } from './directory.ts';
import type { KeeperPorts, Leadership, LeadershipTerm } from './keeper.types.ts';
import { rest } from './ports.ts';

export interface DirectoryLeadershipOptions {
  /** The folder of the lock files: `lock` in the keeper's directory. */
  readonly folder: string;
  /** How often the holder shows that it lives. Default 2 000. */
  readonly beatMs?: number;
  /** A holder of another machine that has not moved for so many beats, and was looked at as often, is dead. Default 10. */
  readonly missedBeats?: number;
}

const DEFAULTS = { beatMs: 2_000, missedBeats: 10 } as const;

const record = z.object({ machine: z.string(), pid: z.int().min(1), state: z.enum(['held', 'released']), beat: z.string() });

/** As padded text: rewritten in place, it never is of another length. */
const encode = (machine: string, state: 'held' | 'released', beat: number): string =>
  `${JSON.stringify({ machine, pid: process.pid, state, beat: String(beat).padStart(12, '0') }).padEnd(400)}\n`;

const textOf = (read: () => string): string => {
  try {
    return read().trim();
  } catch {
    return '';
  }
};

/** This boot of this machine, and its process numbers' namespace: elsewhere the same number is another process. */
const machineOf = (): string =>
  [hostname(), textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')), textOf(() => readlinkSync('/proc/self/ns/pid'))].join(
    ' ',
  );

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
};

/** For one node, or a file system of which all nodes see the same; where they may not, `postgresLeadership`. */
export const directoryLeadership = (options: DirectoryLeadershipOptions): Leadership => {
  const { folder, beatMs, missedBeats } = { ...DEFAULTS, ...options };
  const machine = machineOf();
  /** What the holder's file said when it was last seen, how often in a row, and since when. */
  let seen = { generation: 0, text: '', times: 0, since: 0 };

  const isDead = (generation: number, now: number): boolean => {
    const text = readText(pathOf(folder, generation)) ?? '';
    // Where the clock was set back, the waiting begins anew.
    const same = seen.generation === generation && seen.text === text && now >= seen.since;
    seen = same ? { ...seen, times: seen.times + 1 } : { generation, text, times: 0, since: now };
    // Many looks in a short time say nothing, nor does a clock that was set ahead between two of them.
    if (seen.times >= missedBeats && now - seen.since >= missedBeats * beatMs) return true;
    const holder = parse(text);
    return (
      holder !== null && (holder.state === 'released' || (holder.machine === machine && holder.pid !== process.pid && isGone(holder.pid)))
    );
  };

  return Object.freeze({
    retryMs: beatMs,
    acquire: async (ports: KeeperPorts): Promise<LeadershipTerm | null> => {
      const highest = highestOf(folder);
      if (highest > 0 && !isDead(highest, ports.now().getTime())) return null;
      const mine = highest + 1;
      let fd: number;
      try {
        fd = openSync(pathOf(folder, mine), 'wx', 0o600);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
        throw error;
      }
      // Between looking and making, others may have come and gone, further than this.
      if (highestOf(folder) !== mine) {
        closeSync(fd);
        rmSync(pathOf(folder, mine), { force: true });
        return null;
      }
      return hold(folder, mine, fd, machine, beatMs, ports);
    },
  });
};

const hold = (folder: string, mine: number, fd: number, machine: string, beatMs: number, ports: KeeperPorts): LeadershipTerm => {
  const lost = new AbortController();
  const released = new AbortController();
  let open = true;
  const write = (state: 'held' | 'released', beat: number): void => void writeSync(fd, encode(machine, state, beat), 0);
  const close = (): void => {
    if (open) closeSync(fd);
    open = false;
  };
  const holds = (): boolean => {
    try {
      return open && highestOf(folder) === mine;
    } catch {
      return false;
    }
  };
  const lose = (): void => {
    lost.abort();
    close();
  };
  write('held', 0);
  for (const generation of generationsOf(folder)) if (generation < mine) rmSync(pathOf(folder, generation), { force: true });
  const beating = async (): Promise<void> => {
    for (let beat = 1; ; beat += 1) {
      await rest(ports, beatMs, released.signal);
      if (released.signal.aborted) return;
      if (!holds()) return lose();
      write('held', beat);
    }
  };
  const ended = beating().catch(lose);
  return {
    lost: lost.signal,
    confirm: async () => {
      if (holds()) return true;
      lose();
      return false;
    },
    release: async () => {
      released.abort();
      await ended;
      // The file stays: generations are never used twice.
      if (holds()) write('released', 0);
      close();
    },
  };
};

const NAME = /^(\d{12})\.json$/;
const pathOf = (folder: string, generation: number): string => join(folder, `${String(generation).padStart(12, '0')}.json`);
const generationsOf = (folder: string): readonly number[] =>
  readdirSync(folder).flatMap((name) => Number(NAME.exec(name)?.[1] ?? []) || []);
const highestOf = (folder: string): number => Math.max(0, ...generationsOf(folder));

const parse = (text: string): z.infer<typeof record> | null => {
  try {
    return record.parse(JSON.parse(text));
  } catch {
    return null;
  }
};
