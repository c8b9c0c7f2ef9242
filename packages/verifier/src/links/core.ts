/** What every operation of a ledger needs, and what several of them share. */
import type { KeyObject } from 'node:crypto';
import { JpkiError } from '../errors.ts';
import type { LinkEvent, PersonState } from './events.ts';
import { checkedIdentifier } from './identifier.ts';
import type { LinkLedgerOptions, ObserveResult } from './ledger.types.ts';
import type { LegalSource, Link } from './link.ts';
import { checkedKey } from './sealed-box.ts';
import { type NameBox, nameBox } from './sealed-name.ts';
import type { LinkNotice, StoredPerson } from './store.ts';
import { change, type Streams } from './stream.ts';
import type { SweepLog } from './sweeps.ts';

const DEFAULTS = {
  accountsPerCertificate: 1,
  maxActive: 1,
  onHold: 'suspend',
  allowEarlierExpiry: false,
  maxVerdictAgeSeconds: 600,
} as const;

/** Settings after their check, and what every operation needs. */
export interface LedgerCore extends Streams {
  readonly settings: Required<
    Omit<
      LinkLedgerOptions,
      'store' | 'identifier' | 'clock' | 'notify' | 'endSessions' | 'sweeps' | 'issuerLinkInformation' | 'sealCertificates'
    >
  > & { readonly issuerLinkInformation: readonly LegalSource[] };
  /** Null where complete sweeps are not noted. */
  readonly sweeps: SweepLog | null;
  /** Null in mode `mac`. */
  readonly sealKey: KeyObject | null;
  /** Null in mode `mac`. */
  readonly names: NameBox | null;
  readonly now: () => Date;
}

export const NOT_FOUND: { readonly ok: false; readonly code: 'link-not-found' } = Object.freeze({ ok: false, code: 'link-not-found' });

/** One change per person that claims a certificate; the links whose state changed. One person's broken record does not shield the others. */
export const applyToHolders = async (
  core: LedgerCore,
  refs: readonly string[],
  eventsFor: (state: PersonState) => readonly LinkEvent[],
  now: string,
): Promise<ObserveResult> => {
  const changed: Link[] = [];
  let refused: ObserveResult | null = null;
  for (const stored of await core.store.holders(refs)) {
    const result = await settleHolder(core, stored, eventsFor, now);
    if (result.ok) changed.push(...result.changed);
    else refused ??= result;
  }
  return refused ?? { ok: true, changed };
};

export const settleHolder = async (
  core: LedgerCore,
  loaded: StoredPerson,
  eventsFor: (state: PersonState) => readonly LinkEvent[],
  now: string,
): Promise<ObserveResult> => {
  let before: PersonState | null = null;
  const result = await change<{ ok: true; changed: readonly Link[] } | typeof NOT_FOUND>(core, {
    by: { person: loaded.person },
    loaded,
    now,
    decide: (state) => {
      before = state;
      if (state === null) return NOT_FOUND;
      return { events: eventsFor(state), result: (after) => ({ ok: true, changed: after.links.filter((link) => hasMoved(link, before)) }) };
    },
  });
  if (result.ok) return result;
  // Erased in between: nothing is left that a revocation could end.
  return result.code === 'link-busy' || result.code === 'link-integrity' ? { ok: false, code: result.code } : { ok: true, changed: [] };
};

export const hasMoved = (link: Link, before: PersonState | null): boolean => {
  const old = before?.links.find(({ id }) => id === link.id);
  return old?.state !== link.state || old.suspensions.length !== link.suspensions.length;
};

export const linkIn = (state: PersonState, id: string): Link => {
  const link = state.links.find((candidate) => candidate.id === id);
  if (link === undefined) throw new Error('unreachable: the link was found before the change');
  return link;
};

/** The ids of the notices that `notify` took. A rejection is not lost: its notice stays pending. */
export const acceptedBy = async (notify: LinkLedgerOptions['notify'], notices: readonly LinkNotice[]): Promise<readonly string[]> => {
  const accepted: string[] = [];
  for (const notice of notices) {
    try {
      await notify(notice);
      accepted.push(notice.id);
    } catch {
      // Stays in the store for `deliverNotices`.
    }
  }
  return accepted;
};

export const coreOf = (options: LinkLedgerOptions): LedgerCore => {
  const { store, clock, notify, endSessions, sweeps, issuerLinkInformation, sealCertificates, ...given } = options;
  if (typeof store?.commit !== 'function' || typeof options.identifier?.mac !== 'function') {
    throw new JpkiError('argument-invalid', 'a ledger needs a store and an identifier');
  }
  if (typeof clock !== 'function' || typeof notify !== 'function')
    throw new JpkiError('argument-invalid', 'a ledger needs a clock and notify');
  if (endSessions !== undefined && typeof endSessions !== 'function') throw new JpkiError('argument-invalid', 'endSessions is a function');
  const identifier = checkedIdentifier(options.identifier);
  const settings = { ...DEFAULTS, ...given };
  for (const name of ['accountsPerCertificate', 'maxActive', 'maxVerdictAgeSeconds'] as const) {
    if (!Number.isSafeInteger(settings[name]) || settings[name] < 1)
      throw new JpkiError('argument-invalid', `${name} is a positive integer`);
  }
  if (settings.onHold !== 'suspend' && settings.onHold !== 'end') throw new JpkiError('argument-invalid', 'onHold is suspend or end');
  const { accountsPerCertificate, maxActive, onHold, allowEarlierExpiry, maxVerdictAgeSeconds } = settings;
  const sealKey = sealCertificates === undefined ? null : checkedKey(sealCertificates);
  return Object.freeze({
    store,
    identifier,
    accountsPerCertificate,
    settings: Object.freeze({
      accountsPerCertificate,
      maxActive,
      onHold,
      allowEarlierExpiry,
      maxVerdictAgeSeconds,
      issuerLinkInformation: Object.freeze([issuerLinkInformation ?? []].flat()),
    }),
    sweeps: sweeps ?? null,
    sealKey,
    names: sealKey === null ? null : nameBox(sealKey),
    now: clock,
    announce: async (notices: readonly LinkNotice[]): Promise<void> => {
      const accepted = await acceptedBy(notify, notices);
      if (accepted.length > 0) await store.delivered(accepted);
    },
  });
};
