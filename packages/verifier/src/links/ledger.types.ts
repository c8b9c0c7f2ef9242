/** The ledger's contract. Refusals are data; only misuse is thrown. */
import type { OperationCode } from '../codes.ts';
import type { CertificateClass, ProvenVerdict, RefusedVerdict } from '../verdict.ts';
import type { CeremonyClaim } from './ceremony.ts';
import type { FollowerCheck, FollowerReport } from './followers.ts';
import type { CertificateName, Identifier } from './identifier.ts';
import type { Assurance, CeremonyRelation, EndRequest, LegalSource, Link, LiveState, Relation, Side } from './link.ts';
import type { LookUpReport, LookUpSweep } from './look-up.ts';
import type { SealKey } from './sealed-box.ts';
import type { LinkNotice, LinkStore, StoredEvent, Tombstone } from './store.ts';
import type { Sweep, SweepReport } from './sweep.types.ts';
import type { SweepLog } from './sweeps.ts';

export interface LinkLedgerOptions {
  readonly store: LinkStore;
  readonly identifier: Identifier;
  readonly clock: () => Date;
  /**
   * Tells the person, through a channel they already have, that a link was made or ended: the answer to a thief who adds a phone. Called at least
   * once per notice; a rejection leaves the notice pending for `deliverNotices`. It never changes what the ledger has done.
   */
  readonly notify: (notice: LinkNotice) => void | Promise<void>;
  /**
   * Ends the sessions that began through a link. Needed by `undo`: a link that is gone while its sessions live on would undo nothing. Rejects where
   * it could not be done. May be called again for the same link.
   */
  readonly endSessions?: (ended: LinkOf) => void | Promise<void>;
  /** Where complete sweeps are noted, so that what they did not find counts as good. Absent: only verdicts and `confirm` renew knowledge. */
  readonly sweeps?: SweepLog;
  /** How many accounts may hold one certificate. Default 1. */
  readonly accountsPerCertificate?: number;
  /** How many live links of one relation an account has. A further one supersedes the oldest. Default 1. */
  readonly maxActive?: number;
  /** What `certificateHold` of either certificate does. Default `suspend`. */
  readonly onHold?: 'suspend' | 'end';
  /** Whether a smartphone certificate may expire before its card's. Default false. */
  readonly allowEarlierExpiry?: boolean;
  /** How old a verdict may be that establishes, finds or resumes. Default 600. */
  readonly maxVerdictAgeSeconds?: number;
  /**
   * The articles under which this relying party receives issuer link information: 18(4) for the two signature certificates, 18(5) for the two of
   * one card, 37 for the two of user authentication. A relation without one refuses that basis.
   */
  readonly issuerLinkInformation?: LegalSource | readonly LegalSource[];
  /**
   * Mode `sealed`: keeps each linked certificate encrypted under this key, for look-ups by certificate and for new identifier keys. Only for an
   * organisation that may hold certificates (role `verifier`). Absent = mode `mac`: nothing of a certificate is kept but its keyed identifier.
   */
  readonly sealCertificates?: SealKey;
}

/** What besides the two signatures says that both certificates belong to one person. */
export type BasisClaim =
  | { readonly kind: 'same-session' }
  /** The user ids a platform operator gave for the two certificates. Compared, never stored. */
  | { readonly kind: 'platform-user-id'; readonly from: string; readonly to: string }
  /** What the issuer says about this pair: which certificate belongs to `from`'s (null: none), to be compared here, or the comparison's result. */
  | { readonly kind: 'issuer-link-information'; readonly counterpart: CertificateName | null }
  | { readonly kind: 'issuer-link-information'; readonly agrees: boolean }
  /** Someone at the relying party takes it upon themselves. Proves no more than the two signatures. */
  | { readonly kind: 'operator' };

export interface EstablishContext {
  readonly account: string;
  readonly ceremony: CeremonyClaim;
  /** Default `authentication`. */
  readonly relation?: CeremonyRelation;
  /** Default `same-session`. */
  readonly basis?: BasisClaim;
  /** Where the relying party keeps the sealed evidence of both verdicts. References only. */
  readonly evidence?: Readonly<Record<Side, string>>;
}

/** A new certificate of a card in place of an old one that the account has or had. */
export interface RenewContext {
  readonly account: string;
  /** Signed with the new certificate, as step `renewal` (or as named). Single use. */
  readonly ceremony: { readonly id: string; readonly step?: string };
  /**
   * The old certificate as the issuer names it (新旧紐付け情報), or the link of this account whose card it was. By its link a card that the account does not hold
   * any more is known only under the key of that time: whether another account has taken it under a newer key is seen where it is named.
   */
  readonly predecessor: CertificateName | { readonly link: string };
  readonly basis:
    | { readonly kind: 'issuer-link-information' }
    /** The user ids a platform operator gave for the old certificate and the new one. Compared, never stored. */
    | { readonly kind: 'platform-user-id'; readonly from: string; readonly to: string }
    | { readonly kind: 'operator' };
  /** Where the relying party keeps the sealed evidence of the verdict. A reference only. */
  readonly evidence?: string;
}

export type Refusal<C extends OperationCode = OperationCode> = { readonly ok: false; readonly code: C };

/** `link-busy`: others kept changing the same person; try again. `link-integrity`: the stored events are not the ones the ledger wrote. */
export type StoreRefusal = 'link-busy' | 'link-integrity';

export type EstablishResult =
  | { readonly ok: true; readonly link: Link; readonly superseded: readonly Link[] }
  | Refusal<
      | 'link-carriers'
      | 'link-verdict-age'
      | 'link-ceremony'
      | 'link-expiry-order'
      | 'link-expiry-differs'
      | 'link-disagreement'
      | 'link-other-account'
      | 'link-suspended'
      | 'link-not-found'
      | 'link-transition'
      | StoreRefusal
    >;

export interface FindContext {
  /** Default `authentication`. */
  readonly relation?: Relation;
  /** Needed where more than one account holds the certificate (`accountsPerCertificate` above 1); without it that is `link-other-account`. */
  readonly account?: string;
  /** What the operation needs. Default `control`. */
  readonly assurance?: Assurance;
  /** How old the knowledge about the other certificate may be. Default: any age; `statusAsOf` says it. */
  readonly maxStatusAgeSeconds?: number;
  /**
   * How long a certificate must have belonged to the account before this operation accepts it (`link-cooling-off`): time for the person to hear
   * of a phone that is not theirs. A smartphone counts from its link; a card from the account's first link with it that was not taken back.
   * Default 0.
   */
  readonly coolingOffSeconds?: number;
  /**
   * `card`: the operation needs the card itself, just now, beside the smartphone (`link-step-up`); present its verdict as `card`. Presenting the
   * card alone is enough.
   */
  readonly stepUp?: 'card';
  /** The verdict of the step-up: no older than the ledger's `maxVerdictAgeSeconds`, and of the very card of the link. */
  readonly card?: ProvenVerdict;
}

export interface Found {
  readonly ok: true;
  readonly account: string;
  readonly link: Link;
  readonly state: 'active';
  /** Which side of the link was presented. */
  readonly presented: Side;
  /** As of when the card's certificate was last known to be good. */
  readonly cardStatusAsOf: Date;
}

export type FindResult =
  | Found
  | Refusal<
      | 'link-not-found'
      | 'link-verdict-age'
      | 'link-other-account'
      | 'link-suspended'
      | 'link-status-age'
      | 'link-assurance'
      | 'link-cooling-off'
      | 'link-step-up'
      | StoreRefusal
    >;

/** Names a link of an account. A link of another account is `link-not-found`. */
export interface LinkOf {
  readonly account: string;
  readonly link: string;
}

export type ChangeResult = { readonly ok: true; readonly link: Link } | Refusal<'link-not-found' | 'link-transition' | StoreRefusal>;

/** A verdict lifts the hold of the certificate it proves good since; an operator's hold is lifted by an operator. */
export type ResumeRequest = { readonly by: 'operator' | 'person' } | { readonly verdict: ProvenVerdict };

export type ResumeResult = ChangeResult | Refusal<'link-verdict-age'>;

/** `replaced`: what the link had superseded. It does not come back by itself; the person links anew. */
export type UndoResult =
  | { readonly ok: true; readonly link: Link; readonly replaced: readonly Link[] }
  | Exclude<ChangeResult, { ok: true }>;

export type ObserveResult = { readonly ok: true; readonly changed: readonly Link[] } | Refusal<StoreRefusal>;

export interface History {
  readonly ok: true;
  readonly person: string;
  readonly account: string;
  readonly links: readonly Link[];
  readonly events: readonly StoredEvent[];
  /** MAC of the newest event. Kept elsewhere, it shows a person that was set back. */
  readonly head: string;
}

export type HistoryResult = History | Refusal<'link-not-found' | 'link-integrity'>;

/** One link, in words a person may be given. */
export type ExportedLink = Omit<Link, 'from' | 'to'> & { readonly from: string; readonly to: string };

export type ExportResult =
  | {
      readonly ok: true;
      readonly format: 'jpki-rp/links-export/v1';
      readonly account: string;
      readonly exportedAt: string;
      readonly links: readonly ExportedLink[];
      readonly events: readonly { readonly at: string; readonly type: string; readonly link?: string; readonly reason?: string }[];
    }
  | Refusal<'link-not-found' | 'link-integrity'>;

export type EraseResult = { readonly ok: true; readonly tombstone: Tombstone } | Refusal<'link-not-found' | 'link-busy'>;

/** One side of a live link. `ok: false`: the person's record, or what was sealed in it, is not what the ledger wrote. */
export type HeldCertificate =
  | {
      readonly ok: true;
      readonly account: string;
      readonly link: string;
      readonly state: LiveState;
      readonly side: Side;
      readonly class: CertificateClass;
      readonly statusAsOf: Date;
      /** In mode `sealed`, else null. Sensitive: never log it. */
      readonly certificate: (CertificateName & { readonly der: Uint8Array }) | null;
    }
  | { readonly ok: false; readonly code: 'link-integrity'; readonly person: string };

export interface LinkLedger {
  /**
   * Links the first verdict's certificate to the second's. Proves no more than its basis: `same-session` is `control`.
   * Throws `verdict-not-proven` for anything but two verdicts of the verifier.
   */
  establish(from: ProvenVerdict, to: ProvenVerdict, context: EstablishContext): Promise<EstablishResult>;
  /** The same, in place of one live link named by its id. */
  supersede(link: string, from: ProvenVerdict, to: ProvenVerdict, context: EstablishContext): Promise<EstablishResult>;
  /**
   * Records that the verdict's card certificate took the place of an older one of this account, on another's word: the old one is revoked by then and
   * proves nothing. `find` with the relation `authentication-renewal` or `signature-renewal` then knows the new card. It links no smartphone:
   * that needs a ceremony with the new card. Throws `verdict-not-proven`, and `argument-invalid` for a certificate that is no card's.
   */
  renew(to: ProvenVerdict, context: RenewContext): Promise<EstablishResult>;
  /** The account of a presented certificate, through an active link only. A suspended link is a refusal. */
  find(presented: { readonly verdict: ProvenVerdict } & FindContext): Promise<FindResult>;
  suspend(link: LinkOf, request: { readonly by: 'operator' | 'person' }): Promise<ChangeResult>;
  resume(link: LinkOf, request: ResumeRequest): Promise<ResumeResult>;
  end(link: LinkOf, request: EndRequest): Promise<ChangeResult>;
  /**
   * The person says that this link is not theirs: ends it with reason `undone`, then ends its sessions (a link that has ended already: its sessions
   * only). Its smartphone is linked to this account again by an operator alone. May be repeated; rejects with what `endSessions` rejects with: the
   * link has ended by then, call again. Throws `argument-invalid` for a ledger without `endSessions`.
   */
  undo(link: LinkOf): Promise<UndoResult>;
  /**
   * Takes note of any verdict: a trusted revocation ends or suspends every link of that certificate at once; a good one renews what is known.
   * Hand every verdict of a user-authentication in here before acting on it.
   */
  observe(verdict: ProvenVerdict | RefusedVerdict): Promise<ObserveResult>;
  /** Matches a list of revocations against everything the ledger holds: a difference (blind and cheap) or a whole CRL. */
  reconcile(sweep: Sweep): Promise<SweepReport>;
  /**
   * Mode `sealed`: looks every certificate the ledger holds up in the indexes of whole lists. The same effect as `reconcile` with all their entries; its cost
   * grows with the links and not with the lists. Throws `argument-invalid` in mode `mac`.
   */
  lookUp(sweep: LookUpSweep): Promise<LookUpReport>;
  /**
   * Certificates shown good, one by one, as of `asOf` (OCSP, or a look-up in the list of exactly their class): renews what is known about cards,
   * at most once a day each. Lifts no hold.
   */
  confirm(good: Iterable<CertificateName> | AsyncIterable<CertificateName>, asOf: Date): Promise<SweepReport>;
  /** Smartphones whose card was revoked longer than a window ago, and which the issuer's lists still do not name (連動失効). Changes nothing. */
  overdueFollowers(check: FollowerCheck): Promise<FollowerReport>;
  /** Every certificate of every live link, person by person; with the certificate itself in mode `sealed`. */
  certificates(): AsyncIterable<HeldCertificate>;
  /** Mode `sealed`: rewrites identifiers and chains under the current key for everybody, so that older keys can be destroyed. */
  rekey(): Promise<{ readonly rewritten: number; readonly failures: number }>;
  history(account: string): Promise<HistoryResult>;
  export(account: string): Promise<ExportResult>;
  /** Destroys the person's key, identifiers and account id. What stays is a tombstone that names neither. Works on a broken chain too. */
  erase(account: string): Promise<EraseResult>;
  /** True for a tombstone this ledger has made. */
  verifyTombstone(tombstone: Tombstone): Promise<boolean>;
  /** Calls `notify` for everything pending; says how many were delivered. */
  deliverNotices(): Promise<number>;
}
