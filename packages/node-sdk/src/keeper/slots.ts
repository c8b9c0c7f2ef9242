/** Each feed of each target with the time it is due; one feed of a target at a time, for both publish in one place. */
import type { CrlFeed, CrlTarget } from './keeper.types.ts';

export interface Slot {
  readonly target: CrlTarget;
  readonly feed: CrlFeed;
  /** Milliseconds since 1970. */
  due: number;
  /** In a row. */
  failures: number;
}

export class Slots {
  readonly #slots: readonly Slot[];
  readonly #underway = new Map<string, Promise<void>>();

  constructor(targets: readonly CrlTarget[], due: (slot: Pick<Slot, 'target' | 'feed'>) => number) {
    this.#slots = targets.flatMap((target) => {
      const feeds: readonly CrlFeed[] = target.deltaUrl === undefined ? ['full'] : ['full', 'delta'];
      return feeds.map((feed) => ({ target, feed, due: due({ target, feed }), failures: 0 }));
    });
  }

  get underway(): number {
    return this.#underway.size;
  }

  /** The one that has been due longest, complete lists before deltas of the same age. */
  due(now: number, allowed: (slot: Slot) => boolean = () => true): Slot | null {
    let longest: Slot | null = null;
    for (const slot of this.#slots) {
      if (slot.due > now || (longest !== null && slot.due >= longest.due) || this.#underway.has(slot.target.id) || !allowed(slot)) continue;
      longest = slot;
    }
    return longest;
  }

  /** Of those not underway. */
  nextDue(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const slot of this.#slots) if (slot.due < next && !this.#underway.has(slot.target.id)) next = slot.due;
    return next;
  }

  /** What `work` throws is thrown by `finished`. */
  start(slot: Slot, work: Promise<unknown>): void {
    const { id } = slot.target;
    const done = work.then(() => {
      this.#underway.delete(id);
    });
    done.catch(() => undefined);
    this.#underway.set(id, done);
  }

  /** When the next one has; never where none is underway. */
  finished(): Promise<void> {
    return Promise.race(this.#underway.values());
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#underway.values());
  }

  wakeDelta(id: string, now: number): void {
    for (const slot of this.#slots) if (slot.target.id === id && slot.feed === 'delta') slot.due = now;
  }
}
