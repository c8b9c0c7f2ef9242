/** What a trusted word of the issuer about one certificate does to a person's links. Pure: state in, events out. */
import type { RevocationReason } from '../verdict.ts';
import { apply, type LinkEvent, type PersonState } from './events.ts';
import { carrierOf, isLive, type Link, RELATIONS } from './link.ts';

export interface RevocationSeen {
  readonly reason: RevocationReason;
  /** As of when the status data were true, milliseconds since 1970. */
  readonly asOf: number;
}

/** Idempotent: what has had its effect has none a second time. */
export const revocationEvents = (
  state: PersonState,
  refs: readonly string[],
  seen: RevocationSeen,
  options: { readonly at: string; readonly onHold: 'suspend' | 'end' },
): readonly LinkEvent[] => {
  // Back in force: that says good, and good is shown by a verdict only.
  if (seen.reason === 'removeFromCRL') return [];
  return state.links.filter((link) => isLive(link.state)).flatMap((link) => effectOn(link, refs, seen, options) ?? []);
};

const effectOn = (
  link: Link,
  refs: readonly string[],
  { reason, asOf }: RevocationSeen,
  { at, onHold }: { readonly at: string; readonly onHold: 'suspend' | 'end' },
): LinkEvent | null => {
  const side = RELATIONS[link.relation].inForce.find((candidate) => refs.includes(link[candidate].ref));
  if (side === undefined) return null;
  const known = new Date(asOf).toISOString();
  const held = reason === 'certificateHold';
  // A hold can be lifted: status data from before the last good one say nothing new. Every other revocation is for good.
  if (held && known < link[side].statusAsOf) return null;
  if (held && onHold === 'suspend' && link.state !== 'proposed') {
    const standing = link.suspensions.find((suspension) => suspension.reason === 'certificate-hold' && suspension.side === side);
    if (standing !== undefined && standing.asOf >= known) return null;
    return { type: 'link-suspended', at, link: link.id, suspension: { reason: 'certificate-hold', side, asOf: known }, raw: reason };
  }
  return {
    type: 'link-ended',
    at,
    link: link.id,
    reason: `${carrierOf(link[side].class)}-revoked`,
    by: 'issuer',
    side,
    raw: reason,
    asOf: known,
  };
};

/** Knowledge about a card is written anew when it is newer by more than this: not every login grows a history. */
const STATUS_RESOLUTION_MS = 86_400_000;

/**
 * Good as of `asOf`: renews what live links know about their card. A smartphone's certificate is verified whenever it is used; a card's, which
 * stands behind it unseen, is not.
 */
export const goodEvents = (state: PersonState, ref: string, asOf: number, at: string): readonly LinkEvent[] => {
  const stale = state.links
    .filter((link) => isLive(link.state))
    .map((link) => link[RELATIONS[link.relation].card])
    .some((card) => card.ref === ref && asOf - Date.parse(card.statusAsOf) > STATUS_RESOLUTION_MS);
  return stale ? [{ type: 'status-seen', at, ref, asOf: new Date(asOf).toISOString() }] : [];
};

/** The first of `refs` is the certificate's identifier under the current key: links that know it under an older one learn the new one. */
export const rekeyEvents = (state: PersonState, [current, ...older]: readonly [string, ...string[]], at: string): readonly LinkEvent[] => {
  const known = new Set([...state.links.flatMap((link) => [link.from.ref, link.to.ref]), ...state.revoked]);
  return older.filter((ref) => known.has(ref)).map((ref) => ({ type: 're-keyed', at, from: ref, to: current }));
};

export const applyAll = (state: PersonState, events: readonly LinkEvent[]): PersonState => events.reduce<PersonState>(apply, state);
