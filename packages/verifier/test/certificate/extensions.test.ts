import { describe, expect, test } from 'vitest';
import { readExtensions } from '../../src/certificate/extensions.ts';
import { DerError, DerReader } from '../../src/der/reader.ts';
import { extension, seq } from '../revocation/mint.ts';

const NOTHING = Uint8Array.of(0x05, 0x00);
/** Different OIDs, as many as are asked for. */
const several = (count: number): readonly Uint8Array[] => Array.from({ length: count }, (_, i) => extension(`2.999.${i}`, NOTHING));
const read = (extensions: readonly Uint8Array[]) => readExtensions(new DerReader(seq(...extensions)));

describe('a list of extensions', () => {
  test.each([1, 2, 15, 16, 17, 18, 400])('of %i different ones is read in their order', (count) => {
    expect(read(several(count)).map(({ oid }) => oid)).toEqual(Array.from({ length: count }, (_, i) => `2.999.${i}`));
  });

  test.each([
    [1, 0],
    [15, 0],
    [15, 14],
    [16, 0],
    [16, 15],
    [17, 15],
    [17, 16],
    [400, 399],
  ])('of %i and once more number %i is refused', (count, again) => {
    const list = several(count);
    expect(() => read([...list, list[again] as Uint8Array])).toThrow(DerError);
  });

  // By comparing each with each, this would be two thousand million comparisons: the suite's own time limit would end it.
  test('of sixty thousand is read in one pass', () => {
    expect(read(several(60_000))).toHaveLength(60_000);
  });
});
