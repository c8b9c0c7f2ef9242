/** Which certificates to check again, and when (現況確認): by risk, freshness objective and price per call. Pure: it plans and asks nobody. */
import { JpkiError } from '../errors.ts';

/** Something whose status was last known at some time: a certificate of a link, or a whole customer. */
export interface RecheckCandidate {
  /** The caller's own name for it. Not a serial number: plans are printed and logged. */
  readonly id: string;
  /** One of the policy's tiers. */
  readonly tier: string;
  readonly statusAsOf: Date;
}

export interface RecheckTier {
  /** How old the knowledge may become. */
  readonly freshSeconds: number;
  /** What one check costs, in the smallest unit of any one currency. Default 0. */
  readonly price?: number;
}

export interface RecheckPolicy {
  readonly at: Date;
  readonly tiers: Readonly<Record<string, RecheckTier>>;
  /** What this round may cost. Default: no bound. */
  readonly budget?: number;
  /** How many checks this round may make. Default: no bound. */
  readonly limit?: number;
}

export interface RecheckPlan {
  /** In the order to work in: furthest beyond its objective, measured in objectives, first. */
  readonly due: readonly { readonly id: string; readonly tier: string; readonly dueAt: Date; readonly price: number }[];
  readonly cost: number;
  /** Due, but beyond budget or limit. */
  readonly deferred: number;
  /** Not due yet, and when the next one is. */
  readonly fresh: number;
  readonly nextDueAt: Date | null;
  /** Whoever was not checked for the longest time, due or not. */
  readonly oldest: { readonly id: string; readonly statusAsOf: Date } | null;
}

/** Throws `argument-invalid` for a candidate of an unknown tier or an invalid time: nobody falls out of a plan unseen. */
export const planRechecks = async (
  candidates: Iterable<RecheckCandidate> | AsyncIterable<RecheckCandidate>,
  policy: RecheckPolicy,
): Promise<RecheckPlan> => {
  const { at, tiers, budget = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY } = policy;
  const now = timeOf(at);
  const due: { id: string; tier: string; dueAt: number; price: number; urgency: number }[] = [];
  let fresh = 0;
  let nextDueAt: number | null = null;
  let oldest: { id: string; asOf: number } | null = null;
  for await (const { id, tier: name, statusAsOf } of candidates) {
    const tier = Object.hasOwn(tiers, name) ? tiers[name] : undefined;
    if (tier === undefined || !(tier.freshSeconds > 0))
      throw new JpkiError('argument-invalid', 'a candidate’s tier is unknown or has no objective');
    const asOf = timeOf(statusAsOf);
    const dueAt = asOf + tier.freshSeconds * 1000;
    if (oldest === null || asOf < oldest.asOf) oldest = { id, asOf };
    if (dueAt <= now) {
      due.push({ id, tier: name, dueAt, price: tier.price ?? 0, urgency: (now - asOf) / (tier.freshSeconds * 1000) });
      continue;
    }
    fresh += 1;
    nextDueAt = nextDueAt === null ? dueAt : Math.min(nextDueAt, dueAt);
  }
  due.sort((a, b) => b.urgency - a.urgency || (a.id < b.id ? -1 : 1));
  let cost = 0;
  // No leaping ahead: a cheap check that is less urgent does not push out a dear one.
  const cut = due.findIndex(({ price }, index) => {
    if (index >= limit || cost + price > budget) return true;
    cost += price;
    return false;
  });
  const chosen = cut === -1 ? due : due.slice(0, cut);
  return {
    due: chosen.map(({ urgency: _, dueAt, ...item }) => ({ ...item, dueAt: new Date(dueAt) })),
    cost,
    deferred: due.length - chosen.length,
    fresh,
    nextDueAt: nextDueAt === null ? null : new Date(nextDueAt),
    oldest: oldest === null ? null : { id: oldest.id, statusAsOf: new Date(oldest.asOf) },
  };
};

const timeOf = (date: Date): number => {
  const time = date instanceof Date ? date.getTime() : Number.NaN;
  if (Number.isNaN(time)) throw new JpkiError('argument-invalid', 'a re-check needs valid times');
  return time;
};
