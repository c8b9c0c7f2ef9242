import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/http/wire.ts';
import { canonicalBytes } from '../../src/transaction/jcs.ts';
import { signedBytes } from '../../src/transaction/signed-bytes.ts';

const canonicalText = (value: Json): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(canonicalBytes(value));

describe('canonical JSON', () => {
  it('sorts as in RFC 8785 §3.2.3', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew',
      '1': 'One',
      '\ud83d\ude00': 'Emoji',
      '\u0080': 'Control',
      ö: 'o',
    };
    expect(Object.keys(JSON.parse(canonicalText(value)))).toHaveLength(7);
    expect(canonicalText(value)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"o","\u20ac":"Euro Sign","\ud83d\ude00":"Emoji","\ufb33":"Hebrew"}',
    );
  });

  it('writes numbers and strings as in RFC 8785 §3.2.2', () => {
    expect(canonicalText([1e30, 4.5, 0.002, 1e-27, -0, true, null, '\u20ac$\u000f\nA\'B"\\\\"/'])).toBe(
      '[1e+30,4.5,0.002,1e-27,0,true,null,"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"]',
    );
  });

  it.each([['\ud800'], [{ '\udc00': 1 }], [Number.NaN], [Number.POSITIVE_INFINITY]])('refuses what JSON cannot carry', (value) => {
    expect(() => canonicalText(value as Json)).toThrowError(expect.objectContaining({ code: 'argument-invalid' }));
  });

  it('does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.integer()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        return canonicalText(object) === canonicalText(reversed);
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});

describe('jpki-rp/v1', () => {
  const content = {
    purpose: 'user-authentication',
    operation: 'login',
    origin: 'https://bank.example',
    transactionId: 'id',
    time: new Date(0),
    nonce: 'n',
  } as const;
  const text = (value: Parameters<typeof signedBytes>[0]): string => new TextDecoder().decode(signedBytes(value));

  it('is one line of canonical JSON', () => {
    expect(text(content)).toBe(
      '{"nonce":"n","operation":"login","origin":"https://bank.example","purpose":"user-authentication",' +
        '"time":"1970-01-01T00:00:00.000Z","transactionId":"id","type":"jpki-rp/v1/user-authentication","v":"jpki-rp/v1"}',
    );
  });

  it('carries the text and the hash of the document, which is the text where there is no other', () => {
    const hello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
    const purpose = 'digital-signature';
    expect(JSON.parse(text({ ...content, purpose, document: { text: 'hello' } })).document).toEqual({ sha256: hello, text: 'hello' });
    const bytes = new TextEncoder().encode('hello');
    expect(JSON.parse(text({ ...content, purpose, document: { text: '宣言', bytes } })).document).toEqual({ sha256: hello, text: '宣言' });
  });

  it.each([
    ['purpose', { purpose: 'digital-signature' }],
    ['operation', { operation: 'open' }],
    ['origin', { origin: 'https://other.example' }],
    ['transaction', { transactionId: 'other' }],
    ['time', { time: new Date(1) }],
    ['nonce', { nonce: 'm' }],
    ['ceremony', { ceremony: { id: 'c', step: 'card' } }],
    ['document', { document: { text: 'x' } }],
  ] as const)('another %s is other bytes', (_case, change) => {
    expect(text({ ...content, ...change })).not.toBe(text(content));
  });
});
