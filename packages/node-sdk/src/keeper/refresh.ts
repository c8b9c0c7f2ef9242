/** One question for one list, from asking to the published index. */
import { createHash, type Hash } from 'node:crypto';
import {
  type CrlAlarm,
  type CrlIndexInfo,
  type CrlOverride,
  type CrlValidators,
  downloadCrl,
  type IngestResult,
  ingestCrl,
} from '@jpki-rp/verifier/crl';
import { type Downloader, FetchError } from '@jpki-rp/verifier/net';
import type { KeeperDirectory } from './directory.ts';
import type { CrlFeed, CrlTarget, KeeperFailure, RefreshOutcome } from './keeper.types.ts';
import type { Standing, StandingIndexes } from './standing.ts';
import { type FeedState, readState, type TargetState, writeState } from './state.ts';

export interface RefreshContext {
  readonly directory: KeeperDirectory;
  readonly standing: StandingIndexes;
  readonly download: Downloader;
  readonly now: () => Date;
  readonly key: Uint8Array | undefined;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** So long before nextUpdate no server is believed that nothing has changed. */
  readonly leadMs: number;
  readonly override: CrlOverride | undefined;
  /** Whether there still is the right to publish. */
  readonly confirm: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

export type Refreshed =
  | {
      readonly ok: true;
      readonly outcome: RefreshOutcome;
      readonly info: CrlIndexInfo;
      readonly bytes: number;
      readonly alarms: readonly CrlAlarm[];
    }
  | {
      readonly ok: false;
      readonly code: KeeperFailure;
      readonly detail?: string;
      readonly bytes: number;
      readonly alarms: readonly CrlAlarm[];
    };

class NotLeading extends Error {}

/** Where the index stands that the state was written for, what the server said counts; otherwise it is asked for everything. */
export const trusted = (state: TargetState | null, standing: Standing): TargetState | null =>
  state !== null && standing.state === 'published' && state.index === standing.info.sha256 ? state : null;

/** Never rejects, except where `signal` aborts for another reason than lost leadership. */
export const refresh = async (target: CrlTarget, feed: CrlFeed, attempt: number, context: RefreshContext): Promise<Refreshed> => {
  const refreshing = new Refreshing(target, feed, attempt, context);
  try {
    return await refreshing.run();
  } catch (error) {
    context.signal.throwIfAborted();
    return { ok: false, ...(await nameOf(error, context)), bytes: refreshing.bytes, alarms: refreshing.alarms };
  }
};

const undelivered = (detail: string): { readonly code: KeeperFailure; readonly detail: string } => ({
  code: detail === 'too-large' ? 'budget-crl' : 'crl-unavailable',
  detail,
});

const nameOf = async (error: unknown, { confirm }: RefreshContext): Promise<{ readonly code: KeeperFailure; readonly detail?: string }> => {
  if (error instanceof NotLeading) return { code: 'keeper-lost' };
  if (error instanceof FetchError) return undelivered(error.kind);
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (typeof syscall !== 'string' || typeof code !== 'string')
    return { code: 'keeper-fault', detail: error instanceof Error ? error.name : 'unknown' };
  // Whoever leads now has swept away what was being written here.
  if (code === 'ENOENT' && !(await confirm().catch(() => false))) return { code: 'keeper-lost' };
  return { code: 'keeper-storage', detail: code };
};

class Refreshing {
  readonly #target: CrlTarget;
  readonly #feed: CrlFeed;
  readonly #context: RefreshContext;
  readonly #url: string;
  readonly #hash: Hash | null;
  readonly alarms: CrlAlarm[] = [];
  bytes = 0;

  constructor(target: CrlTarget, feed: CrlFeed, attempt: number, context: RefreshContext) {
    this.#target = target;
    this.#feed = feed;
    this.#context = context;
    this.#url = feed === 'full' ? (target.urls[attempt % target.urls.length] as string) : (target.deltaUrl as string);
    // Where deltas are applied, the complete list they stand on is older than the index, and no rollback: it is known by its hash.
    this.#hash = target.deltaUrl === undefined ? null : createHash('sha256');
  }

  async run(): Promise<Refreshed> {
    const { directory, standing, download, maxBytes, timeoutMs, signal } = this.#context;
    const before = standing.at(directory.index(this.#target.id));
    const state = trusted(readState(directory.state(this.#target.id)), before);
    // Whoever answered once with a validator that fits everything must not be able to let the list grow stale.
    const known = state?.[this.#feed]?.url === this.#url && !this.#expiring(before) ? state[this.#feed] : null;
    const answer = await downloadCrl({ download, url: this.#url, known, maxBytes, timeoutMs, signal });
    if (answer.kind === 'failed') return { ok: false, ...undelivered(answer.detail), bytes: 0, alarms: [] };
    if (answer.kind === 'not-modified') {
      // Only what was published here is asked about: there is a state, and an index.
      return this.#done(
        'not-modified',
        (before as Extract<Standing, { state: 'published' }>).info,
        state,
        state?.[this.#feed] as FeedState,
      );
    }
    const result = await this.#ingest(answer.source).finally(answer.discard);
    const validators = answer.validators;
    if (result.ok) return this.#settle(result.info, before, state, validators);
    const again = this.#olderButKnown(result, state);
    if (again !== null && before.state === 'published') {
      this.alarms.length = 0;
      return this.#done(again, before.info, state, state?.[this.#feed] ?? null);
    }
    const { code, detail } = result;
    return { ok: false, code: code as KeeperFailure, ...(detail === undefined ? {} : { detail }), bytes: this.bytes, alarms: this.alarms };
  }

  #expiring(before: Standing): boolean {
    const { now, leadMs } = this.#context;
    return before.state === 'published' && before.info.nextUpdate !== null && now().getTime() >= before.info.nextUpdate.getTime() - leadMs;
  }

  #ingest(source: AsyncIterable<Uint8Array>): Promise<IngestResult> {
    const { directory, key, maxBytes, override, signal, confirm, now } = this.#context;
    const { class: of, distributionPoint, coverage, anchor, algorithms, id } = this.#target;
    return ingestCrl(this.#counted(source), {
      issuer: anchor,
      scope: { class: of, distributionPoint, coverage },
      into: directory.index(id),
      archive: directory.archive(id),
      algorithms,
      maxBytes,
      at: now(),
      signal,
      ...(key === undefined ? {} : { key }),
      ...(override === undefined || this.#feed === 'delta' ? {} : { override }),
      onAlarm: (alarm) => void this.alarms.push(alarm),
      beforePublish: async () => {
        if (!(await confirm())) throw new NotLeading();
      },
    });
  }

  async *#counted(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.bytes += chunk.length;
      this.#hash?.update(chunk);
      yield chunk;
    }
  }

  /** An older list than the index is a rollback, unless the index stands on it; an older delta has nothing to say. */
  #olderButKnown(result: Extract<IngestResult, { ok: false }>, state: TargetState | null): 'unchanged' | 'superseded' | null {
    if (result.code !== 'crl-rollback') return null;
    if (this.#feed === 'delta') return 'superseded';
    return state?.full != null && this.#hash?.digest('hex') === state.full.sha256 ? 'unchanged' : null;
  }

  #settle(info: CrlIndexInfo, before: Standing, state: TargetState | null, validators: CrlValidators): Refreshed {
    const changed = before.state !== 'published' || before.info.sha256 !== info.sha256;
    const own = state?.[this.#feed];
    return this.#done(changed ? 'published' : 'unchanged', info, state, {
      url: this.#url,
      ...validators,
      sha256: this.#hash?.digest('hex') ?? info.sha256,
      nextUpdate: info.nextUpdate?.getTime() ?? null,
      checkedAt: 0,
      changedAt: changed || own == null ? this.#context.now().getTime() : own.changedAt,
    });
  }

  #done(outcome: RefreshOutcome, info: CrlIndexInfo, state: TargetState | null, own: FeedState | null): Refreshed {
    const checked = own === null ? null : { ...own, checkedAt: this.#context.now().getTime() };
    // To another complete list the delta has to be applied anew, even if it is the same.
    const delta = this.#feed === 'full' && outcome === 'published' ? null : (state?.delta ?? null);
    const next: TargetState = { version: 1, index: info.sha256, full: state?.full ?? null, delta, [this.#feed]: checked };
    writeState(this.#context.directory.state(this.#target.id), next);
    return { ok: true, outcome, info, bytes: this.bytes, alarms: this.alarms };
  }
}
