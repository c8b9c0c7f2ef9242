/**
 * The way of one identification on the page, as a pure function: what happened goes in, the next state and what has to be done come out.
 * The page never decides whether someone is identified; it only carries the server's word.
 */
import type { PublicOutcome, TransactionStatus } from '@jpki-rp/node-sdk/wire';
import { outcomeOf } from './outcome.ts';
import type { Choice, StartKind, Transaction } from './transaction.ts';

export type FlowState =
  | { readonly phase: 'choosing' }
  | { readonly phase: 'starting'; readonly choice: Choice; readonly start: StartKind }
  /** The app link stands in the page, not yet followed. */
  | { readonly phase: 'ready'; readonly transaction: Transaction }
  /** Followed; the app has not fetched its request yet. */
  | { readonly phase: 'waiting'; readonly transaction: Transaction }
  | { readonly phase: 'qr'; readonly transaction: Transaction; readonly expired: boolean }
  /** The app has fetched its request. */
  | { readonly phase: 'opened'; readonly transaction: Transaction }
  /** The app has answered; the two digits are wanted. */
  | { readonly phase: 'match'; readonly transaction: Transaction; readonly wrong: boolean; readonly remaining?: number }
  | { readonly phase: 'completing'; readonly transaction: Transaction }
  | { readonly phase: 'resuming'; readonly transaction: Transaction }
  | { readonly phase: 'done'; readonly outcome: PublicOutcome; readonly by: 'server' | 'page'; readonly choice: Choice };

export type Phase = FlowState['phase'];

export type FlowEvent =
  | { readonly type: 'choose'; readonly choice: Choice; readonly start: StartKind }
  | { readonly type: 'begun'; readonly transaction: Transaction }
  | { readonly type: 'begin-failed'; readonly outcome: PublicOutcome }
  | { readonly type: 'followed' }
  | { readonly type: 'status'; readonly status: TransactionStatus }
  | { readonly type: 'watch-failed'; readonly id: string; readonly outcome: PublicOutcome }
  | { readonly type: 'deadline'; readonly id: string }
  | { readonly type: 'match'; readonly digits: string }
  | { readonly type: 'completed'; readonly id: string; readonly outcome: PublicOutcome; readonly by?: 'server' | 'page' }
  | { readonly type: 'refresh' }
  | { readonly type: 'cancel' }
  | { readonly type: 'retry' }
  | { readonly type: 'resume'; readonly transaction: Transaction };

export type Effect =
  | { readonly do: 'begin'; readonly choice: Choice; readonly start: StartKind }
  | { readonly do: 'abandon-begin' }
  | { readonly do: 'watch'; readonly transaction: Transaction }
  | { readonly do: 'unwatch' }
  /** Ask once whether it is over, and take silence for an end. */
  | { readonly do: 'check'; readonly transaction: Transaction }
  | { readonly do: 'complete'; readonly id: string; readonly match?: string }
  | { readonly do: 'remove'; readonly id: string }
  | { readonly do: 'remember'; readonly transaction: Transaction }
  | { readonly do: 'forget' };

export type Step = readonly [state: FlowState, effects: readonly Effect[]];

export const INITIAL: FlowState = { phase: 'choosing' };

const transactionIn = (state: FlowState): Transaction | null => ('transaction' in state ? state.transaction : null);

const done = (state: FlowState, outcome: PublicOutcome, by: 'server' | 'page'): FlowState => ({
  phase: 'done',
  outcome,
  by,
  choice: 'choice' in state ? state.choice : (transactionIn(state)?.choice ?? 'auto'),
});

export function step(state: FlowState, event: FlowEvent): Step {
  const unchanged: Step = [state, []];
  const transaction = transactionIn(state);
  switch (event.type) {
    case 'choose':
      if (state.phase !== 'choosing' && state.phase !== 'done') return unchanged;
      return begin(event.choice, event.start);
    case 'begun': {
      if (state.phase !== 'starting') return [state, [{ do: 'remove', id: event.transaction.id }]];
      const begun = event.transaction;
      // A QR page may be reloaded while the phone is at work; a link is remembered only once it has been followed.
      if (begun.kind === 'qr') {
        return [
          { phase: 'qr', transaction: begun, expired: false },
          [
            { do: 'remember', transaction: begun },
            { do: 'watch', transaction: begun },
          ],
        ];
      }
      return [{ phase: 'ready', transaction: begun }, [{ do: 'watch', transaction: begun }]];
    }
    case 'begin-failed':
      return state.phase === 'starting' ? [done(state, event.outcome, 'page'), []] : unchanged;
    case 'followed':
      if (state.phase !== 'ready') return unchanged;
      return [{ phase: 'waiting', transaction: state.transaction }, [{ do: 'remember', transaction: state.transaction }]];
    case 'status':
      return transaction && transaction.id === event.status.transactionId ? onStatus(state, transaction, event.status) : unchanged;
    case 'watch-failed':
      if (transaction?.id !== event.id || state.phase === 'completing') return unchanged;
      return [done(state, event.outcome, 'page'), [{ do: 'unwatch' }, { do: 'forget' }]];
    case 'deadline':
      if (!transaction || transaction.id !== event.id || state.phase === 'completing') return unchanged;
      if (state.phase === 'qr') {
        if (state.expired) return unchanged;
        return [{ ...state, expired: true }, [{ do: 'unwatch' }, { do: 'remove', id: transaction.id }, { do: 'forget' }]];
      }
      return [state, [{ do: 'check', transaction }]];
    case 'match':
      if (state.phase !== 'match') return unchanged;
      return [{ phase: 'completing', transaction: state.transaction }, [{ do: 'complete', id: state.transaction.id, match: event.digits }]];
    case 'completed':
      return transaction?.id === event.id && state.phase === 'completing'
        ? onCompleted(state, state.transaction, event.outcome, event.by ?? 'server')
        : unchanged;
    case 'refresh':
      if (state.phase !== 'qr') return unchanged;
      return withEnd(begin(state.transaction.choice, 'qr'), state.expired ? [] : end(state.transaction));
    case 'cancel':
      return cancel(state);
    case 'retry':
      return state.phase === 'done' ? [INITIAL, []] : unchanged;
    case 'resume':
      if (state.phase !== 'choosing') return unchanged;
      return [{ phase: 'resuming', transaction: event.transaction }, [{ do: 'watch', transaction: event.transaction }]];
  }
}

const begin = (choice: Choice, start: StartKind): Step => [{ phase: 'starting', choice, start }, [{ do: 'begin', choice, start }]];
const end = (transaction: Transaction): readonly Effect[] => [{ do: 'unwatch' }, { do: 'remove', id: transaction.id }, { do: 'forget' }];
const withEnd = ([state, effects]: Step, before: readonly Effect[]): Step => [state, [...before, ...effects]];

function onStatus(state: FlowState, transaction: Transaction, status: TransactionStatus): Step {
  if (state.phase === 'completing') return [state, []];
  switch (status.state) {
    case 'pending':
      if (state.phase !== 'resuming') return [state, []];
      // A code that nobody scanned before the page was left is not shown again: a new one is one click away.
      return transaction.kind === 'qr' ? [INITIAL, end(transaction)] : [{ phase: 'waiting', transaction }, []];
    case 'opened':
      if (state.phase === 'opened' || state.phase === 'match') return [state, []];
      return [{ phase: 'opened', transaction }, [{ do: 'remember', transaction }]];
    case 'arrived':
      if (transaction.match) return state.phase === 'match' ? [state, []] : [{ phase: 'match', transaction, wrong: false }, []];
      return [{ phase: 'completing', transaction }, [{ do: 'unwatch' }, { do: 'complete', id: transaction.id }]];
    case 'done':
      return [
        done(state, status.outcome ?? outcomeOf('already-completed'), status.outcome ? 'server' : 'page'),
        [{ do: 'unwatch' }, { do: 'forget' }],
      ];
    case 'expired':
      if (state.phase === 'qr') return state.expired ? [state, []] : [{ ...state, expired: true }, [{ do: 'unwatch' }, { do: 'forget' }]];
      if (state.phase === 'resuming' && transaction.kind === 'qr') return [INITIAL, [{ do: 'unwatch' }, { do: 'forget' }]];
      return [done(state, outcomeOf('timed-out'), 'page'), [{ do: 'unwatch' }, { do: 'forget' }]];
  }
}

function onCompleted(state: FlowState, transaction: Transaction, outcome: PublicOutcome, by: 'server' | 'page'): Step {
  if (outcome.code === 'match-wrong' && transaction.match && outcome.remainingMatches !== 0) {
    return [
      {
        phase: 'match',
        transaction,
        wrong: true,
        ...(outcome.remainingMatches === undefined ? {} : { remaining: outcome.remainingMatches }),
      },
      [],
    ];
  }
  if (outcome.code === 'not-ready') return [{ phase: 'opened', transaction }, [{ do: 'watch', transaction }]];
  return [done(state, outcome, by), [{ do: 'unwatch' }, { do: 'forget' }]];
}

function cancel(state: FlowState): Step {
  switch (state.phase) {
    case 'choosing':
    case 'done':
      return [state, []];
    // The app has answered and the server is deciding: what it decides stands, so it is waited for.
    case 'completing':
      return [state, []];
    case 'starting':
      return [done(state, outcomeOf('cancelled'), 'page'), [{ do: 'abandon-begin' }]];
    default:
      return [done(state, outcomeOf('cancelled'), 'page'), end(state.transaction)];
  }
}
