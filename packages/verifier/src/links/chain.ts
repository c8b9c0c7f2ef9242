/** Events chained per person by a keyed MAC: whoever can write the database but not the key cannot change, drop or reorder them unseen. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../evidence/jcs.ts';
import { claimsOf, fold, ImpossibleHistory, type LinkEvent, type PersonState } from './events.ts';
import { base64url, type Identifier, label, macOf } from './identifier.ts';
import type { StoredEvent, StoredPerson, Tombstone } from './store.ts';

/** Who a person is, without what happened. */
export type PersonHead = Pick<StoredPerson, 'person' | 'account' | 'salt' | 'keyId'>;

/** A person nobody knows yet. */
export const newPerson = (account: string, identifier: Identifier): PersonHead => ({
  person: randomBytes(16).toString('base64url'),
  account,
  salt: randomBytes(32).toString('base64url'),
  keyId: identifier.keyId,
});

/** The person's own key: gone for good when the salt is erased. */
const chainKeyOf = async (identifier: Identifier, { person, salt, keyId }: PersonHead): Promise<Uint8Array> =>
  await macOf(identifier, keyId, Buffer.concat([label('person'), Buffer.from(`${person}\0${salt}`, 'utf8')]));

const macOfEvent = (key: Uint8Array, previous: string, sequence: number, event: LinkEvent): string =>
  createHmac('sha256', key).update(canonicalJson({ previous, sequence, event })).digest('base64url');

const macOfHead = (key: Uint8Array, { sequence, mac }: Omit<StoredEvent, 'event'>): string =>
  createHmac('sha256', key)
    .update(canonicalJson({ head: mac, sequence }))
    .digest('base64url');

export interface Chain {
  /** The events as they are stored after `before`. */
  append(before: readonly StoredEvent[], events: readonly LinkEvent[]): readonly StoredEvent[];
  /** For a person whose newest event is the last of these. */
  headMac(events: readonly StoredEvent[]): string;
}

export const chainOf = async (identifier: Identifier, head: PersonHead): Promise<Chain> => {
  const key = await chainKeyOf(identifier, head);
  return {
    append: (before, events) => {
      let previous = before.at(-1)?.mac ?? '';
      return events.map((event, index) => {
        const sequence = before.length + index + 1;
        previous = macOfEvent(key, previous, sequence, event);
        return { sequence, event, mac: previous };
      });
    },
    headMac: (events) => macOfHead(key, events.at(-1) ?? { sequence: 0, mac: '' }),
  };
};

/**
 * The person's state, rebuilt from events whose chain holds to its head; null where it does not, where account or claims in the store are not those
 * of the events, or where the events cannot have happened. What a chain cannot show is that the whole person was set back to an earlier state, head
 * and all, by someone who had kept it: keep `head` of `history` elsewhere where that matters. Nor that a claim was away for a while and came back
 * unchanged: a sweep in between did not meet it, and a complete one counts the certificate as good all the same. A look at the record in between shows it.
 */
export const verifiedState = async (identifier: Identifier, stored: StoredPerson): Promise<PersonState | null> => {
  if (![identifier.keyId, ...identifier.previousKeyIds].includes(stored.keyId)) return null;
  const key = await chainKeyOf(identifier, stored);
  let previous = '';
  for (const [index, { sequence, event, mac }] of stored.events.entries()) {
    if (sequence !== index + 1 || !same(mac, macOfEvent(key, previous, sequence, event))) return null;
    previous = mac;
  }
  if (!same(stored.headMac, macOfHead(key, { sequence: stored.events.length, mac: previous }))) return null;
  try {
    const state = fold(stored.events.map(({ event }) => event));
    return state !== null && state.account === stored.account && isEveryClaim(stored.claims, claimsOf(state)) ? state : null;
  } catch (error) {
    if (error instanceof ImpossibleHistory) return null;
    throw error;
  }
};

const isEveryClaim = (stored: readonly string[], expected: readonly string[]): boolean =>
  stored.length === expected.length && expected.every((ref) => stored.includes(ref));

export const sealTombstone = async (identifier: Identifier, tombstone: Omit<Tombstone, 'mac' | 'keyId'>): Promise<Tombstone> => {
  const signed = { ...tombstone, keyId: identifier.keyId };
  return { ...signed, mac: base64url(await macOf(identifier, signed.keyId, tombstoneBytes(signed))) };
};

export const isGenuineTombstone = async (identifier: Identifier, { mac, ...signed }: Tombstone): Promise<boolean> => {
  if (![identifier.keyId, ...identifier.previousKeyIds].includes(signed.keyId)) return false;
  return same(mac, base64url(await macOf(identifier, signed.keyId, tombstoneBytes(signed))));
};

const tombstoneBytes = (signed: Omit<Tombstone, 'mac'>): Uint8Array =>
  Buffer.concat([label('tombstone'), Buffer.from(canonicalJson(signed), 'utf8')]);

const same = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return left.length === right.length && timingSafeEqual(left, right);
};
