import type { ProvenVerdict } from '../verdict.ts';
import { verifiedState } from './chain.ts';
import { type LedgerCore, linkIn, NOT_FOUND } from './core.ts';
import { applyAll, goodEvents, rekeyEvents } from './effects.ts';
import type { LinkEvent, PersonState } from './events.ts';
import { refsOf } from './identifier.ts';
import type { FindContext, FindResult, LinkLedger } from './ledger.types.ts';
import { isInGoodFaith, isLive, type Link, type LinkedCertificate, RELATIONS, type Side } from './link.ts';
import { isFresh, type ProvenFacts, provenFacts } from './rules.ts';
import type { StoredPerson } from './store.ts';
import { change } from './stream.ts';
import { type Swept, sweptBy } from './sweeps.ts';

interface Match {
  readonly stored: StoredPerson;
  readonly state: PersonState;
  readonly link: Link;
  readonly side: Side;
}

/** From a presented certificate to the account it speaks for. */
export const finder =
  (core: LedgerCore): LinkLedger['find'] =>
  async ({ verdict, ...context }) => {
    const { store, identifier, settings } = core;
    const facts = provenFacts(verdict);
    const now = core.now();
    if (!isFresh(facts, now.getTime(), settings.maxVerdictAgeSeconds)) return { ok: false, code: 'link-verdict-age' };
    const refs = await refsOf(identifier, facts.certificate);
    const stepUp = context.card === undefined ? null : await stepUpOf(core, context.card, now);
    const matches: Match[] = [];
    // Asked together: the answer takes one round trip.
    const [holders, swept] = await Promise.all([store.holders(refs), sweptBy(core.sweeps, identifier)]);
    for (const stored of holders) {
      const state = await verifiedState(identifier, stored);
      if (state === null) return { ok: false, code: 'link-integrity' };
      if (context.account !== undefined && context.account !== state.account) continue;
      const match = matchIn(state, refs, facts, context.relation ?? 'authentication');
      if (match !== null) matches.push({ stored, state, ...match });
    }
    const [match, ...others] = matches;
    if (match === undefined) return NOT_FOUND;
    // Which of several accounts is meant is not for the ledger to guess.
    if (others.length > 0) return { ok: false, code: 'link-other-account' };
    return await answer(core, match, { facts, refs, context, stepUp, swept, now });
  };

interface Presentation {
  readonly facts: ProvenFacts;
  readonly refs: readonly [string, ...string[]];
  readonly context: FindContext;
  readonly stepUp: StepUp | null;
  readonly swept: Swept;
  readonly now: Date;
}

/** A card presented beside the smartphone, by a verdict young enough to count. */
interface StepUp {
  readonly refs: readonly string[];
  readonly statusAsOf: number;
}

const stepUpOf = async ({ identifier, settings }: LedgerCore, card: ProvenVerdict, now: Date): Promise<StepUp | null> => {
  const facts = provenFacts(card);
  if (!isFresh(facts, now.getTime(), settings.maxVerdictAgeSeconds)) return null;
  return { refs: await refsOf(identifier, facts.certificate), statusAsOf: facts.statusAsOf };
};

/** The live link of this relation that the certificate belongs to: an active one before a suspended one, the newest first. */
const matchIn = (
  state: PersonState,
  refs: readonly string[],
  facts: ProvenFacts,
  relation: Link['relation'],
): { readonly link: Link; readonly side: Side } | null => {
  const found = state.links
    .filter((link) => isLive(link.state) && link.relation === relation)
    .flatMap((link) =>
      RELATIONS[link.relation].inForce
        .filter((side) => refs.includes(link[side].ref) && link[side].class === facts.class)
        .map((side) => ({ link, side })),
    );
  return found.findLast(({ link }) => link.state === 'active') ?? found.at(-1) ?? null;
};

const answer = async (core: LedgerCore, { stored, state: known, link, side }: Match, presented: Presentation): Promise<FindResult> => {
  const { facts, refs, now } = presented;
  const refusal = refusalOf(known, link, side, presented);
  if (refusal !== null) return { ok: false, code: refusal };
  const at = now.toISOString();
  // Most presentations are no news: then nothing is written, and nothing verified twice.
  if (stored.keyId === core.identifier.keyId && newsFor(known, refs, facts, at).length === 0)
    return found(link, known.account, side, presented);
  const result = await change<FindResult>(core, {
    by: { person: stored.person },
    loaded: stored,
    certificates: [refs],
    now: at,
    decide: (state) => {
      const current = state?.links.find(({ id }) => id === link.id);
      if (state === null || current === undefined) return NOT_FOUND;
      // Someone else may have been faster: what is answered is what stands when the answer is given.
      const later = refusalOf(state, current, side, presented);
      if (later !== null) return { ok: false, code: later };
      return {
        events: newsFor(state, refs, facts, at),
        result: (after) => found(linkIn(after, link.id), stored.account, side, presented),
      };
    },
  });
  return result as FindResult;
};

const newsFor = (state: PersonState, refs: readonly [string, ...string[]], facts: ProvenFacts, at: string): readonly LinkEvent[] => {
  const rekeyed = rekeyEvents(state, refs, at);
  return [...rekeyed, ...goodEvents(applyAll(state, rekeyed), refs[0], facts.statusAsOf, at)];
};

type Refused = 'link-not-found' | 'link-suspended' | 'link-assurance' | 'link-cooling-off' | 'link-step-up' | 'link-status-age';

const refusalOf = (state: PersonState, link: Link, side: Side, presented: Presentation): Refused | null => {
  if (link.state !== 'active') return link.state === 'suspended' ? 'link-suspended' : 'link-not-found';
  const { context, stepUp } = presented;
  const { assurance, coolingOffSeconds, maxStatusAgeSeconds } = context;
  const now = presented.now.getTime();
  if (assurance === 'issuer' && link.assurance !== 'issuer') return 'link-assurance';
  // Comparisons are written so that what is no number refuses.
  if (coolingOffSeconds !== undefined && !(now - belongsSince(state, link, side) >= coolingOffSeconds * 1000)) return 'link-cooling-off';
  if (context.stepUp === 'card' && side !== cardSideOf(link) && stepUp?.refs.includes(cardOf(link).ref) !== true) return 'link-step-up';
  const age = now - cardStatusAsOf(link, side, presented);
  return maxStatusAgeSeconds !== undefined && !(age <= maxStatusAgeSeconds * 1000) ? 'link-status-age' : null;
};

/** Since when the presented certificate has belonged to the account, milliseconds since 1970. */
const belongsSince = (state: PersonState, link: Link, side: Side): number => {
  const links =
    side !== cardSideOf(link) ? [link] : state.links.filter((other) => cardOf(other).ref === cardOf(link).ref && isInGoodFaith(other));
  const starts = links.flatMap(({ activeSince }) => (activeSince === null ? [] : [Date.parse(activeSince)]));
  return starts.length === 0 ? Number.NaN : Math.min(...starts);
};

const cardSideOf = (link: Link): Side => RELATIONS[link.relation].card;
const cardOf = (link: Link): LinkedCertificate => link[cardSideOf(link)];

/** Where the card was presented, its verdict is the newest knowledge. */
const cardStatusAsOf = (link: Link, side: Side, { facts, stepUp, swept }: Presentation): number =>
  Math.max(
    Date.parse(cardOf(link).statusAsOf),
    swept(cardOf(link).class, link.proposedAt),
    side === cardSideOf(link) ? facts.statusAsOf : 0,
    stepUp?.refs.includes(cardOf(link).ref) === true ? stepUp.statusAsOf : 0,
  );

const found = (link: Link, account: string, side: Side, presented: Presentation): FindResult => ({
  ok: true,
  account,
  link,
  state: 'active',
  presented: side,
  cardStatusAsOf: new Date(cardStatusAsOf(link, side, presented)),
});
