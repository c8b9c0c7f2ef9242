import type { Fault, FaultTarget } from '@jpki-rp/simulator';
import { describe, expect, test } from 'vitest';
import { FAULT_TARGETS, FaultLog, faultsOf, kindsOf } from './faults.ts';
import type { Report } from './judge.ts';
import { randomOf } from './random.ts';

const log = (): FaultLog => new FaultLog({ simulator: { faults: { set: () => undefined, met: () => 0 } }, openMs: 1_000 });
const ocsp = (detail: string | null, code = 'ocsp-missing'): Report => ({ kind: 'ocsp', status: 'unusable', code, detail });

describe('a fault excuses', () => {
  const past = (target: FaultTarget, fault: Fault) => {
    const one = log();
    const from = Date.now();
    one.begin(target, fault)();
    return { one, from, until: Date.now() };
  };

  test('what it looks like, while it stands', () => {
    const { one, from, until } = past('second-ocsp', 'slow-loris');
    expect(one.excuse(ocsp('timeout'), from, until)).toBe('slow-loris');
    expect(one.excuse(ocsp('timeout'), until + 1, until + 2)).toBeNull();
    expect(one.excuse(ocsp('timeout'), from - 10, from - 1)).toBeNull();
  });

  test('nothing that it does not look like', () => {
    const { one, from, until } = past('ocsp', 'slow');
    for (const report of [ocsp('connection'), ocsp(null, 'ocsp-malformed'), ocsp('max-age', 'ocsp-stale')]) {
      expect(one.excuse(report, from, until)).toBeNull();
    }
  });

  test('nothing of the CRL: its index serves whatever becomes of the server', () => {
    const { one, from, until } = past('crl', 'down');
    expect(one.excuse({ ...ocsp('no-index', 'crl-missing'), kind: 'crl' }, from, until)).toBeNull();
    expect(one.excuse(ocsp('connection'), from, until)).toBeNull();
  });

  test('an open circuit, where it is one that opens circuits', () => {
    const down = past('ocsp', 'down');
    expect(down.one.excuse(ocsp('circuit-open'), down.until + 900, down.until + 901)).toBe('circuit-open');
    const skewed = past('ocsp', 'skewed');
    expect(skewed.one.excuse(ocsp('circuit-open'), skewed.from, skewed.until)).toBeNull();
  });
});

test('a stalled machine excuses a time-out, and nothing else', () => {
  const one = log();
  one.stalled(1_000, 2_000);
  expect(one.excuse(ocsp('timeout'), 1_500, 1_600)).toBe('stalled machine');
  expect(one.excuse(ocsp('connection'), 1_500, 1_600)).toBeNull();
  expect(one.excuse(ocsp('timeout'), 2_100, 2_200)).toBeNull();
});

test.each(FAULT_TARGETS)('%s: every kind comes once before any comes again, in an order of the seed', (target) => {
  const kinds = faultsOf(target);
  const drawn = (seed: number): readonly Fault[] => {
    const all = kindsOf(target, randomOf(seed, target));
    return Array.from({ length: 3 * kinds.length }, () => all.next().value.fault);
  };
  const order = drawn(1);
  for (let round = 0; round < 3; round++) {
    expect(order.slice(round * kinds.length, (round + 1) * kinds.length).toSorted()).toEqual(kinds.toSorted());
  }
  expect(drawn(1)).toEqual(order);
  expect(drawn(2)).not.toEqual(order);
});
