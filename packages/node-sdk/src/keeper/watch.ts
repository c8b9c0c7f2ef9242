/** What a keeper tells: events, metrics, and alarms that stand until they are cleared. */
import { type Aging, Alarms, agingOf } from './alarms.ts';
import type { CrlTarget, KeeperEvent } from './keeper.types.ts';
import { Metrics } from './metrics.ts';
import type { Refreshed } from './refresh.ts';
import type { Slot } from './slots.ts';
import type { Standing } from './standing.ts';

export interface WatchOptions {
  readonly standing: (id: string) => Standing;
  readonly leadMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onEvent: ((event: KeeperEvent) => void) | undefined;
}

type LeadershipState = Extract<KeeperEvent, { type: 'leadership' }>['state'];

const detailed = (detail: string | undefined): { readonly detail?: string } => (detail === undefined ? {} : { detail });

export class Watch {
  readonly metrics: Metrics = new Metrics();
  readonly #targets: readonly CrlTarget[];
  readonly #options: WatchOptions;
  readonly #alarms: Alarms;
  /** When each changes by itself. */
  readonly #until = new Map<string, number>();
  #leadership: LeadershipState | null = null;

  constructor(targets: readonly CrlTarget[], options: WatchOptions) {
    this.#targets = targets;
    this.#options = options;
    this.#alarms = new Alarms((target, change, { code, detail }) => {
      this.metrics.set('alarms', { target, code }, change === 'raised' ? 1 : 0);
      if (change === 'raised') this.tell({ type: 'alarm', target, code, ...detailed(detail) });
      else this.tell({ type: 'alarm-cleared', target, code });
    });
  }

  /** All targets, as their indexes stand on the disk. */
  assess(): void {
    for (const { id } of this.#targets) this.assessOne(id);
  }

  assessOne(id: string): void {
    const standing = this.#options.standing(id);
    const { code, detail, until }: Aging = agingOf(standing, this.#options.now(), this.#options.leadMs);
    if (standing.state === 'published') {
      const { thisUpdate, nextUpdate, entries } = standing.info;
      this.metrics.set('thisUpdate', { target: id }, thisUpdate.getTime() / 1000);
      if (nextUpdate !== null) this.metrics.set('nextUpdate', { target: id }, nextUpdate.getTime() / 1000);
      this.metrics.set('entries', { target: id }, entries);
    }
    this.#alarms.set(id, 'ageing', code === null ? null : { code, ...detailed(detail) });
    this.#until.set(id, until ?? Number.POSITIVE_INFINITY);
  }

  /** When the first target changes by itself, milliseconds since 1970. */
  nextChange(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const until of this.#until.values()) if (until < next) next = until;
    return next;
  }

  leadership(state: LeadershipState): void {
    this.metrics.set('leader', {}, state === 'gained' ? 1 : 0);
    if (state !== this.#leadership) this.tell({ type: 'leadership', state });
    this.#leadership = state;
  }

  refreshed({ target: { id: target }, feed, due, failures }: Slot, refreshed: Refreshed): void {
    const of = { target, feed };
    this.metrics.add('bytes', of, refreshed.bytes);
    this.metrics.set('failing', of, failures);
    if (refreshed.ok) {
      const { info, outcome, bytes } = refreshed;
      const { entries, crlNumber, thisUpdate, nextUpdate, sha256 } = info;
      this.metrics.add('refreshes', { ...of, outcome });
      this.metrics.set('success', of, this.#options.now() / 1000);
      this.tell({
        type: 'refreshed',
        ...of,
        outcome,
        bytes,
        entries,
        crlNumber,
        thisUpdate,
        nextUpdate,
        sha256,
        nextAttempt: new Date(due),
      });
      const overridden = refreshed.alarms.find(({ override }) => override !== null);
      if (overridden?.override != null) {
        const { code, detail, override } = overridden;
        this.tell({ type: 'alarm', target, code, ...detailed(detail), override });
      }
      this.#alarms.set(target, 'refused', null);
      this.assessOne(target);
    } else {
      const { code, detail } = refreshed;
      this.metrics.add('failures', { ...of, code });
      this.tell({ type: 'refresh-failed', ...of, code, ...detailed(detail), failures, nextAttempt: new Date(due) });
      const raised = refreshed.alarms.find(({ override }) => override === null);
      if (raised !== undefined) this.#alarms.set(target, 'refused', raised);
    }
  }

  /** Whoever listens must not be able to stop the keeping. */
  tell(event: KeeperEvent): void {
    try {
      this.#options.onEvent?.(event);
    } catch {
      this.metrics.add('failures', { target: '', feed: '', code: 'keeper-fault' });
    }
  }
}
