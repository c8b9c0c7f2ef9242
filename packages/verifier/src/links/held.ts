/** Walks over everything a ledger holds: for planning, look-ups by certificate, and new identifier keys. */
import { verifiedState } from './chain.ts';
import { type LedgerCore, settleHolder } from './core.ts';
import { applyAll, rekeyEvents } from './effects.ts';
import type { LinkEvent, PersonState } from './events.ts';
import { refsOf } from './identifier.ts';
import type { HeldCertificate, LinkLedger } from './ledger.types.ts';
import { isLive, type Link, type LinkedCertificate, RELATIONS, type Side } from './link.ts';
import { openCertificate } from './sealed-certificate.ts';
import type { StoredPerson } from './store.ts';
import { type Swept, sweptBy } from './sweeps.ts';

const PAGE = 200;

export async function* everybody({ store }: LedgerCore): AsyncGenerator<StoredPerson> {
  let after: string | null = null;
  for (;;) {
    const page: readonly StoredPerson[] = await store.scan(after, PAGE);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.person;
  }
}

export async function* heldCertificates(core: LedgerCore): AsyncGenerator<HeldCertificate> {
  const swept = await sweptBy(core.sweeps, core.identifier);
  for await (const stored of everybody(core)) {
    const state = await verifiedState(core.identifier, stored);
    yield* state === null ? [broken(stored.person)] : heldBy(core, swept, stored.person, state);
  }
}

const broken = (person: string): HeldCertificate => ({ ok: false, code: 'link-integrity', person });

const heldBy = ({ sealKey }: LedgerCore, swept: Swept, person: string, { account, links }: PersonState): readonly HeldCertificate[] =>
  links.flatMap((link) => {
    const { state } = link;
    if (!isLive(state)) return [];
    return sidesOf(link).map((side): HeldCertificate => {
      const certificate = openCertificate(link, side, sealKey);
      if (certificate === 'broken') return broken(person);
      return {
        ok: true,
        account,
        link: link.id,
        state,
        side,
        class: link[side].class,
        statusAsOf: new Date(Math.max(Date.parse(link[side].statusAsOf), swept(link[side].class, link.proposedAt))),
        certificate,
      };
    });
  });

/** The old certificate of a renewal is no longer looked up. */
const sidesOf = (link: Link): readonly Side[] => RELATIONS[link.relation].inForce;

/** Ended links keep their old identifiers: nothing is looked up by them, and only the certificates of live links are renewed. */
export const rekeyEverybody = async (core: LedgerCore): ReturnType<LinkLedger['rekey']> => {
  const { identifier, sealKey } = core;
  let [rewritten, failures] = [0, 0];
  for await (const stored of everybody(core)) {
    const state = await verifiedState(identifier, stored);
    if (state === null) {
      failures += 1;
      continue;
    }
    const live = state.links.filter((link) => isLive(link.state));
    const isCurrent = ({ ref }: LinkedCertificate): boolean => ref.startsWith(`${identifier.keyId}.`);
    if (stored.keyId === identifier.keyId && live.every((link) => sidesOf(link).every((side) => isCurrent(link[side])))) continue;
    const opened = live.flatMap((link) => sidesOf(link).map((side) => openCertificate(link, side, sealKey)));
    const names = opened.filter((certificate) => certificate !== null && certificate !== 'broken');
    if (names.length < opened.length) {
      failures += 1;
      continue;
    }
    const refs = await Promise.all(names.map((name) => refsOf(identifier, name)));
    const at = core.now().toISOString();
    const result = await settleHolder(core, stored, (person) => rekeyAll(person, refs, at), at);
    if (!result.ok) failures += 1;
    else rewritten += 1;
  }
  return { rewritten, failures };
};

const rekeyAll = (person: PersonState, certificates: readonly (readonly [string, ...string[]])[], at: string): readonly LinkEvent[] => {
  const events: LinkEvent[] = [];
  for (const refs of certificates) events.push(...rekeyEvents(applyAll(person, events), refs, at));
  return events;
};
