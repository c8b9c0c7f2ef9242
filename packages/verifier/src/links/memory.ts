import { fingerprintOf } from './fingerprints.ts';
import type { CommitResult, LinkCommit, LinkNotice, LinkStore, NamedClaims, StoredPerson, Tombstone } from './store.ts';

const NOBODY: readonly string[] = [];

/** A `LinkStore` in this process: for tests, demos and one-process trials. What is in it ends with the process. */
export const memoryLinkStore = (): LinkStore => {
  const persons = new Map<string, Omit<StoredPerson, 'claims'>>();
  const accounts = new Map<string, string>();
  const claims = new Map<string, Set<string>>();
  const claimed = new Map<string, readonly string[]>();
  const names = new Map<string, ReadonlyMap<string, string | null>>();
  const ceremonies = new Set<string>();
  const tombstones = new Map<string, Tombstone>();
  const notices = new Map<string, { readonly person: string; readonly notice: LinkNotice }>();

  const release = (person: string): void => {
    for (const ref of claimed.get(person) ?? []) {
      const holders = claims.get(ref);
      holders?.delete(person);
      if (holders?.size === 0) claims.delete(ref);
    }
    claimed.delete(person);
    names.delete(person);
  };

  const stored = (id: string): readonly StoredPerson[] => {
    const person = persons.get(id);
    return person === undefined ? [] : [{ ...person, claims: claimed.get(id) ?? NOBODY }];
  };

  const othersHolding = (person: string, refs: readonly string[]): number => {
    const others = new Set(refs.flatMap((ref) => [...(claims.get(ref) ?? [])]));
    others.delete(person);
    return others.size;
  };

  const refusal = (change: LinkCommit): Exclude<CommitResult, 'committed'> | null => {
    const present = persons.get(change.person);
    if ((present?.events.length ?? 0) !== change.expectedSequence) return 'conflict';
    if (change.expectedSequence === 0 && (present !== undefined || accounts.has(change.account) || tombstones.has(change.person)))
      return 'conflict';
    if (change.ceremonies.some((name) => ceremonies.has(name))) return 'ceremony-used';
    const held = new Set(claimed.get(change.person));
    const full = change.claims
      .map(({ ref, aliases }) => [ref, ...aliases])
      .filter((names) => !names.some((name) => held.has(name)))
      .some((names) => othersHolding(change.person, names) >= change.accountsPerCertificate);
    return full ? 'claimed' : null;
  };

  return {
    async load(by) {
      const person = 'person' in by ? by.person : accounts.get(by.account);
      return (person === undefined ? undefined : stored(person)[0]) ?? null;
    },

    async holders(refs) {
      const found = new Set<string>();
      for (const ref of refs) for (const person of claims.get(ref) ?? NOBODY) found.add(person);
      return [...found].flatMap(stored);
    },

    async scan(after, limit) {
      const ids = [...persons.keys()].filter((id) => after === null || id > after).sort();
      return ids.slice(0, limit).flatMap(stored);
    },

    async commit(change) {
      const refused = refusal(change);
      if (refused !== null) return refused;
      const { person, account, salt, keyId, headMac } = change;
      const before = change.rechained ?? persons.get(person)?.events ?? [];
      persons.set(person, structuredClone({ person, account, salt, keyId, headMac, events: [...before, ...change.events] }));
      accounts.set(account, person);
      release(person);
      for (const { ref } of change.claims) {
        const holders = claims.get(ref) ?? new Set();
        claims.set(ref, holders.add(person));
      }
      claimed.set(
        person,
        change.claims.map(({ ref }) => ref),
      );
      names.set(person, new Map(change.claims.map(({ ref, name }) => [ref, name])));
      for (const name of change.ceremonies) ceremonies.add(name);
      for (const notice of change.notices) notices.set(notice.id, { person, notice });
      return 'committed';
    },

    async settle(settlements) {
      const kept = new Set<string>();
      for (const { person, headMac, expectedSequence, events, released, notices: told } of settlements) {
        const present = persons.get(person);
        if (present === undefined || present.events.length !== expectedSequence) continue;
        persons.set(person, { ...present, headMac, events: [...present.events, ...structuredClone(events)] });
        for (const ref of released) {
          const holders = claims.get(ref);
          holders?.delete(person);
          if (holders?.size === 0) claims.delete(ref);
        }
        claimed.set(
          person,
          (claimed.get(person) ?? NOBODY).filter((ref) => !released.includes(ref)),
        );
        for (const notice of told) notices.set(notice.id, { person, notice });
        kept.add(person);
      }
      return kept;
    },

    async fingerprints(atMost) {
      if (claims.size > atMost) return null;
      return [...claims.keys()].flatMap((ref) => fingerprintOf(ref) ?? []);
    },

    async names(after, limit) {
      const ids = [...persons.keys()].filter((id) => after === null || id > after).sort();
      const page = ids.slice(0, limit);
      const of = (person: string): NamedClaims['claims'] =>
        (claimed.get(person) ?? NOBODY).map((ref) => ({ person, ref, name: names.get(person)?.get(ref) ?? null }));
      return { last: page.at(-1) ?? null, claims: page.flatMap(of) };
    },

    async erase(tombstone) {
      const present = persons.get(tombstone.person);
      if (present === undefined || present.events.length !== tombstone.events) return 'conflict';
      release(tombstone.person);
      accounts.delete(present.account);
      persons.delete(tombstone.person);
      for (const [id, { person }] of notices) if (person === tombstone.person) notices.delete(id);
      tombstones.set(tombstone.person, tombstone);
      return 'erased';
    },

    async tombstone(person) {
      return tombstones.get(person) ?? null;
    },

    async pendingNotices(limit) {
      return [...notices.values()].slice(0, limit).map(({ notice }) => notice);
    },

    async delivered(ids) {
      for (const id of ids) notices.delete(id);
    },
  };
};
