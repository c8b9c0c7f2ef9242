/** What happens to people's certificates, told to the simulator and to the truth in one breath. */
import type { Simulator } from '@jpki-rp/simulator';
import type { RevocationReason } from '@jpki-rp/verifier';
import type { Clock } from './clock.ts';
import type { Held, Population } from './population.ts';
import type { Random } from './random.ts';
import type { SoakReport } from './report.ts';
import type { Truth } from './truth.ts';

const REASONS: readonly RevocationReason[] = ['keyCompromise', 'cessationOfOperation', 'affiliationChanged', 'superseded', 'unspecified'];
/** Of all certificates: those to which nothing ever happens, and those that are revoked or on hold from the start. */
const UNTOUCHED = 0.4;
const REVOKED_BEFORE = 0.1;
const HELD_BEFORE = 0.03;
/** The last so many to which something happened are asked for more often. */
const RECENT = 40;

export interface ChangesOptions {
  readonly simulator: Simulator;
  readonly population: Population;
  readonly truth: Truth;
  readonly random: Random;
  readonly report: SoakReport;
  readonly clock: Clock;
}

export class Changes {
  readonly #options: ChangesOptions;
  readonly #mortal: readonly Held[];
  readonly recent: number[] = [];

  constructor(options: ChangesOptions) {
    this.#options = options;
    const { held } = options.population;
    this.#mortal = options.random.shuffle(held.filter(({ number }) => number >= held.length * UNTOUCHED));
  }

  before(): void {
    const { population, clock } = this.#options;
    const { length } = population.held;
    clock.still(() => {
      for (let i = 0; i < length * REVOKED_BEFORE; i++) this.#revoke();
      for (let i = 0; i < length * HELD_BEFORE; i++) this.#hold();
    });
  }

  /** The simulator and the truth are told at one moment: dates are whole seconds, and the next may begin in between. */
  one(): void {
    const { random, clock } = this.#options;
    const draw = random.next();
    clock.still(() => (draw < 0.25 ? this.#hold() : draw < 0.5 ? this.#release() : this.#revoke()));
  }

  /** Now and then one that is on hold: that is how most holds end. */
  #revoke(): void {
    const { simulator, truth, random, report, clock } = this.#options;
    const onHold = this.#onHold();
    const held = onHold.length > 0 && random.next() < 0.3 ? random.pick(onHold) : this.#untouched();
    if (held === undefined) return;
    const reason = random.pick(REASONS);
    simulator.revoke(held.person, held.carrier, held.purpose, reason);
    truth.revoke(held.number, reason, clock.now());
    report.swaps.revocations += 1;
    this.#remember(held);
  }

  #hold(): void {
    const held = this.#untouched();
    if (held === undefined) return;
    this.#options.simulator.hold(held.person, held.carrier, held.purpose);
    this.#options.truth.revoke(held.number, 'certificateHold', this.#options.clock.now());
    this.#options.report.swaps.holds += 1;
    this.#remember(held);
  }

  #release(): void {
    const { simulator, truth, random, report, clock } = this.#options;
    const onHold = this.#onHold();
    if (onHold.length === 0) return;
    const held = random.pick(onHold);
    simulator.release(held.person, held.carrier, held.purpose);
    truth.release(held.number, clock.now());
    report.swaps.releases += 1;
    this.#remember(held);
  }

  #untouched(): Held | undefined {
    return this.#mortal.find(({ number }) => this.#options.truth.isUntouched(number));
  }

  #remember({ number }: Held): void {
    const follower = this.#options.population.followers.get(number);
    this.recent.push(number, ...(follower === undefined ? [] : [follower]));
    this.recent.splice(0, this.recent.length - RECENT);
  }

  #onHold(): readonly Held[] {
    const { truth, clock } = this.#options;
    return this.#mortal.filter(({ number }) => truth.isOnHold(number, clock.now()));
  }
}
