/** complete(): the browser or app that began redeems the transaction, once; only now is the app's answer read. */
import type { Verdict } from '@jpki-rp/verifier';
import type { Binding } from '../http/binding.ts';
import type { Json } from '../http/wire.ts';
import type { CeremonyContext, OutcomeContext } from '../operation/operation.ts';
import { type Outcome, toPublicOutcome, unsuccessful } from '../operation/outcome.ts';
import type { Transaction } from '../transaction/record.ts';
import { equalInConstantTime } from '../transaction/secrets.ts';
import { isReady, ownTransaction, type Rooms } from './rooms.ts';

export interface CompleteInput {
  readonly binding: Binding;
  /** The two digits shown on the phone, where the StartDescriptor asks for them. */
  readonly match?: string;
  /** Handed on to the operation's handler. */
  readonly request?: Request;
  readonly raw?: unknown;
}

/**
 * Every result is data. `transaction-unknown`, `already-completed`, `timed-out`, `not-ready` and `match-wrong` leave the transaction as it is
 * (a wrong number is counted); everything else has consumed it.
 */
export async function complete(rooms: Rooms, id: string, input: CompleteInput): Promise<Outcome> {
  const outcome = await redeemOnce(rooms, id, input);
  const code = outcome.result === 'identified' ? {} : { code: outcome.code };
  const operation = outcome.operation === undefined ? {} : { operation: outcome.operation };
  const known = outcome.result === 'identified' || outcome.code !== 'transaction-unknown';
  rooms.audit({ type: 'completed', result: outcome.result, ...code, ...operation }, known ? id : undefined);
  return outcome;
}

async function redeemOnce(rooms: Rooms, id: string, input: CompleteInput): Promise<Outcome> {
  const found = await ownTransaction(rooms, id, input.binding);
  if (found === null) return unsuccessful(id, 'transaction-unknown');
  const { operation } = found;
  const at = rooms.clock().getTime();
  if (found.state === 'completing' || found.state === 'done') return unsuccessful(id, 'already-completed', { operation });
  if (found.expiresAt <= at) return unsuccessful(id, 'timed-out', { operation });
  if (!isReady(rooms, found)) return unsuccessful(id, 'not-ready', { operation });

  let exhausted = false;
  if (found.matchNumber !== undefined) {
    // Types are erased where JavaScript calls: what is no text is no try.
    if (typeof input.match !== 'string') return unsuccessful(id, 'match-wrong', { operation, remainingMatches: found.matchesLeft });
    // Counted before it is compared: a hundred guesses at once are still three.
    const left = await rooms.store.spendMatch(id, at);
    if (left === null || !equalInConstantTime(input.match, found.matchNumber)) {
      if (left !== null && left > 0) return unsuccessful(id, 'match-wrong', { operation, remainingMatches: left });
      exhausted = true;
    }
  }
  const consumed = await rooms.store.consume(id, at);
  if (consumed === null) return unsuccessful(id, 'already-completed', { operation });

  const judged = exhausted ? unsuccessful(id, 'match-exhausted', { operation, remainingMatches: 0 }) : await judge(rooms, consumed);
  const handled = await handle(rooms, consumed, judged, input);
  try {
    await rooms.store.finish(id, toPublicOutcome(handled));
  } catch (error) {
    // The handler has acted on the outcome: a store that cannot keep it must not make it look as if nothing had happened.
    rooms.onError(error, 'handler-failed');
  }
  return handled;
}

/** The app's answer against the bytes, scheme, purpose and carriers that were fixed at begin. */
async function judge(rooms: Rooms, transaction: Transaction): Promise<Outcome> {
  const { id, operation } = transaction;
  if (transaction.door !== rooms.door.profile.id) return unsuccessful(id, 'app-message-invalid', { operation });
  const answer = rooms.door.decode(transaction.unverifiedAnswer ?? new Uint8Array(0));
  if (answer.kind === 'failed') {
    const tries = answer.remainingTries === undefined ? {} : { remainingTries: answer.remainingTries };
    return unsuccessful(id, answer.code, { operation, ...tries });
  }
  // A door that reports no carrier leaves one witness, which only the operation's policy can declare enough.
  if (answer.reportedCarrier === undefined && transaction.carrierWitnesses === 'two')
    return unsuccessful(id, 'carrier-unreported', { operation });
  const freshness = rooms.operations.get(operation)?.policy.freshness;
  try {
    const verdict = await rooms.verifier.verify({
      certificate: answer.unverifiedCertificate,
      signature: answer.unverifiedSignature,
      message: transaction.message,
      scheme: transaction.scheme,
      purpose: transaction.purpose,
      acceptCarriers: transaction.carriers,
      ...(answer.reportedCarrier === undefined ? {} : { reportedCarrier: answer.reportedCarrier }),
      ...(freshness === undefined ? {} : { freshness }),
    });
    await observe(rooms, transaction, verdict);
    if (verdict.result !== 'valid') {
      const detail = verdict.detail === undefined ? {} : { detail: verdict.detail };
      return unsuccessful(id, verdict.code, { operation, verdict, ...detail });
    }
    const carrierWitnesses = answer.reportedCarrier === undefined ? (['certificate'] as const) : (['certificate', 'app'] as const);
    return { result: 'identified', transactionId: id, operation, verdict, carrierWitnesses };
  } catch (error) {
    // A verifier answers with data; what it throws is a fault of the set-up. The transaction stays consumed.
    rooms.onError(error, 'handler-failed');
    return unsuccessful(id, 'handler-failed', { operation });
  }
}

/**
 * A revocation ends or suspends the links of its certificate in the operation that first sees it, before anyone acts on the verdict. What the
 * ledger cannot write now changes no verdict: it refuses by itself where a link is asked for.
 */
async function observe(rooms: Rooms, transaction: Transaction, verdict: Verdict): Promise<void> {
  if (rooms.links === null || transaction.purpose !== 'user-authentication') return;
  try {
    const observed = await rooms.links.observe(verdict);
    if (!observed.ok) rooms.onError(new Error(observed.code), 'handler-failed');
  } catch (error) {
    rooms.onError(error, 'handler-failed');
  }
}

const MAX_NEXT_CHARACTERS = 32 * 1024;

async function handle(rooms: Rooms, transaction: Transaction, outcome: Outcome, input: CompleteInput): Promise<Outcome> {
  const operation = rooms.operations.get(transaction.operation);
  if (operation === undefined) return unsuccessful(transaction.id, 'operation-closed', { operation: transaction.operation });
  try {
    const next = plainJson(await operation.onOutcome(outcome, contextOf(rooms, transaction, input)));
    return next === undefined ? outcome : { ...outcome, next };
  } catch (error) {
    rooms.onError(error, 'handler-failed');
    return unsuccessful(transaction.id, 'handler-failed', { operation: transaction.operation, kept: outcome });
  }
}

/** What the page will get, made plain now, so that a value that cannot be sent fails here and not in the answer. */
function plainJson(value: Json | undefined): Json | undefined {
  if (value === undefined) return undefined;
  const text = JSON.stringify(value);
  if (text === undefined || text.length > MAX_NEXT_CHARACTERS)
    throw new TypeError('onOutcome must return JSON of at most 32 Ki characters');
  return JSON.parse(text);
}

function contextOf(rooms: Rooms, transaction: Transaction, input: CompleteInput): OutcomeContext {
  return {
    ...(transaction.account === undefined ? {} : { account: transaction.account }),
    ...(transaction.ceremony === undefined ? {} : { ceremony: ceremonyOf(rooms, transaction, transaction.ceremony) }),
    ...(input.request === undefined ? {} : { request: input.request }),
    ...(input.raw === undefined ? {} : { raw: input.raw }),
  };
}

const MAX_SEALED_CHARACTERS = 256 * 1024;

function ceremonyOf(rooms: Rooms, transaction: Transaction, ceremony: { readonly id: string; readonly step: string }): CeremonyContext {
  const owner = { account: transaction.account ?? null, binding: transaction.binding };
  return {
    id: ceremony.id,
    step: ceremony.step,
    async keep(sealed) {
      if (typeof sealed !== 'string' || sealed.length > MAX_SEALED_CHARACTERS)
        throw new TypeError('a sealed verdict is text of at most 256 Ki characters');
      const now = rooms.clock().getTime();
      const expiresAt = now + rooms.door.profile.timing.transactionSeconds * 1_000;
      if ((await rooms.store.keepCeremony(ceremony.id, { sealed, ...owner }, expiresAt, now)) === 'full') throw new Error('store-full');
    },
    async take() {
      const kept = await rooms.store.takeCeremony(ceremony.id, rooms.clock().getTime());
      return kept !== null && kept.account === owner.account && equalInConstantTime(kept.binding, owner.binding) ? kept.sealed : null;
    },
  };
}
