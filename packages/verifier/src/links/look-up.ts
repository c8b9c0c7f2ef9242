/** Mode `sealed`, the other way round: not the list is gone through but what is held, and each certificate looked up in the list's index. */
import { setImmediate as breath } from 'node:timers/promises';
import { JpkiError } from '../errors.ts';
import type { RevocationReason } from '../verdict.ts';
import { verifiedState } from './chain.ts';
import type { LedgerCore } from './core.ts';
import { sealedNameOf } from './events.ts';
import { macCheck } from './identifier.ts';
import type { StoreRefusal } from './ledger.types.ts';
import { ahead, settleBatch } from './reconcile.ts';
import type { NamedClaims } from './store.ts';
import type { RevokedCertificate } from './sweep.types.ts';

/** An index of a verified CRL, as `openCrlIndex` gives it; in mode `memory` a look-up takes about a microsecond. */
export interface RevocationIndex {
  readonly info: { readonly issuerKeyId: string | null };
  lookup(serialNumber: Uint8Array): { readonly reason: RevocationReason; readonly revokedAt: Date } | null;
}

export interface LookUpSweep {
  /** All partitions of the issuers concerned. Trusted as they are: signature, issuer and scope have been verified. */
  readonly lists: Iterable<RevocationIndex>;
  /** The oldest `thisUpdate` of them. */
  readonly asOf: Date;
  /** Where an earlier, interrupted run was. Default: from the beginning. */
  readonly cursor?: string;
  readonly onProgress?: (progress: LookUpReport) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface LookUpReport {
  /** Give it back to go on after a crash; null once everybody has been looked at. What is settled twice changes nothing. */
  readonly cursor: string | null;
  /** Certificates looked at by this run. */
  readonly examined: number;
  /** Of these: found in a list; */
  readonly listed: number;
  /** without a sealed name (linked before certificates were sealed): only `reconcile` reaches them; */
  readonly unnamed: number;
  /** of an issuer that none of the lists is of. */
  readonly uncovered: number;
  /** Links whose state changed. */
  readonly changed: number;
  /** `link-integrity`: also names that do not open, that are another certificate's, or that are gone where the person's events have them. */
  readonly failures: Readonly<Record<StoreRefusal, number>>;
}

/** Persons per page, and entries that are settled together. */
const PAGE = 2_500;
const BATCH = 500;

/**
 * Suspends or ends every link whose certificate one of the lists names. Idempotent, and safe to run twice at once, beside any other sweep too. Rejects with the
 * signal's reason or the store's own error, after the last whole page; throws `argument-invalid` in mode `mac`, which has no names.
 */
export const lookUpAll = async (core: LedgerCore, sweep: LookUpSweep): Promise<LookUpReport> => {
  const { asOf, cursor, onProgress, signal } = sweep;
  const { names, store } = core;
  if (names === null) throw new JpkiError('argument-invalid', 'names are looked up in mode `sealed` only');
  if (!(asOf instanceof Date) || Number.isNaN(asOf.getTime()))
    throw new JpkiError('argument-invalid', 'a sweep needs the time of its list');
  if (cursor !== undefined && typeof cursor !== 'string') throw new JpkiError('argument-invalid', 'the cursor of a look-up is a text');
  const indexes = byIssuer(sweep.lists);
  const isOf = macCheck(core.identifier);
  const counts = { examined: 0, listed: 0, unnamed: 0, uncovered: 0, changed: 0 };
  const failures: Record<StoreRefusal, number> = { 'link-busy': 0, 'link-integrity': 0 };

  /** The claims of a page that some list names. */
  const listedIn = (claims: NamedClaims['claims']): readonly RevokedCertificate[] => {
    const listed: RevokedCertificate[] = [];
    for (const { person, ref, name } of claims) {
      counts.examined += 1;
      if (name === null) continue;
      const opened = names.open(name, person);
      // A name of another certificate in this one's place would hide it.
      if (opened === null || !isOf(ref, opened)) {
        failures['link-integrity'] += 1;
        continue;
      }
      const lists = indexes.get(opened.issuerKeyId);
      if (lists === undefined) {
        counts.uncovered += 1;
        continue;
      }
      for (const list of lists) {
        const found = list.lookup(opened.serialNumber);
        if (found === null) continue;
        counts.listed += 1;
        const serialNumber = Buffer.from(opened.serialNumber).toString('hex');
        listed.push({ issuerKeyId: opened.issuerKeyId, serialNumber, reason: found.reason, revokedAt: found.revokedAt });
      }
    }
    return listed;
  };

  let next = ahead(store.names(cursor ?? null, PAGE));
  for (;;) {
    const { last, claims } = await next;
    signal?.throwIfAborted();
    // The store reads on while this page is opened.
    if (last !== null) next = ahead(store.names(last, PAGE));
    const listed = listedIn(claims);
    const unnamed = claims.filter(({ name }) => name === null);
    for (let start = 0; start < unnamed.length; start += BATCH) {
      signal?.throwIfAborted();
      const some = unnamed.slice(start, start + BATCH);
      const nameless = await namelessOf(core, some);
      counts.unnamed += nameless;
      failures['link-integrity'] += some.length - nameless;
    }
    for (let start = 0; start < listed.length; start += BATCH) {
      signal?.throwIfAborted();
      const { changed, refused } = await settleBatch(core, listed.slice(start, start + BATCH), asOf.getTime());
      counts.changed += changed;
      for (const code of refused) failures[code] += 1;
    }
    const report: LookUpReport = { cursor: last, ...counts, failures: { ...failures } };
    if (last === null) return report;
    await onProgress?.(report);
    await breath();
  }
};

/**
 * A name that somebody took away would hide the certificate. How many of these claims never had one, as the persons' events show, whose chain holds: under the
 * same ref, or by now under a newer key.
 */
const namelessOf = async ({ store, identifier }: LedgerCore, unnamed: NamedClaims['claims']): Promise<number> => {
  const holders = new Map((await store.holders(unnamed.map(({ ref }) => ref))).map((stored) => [stored.person, stored]));
  let nameless = 0;
  for (const { person, ref } of unnamed) {
    const stored = holders.get(person) ?? (await store.load({ person }));
    const state = stored === null ? null : await verifiedState(identifier, stored);
    const now = stored?.events.reduce((known, { event }) => (event.type === 're-keyed' && event.from === known ? event.to : known), ref);
    // Who was erased in between has nothing to hide.
    if (now === undefined || (state !== null && sealedNameOf(state, now) === null)) nameless += 1;
  }
  return nameless;
};

const byIssuer = (lists: Iterable<RevocationIndex>): ReadonlyMap<string, readonly RevocationIndex[]> => {
  const indexes = new Map<string, RevocationIndex[]>();
  for (const list of lists) {
    const { issuerKeyId } = list.info;
    if (issuerKeyId === null) throw new JpkiError('argument-invalid', 'the issuer of a list needs a key identifier');
    indexes.set(issuerKeyId.toLowerCase(), [...(indexes.get(issuerKeyId.toLowerCase()) ?? []), list]);
  }
  return indexes;
};
