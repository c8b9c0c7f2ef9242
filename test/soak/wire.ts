/** What the three processes tell one another. */
import type { Answer, Mode } from './judge.ts';
import type { Exhibit } from './population.ts';

/** Of one process, at one time. `collected`: right after a forced garbage collection. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly rss: number;
  readonly heapUsed: number;
  /** ArrayBuffers included. */
  readonly external: number;
  readonly fds: number;
  readonly collected: boolean;
}

export interface KeeperOrders {
  readonly environment: unknown;
  readonly directory: string;
  /** From the wall clock to the simulator's. */
  readonly shiftMs: number;
  readonly timeoutMs: number;
  readonly everySeconds: number;
}

export type FromKeeper =
  | { readonly type: 'sample'; readonly sample: Sample }
  /** An event of the keeper: what happened, how it went. */
  | { readonly type: 'event'; readonly what: string };

/** What is done wrong on purpose, to see that the soak notices. */
export type Plant = 'leak' | 'wrong' | 'lost';

export interface PartyOrders {
  readonly environment: unknown;
  readonly directory: string;
  readonly shiftMs: number;
  readonly exhibits: readonly Exhibit[];
  readonly timeoutMs: number;
  readonly openMs: number;
  readonly reuseSeconds: number;
  readonly sampleMs: number;
  /** Every so many samples the garbage is collected first. */
  readonly collectEvery: number;
  readonly plants: readonly Plant[];
}

/** Number of the verification, of the exhibit, and how its status is to be shown. */
export type Question = readonly [number: number, exhibit: number, mode: Mode];

export interface Answered extends Answer {
  readonly number: number;
  /** From the call of `verify` to its verdict. */
  readonly ms: number;
}

export type ToParty =
  | { readonly type: 'orders'; readonly orders: PartyOrders }
  | { readonly type: 'questions'; readonly questions: readonly Question[] };

export type FromParty =
  | { readonly type: 'ready' }
  | { readonly type: 'answers'; readonly answers: readonly Answered[] }
  | { readonly type: 'sample'; readonly sample: Sample }
  /** The event loop stood still. */
  | { readonly type: 'stall'; readonly from: number; readonly until: number };
