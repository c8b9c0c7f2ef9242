import { JpkiError } from '../errors.ts';
import { factsOfVerdict } from '../proven.ts';
import { isGenuineTombstone, sealTombstone, verifiedState } from './chain.ts';
import { acceptedBy, applyToHolders, coreOf, linkIn, NOT_FOUND } from './core.ts';
import { applyAll, goodEvents, rekeyEvents, revocationEvents } from './effects.ts';
import { establisher } from './establish.ts';
import type { LinkEvent, PersonState } from './events.ts';
import { finder } from './find.ts';
import { overdueFollowers } from './followers.ts';
import { heldCertificates, rekeyEverybody } from './held.ts';
import { refsOf } from './identifier.ts';
import type {
  ChangeResult,
  EraseResult,
  ExportedLink,
  ExportResult,
  HistoryResult,
  LinkLedger,
  LinkLedgerOptions,
  LinkOf,
  ResumeRequest,
  ResumeResult,
} from './ledger.types.ts';
import { END_REASONS, type Link, type Suspension, stateAfter } from './link.ts';
import { lookUpAll } from './look-up.ts';
import { confirm, reconcile } from './reconcile.ts';
import { renewer } from './renew.ts';
import { isFresh, provenFacts } from './rules.ts';
import type { StoredPerson } from './store.ts';
import { change, type Decision } from './stream.ts';

const NOTICES_AT_ONCE = 100;

/**
 * Creates the ledger of an organisation: which accounts hold which certificates, and which certificate speaks for which.
 * It says no more than it knows: a link of `same-session` is `control`, whoever's phone it was.
 *
 * @throws JpkiError `argument-invalid` for a missing port (notify included) or a setting out of range; from its methods `verdict-not-proven`.
 */
export const createLinkLedger = (options: LinkLedgerOptions): LinkLedger => {
  const core = coreOf(options);
  const { store, identifier, settings } = core;
  const { endSessions } = options;

  const at = (): string => core.now().toISOString();

  const changeLink = async <R extends ResumeResult>(
    { account, link: id }: LinkOf,
    decide: (link: Link, state: PersonState, now: string) => Decision<R> | Exclude<R, { ok: true }>,
  ): Promise<R> => {
    const now = at();
    const result = await change<R>(core, {
      by: { account },
      now,
      decide: (state) => {
        const link = state?.links.find((candidate) => candidate.id === id);
        return state == null || link === undefined ? (NOT_FOUND as Exclude<R, { ok: true }>) : decide(link, state, now);
      },
    });
    // Neither a ceremony nor a further claim is involved.
    return result as R;
  };

  const then = (id: string, events: readonly LinkEvent[]): Decision<{ ok: true; link: Link }> => ({
    events,
    result: (state) => ({ ok: true, link: linkIn(state, id) }),
  });

  const suspend: LinkLedger['suspend'] = async (target, { by }) => {
    if (by !== 'operator' && by !== 'person') throw new JpkiError('argument-invalid', 'a link is suspended by an operator or a person');
    return await changeLink<ChangeResult>(target, (link, _, now) => {
      if (stateAfter(link.state, 'suspend') === null) return IMPOSSIBLE;
      return then(link.id, [
        { type: 'link-suspended', at: now, link: link.id, suspension: { reason: by, side: null, asOf: now }, raw: null },
      ]);
    });
  };

  const resume: LinkLedger['resume'] = async (target, request) => {
    if ('verdict' in request) return await resumeByVerdict(target, request);
    const liftable: readonly Suspension['reason'][] = request.by === 'operator' ? ['operator', 'person'] : ['person'];
    return await changeLink<ResumeResult>(target, (link, _, now) => {
      const lifted = link.suspensions.filter(({ reason }) => liftable.includes(reason));
      if (lifted.length === 0) return IMPOSSIBLE;
      return then(
        link.id,
        lifted.map(({ reason, side }) => ({ type: 'link-resumed', at: now, link: link.id, reason, side })),
      );
    });
  };

  const resumeByVerdict = async (target: LinkOf, { verdict }: Extract<ResumeRequest, { verdict: unknown }>): Promise<ResumeResult> => {
    const facts = provenFacts(verdict);
    if (!isFresh(facts, core.now().getTime(), settings.maxVerdictAgeSeconds)) return { ok: false, code: 'link-verdict-age' };
    const refs = await refsOf(identifier, facts.certificate);
    return await changeLink<ResumeResult>(target, (link, state, now) => {
      const held = link.suspensions.find(
        ({ reason, side }) => reason === 'certificate-hold' && side !== null && refs.includes(link[side].ref),
      );
      if (held === undefined) return IMPOSSIBLE;
      const asOf = new Date(facts.statusAsOf).toISOString();
      if (asOf <= held.asOf) return { ok: false, code: 'link-verdict-age' };
      const rekeyed = rekeyEvents(state, refs, now);
      return then(link.id, [
        ...rekeyed,
        { type: 'status-seen', at: now, ref: refs[0], asOf },
        { type: 'link-resumed', at: now, link: link.id, reason: held.reason, side: held.side },
      ]);
    });
  };

  const end: LinkLedger['end'] = async (target, { by, reason }) => {
    if (!Object.hasOwn(END_REASONS, by) || !END_REASONS[by].includes(reason)) {
      throw new JpkiError('argument-invalid', 'this reason is not for this party to give');
    }
    return await changeLink<ChangeResult>(target, (link, _, now) => {
      if (stateAfter(link.state, 'end') === null) return IMPOSSIBLE;
      return then(link.id, [{ type: 'link-ended', at: now, link: link.id, reason, by, side: null, raw: null, asOf: null }]);
    });
  };

  const undo: LinkLedger['undo'] = async (target) => {
    if (endSessions === undefined)
      throw new JpkiError('argument-invalid', 'a link is undone together with its sessions: endSessions is missing');
    const result = await changeLink<ChangeResult>(target, (link, _, now) =>
      then(
        link.id,
        stateAfter(link.state, 'end') === null
          ? []
          : [{ type: 'link-ended', at: now, link: link.id, reason: 'undone', by: 'person', side: null, raw: null, asOf: null }],
      ),
    );
    if (!result.ok) return result;
    await endSessions({ account: target.account, link: target.link });
    const known = await read(target.account);
    const links = typeof known === 'string' ? [] : known.state.links;
    return { ...result, replaced: links.filter(({ supersededBy }) => supersededBy === target.link) };
  };

  const observe: LinkLedger['observe'] = async (verdict) => {
    const facts = factsOfVerdict(verdict);
    if (facts === null) throw new JpkiError('verdict-not-proven');
    if (facts.certificate === null || (facts.revocation !== 'revoked' && facts.result !== 'valid')) return { ok: true, changed: [] };
    const refs = await refsOf(identifier, facts.certificate);
    const now = at();
    const eventsFor = (state: PersonState): readonly LinkEvent[] => {
      const rekeyed = rekeyEvents(state, refs, now);
      const current = applyAll(state, rekeyed);
      const news =
        facts.revocation === 'revoked'
          ? revocationEvents(
              current,
              refs,
              { reason: facts.reason ?? 'unspecified', asOf: facts.statusAsOf },
              { at: now, onHold: settings.onHold },
            )
          : goodEvents(current, refs[0], facts.statusAsOf, now);
      return [...rekeyed, ...news];
    };
    return await applyToHolders(core, refs, eventsFor, now);
  };

  const read = async (account: string): Promise<{ stored: StoredPerson; state: PersonState } | 'link-not-found' | 'link-integrity'> => {
    const stored = await store.load({ account });
    if (stored === null) return 'link-not-found';
    const state = await verifiedState(identifier, stored);
    return state === null ? 'link-integrity' : { stored, state };
  };

  const history = async (account: string): Promise<HistoryResult> => {
    const known = await read(account);
    if (typeof known === 'string') return { ok: false, code: known };
    const { person, events } = known.stored;
    return { ok: true, person, account, links: known.state.links, events, head: events.at(-1)?.mac ?? '' };
  };

  const exportPerson = async (account: string): Promise<ExportResult> => {
    const known = await read(account);
    if (typeof known === 'string') return { ok: false, code: known };
    return {
      ok: true,
      format: 'jpki-rp/links-export/v1',
      account,
      exportedAt: at(),
      links: known.state.links.map(exported),
      events: known.stored.events.map(({ event }) => ({
        at: event.at,
        type: event.type,
        ...('link' in event ? { link: event.link } : {}),
        ...('reason' in event ? { reason: event.reason } : {}),
      })),
    };
  };

  const erase = async (account: string): Promise<EraseResult> => {
    for (let attempt = 0; attempt < 12; attempt++) {
      const stored = await store.load({ account });
      if (stored === null) return { ok: false, code: 'link-not-found' };
      const { person, events } = stored;
      const tombstone = await sealTombstone(identifier, { person, erasedAt: at(), events: events.length, head: events.at(-1)?.mac ?? '' });
      if ((await store.erase(tombstone)) === 'erased') return { ok: true, tombstone };
    }
    return { ok: false, code: 'link-busy' };
  };

  const deliverNotices = async (): Promise<number> => {
    let delivered = 0;
    for (;;) {
      const pending = await store.pendingNotices(NOTICES_AT_ONCE);
      const accepted = await acceptedBy(options.notify, pending);
      await store.delivered(accepted);
      delivered += accepted.length;
      if (accepted.length === 0 || pending.length < NOTICES_AT_ONCE) return delivered;
    }
  };

  return Object.freeze({
    ...establisher(core),
    renew: renewer(core),
    find: finder(core),
    suspend,
    resume,
    end,
    undo,
    observe,
    reconcile: (sweep) => reconcile(core, sweep),
    lookUp: (sweep) => lookUpAll(core, sweep),
    confirm: (good, asOf) => confirm(core, good, asOf),
    overdueFollowers: (check) => overdueFollowers(core, check),
    certificates: () => heldCertificates(core),
    rekey: () => rekeyEverybody(core),
    history,
    export: exportPerson,
    erase,
    verifyTombstone: (tombstone) => isGenuineTombstone(identifier, tombstone),
    deliverNotices,
  } satisfies LinkLedger);
};

const IMPOSSIBLE = Object.freeze({ ok: false, code: 'link-transition' } as const);

const exported = (link: Link): ExportedLink => ({ ...link, from: link.from.class, to: link.to.class });
