/** What is true of every certificate, and when: kept by whoever makes it so, and never asked of what is being tested. */
import type { RevocationReason } from '@jpki-rp/verifier';

/** Milliseconds since 1970, on the simulator's clock. */
export type Instant = number;

export type Status = { readonly revoked: false } | { readonly revoked: true; readonly reason: RevocationReason; readonly at: Instant };

const GOOD: Status = { revoked: false };
/** Two things within this time may have happened in either order. */
const SLOP_MS = 2;

interface Turn {
  readonly from: Instant;
  readonly status: Status;
}

/** The rules of the JPKI, told once more: a hold may become final or be lifted, anything final stays, and a smartphone's certificate follows the card's. */
export class Truth {
  readonly #turns = new Map<number, readonly Turn[]>();
  readonly #editions: Instant[] = [];
  readonly #followers: ReadonlyMap<number, number>;
  readonly #delayMs: number;

  /** `followers`: which certificate is revoked `delayMs` after which. */
  constructor(followers: ReadonlyMap<number, number>, delayMs: number) {
    this.#followers = followers;
    this.#delayMs = delayMs;
  }

  revoke(certificate: number, reason: RevocationReason, now: Instant): void {
    // Dates are whole seconds.
    const at = Math.floor(now / 1000) * 1000;
    if (!this.#turn(certificate, now, { revoked: true, reason, at })) return;
    const follower = this.#followers.get(certificate);
    if (follower === undefined || reason === 'certificateHold') return;
    const due = at + this.#delayMs;
    this.#turn(follower, due, { revoked: true, reason: 'cessationOfOperation', at: due });
  }

  release(certificate: number, now: Instant): void {
    if (!this.isOnHold(certificate, now)) throw new RangeError('nothing is on hold');
    this.#turns.set(certificate, inOrder([...this.#turnsOf(certificate), { from: now, status: GOOD }]));
  }

  isOnHold(certificate: number, now: Instant): boolean {
    const status = this.#now(certificate, now);
    return status.revoked && status.reason === 'certificateHold';
  }

  /** Nothing has happened to it, and nothing is about to. */
  isUntouched(certificate: number): boolean {
    return this.#turnsOf(certificate).length === 0;
  }

  /** All CRLs were published; returns which edition it is, from 0. */
  publish(now: Instant): number {
    return this.#editions.push(now) - 1;
  }

  /** The newest edition by then. */
  editionAt(now: Instant): number {
    return this.#editions.findLastIndex((at) => at <= now + SLOP_MS);
  }

  publishedAt(edition: number): Instant {
    const at = this.#editions[edition];
    if (at === undefined) throw new RangeError('no such edition');
    return at;
  }

  /** Everything that was true at some time between. */
  between(certificate: number, from: Instant, until: Instant): readonly Status[] {
    const turns = this.#turnsOf(certificate);
    const during = turns.filter((turn) => turn.from > from - SLOP_MS && turn.from <= until + SLOP_MS);
    return [this.#now(certificate, from - SLOP_MS), ...during.map(({ status }) => status)];
  }

  /** Everything that some edition between says, both included. */
  inEditions(certificate: number, first: number, last: number): readonly Status[] {
    const found: Status[] = [];
    for (let edition = first; edition <= last; edition++) {
      const at = this.publishedAt(edition);
      found.push(...this.between(certificate, at, at));
    }
    return found;
  }

  /** False where something final stands already. What is revoked now is not revoked once more later. */
  #turn(certificate: number, from: Instant, status: Status & { readonly revoked: true }): boolean {
    const turns = this.#turnsOf(certificate);
    const before = this.#now(certificate, from);
    if (before.revoked && (before.reason !== 'certificateHold' || status.reason === 'certificateHold')) return false;
    // What is final now will be found final by what was foreseen.
    const kept = status.reason === 'certificateHold' ? turns : turns.filter((turn) => turn.from <= from);
    this.#turns.set(certificate, inOrder([...kept, { from, status }]));
    return true;
  }

  #now(certificate: number, now: Instant): Status {
    return this.#turnsOf(certificate).findLast((turn) => turn.from <= now)?.status ?? GOOD;
  }

  #turnsOf(certificate: number): readonly Turn[] {
    return this.#turns.get(certificate) ?? [];
  }
}

const inOrder = (turns: readonly Turn[]): Turn[] => turns.toSorted((a, b) => a.from - b.from);
