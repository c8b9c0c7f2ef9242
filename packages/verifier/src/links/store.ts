/** The port to where a ledger lives. */

import type { LinkEvent } from './events.ts';
import type { EndReason } from './link.ts';

export interface StoredEvent {
  /** 1, 2, 3, … within the person. */
  readonly sequence: number;
  readonly event: LinkEvent;
  /** base64url; chains the event to everything before it. */
  readonly mac: string;
}

/** One person as a stream of events. `person` and `account` never change; `salt` and `keyId` only with a commit that chains everything anew. */
export interface StoredPerson {
  readonly person: string;
  readonly account: string;
  /** base64url. With it the person's chain key is derived; without it nothing verifies any more. */
  readonly salt: string;
  readonly keyId: string;
  /**
   * base64url; binds how many events there are. Each event's own MAC shows what came before it, this one that nothing came after: whoever can write
   * the store cannot cut off the end.
   */
  readonly headMac: string;
  /** Oldest first, without gaps. */
  readonly events: readonly StoredEvent[];
  /** The refs that are claimed, as the store looks them up, in any order. A claim that somebody removed would hide a certificate from every sweep. */
  readonly claims: readonly string[];
}

export interface LinkNotice {
  /** The same for every delivery of the same notice: use it to drop repetitions. */
  readonly id: string;
  readonly type: 'link.established' | 'link.suspended' | 'link.resumed' | 'link.superseded' | 'link.ended';
  readonly account: string;
  readonly link: string;
  readonly at: string;
  readonly reason: EndReason | 'superseded' | 'certificate-hold' | 'operator' | 'person' | null;
}

export interface Claim {
  readonly ref: string;
  /** The same certificate under other keys: a claim of another person under one of these stands in the way too. */
  readonly aliases: readonly string[];
  /** The certificate's sealed name (mode `sealed`), kept with the claim; null where there is none. */
  readonly name: string | null;
}

/** One page of `LinkStore.names`. */
export interface NamedClaims {
  /** The last person of the page; null where there is none after `after`. */
  readonly last: string | null;
  readonly claims: readonly { readonly person: string; readonly ref: string; readonly name: string | null }[];
}

export interface LinkCommit extends Omit<StoredPerson, 'events' | 'claims'> {
  /** How many events the person has now; 0 for a new person. */
  readonly expectedSequence: number;
  readonly events: readonly StoredEvent[];
  /** All earlier events, chained anew under `salt` and `keyId` because the key has been rotated; null where they stay as they are. */
  readonly rechained: readonly StoredEvent[] | null;
  /** All certificates the person claims after this commit. They replace what was claimed before. */
  readonly claims: readonly Claim[];
  /** How many persons may claim one certificate. */
  readonly accountsPerCertificate: number;
  /** The ceremony this commit redeems, under each of its names; empty where it redeems none. */
  readonly ceremonies: readonly string[];
  readonly notices: readonly LinkNotice[];
}

/** What a sweep does to a person: events are appended and claims released. Nothing new is claimed, redeemed or chained anew. */
export interface Settlement extends Pick<LinkCommit, 'person' | 'headMac' | 'expectedSequence' | 'events' | 'notices'> {
  /** Refs the person no longer claims. */
  readonly released: readonly string[];
}

export type CommitResult = 'committed' | 'conflict' | 'claimed' | 'ceremony-used';

export interface Tombstone {
  readonly person: string;
  readonly erasedAt: string;
  /** How many events there were, and the MAC of the last. */
  readonly events: number;
  readonly head: string;
  readonly keyId: string;
  /** base64url, over all of the above. */
  readonly mac: string;
}

/**
 * Where persons live. Every method is one atomic step: of any number of concurrent calls, over all processes that share the store, the stated
 * guarantee holds, and a crash leaves all of a step or nothing of it. `linkStoreConformance` is the test suite of this contract.
 */
export interface LinkStore {
  /** The person with this id or account, all events, or null. */
  load(by: { readonly person: string } | { readonly account: string }): Promise<StoredPerson | null>;

  /** The persons that claim at least one of the certificates now, each once. At most 1 000 refs per call. */
  holders(refs: readonly string[]): Promise<readonly StoredPerson[]>;

  /** Up to `limit` persons in the order of their ids, those after `after` only. A person that stays is in exactly one page of a scan. */
  scan(after: string | null, limit: number): Promise<readonly StoredPerson[]>;

  /**
   * Appends the events (after replacing the earlier ones by `rechained`, if given), replaces the claims, keeps the notices, and redeems the
   * ceremony: all of it, or nothing with
   * `conflict` — the person does not have exactly `expectedSequence` events, or, when that is 0, person id or account exist already;
   * `ceremony-used` — some commit has redeemed one of these names before, in whichever person, erased or not;
   * `claimed` — for some claim that the person does not hold yet (under ref or alias), `accountsPerCertificate` or more other persons claim its
   * ref or an alias of it. Claims already held never stand in the way of suspending or ending a link.
   */
  commit(change: LinkCommit): Promise<CommitResult>;

  /**
   * The same for many persons, each at most once, at most 1 000: the settlements of those who have exactly `expectedSequence` events are kept, all of
   * them together or none (rejection); the others change nothing. Resolves to the persons whose settlement was kept.
   */
  settle(settlements: readonly Settlement[]): Promise<ReadonlySet<string>>;

  /**
   * Of every ref that is claimed at one moment during the call the first six octets of its MAC, in pieces that hold any number of them: what is not among
   * them nobody claimed then, and a long list need not ask. One moment for all of them: a claim that gives up one ref and takes another, as under a new
   * key, is seen with the one or the other. A ref is `{key id}.{base64url of 32 octets}`; others may be missing. Null where about more than `atMost` are
   * claimed: to read them would cost more than to ask; an estimate will do.
   */
  fingerprints(atMost: number): Promise<readonly Uint8Array[] | null>;

  /**
   * What up to `limit` persons claim, with the sealed names it was claimed with: persons in the order of their ids, those after `after` only, as in `scan`; all
   * claims of a person in the same page.
   */
  names(after: string | null, limit: number): Promise<NamedClaims>;

  /**
   * Removes account, salt, events, claims and pending notices of the person and keeps the tombstone, or nothing with `conflict` where the
   * person does not have exactly `tombstone.events` events.
   */
  erase(tombstone: Tombstone): Promise<'erased' | 'conflict'>;

  tombstone(person: string): Promise<Tombstone | null>;

  /** Notices nobody has marked as delivered, oldest first. */
  pendingNotices(limit: number): Promise<readonly LinkNotice[]>;

  /** Forgets notices that have been delivered. Ids it does not know are ignored. */
  delivered(ids: readonly string[]): Promise<void>;
}
