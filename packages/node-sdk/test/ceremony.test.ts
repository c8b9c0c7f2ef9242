import { describe, expect, it } from 'vitest';
import type { OutcomeContext } from '../src/operation/operation.ts';
import { answered, type Client, type Stage, stage } from './stage.ts';

/** Two steps: the card's sealed verdict waits for the smartphone's. What the second step took ends up in `taken`. */
function ceremony(): { on: Stage; taken: (string | null | undefined)[]; as: { account: string; step: string; id: string } } {
  const as = { account: 'alice', step: 'card', id: 'ceremony-1' };
  const taken: (string | null | undefined)[] = [];
  const onOutcome = async (_outcome: unknown, context: OutcomeContext): Promise<null> => {
    if (context.ceremony?.step === 'card') await context.ceremony.keep('sealed verdict');
    else taken.push(await context.ceremony?.take());
    return null;
  };
  const prepare = (): object => ({ account: as.account, ceremony: { id: as.id, step: as.step } });
  return { on: stage({ operations: { login: { prepare, onOutcome } } }), taken, as };
}

const run = async (on: Stage, who: Client): Promise<void> => {
  const { id } = await answered(on, who, { operation: 'login' });
  expect((await who.complete(id)).status).toBe(200);
};

describe('a ceremony of two steps', () => {
  it('carries the sealed verdict from the first to the second, once', async () => {
    const { on, taken, as } = ceremony();
    const browser = on.browser();
    await run(on, browser);
    as.step = 'smartphone';
    await run(on, browser);
    await run(on, browser);
    expect(taken).toEqual(['sealed verdict', null]);
  });

  it('is signed: its id and step are part of the bytes', async () => {
    const { on } = ceremony();
    const { phone } = await answered(on, on.browser(), { operation: 'login' });
    expect(JSON.parse(new TextDecoder().decode(phone.message)).ceremony).toEqual({ id: 'ceremony-1', step: 'card' });
  });

  it('gives nothing to another browser', async () => {
    const { on, taken, as } = ceremony();
    await run(on, on.browser());
    as.step = 'smartphone';
    await run(on, on.browser());
    expect(taken).toEqual([null]);
  });

  it('gives nothing to another account in the same browser', async () => {
    const { on, taken, as } = ceremony();
    const browser = on.browser();
    await run(on, browser);
    Object.assign(as, { step: 'smartphone', account: 'mallory' });
    await run(on, browser);
    expect(taken).toEqual([null]);
  });

  it('gives nothing after its time', async () => {
    const { on, taken, as } = ceremony();
    const browser = on.browser();
    await run(on, browser);
    on.advance(601);
    as.step = 'smartphone';
    await run(on, browser);
    expect(taken).toEqual([null]);
  });
});
