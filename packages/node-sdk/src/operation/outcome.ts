/** What came of an identification, for the relying party (`Outcome`) and for the page (`PublicOutcome`). */
import {
  type Actor,
  CODES,
  type OutcomeCode,
  type Place,
  type ProvenVerdict,
  type RefusedVerdict,
  type VerdictCode,
} from '@jpki-rp/verifier';
import type { Json, PublicOutcome, WireError } from '../http/wire.ts';

export interface IdentifiedOutcome {
  readonly result: 'identified';
  readonly transactionId: string;
  readonly operation: string;
  readonly verdict: ProvenVerdict;
  /** Who says whether it was card or smartphone. One witness only where the operation's policy allows it. */
  readonly carrierWitnesses: readonly ('certificate' | 'app')[];
  /** What the operation's handler gave to the page. */
  readonly next?: Json;
}

/** `try-again`: the same person may succeed with another attempt. `refused`: not without something else changing first. */
export interface UnsuccessfulOutcome {
  readonly result: 'refused' | 'try-again';
  readonly transactionId: string;
  readonly operation?: string;
  readonly code: OutcomeCode | VerdictCode;
  readonly detail?: string;
  readonly actor: Actor;
  readonly place: Place;
  readonly retryable: boolean;
  /** Present when the verifier was asked. */
  readonly verdict?: RefusedVerdict;
  /** PIN or password tries left, where the app reports them. */
  readonly remainingTries?: number;
  /** Number tries left. */
  readonly remainingMatches?: number;
  /** With `handler-failed`: the outcome that the handler was given. It stands; only its handling failed. */
  readonly kept?: Outcome;
  readonly next?: Json;
}

export type Outcome = IdentifiedOutcome | UnsuccessfulOutcome;

export type UnsuccessfulCode = UnsuccessfulOutcome['code'];

export function unsuccessful(
  transactionId: string,
  code: UnsuccessfulCode,
  more: Omit<Partial<UnsuccessfulOutcome>, 'result' | 'code' | 'transactionId'> = {},
): UnsuccessfulOutcome {
  const { actor, place, retryable } = CODES[code];
  return { result: retryable ? 'try-again' : 'refused', transactionId, code, actor, place, retryable, ...more };
}

/** What the page may know: no verdict, class, attribute or detail of a check. */
export function toPublicOutcome(outcome: Outcome): PublicOutcome {
  const next = outcome.next === undefined ? {} : { next: outcome.next };
  if (outcome.result === 'identified') return { v: 1, result: 'identified', ...next };
  const { result, code, actor, place, retryable, remainingTries, remainingMatches } = outcome;
  return {
    v: 1,
    result,
    code,
    messageKey: code,
    actor,
    place,
    retryable,
    ...(remainingTries === undefined ? {} : { remainingTries }),
    ...(remainingMatches === undefined ? {} : { remainingMatches }),
    ...next,
  };
}

export const toWireError = (code: OutcomeCode): WireError => ({ v: 1, code, messageKey: code, retryable: CODES[code].retryable });
