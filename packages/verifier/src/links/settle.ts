/** What a sweep changes, for many persons in one step. Whoever changed meanwhile is taken one by one. */
import { chainOf, verifiedState } from './chain.ts';
import { hasMoved, type LedgerCore, settleHolder } from './core.ts';
import { applyAll } from './effects.ts';
import { claimsOf, type LinkEvent, type PersonState } from './events.ts';
import type { StoreRefusal } from './ledger.types.ts';
import type { Settlement, StoredPerson } from './store.ts';
import { noticesOf } from './stream.ts';

export interface Settled {
  /** Links whose state changed. */
  readonly changed: number;
  readonly refused: readonly StoreRefusal[];
}

/** One person's broken record does not shield the others. */
export const settleHolders = async (
  core: LedgerCore,
  holders: Iterable<StoredPerson>,
  eventsFor: (state: PersonState) => readonly LinkEvent[],
  now: string,
): Promise<Settled> => {
  const refused: StoreRefusal[] = [];
  const alone: StoredPerson[] = [];
  const together: { readonly stored: StoredPerson; readonly settlement: Settlement; readonly moved: number }[] = [];
  for (const stored of holders) {
    const state = await verifiedState(core.identifier, stored);
    if (state === null) {
      refused.push('link-integrity');
      continue;
    }
    const events = eventsFor(state);
    const isCurrent = stored.keyId === core.identifier.keyId;
    if (events.length === 0 && isCurrent) continue;
    const after = applyAll(state, events);
    const claims = claimsOf(after);
    // A new name for a certificate is claimed with everything that guards a claim.
    if (!isCurrent || claims.some((ref) => !stored.claims.includes(ref))) {
      alone.push(stored);
      continue;
    }
    const chain = await chainOf(core.identifier, stored);
    const added = chain.append(stored.events, events);
    together.push({
      stored,
      moved: movedFrom(state, after),
      settlement: {
        person: stored.person,
        headMac: chain.headMac(added),
        expectedSequence: stored.events.length,
        events: added,
        released: stored.claims.filter((ref) => !claims.includes(ref)),
        notices: noticesOf(stored, added),
      },
    });
  }
  const kept = together.length === 0 ? NOBODY : await core.store.settle(together.map(({ settlement }) => settlement));
  const told = together.filter(({ stored }) => kept.has(stored.person));
  await core.announce(told.flatMap(({ settlement }) => settlement.notices));
  let changed = told.reduce((sum, { moved }) => sum + moved, 0);
  const late = together.filter(({ stored }) => !kept.has(stored.person)).map(({ stored }) => stored);
  for (const stored of [...alone, ...late]) {
    const result = await settleHolder(core, stored, eventsFor, now);
    if (result.ok) changed += result.changed.length;
    else refused.push(result.code);
  }
  return { changed, refused };
};

const NOBODY: ReadonlySet<string> = new Set();

const movedFrom = (before: PersonState, after: PersonState): number => after.links.filter((link) => hasMoved(link, before)).length;
