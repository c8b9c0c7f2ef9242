import { describe, expect, test } from 'vitest';
import { type Answer, judge, type Known, MODES, type Mode } from './judge.ts';
import { FORGERIES } from './population.ts';
import type { Status } from './truth.ts';

const GOOD: Status = { revoked: false };
const LOST: Status = { revoked: true, reason: 'keyCompromise', at: 1_000 };
const HELD: Status = { revoked: true, reason: 'certificateHold', at: 500 };

const known = (over: Partial<Known>): Known => ({
  mode: 'crlcheck',
  forgery: null,
  crl: [GOOD],
  ocsp: [GOOD],
  excuse: () => null,
  ...over,
});
const VALID: Answer = { result: 'valid', code: null, reason: null, revokedAt: null, reports: [] };
const REVOKED: Answer = { result: 'invalid', code: 'revoked', reason: 'keyCompromise', revokedAt: 1_000, reports: [] };
const UNKNOWN: Answer = {
  result: 'indeterminate',
  code: 'ocsp-missing',
  reason: null,
  revokedAt: null,
  reports: [{ kind: 'ocsp', status: 'unusable', code: 'ocsp-missing', detail: 'timeout' }],
};
const kindOf = (answer: Answer, over: Partial<Known>): string => judge(answer, known(over)).kind;

describe('a certificate that was never revoked', () => {
  test.each(MODES)('%s: valid is right, revoked is wrong', (mode) => {
    expect(kindOf(VALID, { mode })).toBe('right');
    expect(kindOf(REVOKED, { mode })).toBe('wrong');
  });
});

describe('a certificate that is revoked for sure', () => {
  test.each(MODES)('%s: revoked is right, valid is wrong', (mode) => {
    expect(kindOf(REVOKED, { mode, crl: [LOST], ocsp: [LOST] })).toBe('right');
    expect(kindOf(VALID, { mode, crl: [LOST], ocsp: [LOST] })).toBe('wrong');
  });

  test('for another reason or at another time is wrong', () => {
    expect(kindOf({ ...REVOKED, reason: 'superseded' }, { crl: [LOST] })).toBe('wrong');
    expect(kindOf({ ...REVOKED, revokedAt: 2_000 }, { crl: [LOST] })).toBe('wrong');
  });

  test('by two pieces of data: the worse reason, the earlier time', () => {
    expect(kindOf({ ...REVOKED, revokedAt: 500 }, { mode: 'bothcheck', crl: [HELD], ocsp: [LOST] })).toBe('right');
    expect(kindOf({ ...REVOKED, revokedAt: 500 }, { mode: 'ocspcheck', crl: [HELD], ocsp: [LOST] })).toBe('wrong');
  });
});

/** The responders know; the CRL does not yet. */
test.each<[Mode, string, string]>([
  ['crlcheck', 'right', 'wrong'],
  ['ocspcheck', 'wrong', 'right'],
  ['bothcheck', 'wrong', 'right'],
  ['eithercheck', 'right', 'right'],
  ['eithercheck-freshest', 'right', 'right'],
])('%s between revocation and swap: valid is %s, revoked is %s', (mode, valid, revoked) => {
  expect(kindOf(VALID, { mode, crl: [GOOD], ocsp: [LOST] })).toBe(valid);
  expect(kindOf(REVOKED, { mode, crl: [GOOD], ocsp: [LOST] })).toBe(revoked);
});

describe('indeterminate', () => {
  test('is excused by a fault that explains it', () => {
    expect(judge(UNKNOWN, known({ mode: 'ocspcheck', excuse: () => 'slow' }))).toEqual({ kind: 'excused', by: ['slow'] });
  });

  test('is wrong where no fault explains it', () => {
    expect(kindOf(UNKNOWN, { mode: 'ocspcheck' })).toBe('wrong');
  });

  test('is wrong where everything was at hand', () => {
    expect(kindOf({ ...UNKNOWN, reports: [] }, { mode: 'ocspcheck', excuse: () => 'slow' })).toBe('wrong');
  });
});

test.each(FORGERIES)('%s: only a refusal that names it is right', (forgery) => {
  expect(kindOf(VALID, { forgery })).toBe('wrong');
  expect(kindOf(REVOKED, { forgery })).toBe('wrong');
  expect(kindOf({ ...UNKNOWN }, { forgery, excuse: () => 'slow' })).toBe('wrong');
});

test('an error and an unknown code are wrong', () => {
  expect(kindOf({ ...VALID, result: 'thrown', code: 'TypeError' }, {})).toBe('wrong');
  expect(kindOf({ ...REVOKED, code: 'revoked-perhaps' }, { crl: [LOST] })).toBe('wrong');
});
