/** A person's certificates and links as a life: what belongs to what, and which state held from when to when. Pure; the ledger's word, folded. */
import { fold, type History, type Link, type LinkEvent, type LinkState } from '@jpki-rp/verifier/links';
import type { Account, RegisteredCertificate } from '../accounts/account.ts';

/** A state between two marks on the common scale, 0 to 1. */
export interface Span {
  readonly state: Extract<LinkState, 'proposed' | 'active' | 'suspended'>;
  readonly from: number;
  readonly to: number;
}

export interface LinkLife {
  readonly link: Link;
  /** Which smartphone of this account it is, in the order in which they came. */
  readonly phone: number;
  readonly spans: readonly Span[];
}

/** One card, and what it was linked to; the newest first. */
export interface CardLife {
  readonly card: number;
  readonly links: readonly LinkLife[];
  /** Whether it logs in by itself, whatever becomes of its links. */
  readonly registered: boolean;
  /** The renewal by which this card took the place of an older one. */
  readonly renewal: { readonly link: Link; readonly of: number } | null;
}

export interface Life {
  readonly cards: readonly CardLife[];
  readonly cardCount: number;
  readonly phoneCount: number;
  /** Certificates of the account that no link ties. */
  readonly alone: readonly RegisteredCertificate[];
  readonly begin: Date | null;
}

export function lifeOf(account: Account, history: History | null): Life {
  const links = history?.links ?? [];
  const events = (history?.events ?? []).map(({ event }) => event);
  const authentications = links.filter(({ relation }) => relation === 'authentication');
  const renewals = links.filter(({ relation }) => relation === 'authentication-renewal');
  const cards = distinct(links.flatMap((link) => (link.relation === 'authentication' ? [link.from.ref] : [link.from.ref, link.to.ref])));
  const phones = distinct(authentications.map(({ to }) => to.ref));
  const marks = distinct(events.filter(({ type }) => type.startsWith('link-')).map(({ at }) => at));
  // Ledger and bank know the same card by two identifiers, under two keys.
  const bankRefs = new Map(
    links.map(({ id, relation, from, to }) => [relation === 'authentication' ? from.ref : to.ref, account.links.get(id)?.card ?? '']),
  );
  const own = new Set(account.certificates.map(({ ref }) => ref));
  const tied = new Set([...account.links.values()].flatMap(({ card, smartphone }) => (smartphone === null ? [card] : [card, smartphone])));
  return {
    cards: cards
      .map((ref, index): CardLife => {
        const renewal = renewals.findLast(({ to }) => to.ref === ref) ?? null;
        return {
          card: index + 1,
          registered: own.has(bankRefs.get(ref) ?? '') && !isRevoked(links, ref),
          links: authentications
            .filter(({ from }) => from.ref === ref)
            .map((link) => ({ link, phone: phones.indexOf(link.to.ref) + 1, spans: spansOf(link.id, events, marks) }))
            .reverse(),
          renewal: renewal === null ? null : { link: renewal, of: cards.indexOf(renewal.from.ref) + 1 },
        };
      })
      .reverse(),
    cardCount: cards.length,
    phoneCount: phones.length,
    alone: account.certificates.filter(({ ref }) => !tied.has(ref)),
    begin: marks[0] === undefined ? null : new Date(marks[0]),
  };
}

/** As far as the ledger knows: a revoked card no longer logs in, registered or not. */
const isRevoked = (links: readonly Link[], ref: string): boolean =>
  links.some(({ from, endReason }) => from.ref === ref && endReason === 'card-revoked');

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)];

/** Steps of one length, whatever time lies between them: a life may pass in minutes or in years. The last step leads to now. */
function spansOf(link: string, events: readonly LinkEvent[], marks: readonly string[]): readonly Span[] {
  const steps = Math.max(marks.length, 1);
  const spans: Span[] = [];
  let open: { readonly state: Span['state']; readonly from: number } | null = null;
  const close = (to: number): void => {
    if (open !== null && to > open.from) spans.push({ ...open, to });
    open = null;
  };
  for (const [index, at] of marks.entries()) {
    // What happened in one instant is one step.
    const state = fold(events.slice(0, events.findLastIndex((event) => event.at === at) + 1))?.links.find(({ id }) => id === link)?.state;
    const living = state === 'proposed' || state === 'active' || state === 'suspended' ? state : null;
    const current: Span['state'] | null = (open as { readonly state: Span['state'] } | null)?.state ?? null;
    if (living === current) continue;
    close(index / steps);
    if (living !== null) open = { state: living, from: index / steps };
  }
  close(1);
  return spans;
}

export interface News {
  readonly event: LinkEvent;
  /** What it is about; null where it is about no single link. */
  readonly pair: { readonly card: number; readonly phone: number } | null;
}

/** What happened, without what the person knows already: a hold that is heard of twice is one hold, and a renewal is one step. */
export function newsOf(life: Life, history: History | null): readonly News[] {
  const pairs = new Map(life.cards.flatMap(({ card, links }) => links.map(({ link, phone }) => [link.id, { card, phone }] as const)));
  const held = new Set<string>();
  return (history?.events ?? []).flatMap(({ event }) => {
    const pair = 'link' in event ? (pairs.get(event.link) ?? null) : null;
    if (event.type === 'link-activated' && pair === null) return [];
    if (event.type === 'link-suspended') {
      const cause = `${event.link} ${event.suspension.reason} ${event.suspension.side}`;
      if (held.has(cause)) return [];
      held.add(cause);
    }
    if (event.type === 'link-resumed') held.delete(`${event.link} ${event.reason} ${event.side}`);
    return [{ event, pair }];
  });
}
