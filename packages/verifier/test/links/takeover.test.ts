import { describe, expect, test } from 'vitest';
import type { Link, LinkLedgerOptions, LinkOf } from '../../src/links/index.ts';
import { CEREMONY, type TestLedger, testLedger } from './ledgers.ts';
import { card, type Facts, later, NOW, smartphone } from './verdicts.ts';

const ACCOUNT = 'account-1';
const DAY = 86_400;

interface Stage extends TestLedger {
  readonly sessionsEnded: LinkOf[];
  /** Establishes the n-th link of the account and returns it. */
  readonly link: (n: number, from: number, to: number, at?: Date, basis?: 'operator') => Promise<Link>;
}

const stage = (options: Partial<LinkLedgerOptions> = {}): Stage => {
  const sessionsEnded: LinkOf[] = [];
  const world = testLedger({
    endSessions: (ended) => {
      sessionsEnded.push(ended);
    },
    ...options,
  });
  const link: Stage['link'] = async (n, from, to, at = NOW, basis) => {
    world.now(at);
    const step: Partial<Facts> = { ceremony: `ceremony-${n}`, at };
    const result = await world.ledger.establish(card(from, step), smartphone(to, step), {
      account: ACCOUNT,
      ceremony: { id: `ceremony-${n}` },
      ...(basis === undefined ? {} : { basis: { kind: basis } }),
    });
    if (!result.ok) throw new Error(result.code);
    return result.link;
  };
  return { ...world, sessionsEnded, link };
};

describe('an operation with a cooling-off period', () => {
  test('refuses a new smartphone until the period is over, and no other operation does', async () => {
    const { ledger, link, now } = stage();
    await link(1, 1, 2);
    const find = (seconds: number, coolingOffSeconds?: number) => {
      const at = later(seconds);
      now(at);
      return ledger.find({ verdict: smartphone(2, { at }), ...(coolingOffSeconds === undefined ? {} : { coolingOffSeconds }) });
    };
    expect(await find(3 * DAY - 1, 3 * DAY)).toEqual({ ok: false, code: 'link-cooling-off' });
    expect(await find(3 * DAY - 1)).toMatchObject({ ok: true });
    expect(await find(3 * DAY, 3 * DAY)).toMatchObject({ ok: true });
    expect(await find(3 * DAY, Number.NaN)).toEqual({ ok: false, code: 'link-cooling-off' });
  });

  test('accepts the old card although a phone was added to it a moment ago', async () => {
    const { ledger, link, now } = stage();
    await link(1, 1, 2);
    const at = later(10 * DAY);
    await link(2, 1, 3, at);
    now(at);
    const policy = { coolingOffSeconds: 3 * DAY };
    expect(await ledger.find({ verdict: card(1, { at }), ...policy })).toMatchObject({ ok: true });
    expect(await ledger.find({ verdict: smartphone(3, { at }), ...policy })).toEqual({ ok: false, code: 'link-cooling-off' });
  });

  test('counts a card whose link was taken back as new', async () => {
    const { ledger, link, now } = stage();
    const foreign = await link(1, 1, 2);
    await ledger.undo({ account: ACCOUNT, link: foreign.id });
    const at = later(10 * DAY);
    await link(2, 1, 3, at);
    now(at);
    expect(await ledger.find({ verdict: card(1, { at }), coolingOffSeconds: DAY })).toEqual({ ok: false, code: 'link-cooling-off' });
  });
});

describe('an operation that needs a step-up', () => {
  const find = (world: Stage, beside?: ReturnType<typeof card>) =>
    world.ledger.find({ verdict: smartphone(2), stepUp: 'card', ...(beside === undefined ? {} : { card: beside }) });

  test('takes the smartphone with its card beside it, or the card alone', async () => {
    const world = stage();
    await world.link(1, 1, 2);
    expect(await find(world, card(1))).toMatchObject({ ok: true, presented: 'to' });
    expect(await world.ledger.find({ verdict: card(1), stepUp: 'card' })).toMatchObject({ ok: true, presented: 'from' });
  });

  test.each([
    ['no card', undefined],
    ['another card', card(9)],
    ['the smartphone itself once more', smartphone(2)],
    ['the card as it was before the ledger’s patience ended', card(1, { at: later(-601) })],
  ])('refuses the smartphone with %s', async (_, beside) => {
    const world = stage();
    await world.link(1, 1, 2);
    expect(await find(world, beside)).toEqual({ ok: false, code: 'link-step-up' });
  });

  test('throws verdict-not-proven for a card that nobody verified', async () => {
    const world = stage();
    await world.link(1, 1, 2);
    await expect(find(world, { ...card(1) })).rejects.toMatchObject({ code: 'verdict-not-proven' });
  });

  test('knows by the card that was presented how fresh its status is', async () => {
    const world = stage();
    await world.link(1, 1, 2);
    const at = later(5 * DAY);
    world.now(at);
    const presented = { verdict: smartphone(2, { at }), maxStatusAgeSeconds: DAY } as const;
    expect(await world.ledger.find(presented)).toEqual({ ok: false, code: 'link-status-age' });
    expect(await world.ledger.find({ ...presented, card: card(1, { at }) })).toMatchObject({ ok: true, cardStatusAsOf: at });
  });
});

describe('a link that the person undoes', () => {
  test('ends with its sessions, says what it had replaced, and tells the person', async () => {
    const { ledger, link, notices, sessionsEnded } = stage();
    const own = await link(1, 1, 2);
    const foreign = await link(2, 1, 3);
    notices.length = 0;
    const undone = await ledger.undo({ account: ACCOUNT, link: foreign.id });
    expect(undone).toMatchObject({
      ok: true,
      link: { state: 'ended', endReason: 'undone' },
      replaced: [{ id: own.id, state: 'superseded' }],
    });
    expect(sessionsEnded).toEqual([{ account: ACCOUNT, link: foreign.id }]);
    expect(notices).toMatchObject([{ type: 'link.ended', reason: 'undone' }]);
    expect(await ledger.find({ verdict: smartphone(3) })).toEqual({ ok: false, code: 'link-not-found' });
  });

  test('is not repeated by whoever still has card and session; an operator may link that phone again', async () => {
    const { ledger, link } = stage();
    const foreign = await link(1, 1, 3);
    await ledger.undo({ account: ACCOUNT, link: foreign.id });
    await expect(link(2, 1, 3)).rejects.toThrow('link-suspended');
    expect(await link(3, 1, 3, NOW, 'operator')).toMatchObject({ state: 'active', assurance: 'control' });
    expect(await link(4, 1, 2)).toMatchObject({ state: 'active' });
  });

  test('stays ended where the sessions could not be, and a second call ends them', async () => {
    let down = true;
    const ended: LinkOf[] = [];
    const endSessions = (of: LinkOf): void => {
      if (down) throw new Error('sessions are down');
      ended.push(of);
    };
    const { ledger, link } = stage({ endSessions });
    const target = { account: ACCOUNT, link: (await link(1, 1, 2)).id };
    await expect(ledger.undo(target)).rejects.toThrow('sessions are down');
    expect(await ledger.find({ verdict: smartphone(2) })).toEqual({ ok: false, code: 'link-not-found' });
    down = false;
    expect(await ledger.undo(target)).toMatchObject({ ok: true, link: { endReason: 'undone' } });
    expect(ended).toEqual([target]);
  });

  test('of another account is not found, and its sessions stay', async () => {
    const { ledger, link, sessionsEnded } = stage();
    const { id } = await link(1, 1, 2);
    expect(await ledger.undo({ account: 'account-2', link: id })).toEqual({ ok: false, code: 'link-not-found' });
    expect(sessionsEnded).toEqual([]);
  });

  test('needs a way to end sessions', async () => {
    const { ledger } = testLedger();
    const made = await ledger.establish(card(1), smartphone(2), { account: ACCOUNT, ceremony: CEREMONY });
    const target = { account: ACCOUNT, link: made.ok ? made.link.id : '' };
    await expect(ledger.undo(target)).rejects.toMatchObject({ code: 'argument-invalid' });
    expect(await ledger.find({ verdict: smartphone(2) })).toMatchObject({ ok: true });
  });
});
