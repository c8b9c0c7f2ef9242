import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planRechecks } from '../../src/links/index.ts';
import { later, NOW } from './verdicts.ts';

const DAY = 86_400;
const tiers = { high: { freshSeconds: DAY, price: 20 }, low: { freshSeconds: 30 * DAY, price: 20 } };
const candidate = (id: string, tier: string, ageDays: number) => ({ id, tier, statusAsOf: later(-ageDays * DAY) });

describe('a plan of re-checks', () => {
  test('names what is due, the most overdue by its own objective first, and the oldest customer', async () => {
    const plan = await planRechecks(
      [candidate('a', 'low', 45), candidate('b', 'high', 3), candidate('c', 'low', 10), candidate('d', 'high', 0.5)],
      { at: NOW, tiers },
    );
    expect(plan.due.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(plan).toMatchObject({
      cost: 40,
      deferred: 0,
      fresh: 2,
      nextDueAt: later(DAY / 2),
      oldest: { id: 'a', statusAsOf: later(-45 * DAY) },
    });
  });

  test('is due from the very second its objective ends', async () => {
    const plan = (seconds: number) => planRechecks([{ id: 'a', tier: 'high', statusAsOf: later(-seconds) }], { at: NOW, tiers });
    expect((await plan(DAY)).due.length).toBe(1);
    expect((await plan(DAY - 1)).due.length).toBe(0);
  });

  test('stays within budget and limit, and counts what it defers', async () => {
    const candidates = Array.from({ length: 10 }, (_, i) => candidate(`c${i}`, 'high', 10 - i / 2));
    expect(await planRechecks(candidates, { at: NOW, tiers, budget: 59 })).toMatchObject({
      due: [{ id: 'c0' }, { id: 'c1' }],
      cost: 40,
      deferred: 8,
    });
    expect(await planRechecks(candidates, { at: NOW, tiers, limit: 3 })).toMatchObject({ cost: 60, deferred: 7 });
    expect(await planRechecks(candidates, { at: NOW, tiers, limit: 0 })).toMatchObject({ due: [], cost: 0, deferred: 10 });
  });

  test('of nobody is empty', async () => {
    expect(await planRechecks([], { at: NOW, tiers })).toEqual({ due: [], cost: 0, deferred: 0, fresh: 0, nextDueAt: null, oldest: null });
  });

  test.each([
    ['an unknown tier', candidate('a', 'none', 1)],
    ['a tier every object has', candidate('a', 'constructor', 1)],
    ['no time', { id: 'a', tier: 'low', statusAsOf: new Date(Number.NaN) }],
  ])('takes no candidate with %s: argument-invalid', async (_, wrong) => {
    await expect(planRechecks([wrong], { at: NOW, tiers })).rejects.toMatchObject({ code: 'argument-invalid' });
  });

  test('loses nobody', async () => {
    const some = fc.array(fc.record({ tier: fc.constantFrom('high', 'low'), age: fc.nat(60) }), { maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(some, fc.nat(2_000), async (ages, budget) => {
        const plan = await planRechecks(
          ages.map(({ tier, age }, i) => candidate(`c${i}`, tier, age)),
          { at: NOW, tiers, budget },
        );
        expect(plan.due.length + plan.deferred + plan.fresh).toBe(ages.length);
        expect(plan.cost).toBeLessThanOrEqual(budget);
      }),
    );
  });
});
