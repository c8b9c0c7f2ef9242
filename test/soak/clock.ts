/** The simulator's clock: the machine's, moved; and it can be made to stand while two parties write down one moment. */
export class Clock {
  /** From the machine's clock to this one. */
  readonly shiftMs: number;
  #standing: number | null = null;

  constructor(shiftMs: number) {
    this.shiftMs = shiftMs;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#standing ?? Date.now() + this.shiftMs;
  }

  /** What is done meanwhile is done at one and the same moment. */
  still<T>(what: (now: number) => T): T {
    const now = this.now();
    this.#standing = now;
    try {
      return what(now);
    } finally {
      this.#standing = null;
    }
  }
}

/** Everybody's day begins at nine in the morning in Japan: midnight would swap the CRLs once more. */
export const morning = (now: number): Clock => {
  const day = 86_400_000;
  return new Clock(Math.floor(now / day) * day - now);
};
