/** Circuit breaker: who has failed again and again is left alone for a while, then tried with one request. */
import { JpkiError } from '../errors.ts';

export interface BreakerOptions {
  /** Failures in a row that open the circuit. Default 5. */
  readonly failures?: number;
  /** How long nobody is sent there, milliseconds. Default 30 000. */
  readonly openMs?: number;
  /** Targets remembered; the longest unused is forgotten first. Default 64. */
  readonly targets?: number;
}

interface Circuit {
  failures: number;
  /** Reading of the monotonic clock until which it is open; null: closed. */
  openUntil: number | null;
  /** One request is finding out whether the target is back. */
  probing: boolean;
}

const DEFAULTS = { failures: 5, openMs: 30_000, targets: 64 } as const;

/** What became of a request that was let through. `abandoned`: the caller went away, which says nothing about the target. */
export type Passage = (outcome: 'answered' | 'failed' | 'abandoned') => void;

/** Keeps one circuit per target. Time is passed in; no timer runs. */
export class CircuitBreaker {
  readonly #circuits = new Map<string, Circuit>();
  readonly #options: Required<BreakerOptions>;
  readonly #now: () => number;

  constructor(options: BreakerOptions, now: () => number) {
    this.#options = { ...DEFAULTS, ...options };
    for (const [name, value] of Object.entries(this.#options)) {
      if (!Number.isSafeInteger(value) || value < 1) throw new JpkiError('argument-invalid', `breaker.${name} must be a positive integer`);
    }
    this.#now = now;
  }

  /** Null while the circuit is open; otherwise what to call, once, with the outcome. */
  enter(target: string): Passage | null {
    const circuit = this.#circuit(target);
    if (circuit.openUntil !== null) {
      if (circuit.probing || this.#now() < circuit.openUntil) return null;
      circuit.probing = true;
    }
    const probe = circuit.probing;
    return (outcome) => {
      if (probe) circuit.probing = false;
      if (outcome === 'abandoned') return;
      if (outcome === 'answered') {
        circuit.failures = 0;
        circuit.openUntil = null;
        return;
      }
      circuit.failures += 1;
      if (probe || circuit.failures >= this.#options.failures) circuit.openUntil = this.#now() + this.#options.openMs;
    };
  }

  #circuit(target: string): Circuit {
    const known = this.#circuits.get(target) ?? { failures: 0, openUntil: null, probing: false };
    this.#circuits.delete(target);
    this.#circuits.set(target, known);
    for (const oldest of this.#circuits.keys()) {
      if (this.#circuits.size <= this.#options.targets) break;
      this.#circuits.delete(oldest);
    }
    return known;
  }
}
