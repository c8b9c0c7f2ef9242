/** Runs the machine: carries out its effects through ports, one at a time, and feeds back what happened. */
import type { BeginRequest, PublicOutcome, TransactionStatus, WireError } from '@jpki-rp/node-sdk/wire';
import { delayMilliseconds, pause } from '../channel/backoff.ts';
import { type Client, ConnectionError, RefusalError } from '../channel/client.ts';
import { type EventStream, watch } from '../channel/watch.ts';
import { type Effect, type FlowEvent, type FlowState, INITIAL, step } from './machine.ts';
import { outcomeOf, outcomeOfError } from './outcome.ts';
import type { Pending } from './pending.ts';
import { type Choice, type StartKind, type Transaction, transactionOf } from './transaction.ts';

export interface FlowPorts {
  readonly client: Client;
  readonly pending: Pending;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Epoch milliseconds; used where the server does not tell its time. */
  readonly wallClock: () => number;
  readonly openStream?: ((url: string) => EventStream) | null;
  readonly onWake?: (listener: () => void) => () => void;
  /** Resolves when the page is in front of the person, or on abort. */
  readonly whenVisible?: (signal: AbortSignal) => Promise<void>;
}

export interface FlowSettings {
  readonly operation: string;
  readonly returnTo?: string;
  readonly lang: 'ja' | 'en';
  onState(state: FlowState): void;
  onOutcome(outcome: PublicOutcome): void;
  onConnection?(connection: 'ok' | 'lost'): void;
}

export interface Flow {
  readonly state: FlowState;
  choose(choice: Choice, start: StartKind): void;
  /** Call from the click on the link itself. */
  followed(): void;
  submitMatch(digits: string): void;
  refresh(): void;
  cancel(): void;
  retry(): void;
  /** Takes up what a navigation interrupted. Resolves to whether there was anything. */
  resume(): Promise<boolean>;
  /** Stops listening; the transaction lives on (the page may only be navigating). */
  dispose(): void;
}

const BEGIN_TRIES = 3;
const COMPLETE_TRIES = 4;
const ELSEWHERE_TRIES = 30;
const ELSEWHERE_MILLISECONDS = 1_000;
const ALREADY_COMPLETED: WireError = { v: 1, code: 'already-completed', messageKey: 'already-completed', retryable: false };

export function createFlow(ports: FlowPorts, settings: FlowSettings): Flow {
  const { client, pending, now } = ports;
  let state: FlowState = INITIAL;
  let begin: AbortController | null = null;
  let watching: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const life = new AbortController();

  const dispatch = (event: FlowEvent): void => {
    if (life.signal.aborted) return;
    const [next, effects] = step(state, event);
    const changed = next !== state;
    state = next;
    // Effects first: what a listener sees has been set in motion already (the pending note is written before a click navigates away).
    for (const effect of effects) run(effect);
    if (!changed || state !== next) return;
    settings.onState(next);
    if (next.phase === 'done') settings.onOutcome(next.outcome);
  };

  const run = (effect: Effect): void => {
    switch (effect.do) {
      case 'begin':
        void startTransaction(effect.choice, effect.start);
        return;
      case 'abandon-begin':
        begin?.abort();
        return;
      case 'watch':
        startWatching(effect.transaction);
        return;
      case 'unwatch':
        stopWatching();
        return;
      case 'check':
        void check(effect.transaction);
        return;
      case 'complete':
        void complete(effect.id, effect.match);
        return;
      case 'remove':
        void client.remove(effect.id);
        return;
      case 'remember':
        pending.save(effect.transaction);
        return;
      case 'forget':
        pending.clear();
    }
  };

  const startTransaction = async (choice: Choice, start: StartKind): Promise<void> => {
    begin?.abort();
    const controller = new AbortController();
    begin = controller;
    const request: BeginRequest = {
      v: 1,
      operation: settings.operation,
      carrier: choice,
      start,
      lang: settings.lang,
      ...(settings.returnTo === undefined ? {} : { returnTo: settings.returnTo }),
    };
    for (let attempt = 0; ; attempt++) {
      try {
        const { descriptor, serverTime } = await client.begin(request, controller.signal);
        if (controller.signal.aborted) void client.remove(descriptor.transactionId);
        else dispatch({ type: 'begun', transaction: transactionOf(descriptor, choice, now(), serverTime ?? ports.wallClock()) });
        return;
      } catch (error) {
        if (controller.signal.aborted) return;
        if (!(error instanceof ConnectionError) || attempt + 1 >= BEGIN_TRIES) {
          dispatch({ type: 'begin-failed', outcome: outcomeOfError(error) });
          return;
        }
        await pause(delayMilliseconds(attempt), controller.signal);
        if (controller.signal.aborted) return;
      }
    }
  };

  const stopWatching = (): void => {
    watching?.abort();
    watching = null;
    clearTimeout(timer);
  };

  const startWatching = (transaction: Transaction): void => {
    stopWatching();
    const controller = new AbortController();
    watching = controller;
    const { id } = transaction;
    timer = setTimeout(() => dispatch({ type: 'deadline', id }), Math.max(0, transaction.deadline - now()));
    watch({
      client,
      id,
      signal: controller.signal,
      onStatus: (status) => dispatch({ type: 'status', status }),
      onConnection: (connection) => settings.onConnection?.(connection),
      openStream: ports.openStream ?? null,
      ...(ports.onWake ? { onWake: ports.onWake } : {}),
    }).catch((error: unknown) => dispatch({ type: 'watch-failed', id, outcome: outcomeOfError(error) }));
  };

  const statusOnce = async (id: string): Promise<TransactionStatus | null> => {
    try {
      return await client.status(id, 0, life.signal);
    } catch {
      return null;
    }
  };

  const check = async (transaction: Transaction): Promise<void> => {
    const { id, expiresAt } = transaction;
    const status = await statusOnce(id);
    const over = status && (status.state === 'arrived' || status.state === 'done');
    dispatch({ type: 'status', status: over ? status : { v: 1, transactionId: id, state: 'expired', expiresAt } });
  };

  /** Another try of this page, or another tab of this browser, is completing: its outcome reaches whoever began by the status. */
  const outcomeElsewhere = async (id: string): Promise<PublicOutcome | undefined> => {
    for (let attempt = 0; attempt < ELSEWHERE_TRIES && !life.signal.aborted; attempt++) {
      const status = await statusOnce(id);
      if (status?.state === 'done') return status.outcome;
      if (status && status.state !== 'arrived') return undefined;
      await pause(ELSEWHERE_MILLISECONDS, life.signal);
    }
    return undefined;
  };

  const complete = async (id: string, match: string | undefined): Promise<void> => {
    // The app may have come back into a new tab: the tab the person is looking at redeems, not the one that was left behind.
    if (match === undefined) await ports.whenVisible?.(life.signal);
    if (life.signal.aborted) return;
    for (let attempt = 0; ; attempt++) {
      try {
        const outcome = await client.complete(id, match, life.signal);
        if (outcome.code === 'already-completed') throw new RefusalError(ALREADY_COMPLETED, 200);
        // The machine goes back to waiting; a server that says "arrived" and "not ready" at once must not be asked without a breath.
        if (outcome.code === 'not-ready') await pause(ELSEWHERE_MILLISECONDS, life.signal);
        dispatch({ type: 'completed', id, outcome });
        return;
      } catch (error) {
        if (life.signal.aborted) return;
        if (error instanceof RefusalError && error.error.code === 'already-completed') {
          const outcome = await outcomeElsewhere(id);
          dispatch({ type: 'completed', id, outcome: outcome ?? outcomeOf('already-completed'), by: outcome ? 'server' : 'page' });
          return;
        }
        if (!(error instanceof ConnectionError) || attempt + 1 >= COMPLETE_TRIES) {
          if (error instanceof RefusalError && error.error.code === 'not-ready') await pause(ELSEWHERE_MILLISECONDS, life.signal);
          dispatch({ type: 'completed', id, outcome: outcomeOfError(error), by: 'page' });
          return;
        }
        await pause(delayMilliseconds(attempt), life.signal);
      }
    }
  };

  return {
    get state() {
      return state;
    },
    choose: (choice, start) => dispatch({ type: 'choose', choice, start }),
    followed: () => dispatch({ type: 'followed' }),
    submitMatch: (digits) => dispatch({ type: 'match', digits }),
    refresh: () => dispatch({ type: 'refresh' }),
    cancel: () => dispatch({ type: 'cancel' }),
    retry: () => dispatch({ type: 'retry' }),
    async resume() {
      const found = pending.load();
      if (!found) return false;
      if (!found.sameTab) {
        const status = await statusOnce(found.transaction.id);
        if (status?.state !== 'arrived' && status?.state !== 'done') return false;
      }
      if (state.phase !== 'choosing') return false;
      dispatch({ type: 'resume', transaction: found.transaction });
      return true;
    },
    dispose() {
      life.abort();
      begin?.abort();
      stopWatching();
    },
  };
}
