/** PIN tries of each key, kept as a card or a secure element keeps them: three for user authentication, five for signing. */
import type { Carrier, Purpose } from '@jpki-rp/verifier';

export const TRIES: Readonly<Record<Purpose, number>> = { 'user-authentication': 3, 'digital-signature': 5 };

export type UnlockResult = { readonly is: 'open' } | { readonly is: 'wrong'; readonly tries: number } | { readonly is: 'locked' };

export interface Locks {
  remaining(person: string, carrier: Carrier, purpose: Purpose): number;
  /** A right answer sets the counter back; a locked key stays locked whatever is entered. */
  attempt(person: string, carrier: Carrier, purpose: Purpose, right: boolean): UnlockResult;
  /** Initialised at the municipality (card) or in the app (smartphone), or a new certificate with a new counter. */
  reset(person: string, carrier: Carrier): void;
}

export function createLocks(): Locks {
  const spent = new Map<string, number>();
  const keyOf = (person: string, carrier: Carrier, purpose: Purpose): string => `${person}/${carrier}/${purpose}`;
  const remaining = (person: string, carrier: Carrier, purpose: Purpose): number =>
    TRIES[purpose] - (spent.get(keyOf(person, carrier, purpose)) ?? 0);
  return {
    remaining,
    attempt: (person, carrier, purpose, right) => {
      const key = keyOf(person, carrier, purpose);
      if (remaining(person, carrier, purpose) <= 0) return { is: 'locked' };
      if (right) {
        spent.delete(key);
        return { is: 'open' };
      }
      spent.set(key, (spent.get(key) ?? 0) + 1);
      const tries = remaining(person, carrier, purpose);
      return tries > 0 ? { is: 'wrong', tries } : { is: 'locked' };
    },
    reset: (person, carrier) => {
      for (const purpose of Object.keys(TRIES) as Purpose[]) spent.delete(keyOf(person, carrier, purpose));
    },
  };
}
