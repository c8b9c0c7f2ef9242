/** Old ↔ new certificate of one card (新旧紐付け): the account goes on, although nothing in the new certificate says so. */
import { JpkiError } from '../errors.ts';
import type { CertificateClass } from '../verdict.ts';
import { isStepOf } from './ceremony.ts';
import { type LedgerCore, linkIn } from './core.ts';
import { applyAll, rekeyEvents } from './effects.ts';
import { ceremonyRefs, linked, supersededBy } from './establish.ts';
import type { LinkEvent, PersonState } from './events.ts';
import { refsOf } from './identifier.ts';
import type { EstablishResult, LinkLedger, RenewContext } from './ledger.types.ts';
import { isInGoodFaith, type LinkedCertificate, RELATIONS, type RenewalRelation } from './link.ts';
import { coarseExpiry, contentOctets, isFresh, legalSourceOf, provenFacts } from './rules.ts';
import { change } from './stream.ts';

const RELATION_OF: Partial<Record<CertificateClass, RenewalRelation>> = {
  'card-user-authentication': 'authentication-renewal',
  'card-digital-signature': 'signature-renewal',
};

export const renewer =
  (core: LedgerCore): LinkLedger['renew'] =>
  async (verdict, context) => {
    const { identifier, settings } = core;
    const facts = provenFacts(verdict);
    const relation = RELATION_OF[facts.class];
    const { account, ceremony, predecessor, basis } = context;
    if (relation === undefined) throw new JpkiError('argument-invalid', 'a smartphone’s certificate is not renewed: it is linked anew');
    if (typeof account !== 'string' || account === '') throw new JpkiError('argument-invalid', 'a renewal needs an account');
    const now = core.now();
    const legalSource = legalSourceOf(basis.kind, relation, settings);
    if (!isFresh(facts, now.getTime(), settings.maxVerdictAgeSeconds)) return { ok: false, code: 'link-verdict-age' };
    if (!isStepOf(facts, ceremony.id, ceremony.step ?? RELATIONS[relation].steps.to)) return { ok: false, code: 'link-ceremony' };
    if (!agrees(basis, predecessor)) return { ok: false, code: 'link-disagreement' };
    const refs = await refsOf(identifier, facts.certificate);
    const oldRefs =
      'link' in predecessor
        ? null
        : await refsOf(identifier, { issuerKeyId: predecessor.issuerKeyId, serialNumber: contentOctets(predecessor.serialNumber) });
    const ceremonies = await ceremonyRefs(core, ceremony.id);
    const at = now.toISOString();
    return await change<EstablishResult>(core, {
      by: { account },
      // Whoever has the old card by now may have it under another key.
      certificates: oldRefs === null ? [refs] : [refs, oldRefs],
      now: at,
      decide: (before, { person }) => {
        if (before === null) return { ok: false, code: 'link-not-found' };
        const renamed = rekeyEvents(before, refs, at);
        const rekeyed = oldRefs === null ? renamed : [...renamed, ...rekeyEvents(applyAll(before, renamed), oldRefs, at)];
        const state = applyAll(before, rekeyed);
        const old = predecessorIn(state, facts.class, 'link' in predecessor ? predecessor : (oldRefs ?? []));
        if (old === null) return { ok: false, code: 'link-not-found' };
        if (old.ref === refs[0]) return { ok: false, code: 'link-disagreement' };
        if (state.revoked.has(refs[0])) return { ok: false, code: 'link-verdict-age' };
        const id = `${person}.${state.links.length + 1}`;
        const superseded = supersededBy(state.links, { relation, replaces: null, to: refs[0], maxActive: settings.maxActive });
        const events: readonly LinkEvent[] = [
          ...rekeyed,
          {
            type: 'link-proposed',
            at,
            link: id,
            relation,
            from: {
              class: old.class,
              ref: old.ref,
              statusAsOf: old.statusAsOf,
              ...(old.name === undefined ? {} : { name: old.name }),
            },
            to: linked(core, facts, { ref: refs[0], person, link: id, side: 'to' }),
            basis: basis.kind,
            legalSource,
            expiresBy: coarseExpiry(facts, facts),
            evidence: context.evidence === undefined ? null : { from: '', to: context.evidence },
          },
          { type: 'link-activated', at, link: id },
          ...superseded.map((link) => ({ type: 'link-superseded', at, link: link.id, by: id }) as const),
        ];
        return {
          events,
          ceremonies,
          result: (after) => ({ ok: true, link: linkIn(after, id), superseded: superseded.map((link) => linkIn(after, link.id)) }),
        };
      },
    });
  };

/** The issuer's word names the old certificate itself; a word about user ids names the link. */
const agrees = (basis: RenewContext['basis'], predecessor: RenewContext['predecessor']): boolean => {
  switch (basis.kind) {
    case 'issuer-link-information':
      return !('link' in predecessor);
    case 'platform-user-id':
      return basis.from !== '' && basis.from === basis.to;
    case 'operator':
      return true;
    default:
      throw new JpkiError('argument-invalid', 'the basis of a renewal is unknown');
  }
};

/** A certificate of this class that the account has or had. One whose link was taken back leads nowhere. */
const predecessorIn = (
  { links }: PersonState,
  certificateClass: CertificateClass,
  named: readonly string[] | { readonly link: string },
): LinkedCertificate | null => {
  const candidates = links.filter((link) => isInGoodFaith(link) && link.state !== 'proposed');
  const chosen = 'link' in named ? candidates.filter(({ id }) => id === named.link) : candidates;
  const certificates = chosen.flatMap(({ relation, from, to }) => RELATIONS[relation].inForce.map((side) => (side === 'from' ? from : to)));
  return (
    certificates.findLast(
      (certificate) => certificate.class === certificateClass && ('link' in named || named.includes(certificate.ref)),
    ) ?? null
  );
};
