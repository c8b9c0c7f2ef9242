import { JpkiError } from '../errors.ts';
import type { ProvenVerdict } from '../verdict.ts';
import { type LedgerCore, linkIn } from './core.ts';
import { applyAll, rekeyEvents } from './effects.ts';
import type { LinkEvent, PersonState } from './events.ts';
import { base64url, label, macOf, refsOf } from './identifier.ts';
import type { EstablishContext, EstablishResult, LinkLedger } from './ledger.types.ts';
import { type Basis, isLive, type Link, type LinkedCertificate, type Relation, type Side } from './link.ts';
import { brokenRule, coarseExpiry, legalSourceOf, type ProvenFacts, provenFacts } from './rules.ts';
import { sealCertificate } from './sealed-certificate.ts';
import { change, type Decision } from './stream.ts';

type Refused = Exclude<EstablishResult, { ok: true }>;
type Refs = readonly [string, ...string[]];

/** Two certificates about to be linked, with their identifiers under all keys. */
interface Pair {
  readonly from: ProvenFacts;
  readonly to: ProvenFacts;
  readonly fromRefs: Refs;
  readonly toRefs: Refs;
}

export const establisher = (core: LedgerCore): Pick<LinkLedger, 'establish' | 'supersede'> => ({
  establish: (from, to, context) => establish(core, from, to, context, null),
  supersede: (link, from, to, context) => establish(core, from, to, context, link),
});

const establish = async (
  core: LedgerCore,
  fromVerdict: ProvenVerdict,
  toVerdict: ProvenVerdict,
  context: EstablishContext,
  replaces: string | null,
): Promise<EstablishResult> => {
  const { identifier, settings } = core;
  const { account, ceremony } = context;
  if (typeof account !== 'string' || account === '' || typeof ceremony?.id !== 'string' || ceremony.id === '') {
    throw new JpkiError('argument-invalid', 'a link needs an account and a ceremony');
  }
  const [from, to] = [provenFacts(fromVerdict), provenFacts(toVerdict)];
  const now = core.now();
  const broken = brokenRule(from, to, context, now.getTime(), settings);
  if (broken !== null) return { ok: false, code: broken };
  const [fromRefs, toRefs] = await Promise.all([refsOf(identifier, from.certificate), refsOf(identifier, to.certificate)]);
  const ceremonies = await ceremonyRefs(core, ceremony.id);
  return await change<EstablishResult>(core, {
    by: { account },
    open: true,
    certificates: [fromRefs, toRefs],
    now: now.toISOString(),
    decide: (state, { person }) =>
      decide({ pair: { from, to, fromRefs, toRefs }, context, replaces, ceremonies, at: now.toISOString(), person, core }, state),
  });
};

interface Establishing {
  readonly pair: Pair;
  readonly context: EstablishContext;
  readonly replaces: string | null;
  readonly ceremonies: Refs;
  readonly at: string;
  readonly person: string;
  readonly core: LedgerCore;
}

const decide = (work: Establishing, before: PersonState | null): Decision<EstablishResult> | Refused => {
  const { pair, context, replaces, at, person, core } = work;
  const relation = context.relation ?? 'authentication';
  const rekeyed = before === null ? [] : [...rekeyEvents(before, pair.fromRefs, at), ...rekeyEvents(before, pair.toRefs, at)];
  const state = before === null ? null : applyAll(before, rekeyed);
  const links = state?.links ?? [];
  const obstacle = state === null ? null : obstacleIn(state, pair, context.basis?.kind ?? 'same-session');
  if (obstacle !== null) return { ok: false, code: obstacle };
  if (replaces !== null) {
    const replaced = links.find(({ id }) => id === replaces);
    if (replaced === undefined) return { ok: false, code: 'link-not-found' };
    if (!isLive(replaced.state) || replaced.state === 'proposed' || replaced.relation !== relation)
      return { ok: false, code: 'link-transition' };
  }
  const id = `${person}.${links.length + 1}`;
  const superseded = supersededBy(links, { relation, replaces, to: pair.toRefs[0], maxActive: core.settings.maxActive });
  const events: readonly LinkEvent[] = [
    ...rekeyed,
    proposal(work, id, relation),
    { type: 'link-activated', at, link: id },
    ...superseded.map((link) => ({ type: 'link-superseded', at, link: link.id, by: id }) as const),
  ];
  return {
    events,
    ceremonies: work.ceremonies,
    result: (after) => ({
      ok: true,
      link: linkIn(after, id),
      superseded: superseded.map((link) => linkIn(after, link.id)),
    }),
  };
};

const proposal = ({ pair, context, at, person, core }: Establishing, id: string, relation: Relation): LinkEvent => {
  const basis: Basis = context.basis?.kind ?? 'same-session';
  return {
    type: 'link-proposed',
    at,
    link: id,
    relation,
    from: linked(core, pair.from, { ref: pair.fromRefs[0], person, link: id, side: 'from' }),
    to: linked(core, pair.to, { ref: pair.toRefs[0], person, link: id, side: 'to' }),
    basis,
    legalSource: legalSourceOf(basis, relation, core.settings),
    expiresBy: coarseExpiry(pair.from, pair.to),
    evidence: context.evidence === undefined ? null : { from: context.evidence.from, to: context.evidence.to },
  };
};

export const linked = (
  { sealKey, names }: LedgerCore,
  facts: ProvenFacts,
  { ref, person, link, side }: { readonly ref: string; readonly person: string; readonly link: string; readonly side: Side },
): LinkedCertificate => ({
  class: facts.class,
  ref,
  statusAsOf: new Date(facts.statusAsOf).toISOString(),
  ...(sealKey === null ? {} : { sealed: sealCertificate(facts, sealKey, link, side) }),
  ...(names === null ? {} : { name: names.seal(facts.certificate, person) }),
});

/**
 * What this person's history holds against the pair: a certificate that has been revoked since the verdict, or a hold that the verdict does not
 * outdate, or a suspension by operator or person on either certificate — who suspended it lifts or ends it first; or that the person has undone a
 * link to this smartphone: a thief who still has card and session does not simply repeat it.
 */
const obstacleIn = (
  state: PersonState,
  { from, to, fromRefs, toRefs }: Pair,
  basis: Basis,
): 'link-verdict-age' | 'link-suspended' | null => {
  const known = new Map([
    [fromRefs[0], from],
    [toRefs[0], to],
  ]);
  for (const ref of known.keys()) if (state.revoked.has(ref)) return 'link-verdict-age';
  for (const link of state.links) {
    if (link.endReason === 'undone' && link.to.ref === toRefs[0] && basis !== 'operator') return 'link-suspended';
    for (const { reason, side, asOf } of link.suspensions) {
      if (reason === 'certificate-hold') {
        const facts = side === null ? undefined : known.get(link[side].ref);
        if (facts !== undefined && new Date(facts.statusAsOf).toISOString() <= asOf) return 'link-suspended';
      } else if (known.has(link.from.ref) || known.has(link.to.ref)) return 'link-suspended';
    }
  }
  return null;
};

/** The named link, links of the same smartphone certificate, and the oldest beyond `maxActive`. */
export const supersededBy = (
  links: readonly Link[],
  { relation, replaces, to, maxActive }: { relation: Relation; replaces: string | null; to: string; maxActive: number },
): readonly Link[] => {
  const live = links.filter((link) => isLive(link.state) && link.relation === relation);
  const named = live.filter((link) => link.id === replaces || link.to.ref === to);
  const rest = live.filter((link) => !named.includes(link));
  return [...named, ...rest.slice(0, Math.max(0, rest.length - (maxActive - 1)))];
};

/** A ceremony is remembered by its keyed MAC: single use, under whichever key it was redeemed. */
export const ceremonyRefs = async ({ identifier }: LedgerCore, id: string): Promise<Refs> => {
  const bytes = Buffer.concat([label('ceremony'), Buffer.from(id, 'utf8')]);
  const ref = async (keyId: string): Promise<string> => `${keyId}.${base64url(await macOf(identifier, keyId, bytes))}`;
  return [await ref(identifier.keyId), ...(await Promise.all(identifier.previousKeyIds.map(ref)))];
};
