import { expect, test } from 'vitest';
import { Truth } from './truth.ts';

const HOUR = 3_600_000;
const truth = (): Truth => new Truth(new Map([[0, 1]]), 20_000);
const at = (certificate: Truth, number: number, now: number) => certificate.between(number, now, now);

test('nothing has happened: good at all times', () => {
  expect(at(truth(), 0, HOUR)).toEqual([{ revoked: false }]);
});

test('around a revocation both are true, before and after only one', () => {
  const one = truth();
  one.revoke(0, 'keyCompromise', HOUR + 700);
  const revoked = { revoked: true, reason: 'keyCompromise', at: HOUR };
  expect(at(one, 0, HOUR)).toEqual([{ revoked: false }]);
  expect(at(one, 0, HOUR + 800)).toEqual([revoked]);
  expect(one.between(0, HOUR, HOUR + 800)).toEqual([{ revoked: false }, revoked]);
});

test('the smartphone follows the card, on the very second; after a hold it does not', () => {
  const one = truth();
  one.revoke(0, 'certificateHold', HOUR);
  expect(one.isUntouched(1)).toBe(true);
  one.revoke(0, 'superseded', HOUR + 1_500);
  expect(at(one, 1, HOUR + 20_900)).toEqual([{ revoked: false }]);
  expect(at(one, 1, HOUR + 21_100)).toEqual([{ revoked: true, reason: 'cessationOfOperation', at: HOUR + 21_000 }]);
});

test('what is final stays, and what was foreseen finds it so', () => {
  const one = truth();
  one.revoke(0, 'superseded', HOUR);
  one.revoke(1, 'keyCompromise', HOUR + 5_000);
  one.revoke(1, 'superseded', HOUR + 6_000);
  expect(at(one, 1, HOUR + 60_000)).toEqual([{ revoked: true, reason: 'keyCompromise', at: HOUR + 5_000 }]);
});

test('a hold is lifted, but nothing else is', () => {
  const one = truth();
  one.revoke(1, 'certificateHold', HOUR);
  one.release(1, HOUR + 5_000);
  expect(at(one, 1, HOUR + 6_000)).toEqual([{ revoked: false }]);
  one.revoke(1, 'keyCompromise', HOUR + 7_000);
  expect(() => one.release(1, HOUR + 8_000)).toThrow(RangeError);
});

test('an edition says what was true when it was published, whatever happened since', () => {
  const one = truth();
  one.publish(HOUR);
  one.revoke(0, 'keyCompromise', HOUR + 1_000);
  one.publish(HOUR + 60_000);
  expect(one.editionAt(HOUR + 59_000)).toBe(0);
  expect(one.inEditions(0, 0, 0)).toEqual([{ revoked: false }]);
  expect(one.inEditions(0, 1, one.editionAt(HOUR + 61_000))).toEqual([{ revoked: true, reason: 'keyCompromise', at: HOUR + 1_000 }]);
});
