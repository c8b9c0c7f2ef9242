/** From a verdict to the account it may act for, and what is still missing where it may not. */
import type { CODES, ProvenVerdict } from '@jpki-rp/verifier';
import type { FindContext } from '@jpki-rp/verifier/links';
import type { Account } from '../accounts/account.ts';
import type { Desk } from '../operations/desk.ts';
import type { Through } from '../session/session.ts';
import type { Demand, StepUpReason } from './demand.ts';

export type Code = keyof typeof CODES;

export type Recognised =
  | { readonly ok: true; readonly account: Account; readonly through: Through }
  /** The card would make it good. */
  | { readonly ok: false; readonly ask: 'card'; readonly why: Exclude<StepUpReason, 'large-amount'> }
  | { readonly ok: false; readonly ask: null; readonly why: Code };

const isCard = (verdict: ProvenVerdict): boolean => verdict.class === 'card-user-authentication';

/**
 * `card`: the verdict of a card that was asked for beside the smartphone. It has to be the very card of the smartphone's link, good just now; a
 * smartphone that is new then needs no further waiting. A card that comes alone is its own step-up.
 */
export async function recognise(desk: Desk, verdict: ProvenVerdict, demand: Demand, card?: ProvenVerdict): Promise<Recognised> {
  const { maxStatusAgeSeconds, coolingOffSeconds } = demand;
  const context: FindContext = isCard(verdict)
    ? {}
    : card === undefined
      ? { maxStatusAgeSeconds, coolingOffSeconds }
      : { maxStatusAgeSeconds, stepUp: 'card', card };
  let found = await desk.ledger.find({ verdict, ...context });
  if (!found.ok && found.code === 'link-suspended' && (await liftedHold(desk, verdict)))
    found = await desk.ledger.find({ verdict, ...context });
  const carriers = isCard(verdict)
    ? (['card'] as const)
    : card === undefined
      ? (['smartphone'] as const)
      : (['smartphone', 'card'] as const);
  if (found.ok) {
    const account = desk.accounts.byId(found.account);
    // What was disowned is out, even where the ledger could not end its link yet.
    if (account === null || [verdict, card].some((shown) => shown !== undefined && desk.accounts.isBarred(account, shown)))
      return { ok: false, ask: null, why: 'link-not-found' };
    // A session that the card opened does not hang on what the card's link comes to.
    const link = isCard(verdict) ? null : found.link.id;
    return { ok: true, account, through: { carriers, link, cardStatusAsOf: found.cardStatusAsOf } };
  }
  if (found.code === 'link-not-found') return registered(desk, verdict, demand, card, { carriers, link: null, cardStatusAsOf: null });
  if (card === undefined && (found.code === 'link-status-age' || found.code === 'link-cooling-off'))
    return { ok: false, ask: 'card', why: found.code };
  return { ok: false, ask: null, why: found.code };
}

/** A certificate that was registered by itself: no card stands behind it, so none can be out of date. */
async function registered(
  desk: Desk,
  verdict: ProvenVerdict,
  { coolingOffSeconds }: Demand,
  card: ProvenVerdict | undefined,
  through: Through,
): Promise<Recognised> {
  const account = desk.accounts.byCertificate(verdict);
  const entry = account === null ? null : desk.accounts.registration(account, verdict);
  if (account === null || entry === null) return { ok: false, ask: null, why: 'link-not-found' };
  if (isCard(verdict) || desk.now().getTime() - entry.registeredAt.getTime() >= coolingOffSeconds * 1_000)
    return { ok: true, account, through };
  if (card === undefined) return { ok: false, ask: 'card', why: 'link-cooling-off' };
  return (await holderOf(desk, card)) === account.id ? { ok: true, account, through } : { ok: false, ask: null, why: 'link-step-up' };
}

/** A hold that the authority has lifted: this very verdict shows the certificate good again. Nobody else's hold is touched. */
async function liftedHold(desk: Desk, verdict: ProvenVerdict): Promise<boolean> {
  const account = desk.accounts.byLinkedCertificate(verdict);
  const history = account === null ? null : await desk.ledger.history(account.id);
  if (account === null || history?.ok !== true) return false;
  let lifted = false;
  for (const { id, state } of history.links) {
    if (state === 'suspended') lifted = (await desk.ledger.resume({ account: account.id, link: id }, { verdict })).ok || lifted;
  }
  return lifted;
}

/** The account that a certificate belongs to, linked or registered. What its owner disowned belongs to none. */
export async function holderOf(desk: Desk, verdict: ProvenVerdict): Promise<string | null> {
  const found = await desk.ledger.find({ verdict });
  const account = found.ok ? desk.accounts.byId(found.account) : desk.accounts.byCertificate(verdict);
  return account === null || desk.accounts.isBarred(account, verdict) ? null : account.id;
}
