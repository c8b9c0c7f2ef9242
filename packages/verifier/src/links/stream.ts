/** Reads a person, lets a pure function decide, writes what it decided: all or nothing, tried again when someone else was faster. */
import { chainOf, newPerson, type PersonHead, verifiedState } from './chain.ts';
import { apply, claimsOf, type LinkEvent, type PersonState, sealedNameOf } from './events.ts';
import type { Identifier } from './identifier.ts';
import type { Refusal } from './ledger.types.ts';
import type { LinkNotice, LinkStore, StoredEvent, StoredPerson } from './store.ts';

const ATTEMPTS = 12;

export interface Decision<R> {
  readonly events: readonly LinkEvent[];
  /** What the caller is told once the events are kept. */
  readonly result: (state: PersonState) => R;
  /** A ceremony to redeem, under all keys. */
  readonly ceremonies?: readonly string[];
}

export interface Work<R> {
  readonly by: { readonly account: string } | { readonly person: string };
  /** Opens a person for the account where there is none. */
  readonly open?: boolean;
  /** All identifiers of the certificates at hand: the current one first. */
  readonly certificates?: readonly (readonly [string, ...string[]])[];
  /** The person as already loaded: spares the first read. */
  readonly loaded?: StoredPerson;
  readonly decide: (state: PersonState | null, head: PersonHead) => Decision<R> | Exclude<R, { ok: true }>;
  readonly now: string;
}

export interface Streams {
  readonly store: LinkStore;
  readonly identifier: Identifier;
  readonly accountsPerCertificate: number;
  readonly announce: (notices: readonly LinkNotice[]) => Promise<void>;
}

type StreamRefusal = Refusal<'link-busy' | 'link-integrity' | 'link-other-account' | 'link-ceremony'>;

export const change = async <R extends { readonly ok: boolean }>(streams: Streams, work: Work<R>): Promise<R | StreamRefusal> => {
  const { store, identifier } = streams;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = attempt === 0 && work.loaded !== undefined ? work.loaded : await store.load(work.by);
    const state = stored === null ? null : await verifiedState(identifier, stored);
    if (stored !== null && state === null) return { ok: false, code: 'link-integrity' };
    if (stored === null && !(work.open === true && 'account' in work.by)) return work.decide(null, NOBODY) as R;
    const head = stored ?? newPerson('account' in work.by ? work.by.account : '', identifier);
    const decision = work.decide(state, head);
    if (!('events' in decision)) return decision;
    const opened: readonly LinkEvent[] = state === null ? [{ type: 'opened', at: work.now, account: head.account }] : [];
    const written = await write(streams, {
      stored,
      head,
      state,
      events: [...opened, ...decision.events],
      work,
      ceremonies: decision.ceremonies ?? [],
    });
    if (written.result === 'claimed') return { ok: false, code: 'link-other-account' };
    if (written.result === 'ceremony-used') return { ok: false, code: 'link-ceremony' };
    if (written.result === 'conflict') continue;
    await streams.announce(written.notices);
    return decision.result(written.state);
  }
  return { ok: false, code: 'link-busy' };
};

const NOBODY: PersonHead = { person: '', account: '', salt: '', keyId: '' };

interface Writing {
  readonly stored: StoredPerson | null;
  readonly head: PersonHead;
  readonly state: PersonState | null;
  readonly events: readonly LinkEvent[];
  readonly work: Pick<Work<never>, 'certificates'>;
  readonly ceremonies: readonly string[];
}

const write = async (streams: Streams, { stored, head, state, events, work, ceremonies }: Writing) => {
  const { store, identifier, accountsPerCertificate } = streams;
  // `events` is empty only for a person that exists.
  const next = events.reduce<PersonState | null>(apply, state) as PersonState;
  const before = stored?.events ?? [];
  const rotated = stored !== null && stored.keyId !== identifier.keyId;
  if (events.length === 0 && !rotated) return { result: 'committed' as const, state: next, notices: [] };
  const owner = rotated ? { ...newPerson(head.account, identifier), person: head.person } : head;
  const chain = await chainOf(identifier, owner);
  const rechained = rotated
    ? chain.append(
        [],
        before.map(({ event }) => event),
      )
    : null;
  const added = chain.append(rechained ?? before, events);
  const aliases = new Map((work.certificates ?? []).map(([current, ...older]) => [current, older]));
  const notices = noticesOf(head, added);
  const result = await store.commit({
    person: owner.person,
    account: owner.account,
    salt: owner.salt,
    keyId: owner.keyId,
    headMac: chain.headMac([...(rechained ?? before), ...added].slice(-1)),
    expectedSequence: before.length,
    events: added,
    rechained,
    claims: claimsOf(next).map((ref) => ({ ref, aliases: aliases.get(ref) ?? [], name: sealedNameOf(next, ref) })),
    accountsPerCertificate,
    ceremonies,
    notices,
  });
  return { result, state: next, notices };
};

export const noticesOf = ({ person, account }: PersonHead, added: readonly StoredEvent[]): readonly LinkNotice[] =>
  added.flatMap(({ sequence, event }) => noticeOf(event, `${person}.${sequence}`, account) ?? []);

const noticeOf = (event: LinkEvent, id: string, account: string): LinkNotice | null => {
  const { at } = event;
  switch (event.type) {
    case 'link-activated':
      return { id, type: 'link.established', account, link: event.link, at, reason: null };
    case 'link-suspended':
      return { id, type: 'link.suspended', account, link: event.link, at, reason: event.suspension.reason };
    case 'link-resumed':
      return { id, type: 'link.resumed', account, link: event.link, at, reason: event.reason };
    case 'link-superseded':
      return { id, type: 'link.superseded', account, link: event.link, at, reason: 'superseded' };
    case 'link-ended':
      return { id, type: 'link.ended', account, link: event.link, at, reason: event.reason };
    default:
      return null;
  }
};
