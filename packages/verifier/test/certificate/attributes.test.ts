import { describe, expect, test } from 'vitest';
import { hasPersonalAttributes, readPersonalAttributes } from '../../src/certificate/attributes.ts';
import type { GeneralName } from '../../src/certificate/general-name.ts';

const explicit = (text: string, tag = 0x0c): Uint8Array => {
  const value = new TextEncoder().encode(text);
  const length = (n: number): number[] => (n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 0xff]);
  const inner = [tag, ...length(value.length), ...value];
  return Uint8Array.from([0xa0, ...length(inner.length), ...inner]);
};
const other = (last: number, value: Uint8Array): GeneralName => ({ kind: 'otherName', typeId: `1.2.392.200149.8.5.5.${last}`, value });
const six = (changes: Partial<Record<number, string>> = {}): GeneralName[] => {
  const values: Record<number, string> = {
    1: '架空　花子',
    4: '419800217',
    3: '2',
    5: '仮県例市見本町１－２',
    2: '00010',
    6: '0000000000',
    ...changes,
  };
  return [1, 4, 3, 5, 2, 6].map((last) => other(last, explicit(values[last] as string)));
};
const read = (names: readonly GeneralName[]) => {
  const result = readPersonalAttributes(names);
  if ('fault' in result) throw new Error(result.fault);
  return result.attributes;
};

describe('the six attributes', () => {
  test('are found by OID whatever their order', () => {
    expect(read(six().reverse())).toEqual(read(six()));
    expect(read(six())).toMatchObject({ name: '架空　花子', gender: '2', dateOfBirth: '419800217', addressSubstitution: '0000000000' });
  });

  test.each([
    ['419800217', '1980-02-17', 'heisei'],
    ['520200229', '2020-02-29', 'reiwa'],
    ['520210229', null, 'reiwa'],
    ['319800230', null, 'showa'],
    ['319800000', null, 'showa'],
    ['000000000', null, 'unknown'],
    ['019800217', null, 'unknown'],
    ['619800217', null, null],
    ['41980021', null, 'heisei'],
    ['4198002170', null, 'heisei'],
    ['４19800217', null, null],
    ['', null, null],
  ])('date of birth %s is the calendar date %s of the era %s', (raw, date, era) => {
    expect(read(six({ 4: raw }))).toMatchObject({ dateOfBirth: raw, derived: { dateOfBirth: date, era } });
  });

  test.each([
    ['1', 'male'],
    ['2', 'female'],
    ['3', null],
    ['9', null],
    ['0', null],
    ['１', null],
    ['', null],
  ])('gender code %s means %s', (raw, meaning) => {
    expect(read(six({ 3: raw })).derived.gender).toBe(meaning);
  });

  test('names substituted characters by code point, so that characters outside the BMP count once', () => {
    expect(read(six({ 1: '𠮷田　花子', 2: '10001' })).derived.nameSubstitutedAt).toEqual([0, 4]);
  });

  test('are returned code point by code point: variation selectors and compatibility ideographs stay', () => {
    for (const name of ['葛\u{E0100}城　花', '神\uFA19　花', 'か\u3099']) expect(read(six({ 1: name })).name).toBe(name);
  });

  test('keep unknown further names as they stand', () => {
    expect(read([...six(), other(9, explicit('カクウ　ハナコ'))]).others).toEqual([
      { oid: '1.2.392.200149.8.5.5.9', value: Buffer.from(explicit('カクウ　ハナコ')).toString('base64') },
    ]);
  });

  test.each<[string, GeneralName[], string]>([
    ['twice', [...six(), other(1, explicit('架空　花子'))], 'attribute-duplicate'],
    ['missing', six().slice(1), 'attribute-missing'],
    ['a PrintableString', [...six().slice(0, 5), other(6, explicit('000', 0x13))], 'attribute-encoding'],
    ['not explicitly tagged', [...six().slice(0, 5), other(6, explicit('000').subarray(2))], 'attribute-encoding'],
    ['followed by more', [...six().slice(0, 5), other(6, Uint8Array.from([...explicit('0'), 5, 0]))], 'attribute-encoding'],
    ['overlong UTF-8', [...six().slice(0, 5), other(6, Uint8Array.from([0xa0, 4, 0x0c, 2, 0xc0, 0xb0]))], 'attribute-encoding'],
  ])('are refused when one is %s', (_, names, fault) => {
    expect(readPersonalAttributes(names)).toEqual({ fault });
  });

  test('are not seen where there are none', () => {
    expect(hasPersonalAttributes(null)).toBe(false);
    expect(hasPersonalAttributes([{ kind: 'dNSName', text: 'example' }])).toBe(false);
    expect(hasPersonalAttributes(six())).toBe(true);
  });
});
