import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSealer, type SealedPlace, type SealingOptions } from '../../src/store/sealing.ts';
import { SEALING } from './sealing-key.ts';

const place: SealedPlace = { part: 'content', id: 't' };
const plain = new TextEncoder().encode('見本 花子');

describe('what is sealed', () => {
  it('opens in its place, whatever it is, and looks different every time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (bytes) => {
        const sealer = createSealer(SEALING);
        const [one, two] = [sealer.seal(bytes, place), sealer.seal(bytes, place)];
        expect(one).not.toBe(two);
        expect(sealer.open(one, place)).toEqual(bytes);
      }),
    );
  });

  it('opens nowhere else', () => {
    const sealer = createSealer(SEALING);
    const sealed = sealer.seal(plain, place);
    expect(() => sealer.open(sealed, { ...place, id: 'u' })).toThrow();
    expect(() => sealer.open(sealed, { ...place, part: 'answer' })).toThrow();
  });

  it('opens no more after one flipped bit, nor cut short', () => {
    const sealer = createSealer(SEALING);
    const sealed = sealer.seal(plain, place);
    const blob = Buffer.from(sealed.slice(3), 'base64url');
    for (let bit = 0; bit < blob.length * 8; bit++) {
      const changed = Uint8Array.from(blob);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => sealer.open(`s1.${Buffer.from(changed).toString('base64url')}`, place)).toThrow();
    }
    for (let length = 0; length < blob.length; length++) {
      expect(() => sealer.open(`s1.${blob.subarray(0, length).toString('base64url')}`, place)).toThrow();
    }
  });

  it('opens under an older key that is named, and under none that is not', () => {
    const sealed = createSealer(SEALING).seal(plain, place);
    const key = new Uint8Array(32).fill(9);
    expect(createSealer({ keyId: 's2', key, previous: [SEALING] }).open(sealed, place)).toEqual(plain);
    expect(() => createSealer({ keyId: 's2', key }).open(sealed, place)).toThrow();
    expect(() => createSealer({ keyId: 's1', key }).open(sealed, place)).toThrow();
  });
});

it.each<[string, unknown]>([
  ['no key', undefined],
  ['a key that is text', 'x'.repeat(32)],
  ['an empty key', new Uint8Array(0)],
  ['a key of 31 octets', new Uint8Array(31)],
  ['a key of 33 octets', createSecretKey(new Uint8Array(33))],
  ['a public key', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
])('a sealer refuses %s', (_what, key) => {
  expect(() => createSealer({ keyId: 's', key } as SealingOptions)).toThrowError(expect.objectContaining({ code: 'argument-invalid' }));
});

it.each(['', 'a.b', 'a b', 'x'.repeat(33)])('a sealer refuses the key id “%s”', (keyId) => {
  expect(() => createSealer({ ...SEALING, keyId })).toThrowError(expect.objectContaining({ code: 'argument-invalid' }));
});
