/** What a link is: its relation, its basis, what that basis is worth, and the states of its life. */
import { JpkiError } from '../errors.ts';
import type { Carrier, CertificateClass, RevocationReason } from '../verdict.ts';

/** `from` and `to` are the two certificates of a link, in the direction in which one speaks for the other. */
export type Side = 'from' | 'to';

/**
 * `authentication`: card ↔ smartphone, user authentication (the link that lets a smartphone log in to the card's account).
 * `signature`: card ↔ smartphone, digital signature. `card`: the two certificates of one card.
 * `authentication-renewal`, `signature-renewal`: old ↔ new certificate of a card (新旧紐付け), after renewal or a move.
 */
export type Relation = CeremonyRelation | RenewalRelation;

/** Both certificates answer in one ceremony. */
export type CeremonyRelation = 'authentication' | 'signature' | 'card';

/** Only the new certificate answers: the old one is revoked by then. */
export type RenewalRelation = 'authentication-renewal' | 'signature-renewal';

interface RelationRule {
  readonly from: CertificateClass;
  readonly to: CertificateClass;
  readonly made: 'ceremony' | 'renewal';
  /** Whether the issuer gives both the same expiry (a smartphone certificate ends with its card's). */
  readonly expiry: 'same' | 'unrelated';
  /** The ceremony's steps, as signed. The old certificate of a renewal signs nothing. */
  readonly steps: Readonly<Record<Side, string>>;
  /** The sides whose certificates are in force while the link lives: only their revocation ends it, only they find an account. */
  readonly inForce: readonly Side[];
  /** The card's side: whose status stands behind the link. */
  readonly card: Side;
  /** Under which articles an issuer's word about such a pair can have been received, the nearest first. */
  readonly legalSources: readonly LegalSource[];
}

const BOTH: readonly Side[] = ['from', 'to'];
const renewal = (certificateClass: CertificateClass, legalSources: readonly LegalSource[]): RelationRule => ({
  from: certificateClass,
  to: certificateClass,
  made: 'renewal',
  expiry: 'unrelated',
  steps: { from: '', to: 'renewal' },
  inForce: ['to'],
  card: 'to',
  legalSources,
});

export const RELATIONS: Readonly<Record<Relation, RelationRule>> = Object.freeze({
  authentication: {
    from: 'card-user-authentication',
    to: 'smartphone-user-authentication',
    made: 'ceremony',
    expiry: 'same',
    steps: { from: 'card', to: 'smartphone' },
    inForce: BOTH,
    card: 'from',
    legalSources: ['article-37'],
  },
  signature: {
    from: 'card-digital-signature',
    to: 'smartphone-digital-signature',
    made: 'ceremony',
    expiry: 'same',
    steps: { from: 'card', to: 'smartphone' },
    inForce: BOTH,
    card: 'from',
    legalSources: ['article-18-4'],
  },
  card: {
    from: 'card-digital-signature',
    to: 'card-user-authentication',
    made: 'ceremony',
    expiry: 'unrelated',
    steps: { from: 'signature', to: 'authentication' },
    inForce: BOTH,
    card: 'from',
    legalSources: ['article-18-5'],
  },
  'authentication-renewal': renewal('card-user-authentication', ['article-37', 'article-18-5']),
  'signature-renewal': renewal('card-digital-signature', ['article-18-4', 'article-18-5']),
} as const);

export const carrierOf = (certificateClass: CertificateClass): Carrier => (certificateClass.startsWith('card-') ? 'card' : 'smartphone');

/**
 * Where the knowledge comes from. `same-session`: both keys answered in one ceremony. `platform-user-id`: a platform operator gave one user id
 * for both. `issuer-link-information`: the issuer's own. `operator`: a person at the relying party says so.
 */
export type Basis = 'same-session' | 'platform-user-id' | 'issuer-link-information' | 'operator';

/** `control`: one authenticated account holder controlled both keys, perhaps not their own. `issuer`: the issuer or a platform says that both belong together. */
export type Assurance = 'control' | 'issuer';

/** A link says no more than its basis knows. */
export const ASSURANCE_OF: Readonly<Record<Basis, Assurance>> = Object.freeze({
  'same-session': 'control',
  'platform-user-id': 'issuer',
  'issuer-link-information': 'issuer',
  operator: 'control',
});

/** The article of the Act under which the issuer gave link information. */
export type LegalSource = 'article-18-4' | 'article-18-5' | 'article-37';

/** `suspend` and `lift` leave a suspended link suspended: it may be held for more than one reason, and resumes when the last is gone. */
const TRANSITIONS = {
  proposed: { activate: 'active', end: 'ended' },
  active: { suspend: 'suspended', supersede: 'superseded', end: 'ended' },
  suspended: { suspend: 'suspended', lift: 'suspended', resume: 'active', supersede: 'superseded', end: 'ended' },
  superseded: {},
  ended: {},
} as const;

export type LinkState = 'proposed' | 'active' | 'suspended' | 'superseded' | 'ended';
/** What can happen to a link in this state. For a state that is not known at compile time nothing can: narrow it first. */
export type ActionIn<S extends LinkState> = keyof (typeof TRANSITIONS)[S];
export type LinkAction = { [S in LinkState]: ActionIn<S> }[LinkState];
export type StateAfter<S extends LinkState, A extends ActionIn<S>> = (typeof TRANSITIONS)[S][A];

/** The state an action leads to, or null where the state does not allow it. */
export const stateAfter = (state: LinkState, action: LinkAction): LinkState | null => {
  const row: Partial<Record<LinkAction, LinkState>> = TRANSITIONS[state];
  return Object.hasOwn(row, action) ? (row[action] ?? null) : null;
};

/** The same where the state is known at compile time: an impossible transition does not type-check. Throws `link-transition` at run time. */
export const transition = <S extends LinkState, A extends ActionIn<S> & LinkAction>(state: S, action: A): StateAfter<S, A> => {
  const next = stateAfter(state, action);
  if (next === null) throw new JpkiError('link-transition');
  return next as StateAfter<S, A>;
};

export type LiveState = 'proposed' | 'active' | 'suspended';

/** A live link claims its certificates for its account; a superseded or ended one no longer does. */
export const isLive = (state: LinkState): state is LiveState => state === 'proposed' || state === 'active' || state === 'suspended';

/** Why a link is held. A certificate's hold is lifted by a newer verdict only; an operator's by an operator; a person's by both. */
export type SuspensionReason = 'certificate-hold' | 'operator' | 'person';

export interface Suspension {
  readonly reason: SuspensionReason;
  /** The certificate on hold, where it is that. */
  readonly side: Side | null;
  /** Since when the ledger has acted on it. */
  readonly since: string;
  /** As of when the knowledge behind it was true. */
  readonly asOf: string;
}

/**
 * Reasons only where someone can know them: `deceased` and `moved` come from an operator alone, `undone` from a person who says that the link was
 * not theirs to begin with.
 */
export type EndReason =
  | 'card-revoked'
  | 'smartphone-revoked'
  | 'expired'
  | 'withdrawn'
  | 'undone'
  | 'account-closed'
  | 'conflict'
  | 'deceased'
  | 'moved';

/**
 * Who may end a link for which reason. Revocations come through `observe` and `reconcile`, never through a caller's word; `undone` through `undo`.
 */
export type EndRequest =
  | { readonly by: 'person'; readonly reason: 'withdrawn' }
  | { readonly by: 'relying-party'; readonly reason: 'expired' | 'account-closed' | 'conflict' }
  | { readonly by: 'operator'; readonly reason: 'withdrawn' | 'account-closed' | 'conflict' | 'deceased' | 'moved' };

export const END_REASONS: Readonly<Record<EndRequest['by'], readonly EndReason[]>> = Object.freeze({
  person: ['withdrawn'],
  'relying-party': ['expired', 'account-closed', 'conflict'],
  operator: ['withdrawn', 'account-closed', 'conflict', 'deceased', 'moved'],
});

/** One certificate of a link, as the ledger knows it: a keyed identifier, never a serial. */
export interface LinkedCertificate {
  readonly class: CertificateClass;
  /** `{key id}.{base64url of the keyed MAC}` */
  readonly ref: string;
  /** As of when trusted status data last showed it good, ISO 8601. */
  readonly statusAsOf: string;
  /** The certificate under the operator's key, in mode `sealed` only. */
  readonly sealed?: string;
  /** Its name alone under the same key, for sweeps. */
  readonly name?: string;
}

export interface Link {
  /** Names the link at this relying party. Says nothing about person or certificates. */
  readonly id: string;
  readonly relation: Relation;
  readonly state: LinkState;
  readonly from: LinkedCertificate;
  readonly to: LinkedCertificate;
  readonly basis: Basis;
  readonly assurance: Assurance;
  /** Only for `issuer-link-information`. */
  readonly legalSource: LegalSource | null;
  readonly proposedAt: string;
  /** When it first became active. A cooling-off period counts from here. */
  readonly activeSince: string | null;
  /** First instant of the month after the earlier expiry: exact expiries are the holder's birthday and are not kept. */
  readonly expiresBy: string;
  readonly suspensions: readonly Suspension[];
  /** For a superseded or ended link. */
  readonly endedAt: string | null;
  readonly endReason: EndReason | 'superseded' | null;
  /** What the issuer gave as reason, where a revocation ended it. */
  readonly revocationReason: RevocationReason | null;
  readonly supersededBy: string | null;
}

/** Ends that say nothing against the link itself. By all others someone took it back: it does not make its card an old acquaintance. */
const IN_GOOD_FAITH: readonly Link['endReason'][] = [null, 'superseded', 'card-revoked', 'smartphone-revoked', 'expired'];

export const isInGoodFaith = ({ endReason }: Link): boolean => IN_GOOD_FAITH.includes(endReason);
