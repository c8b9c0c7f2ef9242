/** A person's links are what happened, in order. State is a fold of these events and can be rebuilt from them at any time. */
import type { RevocationReason } from '../verdict.ts';
import {
  ASSURANCE_OF,
  type Basis,
  type EndReason,
  type EndRequest,
  isLive,
  type LegalSource,
  type Link,
  type LinkAction,
  type LinkedCertificate,
  type Relation,
  type Side,
  type Suspension,
  stateAfter,
} from './link.ts';

interface Dated {
  /** When the ledger recorded it, ISO 8601. */
  readonly at: string;
}

export type LinkEvent = Dated &
  (
    | { readonly type: 'opened'; readonly account: string }
    | {
        readonly type: 'link-proposed';
        readonly link: string;
        readonly relation: Relation;
        readonly from: LinkedCertificate;
        readonly to: LinkedCertificate;
        readonly basis: Basis;
        readonly legalSource: LegalSource | null;
        readonly expiresBy: string;
        /** Where the relying party keeps the sealed evidence of both verdicts. */
        readonly evidence: Readonly<Record<Side, string>> | null;
      }
    | { readonly type: 'link-activated'; readonly link: string }
    | {
        readonly type: 'link-suspended';
        readonly link: string;
        readonly suspension: Omit<Suspension, 'since'>;
        readonly raw: RevocationReason | null;
      }
    | { readonly type: 'link-resumed'; readonly link: string; readonly reason: Suspension['reason']; readonly side: Side | null }
    | { readonly type: 'link-superseded'; readonly link: string; readonly by: string }
    | {
        readonly type: 'link-ended';
        readonly link: string;
        readonly reason: EndReason;
        readonly by: EndRequest['by'] | 'issuer';
        readonly side: Side | null;
        readonly raw: RevocationReason | null;
        readonly asOf: string | null;
      }
    | { readonly type: 'status-seen'; readonly ref: string; readonly asOf: string }
    | { readonly type: 're-keyed'; readonly from: string; readonly to: string }
  );

export interface PersonState {
  readonly account: string;
  readonly links: readonly Link[];
  /** Certificates the issuer has revoked for good, as far as this person's links have shown. */
  readonly revoked: ReadonlySet<string>;
}

/** Thrown by `fold` for a history that cannot have happened. The ledger answers it with `link-integrity`. */
export class ImpossibleHistory extends Error {
  override readonly name = 'ImpossibleHistory';
}

/** Rebuilds the state. Throws `ImpossibleHistory` for an event that the state before it does not allow. */
export const fold = (events: Iterable<LinkEvent>): PersonState | null => {
  let state: PersonState | null = null;
  for (const event of events) state = apply(state, event);
  return state;
};

export const apply = (state: PersonState | null, event: LinkEvent): PersonState => {
  if (event.type === 'opened') {
    if (state !== null) throw new ImpossibleHistory('opened twice');
    return { account: event.account, links: [], revoked: new Set() };
  }
  if (state === null) throw new ImpossibleHistory('not opened');
  switch (event.type) {
    case 'link-proposed':
      return { ...state, links: [...state.links, proposed(state, event)] };
    case 'status-seen':
      return { ...state, links: state.links.map((link) => seen(link, event.ref, event.asOf)) };
    case 're-keyed':
      return {
        ...state,
        links: state.links.map((link) => rekeyed(link, event.from, event.to)),
        revoked: new Set([...state.revoked].map((ref) => (ref === event.from ? event.to : ref))),
      };
    default:
      return moved(state, event);
  }
};

type Proposal = Extract<LinkEvent, { type: 'link-proposed' }>;
type Move = Exclude<LinkEvent, { type: 'opened' | 'link-proposed' | 'status-seen' | 're-keyed' }>;

const proposed = (state: PersonState, event: Proposal): Link => {
  if (state.links.some(({ id }) => id === event.link)) throw new ImpossibleHistory('proposed twice');
  const { relation, from, to, basis, legalSource, expiresBy } = event;
  return {
    id: event.link,
    relation,
    state: 'proposed',
    from,
    to,
    basis,
    assurance: ASSURANCE_OF[basis],
    legalSource,
    proposedAt: event.at,
    activeSince: null,
    expiresBy,
    suspensions: [],
    endedAt: null,
    endReason: null,
    revocationReason: null,
    supersededBy: null,
  };
};

const moved = (state: PersonState, event: Move): PersonState => {
  const index = state.links.findIndex(({ id }) => id === event.link);
  const link = state.links[index];
  if (link === undefined) throw new ImpossibleHistory('unknown link');
  const next = move(link, event);
  const ended = event.type === 'link-ended' && event.by === 'issuer' && event.side !== null ? link[event.side].ref : null;
  return {
    ...state,
    links: state.links.with(index, next),
    revoked: ended === null ? state.revoked : new Set([...state.revoked, ended]),
  };
};

const move = (link: Link, event: Move): Link => {
  const to = (action: LinkAction): { state: Link['state'] } => {
    const state = stateAfter(link.state, action);
    if (state === null) throw new ImpossibleHistory(`${action} of a link that is ${link.state}`);
    return { state };
  };
  switch (event.type) {
    case 'link-activated':
      return { ...link, ...to('activate'), activeSince: event.at };
    case 'link-suspended': {
      const others = link.suspensions.filter((held) => !sameCause(held, event.suspension));
      return { ...link, ...to('suspend'), suspensions: [...others, { ...event.suspension, since: event.at }] };
    }
    case 'link-resumed': {
      const rest = link.suspensions.filter((held) => !sameCause(held, event));
      if (rest.length === link.suspensions.length) throw new ImpossibleHistory('not suspended for this reason');
      return { ...link, ...to(rest.length === 0 ? 'resume' : 'lift'), suspensions: rest };
    }
    case 'link-superseded':
      return { ...link, ...to('supersede'), suspensions: [], endedAt: event.at, endReason: 'superseded', supersededBy: event.by };
    case 'link-ended':
      return { ...link, ...to('end'), suspensions: [], endedAt: event.at, endReason: event.reason, revocationReason: event.raw };
  }
};

type Cause = Pick<Suspension, 'reason' | 'side'>;

const sameCause = (a: Cause, b: Cause): boolean => a.reason === b.reason && a.side === b.side;

const seen = (link: Link, ref: string, asOf: string): Link =>
  isLive(link.state)
    ? onSides(link, ref, (certificate) => (certificate.statusAsOf < asOf ? { ...certificate, statusAsOf: asOf } : certificate))
    : link;

const rekeyed = (link: Link, from: string, to: string): Link => onSides(link, from, (certificate) => ({ ...certificate, ref: to }));

const onSides = (link: Link, ref: string, change: (certificate: LinkedCertificate) => LinkedCertificate): Link => ({
  ...link,
  from: link.from.ref === ref ? change(link.from) : link.from,
  to: link.to.ref === ref ? change(link.to) : link.to,
});

/** The certificates that live links claim for the account. */
export const claimsOf = (state: PersonState): readonly string[] => [
  ...new Set(state.links.filter((link) => isLive(link.state)).flatMap((link) => [link.from.ref, link.to.ref])),
];

/** The sealed name of a claimed certificate, where a live link has it. */
export const sealedNameOf = (state: PersonState, ref: string): string | null => {
  for (const link of state.links) {
    if (!isLive(link.state)) continue;
    for (const { ref: known, name } of [link.from, link.to]) if (known === ref && name !== undefined) return name;
  }
  return null;
};
