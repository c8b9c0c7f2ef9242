/** Sweeps: what the issuer has revoked, matched against what the ledger holds, without knowing whose certificates they are. */
import { setImmediate as breath } from 'node:timers/promises';
import { JpkiError } from '../errors.ts';
import { CERTIFICATE_CLASSES } from '../verdict.ts';
import type { LedgerCore } from './core.ts';
import { applyAll, goodEvents, rekeyEvents, revocationEvents } from './effects.ts';
import type { LinkEvent, PersonState } from './events.ts';
import { fingerprintSet } from './fingerprints.ts';
import { anyMac, type CertificateName, refsNow, refsOf } from './identifier.ts';
import type { StoreRefusal } from './ledger.types.ts';
import { type Settled, settleHolders } from './settle.ts';
import type { StoredPerson } from './store.ts';
import type { RevokedCertificate, Sweep, SweepReport } from './sweep.types.ts';
import { markOf } from './sweeps.ts';

const DEFAULTS = { batch: 500 } as const;
const MAX_BATCH = 1_000;
/** Entries after which it pays to know first what is claimed at all; and claims that cost as much to read as one entry costs to ask about. */
const LONG = 2_000;
const CLAIMS_PER_ENTRY = 100;
/** Entries between two reports where nothing concerns anybody; others of this process get their turn there. */
const STRIDE = 20_000;

/**
 * Suspends or ends every link of every certificate in the list. Idempotent, and safe to run twice at once. A person whose record does not verify
 * (`link-integrity`) or kept changing (`link-busy`) does not stop the sweep for the others: they are counted, and a sweep with failures is to
 * be run again. Rejects with the signal's reason, or the source's or store's own error, after the last whole batch.
 */
export const reconcile = async (core: LedgerCore, sweep: Sweep): Promise<SweepReport> => {
  const { complete, cursor = 0, asOf } = sweep;
  if (complete !== undefined && (core.sweeps === null || !CERTIFICATE_CLASSES.includes(complete)))
    throw new JpkiError('argument-invalid', 'a complete sweep is one of a class, and needs a place where it is noted');
  const begunAt = core.now();
  const report = await settleAll(core, sweep);
  const isWhole = cursor === 0 && report.failures['link-busy'] === 0 && report.failures['link-integrity'] === 0;
  if (complete !== undefined && isWhole) await core.sweeps?.write(await markOf(core.identifier, complete, asOf, begunAt));
  return report;
};

/** The opposite news, one by one: these were good as of `asOf`. */
export const confirm = (
  core: LedgerCore,
  good: Iterable<CertificateName> | AsyncIterable<CertificateName>,
  asOf: Date,
): Promise<SweepReport> => settleAll(core, { revocations: asGood(good), asOf });

async function* asGood(names: Iterable<CertificateName> | AsyncIterable<CertificateName>): AsyncGenerator<StatusEntry> {
  for await (const { issuerKeyId, serialNumber } of names) yield { issuerKeyId, serialNumber, reason: null };
}

/** `reason` null: good. */
type StatusEntry = CertificateName & Pick<RevokedCertificate, 'revokedAt'> & { readonly reason: RevokedCertificate['reason'] | null };
type Statuses = Omit<Sweep, 'revocations'> & { readonly revocations: Iterable<StatusEntry> | AsyncIterable<StatusEntry> };

const settleAll = async (core: LedgerCore, sweep: Statuses): Promise<SweepReport> => {
  const { asOf, cursor = 0, batch = DEFAULTS.batch, onProgress, signal } = sweep;
  if (!(asOf instanceof Date) || Number.isNaN(asOf.getTime()))
    throw new JpkiError('argument-invalid', 'a sweep needs the time of its list');
  if (!Number.isSafeInteger(cursor) || cursor < 0) throw new JpkiError('argument-invalid', 'a cursor is a number of entries');
  if (!Number.isSafeInteger(batch) || batch < 1 || batch > MAX_BATCH)
    throw new JpkiError('argument-invalid', `a batch is 1 to ${MAX_BATCH} entries`);
  let taken = 0;
  /** Entries handed over, and entries whose batch is settled. */
  let position = 0;
  let settled = 0;
  let changed = 0;
  const failures: Record<StoreRefusal, number> = { 'link-busy': 0, 'link-integrity': 0 };
  let pending: StatusEntry[] = [];
  let settling: Promise<void> = Promise.resolve();
  const sieve = sieveOf(core);
  let mayConcern: ((entry: StatusEntry) => boolean) | null = null;

  /**
   * Whom a batch concerns is asked while the batch before is settled. Whoever is changed by the one after the other had been asked about is not as expected
   * any more, and is asked about again.
   */
  const settle = async (): Promise<void> => {
    signal?.throwIfAborted();
    if (pending.length === 0) await breath();
    const [entries, until] = [pending, taken];
    pending = [];
    position = taken;
    const concerned = ahead(concernedBy(core, entries));
    await settling;
    signal?.throwIfAborted();
    settling = ahead(
      (async () => {
        const outcome = await settleConcerned(core, await concerned, asOf.getTime());
        changed += outcome.changed;
        for (const code of outcome.refused) failures[code] += 1;
        settled = until;
        await onProgress?.({ cursor: until, changed, failures: { ...failures } });
      })(),
    );
    if (mayConcern === null) mayConcern = await sieve(until - cursor);
  };

  /** Whether it is time to settle. */
  const take = (entry: StatusEntry): boolean => {
    taken += 1;
    if (taken <= cursor) {
      position = taken;
      settled = taken;
      return false;
    }
    if (mayConcern === null || mayConcern(entry)) pending.push(entry);
    return pending.length >= batch || taken - position >= STRIDE;
  };
  // What is at hand is not waited for entry by entry.
  if (Symbol.iterator in sweep.revocations) {
    for (const entry of sweep.revocations) if (take(entry)) await settle();
  } else {
    for await (const entry of sweep.revocations) if (take(entry)) await settle();
  }
  if (taken > position) await settle();
  await settling;
  return { examined: Math.max(0, settled - cursor), cursor: settled, changed, failures };
};

/** Awaited later, or never where the sweep rejects before: it is then nobody's. */
export const ahead = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};

/**
 * A long list is not asked about entry by entry: most of it concerns nobody here. Yet to read everything that is claimed for the sake of a few entries
 * would cost more: it is read once the entries so far are worth it, and all of it as of one moment. Who had a certificate then is asked about it by all its
 * names; who took one later has a link too young for this sweep to speak of.
 */
const sieveOf =
  ({ identifier, store }: LedgerCore) =>
  async (examined: number): Promise<((entry: StatusEntry) => boolean) | null> => {
    if (examined < LONG || identifier.macSync === undefined) return null;
    const pieces = await store.fingerprints(examined * CLAIMS_PER_ENTRY);
    if (pieces === null) return null;
    const known = fingerprintSet();
    for (const piece of pieces) known.add(piece);
    return anyMac(identifier, known.test());
  };

/** At most 1 000 entries, in one step. */
export const settleBatch = async (core: LedgerCore, entries: readonly StatusEntry[], asOf: number): Promise<Settled> =>
  await settleConcerned(core, await concernedBy(core, entries), asOf);

interface Concerned {
  readonly named: readonly Named[];
  readonly holders: ReadonlyMap<string, StoredPerson>;
}

const concernedBy = async (core: LedgerCore, entries: readonly StatusEntry[]): Promise<Concerned> => {
  if (entries.length === 0) return { named: [], holders: new Map() };
  const named = await namedIn(core, entries);
  const refs = named.flatMap((entry) => entry.refs);
  return { named, holders: await holdersOf(core, refs) };
};

const settleConcerned = async (core: LedgerCore, { named, holders }: Concerned, asOf: number): Promise<Settled> => {
  // Most lists concern nobody here.
  if (holders.size === 0) return { changed: 0, refused: [] };
  const byRef = new Map<string, Named[]>();
  for (const entry of named) {
    for (const ref of entry.refs) {
      const same = byRef.get(ref);
      if (same === undefined) byRef.set(ref, [entry]);
      else same.push(entry);
    }
  }
  const at = core.now().toISOString();
  const eventsFor = (person: PersonState): readonly LinkEvent[] => {
    const theirs = new Set(person.links.flatMap(({ from, to }) => [...(byRef.get(from.ref) ?? []), ...(byRef.get(to.ref) ?? [])]));
    const events: LinkEvent[] = [];
    // One after the other: what the first entry ends, the second finds ended.
    for (const { reason, revokedAt, refs } of [...theirs].sort((a, b) => a.position - b.position)) {
      events.push(...rekeyEvents(applyAll(person, events), refs, at));
      const current = applyAll(person, events);
      events.push(
        ...(reason === null
          ? goodEvents(current, refs[0], asOf, at)
          : revocationEvents(
              current,
              refs,
              { reason, asOf: Math.max(asOf, revokedAt?.getTime() ?? 0) },
              { at, onHold: core.settings.onHold },
            )),
      );
    }
    return events;
  };
  return await settleHolders(core, holders.values(), eventsFor, at);
};

interface Named extends Pick<StatusEntry, 'reason'> {
  readonly revokedAt: Date | undefined;
  readonly position: number;
  readonly refs: readonly [string, ...string[]];
}

const namedIn = async ({ identifier }: LedgerCore, entries: readonly StatusEntry[]): Promise<readonly Named[]> => {
  // A key in this process answers at once; one in a KMS is asked for the whole batch together.
  const refs = identifier.macSync === undefined ? await Promise.all(entries.map((entry) => refsOf(identifier, entry))) : null;
  return entries.map((entry, position) => ({
    reason: entry.reason,
    revokedAt: entry.revokedAt,
    position,
    refs: refs?.[position] ?? refsNow(identifier, entry),
  }));
};

/** The store takes a bounded number of refs per call. */
const holdersOf = async (core: LedgerCore, refs: readonly string[]): Promise<ReadonlyMap<string, StoredPerson>> => {
  const found = new Map<string, StoredPerson>();
  for (let start = 0; start < refs.length; start += MAX_BATCH) {
    for (const stored of await core.store.holders(refs.slice(start, start + MAX_BATCH))) found.set(stored.person, stored);
  }
  return found;
};
