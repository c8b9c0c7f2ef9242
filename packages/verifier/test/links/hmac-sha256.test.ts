import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hmacSha256 } from '../../src/links/hmac-sha256.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const of = (key: Uint8Array, text: Uint8Array): string => hmacSha256(createSecretKey(key))(text).toString('hex');

describe('HMAC-SHA-256', () => {
  test.each<[string, Buffer, Buffer, string]>([
    ['1', Buffer.alloc(20, 0x0b), Buffer.from('Hi There'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      '2',
      Buffer.from('Jefe'),
      Buffer.from('what do ya want for nothing?'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    ['3', Buffer.alloc(20, 0xaa), Buffer.alloc(50, 0xdd), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    [
      '6, a key longer than a block',
      Buffer.alloc(131, 0xaa),
      Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First'),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('is that of RFC 4231, test case %s', (_, key, text, expected) => {
    expect(of(key, text)).toBe(expected);
  });

  test('is node’s own, whatever the lengths, one after the other under one key', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 140 }),
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 500, maxLength: 530 })), {
          minLength: 1,
          maxLength: 8,
        }),
        (key, texts) => {
          const mac = hmacSha256(createSecretKey(key));
          const given = texts.map((text) => mac(text));
          expect(given.map((octets) => octets.toString('hex'))).toEqual(
            texts.map((text) => createHmac('sha256', key).update(text).digest('hex')),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('leaves the key as it was', () => {
    const key = new Uint8Array(hex('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'));
    const [before, secret] = [key.slice(), createSecretKey(key)];
    hmacSha256(secret)(new Uint8Array(3));
    expect(key).toEqual(before);
    expect(new Uint8Array(secret.export())).toEqual(before);
  });
});
