/** 連動失効, watched: smartphones whose card was revoked, and which the issuer still calls good. */
import { JpkiError } from '../errors.ts';
import type { CertificateClass } from '../verdict.ts';
import { verifiedState } from './chain.ts';
import type { LedgerCore } from './core.ts';
import type { PersonState } from './events.ts';
import { everybody } from './held.ts';
import { type CertificateName, refsOf } from './identifier.ts';
import type { StoredPerson } from './store.ts';

export interface FollowerCheck {
  /** Every revoked certificate of the classes, of all issuers and partitions: only what is missing here is called good. */
  readonly revocations: Iterable<CertificateName> | AsyncIterable<CertificateName>;
  readonly classes: readonly CertificateClass[];
  /** The oldest `thisUpdate` of those lists. */
  readonly asOf: Date;
  /** How long the issuer may take. J-LIS does not publish its period. */
  readonly windowSeconds: number;
  readonly signal?: AbortSignal;
}

/** The link has ended and lets nobody in. What remains is a certificate that others may still accept. */
export interface OverdueFollower {
  readonly account: string;
  readonly link: string;
  readonly class: CertificateClass;
  /** As of when the ledger knew the card revoked. */
  readonly cardRevokedAsOf: Date;
  readonly goodAsOf: Date;
}

export interface FollowerReport {
  readonly overdue: readonly OverdueFollower[];
  /** Revoked by now, as they should be. */
  readonly followed: number;
  /** Card revoked, window not over. */
  readonly waiting: number;
  /** Persons whose record does not verify: nothing is known about theirs. */
  readonly unreadable: number;
  /** Known only under an identifier key that is gone. */
  readonly unmatched: number;
}

/** Reads and reports; changes nothing. Memory grows with the links that wait for their revocation, not with list or ledger. */
export const overdueFollowers = async (core: LedgerCore, check: FollowerCheck): Promise<FollowerReport> => {
  const { classes, asOf, windowSeconds, revocations, signal } = check;
  const at = asOf instanceof Date ? asOf.getTime() : Number.NaN;
  if (Number.isNaN(at) || !(windowSeconds >= 0)) throw new JpkiError('argument-invalid', 'a check of followers needs a time and a window');
  const keyIds = [core.identifier.keyId, ...core.identifier.previousKeyIds];
  const suspects = new Map<string, OverdueFollower[]>();
  let [waiting, unreadable, unmatched] = [0, 0, 0];
  for await (const stored of everybody(core)) {
    signal?.throwIfAborted();
    const state = await verifiedState(core.identifier, stored);
    if (state === null) unreadable += 1;
    else {
      for (const { ref, revokedAsOf, ...who } of orphansOf(stored, state)) {
        if (!classes.includes(who.class) || who.expiresBy <= at) continue;
        if (!keyIds.some((keyId) => ref.startsWith(`${keyId}.`))) unmatched += 1;
        else if (revokedAsOf + windowSeconds * 1000 > at) waiting += 1;
        else {
          const { account, link, class: certificateClass } = who;
          const found = { account, link, class: certificateClass, cardRevokedAsOf: new Date(revokedAsOf), goodAsOf: new Date(at) };
          suspects.set(ref, [...(suspects.get(ref) ?? []), found]);
        }
      }
    }
  }
  let followed = 0;
  if (suspects.size > 0) {
    for await (const name of revocations) {
      signal?.throwIfAborted();
      for (const ref of await refsOf(core.identifier, name)) {
        followed += suspects.get(ref)?.length ?? 0;
        suspects.delete(ref);
      }
    }
  }
  return { overdue: [...suspects.values()].flat(), followed, waiting, unreadable, unmatched };
};

interface Orphan {
  readonly account: string;
  readonly link: string;
  readonly class: CertificateClass;
  readonly ref: string;
  readonly revokedAsOf: number;
  readonly expiresBy: number;
}

/** Smartphones of links that a card's revocation ended, and that were not shown revoked themselves. */
const orphansOf = ({ events }: StoredPerson, { account, links, revoked }: PersonState): readonly Orphan[] =>
  events.flatMap(({ event }) => {
    if (event.type !== 'link-ended' || event.reason !== 'card-revoked' || event.by !== 'issuer') return [];
    const link = links.find(({ id }) => id === event.link);
    if (link === undefined || !link.to.class.startsWith('smartphone-') || revoked.has(link.to.ref)) return [];
    return [
      {
        account,
        link: link.id,
        class: link.to.class,
        ref: link.to.ref,
        revokedAsOf: Date.parse(event.asOf ?? event.at),
        expiresBy: Date.parse(link.expiresBy),
      },
    ];
  });
