/** Which responder misbehaves when, drawn from a seed; and what of a relying party's trouble that explains. */
import { setTimeout as delay } from 'node:timers/promises';
import { FAULTS, type Fault, type FaultTarget, type Simulator } from '@jpki-rp/simulator';
import type { Report } from './judge.ts';
import type { Random } from './random.ts';

export const FAULT_TARGETS: readonly FaultTarget[] = ['ocsp', 'second-ocsp', 'crl'];
/** A CRL has no clock of its own to be wrong. */
export const faultsOf = (target: FaultTarget): readonly Fault[] => FAULTS.filter((fault) => target !== 'crl' || fault !== 'skewed');

/** Milliseconds of trouble, and of none, on the average. */
const RHYTHM: Readonly<Record<FaultTarget, { readonly on: number; readonly off: number }>> = {
  ocsp: { on: 1_500, off: 2_500 },
  'second-ocsp': { on: 1_200, off: 4_500 },
  crl: { on: 1_500, off: 1_500 },
};
/** A run too short for a round of all kinds goes through them faster. */
const HASTE_MS = 120_000;
/** A fault that nobody has met stays so much longer. */
const PATIENCE_MS = 4_000;

export interface MisbehaveOptions {
  readonly target: FaultTarget;
  readonly log: FaultLog;
  readonly random: Random;
  readonly durationMs: number;
  readonly signal: AbortSignal;
}

/** Every kind comes once, in a new order, before any comes again; `first`: of the first round. */
export function* kindsOf(target: FaultTarget, random: Random): Generator<{ readonly fault: Fault; readonly first: boolean }, never> {
  for (let round = 0; ; round++) for (const fault of random.shuffle(faultsOf(target))) yield { fault, first: round === 0 };
}

/** Until the time is over. */
export const misbehave = async ({ target, log, random, durationMs, signal }: MisbehaveOptions): Promise<void> => {
  const until = Date.now() + durationMs;
  const haste = durationMs < HASTE_MS ? 0.6 : 1;
  const [on, off] = [RHYTHM[target].on * haste, RHYTHM[target].off * haste];
  const pause = (ms: number): Promise<void> => delay(Math.max(0, Math.min(ms, until - Date.now())), undefined, { signal });
  for (const { fault, first } of kindsOf(target, random)) {
    await pause(random.between(off * 0.5, off * 1.5));
    if (Date.now() >= until) return;
    const before = log.met(target, fault);
    const end = log.begin(target, fault);
    try {
      await pause(random.between(on * 0.7, on * (first ? 1.3 : 2)));
      for (const patience = Date.now() + PATIENCE_MS; log.met(target, fault) === before; ) {
        if (Date.now() >= Math.min(patience, until)) break;
        await pause(100);
      }
    } finally {
      end();
    }
  }
};

/** How a relying party tells of each. */
const TOLD: Readonly<Record<string, readonly Fault[]>> = {
  'ocsp-missing connection': ['down', 'reset', 'truncated'],
  'ocsp-missing timeout': ['slow', 'slow-loris'],
  'ocsp-missing content-type': ['content-type'],
  'ocsp-malformed': ['garbage'],
  'ocsp-error-status try-later': ['try-later'],
  'ocsp-not-yet-valid produced-at': ['skewed'],
};
/** Those that a circuit breaker counts. */
const BREAKING: readonly Fault[] = ['down', 'reset', 'truncated', 'slow', 'slow-loris', 'content-type', 'try-later'];

export interface FaultLogOptions {
  readonly simulator: Pick<Simulator, 'faults'>;
  /** How long the relying party's circuits stay open. */
  readonly openMs: number;
}

interface Past {
  readonly target: FaultTarget;
  readonly fault: Fault;
  readonly from: number;
  until: number;
}

/** Sets the faults and remembers when they stood; machine stalls too, because a stalled machine times out as well. */
export class FaultLog {
  readonly #options: FaultLogOptions;
  readonly #past: Past[] = [];
  readonly #stalls: { readonly from: number; readonly until: number }[] = [];

  constructor(options: FaultLogOptions) {
    this.#options = options;
  }

  met(target: FaultTarget, fault: Fault): number {
    return this.#options.simulator.faults.met(target, fault);
  }

  /** Returns what ends it. */
  begin(target: FaultTarget, fault: Fault): () => void {
    const past: Past = { target, fault, from: Date.now(), until: Number.POSITIVE_INFINITY };
    this.#past.push(past);
    this.#options.simulator.faults.set(target, fault);
    return () => {
      past.until = Date.now();
      this.#options.simulator.faults.set(target, null);
    };
  }

  stalled(from: number, until: number): void {
    this.#stalls.push({ from, until });
  }

  stalls(): number {
    return this.#stalls.length;
  }

  /** What explains the report of a verification that may have to do with anything since then, and ended then. */
  excuse({ kind, code, detail }: Report, began: number, ended: number): string | null {
    if (kind !== 'ocsp' || code === null) return null;
    const told = detail === null ? code : `${code} ${detail}`;
    const open = told === 'ocsp-missing circuit-open';
    const since = began - (open ? this.#options.openMs : 0);
    const kinds = open ? BREAKING : (TOLD[told] ?? TOLD[code] ?? []);
    const met = this.#past.find((past) => past.target !== 'crl' && kinds.includes(past.fault) && past.from <= ended && past.until >= since);
    if (met !== undefined) return open ? 'circuit-open' : met.fault;
    const late = open || told === 'ocsp-missing timeout';
    return late && this.#stalls.some((stall) => stall.from <= ended && stall.until >= since) ? 'stalled machine' : null;
  }

  /** What is too old to explain anything is forgotten. */
  forget(before: number): void {
    const horizon = before - 120_000;
    while ((this.#past[0]?.until ?? Number.POSITIVE_INFINITY) < horizon) this.#past.shift();
    while ((this.#stalls[0]?.until ?? Number.POSITIVE_INFINITY) < horizon) this.#stalls.shift();
  }
}
