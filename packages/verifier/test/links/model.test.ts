import fc from 'fast-check';
import { test } from 'vitest';
import { World } from './naive.ts';
import { step } from './stories.ts';

test('whatever happens, and wherever it crashes, the ledger is what a naive telling of the same story says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const world = new World();
      for (const next of steps) await world.run(next);
    }),
    { numRuns: Number(process.env['MODEL_RUNS'] ?? 150) },
  );
});
