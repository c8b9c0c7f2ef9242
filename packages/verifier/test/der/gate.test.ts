import { describe, expect, test } from 'vitest';
import { passGate } from '../../src/der/gate.ts';
import { DerError } from '../../src/der/reader.ts';
import { ctx, int, octets, seq, set } from '../revocation/der.ts';

const LIMITS = { maxBytes: 1_000, maxDepth: 3, maxElements: 10 };
const nested = (depth: number): Uint8Array => Array.from({ length: depth }).reduce<Uint8Array>((inner) => seq(inner), int(1));

describe('the gate before looser readers', () => {
  test.each([
    ['one element', int(1)],
    ['an empty sequence', seq()],
    ['siblings after a nested element', seq(seq(int(1)), set(), ctx(0, int(2)), octets())],
    ['the deepest nesting allowed', nested(3)],
  ])('lets %s through', (_, der) => {
    expect(passGate(der, LIMITS)).toBe('passed');
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['nesting one deeper', nested(4)],
    ['a second element', new Uint8Array([...int(1), ...int(1)])],
    ['an indefinite length', new Uint8Array([0x30, 0x80, 0, 0])],
    ['a length longer than its container', new Uint8Array([0x30, 3, 0x30, 5, 0])],
    ['a length that is not minimal', new Uint8Array([0x30, 0x81, 1, 5])],
    ['a high tag number', new Uint8Array([0x1f, 0x81, 1, 0])],
    ['a string in parts', new Uint8Array([0x24, 2, 0x04, 0])],
    ['a header cut off', seq(int(1)).subarray(0, 3)],
  ])('refuses %s', (_, der) => {
    expect(() => passGate(der, LIMITS)).toThrow(DerError);
  });

  test('says of well-formed input that it is too large', () => {
    expect(passGate(octets(new Uint8Array(1_000)), LIMITS)).toBe('too-large');
    expect(passGate(seq(...Array<Uint8Array>(10).fill(int(1))), LIMITS)).toBe('too-large');
    expect(passGate(seq(...Array<Uint8Array>(9).fill(int(1))), LIMITS)).toBe('passed');
  });

  test('takes no stack for depth', () => {
    expect(passGate(nested(5_000), { maxBytes: 1e9, maxDepth: 5_000, maxElements: 1e9 })).toBe('passed');
  });
});
