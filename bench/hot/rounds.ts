/** Contenders in turn, many short rounds: what else the machine does falls on all of them. */
import { median } from '../results/report.ts';

export interface Contender {
  readonly name: string;
  /** Calls per round: some milliseconds' worth. */
  readonly calls: number;
  readonly run: (call: number) => unknown;
}

export interface Timed {
  readonly name: string;
  /** Microseconds of processor time per call, of all threads (garbage collection included): medians. */
  readonly cpu: number;
  readonly perRound: readonly number[];
}

/** Rounds that are not counted: until then the compiler is at work. */
const WARM = 15;

/** Where `run` gives a promise it is awaited, and what it costs to await is part of the call. */
export const inRounds = async (contenders: readonly Contender[], rounds: number): Promise<ReadonlyMap<string, Timed>> => {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const calls = new Map<string, number>();
  for (let round = -WARM; round < rounds; round++) {
    for (const { name, calls: count, run } of contenders) {
      const first = calls.get(name) ?? 0;
      calls.set(name, first + count);
      const before = process.cpuUsage();
      for (let call = first; call < first + count; call++) {
        const result = run(call);
        if (result instanceof Promise) await result;
      }
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) times.get(name)?.push((user + system) / count);
    }
  }
  return new Map([...times].map(([name, perRound]) => [name, { name, cpu: median(perRound), perRound }]));
};

/** Median of the rounds' own ratios: how many of `a` fit in the time of one `b`. */
export const ratio = (a: Timed, b: Timed): number => median(a.perRound.map((time, round) => (b.perRound[round] as number) / time));
