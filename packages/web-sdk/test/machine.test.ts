import type { PublicOutcome, TransactionStatus } from '@jpki-rp/node-sdk/wire';
import { describe, expect, it } from 'vitest';
import { type Effect, type FlowEvent, type FlowState, INITIAL, step } from '../src/flow/machine.ts';
import { outcomeOf } from '../src/flow/outcome.ts';
import type { Transaction } from '../src/flow/transaction.ts';

const show = { relyingParty: 'bank', operation: 'open', purpose: 'digital-signature', carriers: ['smartphone', 'card'] } as const;
const link: Transaction = {
  id: 'transaction-1',
  choice: 'smartphone',
  kind: 'link',
  href: 'https://app.test/',
  match: false,
  show,
  expiresAt: '2026-11-22T01:00:00Z',
  deadline: 1000,
};
const qr: Transaction = {
  id: 'transaction-2',
  choice: 'card',
  kind: 'qr',
  content: 'https://app.test/',
  match: true,
  show,
  expiresAt: link.expiresAt,
  deadline: 1000,
};
const identified: PublicOutcome = { v: 1, result: 'identified' };

const status = (transaction: Transaction, state: TransactionStatus['state'], outcome?: PublicOutcome): FlowEvent => ({
  type: 'status',
  status: { v: 1, transactionId: transaction.id, state, expiresAt: transaction.expiresAt, ...(outcome ? { outcome } : {}) },
});

function run(events: readonly FlowEvent[], from: FlowState = INITIAL): { state: FlowState; effects: string[] } {
  let state = from;
  const effects: Effect[] = [];
  for (const event of events) {
    const [next, more] = step(state, event);
    state = next;
    effects.push(...more);
  }
  return { state, effects: effects.map((effect) => effect.do) };
}

const toReady: FlowEvent[] = [
  { type: 'choose', choice: 'smartphone', start: 'app-link' },
  { type: 'begun', transaction: link },
];
const toQr: FlowEvent[] = [
  { type: 'choose', choice: 'card', start: 'qr' },
  { type: 'begun', transaction: qr },
];
const toMatch: FlowEvent[] = [...toQr, status(qr, 'opened'), status(qr, 'arrived')];

describe('by app link', () => {
  it('the transaction exists before the link is followed, so that the tap itself opens the app', () => {
    expect(run(toReady)).toEqual({ state: { phase: 'ready', transaction: link }, effects: ['begin', 'watch'] });
  });
  it('it is remembered in the tap, before the page may be left', () => {
    expect(run([...toReady, { type: 'followed' }])).toEqual({
      state: { phase: 'waiting', transaction: link },
      effects: ['begin', 'watch', 'remember'],
    });
  });
  it('an answer that has arrived is completed without a question', () => {
    const { state, effects } = run([...toReady, { type: 'followed' }, status(link, 'opened'), status(link, 'arrived')]);
    expect(state.phase).toBe('completing');
    expect(effects.slice(-2)).toEqual(['unwatch', 'complete']);
  });
  it('only the server’s word ends in identified', () => {
    const end = run([...toReady, status(link, 'arrived'), { type: 'completed', id: link.id, outcome: identified }]);
    expect(end.state).toEqual({ phase: 'done', outcome: identified, by: 'server', choice: 'smartphone' });
    expect(end.effects.slice(-1)).toEqual(['forget']);
  });
  it('done without an outcome is not taken for identified', () => {
    expect(run([...toReady, status(link, 'done')]).state).toMatchObject({
      phase: 'done',
      outcome: { result: 'refused', code: 'already-completed' },
    });
  });
  it('when its time is over the server is asked once more before it is called over', () => {
    const late = run([...toReady, { type: 'followed' }, { type: 'deadline', id: link.id }]);
    expect(late.state.phase).toBe('waiting');
    expect(late.effects.at(-1)).toBe('check');
    expect(run([status(link, 'expired')], late.state).state).toMatchObject({
      phase: 'done',
      outcome: { code: 'timed-out', result: 'try-again' },
    });
  });
});

describe('by QR code', () => {
  it('the two digits are asked for once the app has answered', () => {
    expect(run(toMatch).state).toEqual({ phase: 'match', transaction: qr, wrong: false });
  });
  it('a wrong number may be corrected', () => {
    const wrong: PublicOutcome = { v: 1, result: 'try-again', code: 'match-wrong', remainingMatches: 2 };
    const { state } = run([...toMatch, { type: 'match', digits: '11' }, { type: 'completed', id: qr.id, outcome: wrong }]);
    expect(state).toEqual({ phase: 'match', transaction: qr, wrong: true, remaining: 2 });
  });
  it('the third wrong number ends it', () => {
    const { state } = run([
      ...toMatch,
      { type: 'match', digits: '11' },
      { type: 'completed', id: qr.id, outcome: outcomeOf('match-exhausted') },
    ]);
    expect(state).toMatchObject({ phase: 'done', outcome: { result: 'refused', code: 'match-exhausted' } });
  });
  it('a wrong number with nothing remaining ends it too', () => {
    const outcome: PublicOutcome = { v: 1, result: 'try-again', code: 'match-wrong', remainingMatches: 0 };
    expect(run([...toMatch, { type: 'match', digits: '11' }, { type: 'completed', id: qr.id, outcome }]).state.phase).toBe('done');
  });
  it('an expired code is taken off the screen and off the server', () => {
    const { state, effects } = run([...toQr, { type: 'deadline', id: qr.id }]);
    expect(state).toEqual({ phase: 'qr', transaction: qr, expired: true });
    expect(effects.slice(-3)).toEqual(['unwatch', 'remove', 'forget']);
  });
  it('refresh deletes the old transaction and begins a new one', () => {
    const { state, effects } = run([...toQr, { type: 'refresh' }]);
    expect(state).toEqual({ phase: 'starting', choice: 'card', start: 'qr' });
    expect(effects.slice(-4)).toEqual(['unwatch', 'remove', 'forget', 'begin']);
  });
  it('a late word about the code that was replaced changes nothing', () => {
    const fresh = { ...qr, id: 'transaction-3' };
    const before = run([...toQr, { type: 'refresh' }, { type: 'begun', transaction: fresh }]);
    for (const event of [
      status(qr, 'arrived'),
      { type: 'deadline', id: qr.id },
      { type: 'completed', id: qr.id, outcome: identified },
    ] as const) {
      expect(run([event], before.state)).toEqual({ state: before.state, effects: [] });
    }
  });
});

describe('cancel', () => {
  it.each([
    ['ready', toReady],
    ['qr', toQr],
    ['match', toMatch],
  ])('in %s the server forgets too', (_phase, events) => {
    const { state, effects } = run([...events, { type: 'cancel' }]);
    expect(state).toMatchObject({ phase: 'done', by: 'page', outcome: { code: 'cancelled', result: 'try-again' } });
    expect(effects.slice(-3)).toEqual(['unwatch', 'remove', 'forget']);
  });
  it('while beginning, a transaction that comes back late is deleted', () => {
    const cancelled = run([{ type: 'choose', choice: 'auto', start: 'qr' }, { type: 'cancel' }]);
    expect(cancelled.effects).toEqual(['begin', 'abandon-begin']);
    expect(run([{ type: 'begun', transaction: qr }], cancelled.state).effects).toEqual(['remove']);
  });
  it('while the server decides, its decision is waited for', () => {
    const before = run([...toMatch, { type: 'match', digits: '42' }]).state;
    expect(run([{ type: 'cancel' }], before)).toEqual({ state: before, effects: [] });
  });
});

describe('after a navigation', () => {
  it.each<[TransactionStatus['state'], Transaction, string]>([
    ['pending', link, 'waiting'],
    ['opened', link, 'opened'],
    ['arrived', link, 'completing'],
    ['expired', link, 'done'],
    ['pending', qr, 'choosing'],
    ['opened', qr, 'opened'],
    ['arrived', qr, 'match'],
    ['expired', qr, 'choosing'],
  ])('%s by %o is taken up', (state, transaction, phase) => {
    expect(run([{ type: 'resume', transaction }, status(transaction, state)]).state.phase).toBe(phase);
  });
  it('a done one shows its outcome', () => {
    expect(run([{ type: 'resume', transaction: link }, status(link, 'done', identified)]).state).toMatchObject({
      phase: 'done',
      outcome: identified,
    });
  });
});

it('no order of events leads to identified without the server saying so', () => {
  const events: FlowEvent[] = [
    ...toReady,
    ...toQr,
    { type: 'followed' },
    status(qr, 'opened'),
    status(qr, 'arrived'),
    status(link, 'arrived'),
    status(link, 'done'),
    { type: 'match', digits: '42' },
    { type: 'deadline', id: qr.id },
    { type: 'completed', id: 'another', outcome: identified },
    { type: 'begin-failed', outcome: outcomeOf('network-failed') },
    { type: 'refresh' },
    { type: 'cancel' },
    { type: 'retry' },
    { type: 'resume', transaction: qr },
  ];
  let seed = 1;
  const next = (): number => {
    seed = (seed * 48271) % 2147483647;
    return seed;
  };
  let state = INITIAL;
  let ends = 0;
  for (let count = 0; count < 20_000; count++) {
    const event = events[next() % events.length];
    if (event) [state] = step(state, event);
    if (state.phase === 'done') {
      ends += 1;
      expect(state.outcome.result).not.toBe('identified');
    }
  }
  expect(ends).toBeGreaterThan(100);
});
