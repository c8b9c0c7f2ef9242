/** The test suite every `SweepLog` runs. */
import assert from 'node:assert/strict';
import type { SweepLog, SweepMark } from './sweeps.ts';

export interface SweepLogConformance {
  /** Registers one case: `test` of vitest, node:test, jest, … */
  readonly test: (name: string, run: () => Promise<void>) => void;
  /** An empty log. Called once per case. */
  readonly makeLog: () => SweepLog | Promise<SweepLog>;
}

/** Registers the cases of the contract stated in `SweepLog`. */
export const sweepLogConformance = ({ test, makeLog }: SweepLogConformance): void => {
  test('a sweep log knows no sweep it was not given', async () => {
    assert.deepEqual(await (await makeLog()).read(), []);
  });

  test('a sweep log gives back what it was given, to the letter', async () => {
    const log = await makeLog();
    await log.write(CARD);
    assert.deepEqual(await log.read(), [CARD]);
  });

  test('a sweep log keeps one sweep per class: the one written last', async () => {
    const log = await makeLog();
    const newer = { ...CARD, asOf: '2026-01-02T00:00:00.000Z', keyId: 'k2', mac: 'mac-2' };
    for (const mark of [CARD, PHONE, newer]) await log.write(mark);
    assert.deepEqual([...(await log.read())].sort(byClass), [newer, PHONE]);
  });

  test('a sweep log keeps one of several sweeps written at once, whole', async () => {
    const log = await makeLog();
    const marks = Array.from({ length: 16 }, (_, i) => ({ ...CARD, keyId: `k${i}`, mac: `mac-${i}` }));
    await Promise.all(marks.map((mark) => log.write(mark)));
    const kept = await log.read();
    assert.equal(kept.length, 1);
    assert.ok(marks.some((mark) => mark.keyId === kept[0]?.keyId && mark.mac === kept[0].mac));
  });
};

const CARD: SweepMark = {
  class: 'card-user-authentication',
  asOf: '2026-01-01T00:00:00.000Z',
  begunAt: '2026-01-01T01:00:00.000Z',
  keyId: 'k1',
  mac: 'mac-1',
};
const PHONE: SweepMark = { ...CARD, class: 'smartphone-user-authentication' };

const byClass = (a: SweepMark, b: SweepMark): number => (a.class < b.class ? -1 : 1);
