import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DerError, DerReader, TAG } from '../../src/der/reader.ts';

const reader = (hex: string): DerReader => new DerReader(Uint8Array.from(Buffer.from(hex, 'hex')));

describe('a strict DER reader', () => {
  test.each([
    ['a length that runs past the end', '300305', (r: DerReader) => r.enter(TAG.SEQUENCE)],
    ['an indefinite length', '30800000', (r: DerReader) => r.enter(TAG.SEQUENCE)],
    ['a long form for a short length', '308101ff', (r: DerReader) => r.enter(TAG.SEQUENCE)],
    ['a length with a leading zero octet', '30820001ff', (r: DerReader) => r.enter(TAG.SEQUENCE)],
    ['a length of four gigabytes', '3084ffffffff', (r: DerReader) => r.enter(TAG.SEQUENCE)],
    ['a length of five octets', '30850100000000', (r: DerReader) => r.enter(TAG.SEQUENCE)],
    ['a high tag number', 'bf1f0100', (r: DerReader) => r.element()],
    ['an empty INTEGER', '0200', (r: DerReader) => r.integer()],
    ['an INTEGER with a needless zero', '02020001', (r: DerReader) => r.integer()],
    ['a negative INTEGER with a needless FF', '0202ff80', (r: DerReader) => r.integer()],
    ['TRUE encoded as 01', '010101', (r: DerReader) => r.boolean()],
    ['a BOOLEAN of two octets', '0102ffff', (r: DerReader) => r.boolean()],
    ['a BIT STRING without its first octet', '0300', (r: DerReader) => r.checkBitString()],
    ['eight unused bits', '03020800', (r: DerReader) => r.checkBitString()],
    ['unused bits that are not zero', '030204ff', (r: DerReader) => r.checkBitString()],
    ['unused bits in an empty BIT STRING', '030101', (r: DerReader) => r.checkBitString()],
    ['a named-bit list with trailing zero bits', '030200c0', (r: DerReader) => r.namedBits()],
    ['a NULL with content', '050100', (r: DerReader) => r.null()],
    ['an empty OBJECT IDENTIFIER', '0600', (r: DerReader) => r.oid()],
    ['an OBJECT IDENTIFIER cut in an arc', '060255 9d'.replaceAll(' ', ''), (r: DerReader) => r.oid()],
    ['an OBJECT IDENTIFIER arc with a leading 80', '06035580 0f'.replaceAll(' ', ''), (r: DerReader) => r.oid()],
    ['an OBJECT IDENTIFIER arc beyond 2^53', '060c55ffffffffffffffffffff7f', (r: DerReader) => r.oid()],
    ['a UTCTime without seconds', `170b${Buffer.from('2406030401Z').toString('hex')}`, (r: DerReader) => r.time()],
    ['a UTCTime with an offset', `1711${Buffer.from('240603040101+0900').toString('hex')}`, (r: DerReader) => r.time()],
    ['a GeneralizedTime with a fraction', `1811${Buffer.from('20240603040101.5Z').toString('hex')}`, (r: DerReader) => r.time()],
    ['the thirtieth of February', `170d${Buffer.from('240230040101Z').toString('hex')}`, (r: DerReader) => r.time()],
    ['a leap second', `170d${Buffer.from('240603235960Z').toString('hex')}`, (r: DerReader) => r.time()],
    ['a letter for a digit', `170d${Buffer.from('24060304010aZ').toString('hex')}`, (r: DerReader) => r.time()],
  ])('refuses %s', (_, hex, read) => {
    expect(() => read(reader(hex))).toThrow(DerError);
  });

  test('does not leave an element before all of it has been read', () => {
    const r = reader('3003020101');
    const outer = r.enter(TAG.SEQUENCE);
    expect(() => r.leave(outer)).toThrow(DerError);
    r.integer();
    r.leave(outer);
    expect(r.done).toBe(true);
  });

  test('does not read past the element it is in', () => {
    const r = reader('3000020101');
    r.enter(TAG.SEQUENCE);
    expect(() => r.integer()).toThrow(DerError);
    expect(r.peek()).toBe(-1);
  });

  test('reads times on both sides of the UTCTime window', () => {
    const time = (text: string): number =>
      reader(`17${text.length.toString(16).padStart(2, '0')}${Buffer.from(text).toString('hex')}`).time();
    expect(time('491231235959Z')).toBe(Date.UTC(2049, 11, 31, 23, 59, 59));
    expect(time('500101000000Z')).toBe(Date.UTC(1950, 0, 1));
    expect(time('240229000000Z')).toBe(Date.UTC(2024, 1, 29));
  });

  test.each([
    ['06082a83088c9b550805'.replace('0608', '0608'), '1.2.392.200149.8.5'],
    ['0603551d0f', '2.5.29.15'],
    ['0603550406', '2.5.4.6'],
    ['06028837', '2.999'],
    ['06092a864886f70d01010b', '1.2.840.113549.1.1.11'],
  ])('reads %s as %s', (hex, dotted) => {
    expect(reader(hex).oid()).toBe(dotted);
  });

  test('answers any bytes with a value or a DerError, and never reads outside them', () => {
    const readers: ((r: DerReader) => unknown)[] = [
      (r) => r.element(),
      (r) => r.oid(),
      (r) => r.integer(),
      (r) => r.time(),
      (r) => r.checkBitString(),
      (r) => r.boolean(),
      (r) => r.enter(TAG.SEQUENCE),
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(readers.length - 1), (bytes, which) => {
        const r = new DerReader(bytes);
        try {
          readers[which]?.(r);
          expect(r.pos).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
      }),
      { numRuns: 3000, seed: 20241122 },
    );
  });
});
