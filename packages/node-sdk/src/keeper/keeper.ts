/** Keeps CRLs: asks when it is time, publishes what is newer, and says early when something is wrong. */
import { JpkiError } from '@jpki-rp/verifier';
import { agingOf, stateOf } from './alarms.ts';
import { prune, type Retention } from './archive.ts';
import { KeeperDirectory } from './directory.ts';
import type {
  CrlKeeper,
  CrlKeeperOptions,
  KeeperMetric,
  KeeperPorts,
  Leadership,
  LeadershipTerm,
  RefreshSummary,
  TargetStatus,
} from './keeper.types.ts';
import { directoryLeadership } from './lock.ts';
import { rest, restUnless, systemPorts } from './ports.ts';
import { type Refreshed, refresh } from './refresh.ts';
import { afterFailure, nextAttempt, type Timing, timingOf } from './schedule.ts';
import { type Slot, Slots } from './slots.ts';
import { StandingIndexes } from './standing.ts';
import { readState } from './state.ts';
import { Watch } from './watch.ts';

const DEFAULTS = { concurrency: 4, maxBytes: 2 ** 31, timeoutMs: 900_000 } as const;
const RETENTION = { count: 32, ageSeconds: Number.POSITIVE_INFINITY } as const;
const LEAD_SECONDS = 1_800;
/** However far the next thing is: a clock that was set, or a machine that slept, is noticed. */
const LONGEST_REST_MS = 60_000;

/**
 * Refreshes every target by its list's nextUpdate and in the daily swap window, by conditional GET, straight into an index that takes the old one's place at
 * once. Whatever fails, the old index stays, with one event that has one code. `keptCrlSource` serves from the same directory.
 *
 * @throws JpkiError `argument-invalid`
 */
export const createCrlKeeper = (options: CrlKeeperOptions): CrlKeeper => {
  const keeper = new Keeper(options);
  return Object.freeze({
    run: ({ signal }) => keeper.run(signal),
    refresh: (request = {}) => keeper.pass(request.force === true, request.signal),
    status: async () => keeper.status(),
    metrics: () => keeper.metrics(),
  } satisfies CrlKeeper);
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class Keeper {
  readonly #options: CrlKeeperOptions & typeof DEFAULTS;
  readonly #ports: KeeperPorts;
  readonly #timing: Timing;
  readonly #retention: Retention;
  readonly #leadMs: number;
  readonly #directory: KeeperDirectory;
  readonly #leadership: Leadership;
  readonly #standing: StandingIndexes;
  readonly #watch: Watch;
  #busy = false;

  constructor(options: CrlKeeperOptions) {
    const { concurrency, maxBytes, timeoutMs } = { ...DEFAULTS, ...options };
    for (const [name, value] of Object.entries({ concurrency, maxBytes, timeoutMs, count: options.retention?.count ?? 1 })) {
      if (!Number.isSafeInteger(value) || value < 1) throw new JpkiError('argument-invalid', `${name} must be a positive integer`);
    }
    if (options.key !== undefined && options.key.length < 16) throw new JpkiError('argument-invalid', 'key: at least 16 octets expected');
    if (new Set(options.targets.map(({ id }) => id)).size < options.targets.length) {
      throw new JpkiError('argument-invalid', 'targets: one of each id');
    }
    this.#options = { ...DEFAULTS, ...options } as CrlKeeperOptions & typeof DEFAULTS;
    this.#ports = { ...systemPorts, ...options.ports };
    this.#timing = timingOf(options.schedule);
    this.#retention = { ...RETENTION, ...options.retention };
    this.#leadMs = (options.alarms?.leadSeconds ?? LEAD_SECONDS) * 1000;
    if (!(this.#leadMs >= 0)) throw new JpkiError('argument-invalid', 'alarms.leadSeconds must not be negative');
    this.#directory = new KeeperDirectory(options.directory);
    this.#leadership = options.leadership ?? directoryLeadership({ folder: this.#directory.lock });
    this.#standing = new StandingIndexes(options.key);
    this.#watch = new Watch(options.targets, {
      standing: (id) => this.#standing.at(this.#directory.index(id)),
      leadMs: this.#leadMs,
      now: () => this.#now(),
      onEvent: options.onEvent,
    });
  }

  async run(stop: AbortSignal): Promise<void> {
    await this.#alone(async () => {
      while (!stop.aborted) {
        const term = await this.#acquire();
        if (term !== null) await this.#during(term, stop, (signal) => this.#keep(term, signal));
        // Who only watches raises the same alarms: nobody may be leading.
        this.#watch.assess();
        if (!stop.aborted) await rest(this.#ports, this.#leadership.retryMs, stop);
      }
    });
  }

  async pass(force: boolean, signal: AbortSignal | undefined): Promise<RefreshSummary> {
    return await this.#alone(async () => {
      signal?.throwIfAborted();
      const summary: Mutable<RefreshSummary> = { leader: false, published: 0, unchanged: 0, failed: 0 };
      const term = await this.#acquire();
      if (term === null) return summary;
      summary.leader = true;
      await this.#during(term, signal ?? new AbortController().signal, (stop) => this.#once(force, term, stop, summary));
      signal?.throwIfAborted();
      return summary;
    });
  }

  status(): readonly TargetStatus[] {
    this.#directory.assertOwn();
    const now = this.#now();
    return this.#options.targets.map(({ id, class: of, distributionPoint }) => {
      const standing = this.#standing.at(this.#directory.index(id));
      const info = standing.state === 'published' ? standing.info : null;
      return {
        id,
        class: of,
        distributionPoint,
        state: stateOf(agingOf(standing, now, this.#leadMs)),
        crlNumber: info?.crlNumber ?? null,
        thisUpdate: info?.thisUpdate ?? null,
        nextUpdate: info?.nextUpdate ?? null,
        entries: info?.entries ?? null,
        sha256: info?.sha256 ?? null,
      };
    });
  }

  metrics(): readonly KeeperMetric[] {
    return this.#watch.metrics.all();
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy) throw new JpkiError('argument-invalid', 'this keeper is already at work');
    this.#busy = true;
    try {
      this.#directory.prepare();
      return await work();
    } finally {
      this.#busy = false;
    }
  }

  /** A database that does not answer makes nobody leader. */
  async #acquire(): Promise<LeadershipTerm | null> {
    let state: 'standby' | 'unavailable' = 'standby';
    try {
      const term = await this.#leadership.acquire(this.#ports);
      if (term !== null) return term;
    } catch {
      state = 'unavailable';
    }
    this.#watch.leadership(state);
    return null;
  }

  async #during(term: LeadershipTerm, stop: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#watch.leadership('gained');
    try {
      // What another has left unfinished is in nobody's way for one more round.
      this.#directory.sweep(() => this.#watch.metrics.add('failures', { target: '', feed: '', code: 'keeper-storage' }));
      await work(AbortSignal.any([stop, term.lost]));
    } finally {
      await term.release();
      this.#watch.leadership('lost');
    }
  }

  async #keep(term: LeadershipTerm, stop: AbortSignal): Promise<void> {
    await this.#attempting(false, stop, async (slots, signal) => {
      let assessed = Number.NEGATIVE_INFINITY;
      while (!signal.aborted) {
        if (this.#now() >= Math.min(this.#watch.nextChange(), assessed + LONGEST_REST_MS)) {
          this.#watch.assess();
          assessed = this.#now();
        }
        this.#start(slots, (slot) => this.#attempt(slot, slots, term, signal));
        const idle = slots.underway < this.#options.concurrency ? slots.nextDue() : Number.POSITIVE_INFINITY;
        const next = Math.min(idle, this.#watch.nextChange()) - this.#now();
        await restUnless(this.#ports, Math.max(1, Math.min(next, LONGEST_REST_MS)), signal, slots.finished());
      }
    });
  }

  async #once(force: boolean, term: LeadershipTerm, stop: AbortSignal, summary: Mutable<RefreshSummary>): Promise<void> {
    await this.#attempting(force, stop, async (slots, signal) => {
      const ran = new Set<Slot>();
      const attempt = async (slot: Slot): Promise<void> => {
        ran.add(slot);
        const refreshed = await this.#attempt(slot, slots, term, signal);
        if (refreshed === null) return;
        if (!refreshed.ok) summary.failed += 1;
        else if (refreshed.outcome === 'published') summary.published += 1;
        else summary.unchanged += 1;
      };
      for (;;) {
        if (!signal.aborted) this.#start(slots, attempt, (slot) => !ran.has(slot));
        if (slots.underway === 0) break;
        await slots.finished();
      }
      this.#watch.assess();
    });
  }

  /** Whatever ends the work ends what it has started. */
  async #attempting(force: boolean, stop: AbortSignal, work: (slots: Slots, signal: AbortSignal) => Promise<void>): Promise<void> {
    const ended = new AbortController();
    const slots = this.#slots(force);
    try {
      await work(slots, AbortSignal.any([stop, ended.signal]));
    } finally {
      ended.abort();
      await slots.settled();
    }
  }

  #start(slots: Slots, attempt: (slot: Slot) => Promise<unknown>, allowed?: (slot: Slot) => boolean): void {
    while (slots.underway < this.#options.concurrency) {
      const slot = slots.due(this.#now(), allowed);
      if (slot === null) return;
      slots.start(slot, attempt(slot));
    }
  }

  #slots(force: boolean): Slots {
    return new Slots(this.#options.targets, ({ target: { id }, feed }) => {
      const published = this.#standing.at(this.#directory.index(id)).state === 'published';
      // Nothing a delta could be applied to: the complete list will wake it.
      if (!published && feed === 'delta') return Number.POSITIVE_INFINITY;
      if (force) return 0;
      const asked = published ? (readState(this.#directory.state(id))?.[feed] ?? null) : null;
      return nextAttempt(feed, asked, this.#now(), this.#timing, this.#ports.random);
    });
  }

  /** Null: stopped before it came to anything. */
  async #attempt(slot: Slot, slots: Slots, term: LeadershipTerm, signal: AbortSignal): Promise<Refreshed | null> {
    const { target, feed } = slot;
    const { download, maxBytes, timeoutMs, key, override } = this.#options;
    this.#watch.metrics.add('inFlight', {});
    let refreshed: Refreshed;
    try {
      refreshed = await refresh(target, feed, slot.failures, {
        directory: this.#directory,
        standing: this.#standing,
        download,
        now: this.#ports.now,
        key,
        maxBytes,
        timeoutMs,
        leadMs: this.#leadMs,
        override,
        confirm: () => term.confirm(),
        signal,
      });
    } catch (error) {
      if (!signal.aborted) throw error;
      if (!term.lost.aborted) return null;
      refreshed = { ok: false, code: 'keeper-lost', bytes: 0, alarms: [] };
    } finally {
      this.#watch.metrics.add('inFlight', {}, -1);
    }
    const now = this.#now();
    if (refreshed.ok) {
      slot.failures = 0;
      const asked = readState(this.#directory.state(target.id))?.[feed] ?? { checkedAt: now, changedAt: now, nextUpdate: null };
      slot.due = nextAttempt(feed, asked, now, this.#timing, this.#ports.random);
    } else {
      slot.failures += 1;
      slot.due = afterFailure(now, slot.failures, this.#timing, this.#ports.random);
    }
    this.#watch.refreshed(slot, refreshed);
    if (refreshed.ok && refreshed.outcome === 'published') {
      if (feed === 'full') slots.wakeDelta(target.id, now);
      this.#prune(target.id, now);
    }
    return refreshed;
  }

  /** What the index stands on stays: to rebuild it, and to prove what was answered from it. */
  #prune(id: string, now: number): void {
    try {
      const standing = this.#standing.at(this.#directory.index(id));
      const state = readState(this.#directory.state(id));
      if (standing.state !== 'published') return;
      const { sha256, base } = standing.info;
      const needed = new Set([sha256, base?.sha256, state?.full?.sha256, state?.delta?.sha256].filter((hash) => hash !== undefined));
      const files = prune(this.#directory.archive(id), needed, this.#retention, now);
      if (files === 0) return;
      this.#watch.metrics.add('pruned', { target: id }, files);
      this.#watch.tell({ type: 'pruned', target: id, files });
    } catch {
      // A file too many harms nobody; the next publication tries again.
      this.#watch.metrics.add('failures', { target: id, feed: '', code: 'keeper-storage' });
    }
  }

  #now(): number {
    return this.#ports.now().getTime();
  }
}
