import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Name, parseName, readName } from '../../src/certificate/name.ts';
import { DerError, DerReader } from '../../src/der/reader.ts';
import { bytes, environmentJson, vector } from '../vectors.ts';

const named = (text: string): Name => {
  const name = parseName(text);
  if (name === null) throw new Error(`not RFC 4514: ${text}`);
  return name;
};

/** A name of one attribute with this value. */
const commonName = (tag: number, value: readonly number[]): Uint8Array => {
  const attribute = [0x06, 3, 0x55, 0x04, 0x03, tag, value.length, ...value];
  return Uint8Array.from([0x30, attribute.length + 4, 0x31, attribute.length + 2, 0x30, attribute.length, ...attribute]);
};
const outcome = (run: () => unknown): string => {
  try {
    run();
    return 'read';
  } catch (error) {
    if (error instanceof DerError) return 'refused';
    throw error;
  }
};

describe('a name', () => {
  test.each([
    ['another string type', commonName(0x13, [0x41]), commonName(0x0c, [0x41]), true],
    ['another case', commonName(0x0c, [0x41]), commonName(0x0c, [0x61]), true],
    ['repeated spaces', commonName(0x0c, [0x41, 0x20, 0x20, 0x42]), commonName(0x0c, [0x41, 0x20, 0x42]), true],
    ['spaces at the ends', commonName(0x0c, [0x20, 0x41, 0x20]), commonName(0x0c, [0x41]), true],
    ['another letter', commonName(0x0c, [0x41]), commonName(0x0c, [0x42]), false],
    ['a longer value', commonName(0x0c, [0x41]), commonName(0x0c, [0x41, 0x41]), false],
  ])('with %s compares as RFC 5280 §7.1 says', (_, a, b, same) => {
    const [x, y] = [a, b].map((der) => readName(new DerReader(der))) as [Name, Name];
    expect([x.equals(y), y.equals(x)]).toEqual([same, same]);
  });

  test.each([
    ['a soft hyphen', 'Ex\u00adample', 'example', true],
    ['a joiner of no width', 'Ex\u200dample', 'EXAMPLE', true],
    ['a mark of direction', '\u202eexample', 'example', true],
    ['a byte order mark', '\ufeffexample', 'example', true],
    ['a variation selector', '\u845b\ufe00', '\u845b', true],
    ['a tag', 'example\u{e0041}', 'example', true],
    ['a sharp s', 'Stra\u00dfe', 'STRASSE', true],
    ['a capital sharp s', 'Stra\u1e9ee', 'Stra\u00dfe', true],
    ['a final sigma', '\u03bf\u03b4\u03bf\u03c2', '\u039f\u0394\u039f\u03a3', true],
    ['full width', '\uff25xample', 'example', true],
    ['a space of another kind', 'a\u3000b', 'a b', true],
    ['a next-line control', 'a\u0085b', 'a b', true],
    ['a dotless i', '\u0131d', 'id', false],
    ['an accent', 'ex\u00e4mple', 'example', false],
    ['a control character', 'ex\u0001ample', 'example', false],
    ['a zero octet', 'example\u0000', 'example', false],
    ['an ideographic variation selector', '\u845b\u{e0100}', '\u845b', false],
  ])('with %s is prepared as RFC 4518 says before it is compared', (_, a, b, same) => {
    const encoded = (text: string): Name => readName(new DerReader(commonName(0x0c, [...new TextEncoder().encode(text)])));
    expect([encoded(a).equals(encoded(b)), encoded(b).isWithin(encoded(a))]).toEqual([same, same]);
  });

  test('is within itself and its ancestors, and nothing else', () => {
    const base = named('OU=CRL Distribution Points,O=X,C=JP');
    expect(named('CN=Rei-machi CRLDP,OU=Kakuu-ken,OU=CRL Distribution Points,O=X,C=JP').isWithin(base)).toBe(true);
    expect(base.isWithin(base)).toBe(true);
    expect(named('O=X,C=JP').isWithin(base)).toBe(false);
    expect(named('CN=a,OU=Mobile CRL Distribution Points,O=X,C=JP').isWithin(base)).toBe(false);
  });

  test.each([
    'CN=a,O=b,C=JP',
    'CN=Rei\\, machi,O=X',
    'CN=a\\+b,O=X',
    'CN=\\E6\\9E\\B6\\E7\\A9\\BA,O=X',
    'CN=\\ a\\ ,O=X',
    'CN=\\#1,O=X',
    '2.5.4.97=id,O=X',
  ])('%s survives writing and reading', (text) => {
    const name = named(text);
    expect(named(name.toString()).equals(name)).toBe(true);
    expect(readName(new DerReader(name.der)).equals(name)).toBe(true);
  });

  test.each(['CN', '=a', 'CN=a,', 'CN=a;O=b', 'CN="a"', 'CN=#0401', 'XX=a', 'CN=a\\', 'CN=\\FF', 'CN=<a>'])(
    '%s is not RFC 4514',
    (text) => {
      expect(parseName(text)).toBeNull();
    },
  );

  test('is checked when read exactly as strictly as it is decoded when looked at', () => {
    const anchor = (environmentJson()['anchors'] as { certificate: string }[])[0]?.certificate as string;
    const seeds = [
      commonName(0x0c, [...Buffer.from('架空の認証局𠮷')]),
      commonName(0x13, [0x41]),
      commonName(0x1e, [0, 0x41]),
      named('CN=Rei-machi CRLDP+OU=x,OU=Kakuu-ken,O=X,C=JP').der,
      new DerReader(bytes(anchor).subarray(30, 160)).bytes,
      bytes(vector('happy/card-digital-signature-g1-crl').input.certificate).subarray(29, 156),
    ];
    let read = 0;
    fc.assert(
      fc.property(fc.nat(seeds.length - 1), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 3 }), (which, changes) => {
        const der = Uint8Array.from(seeds[which] as Uint8Array);
        for (const [at, value] of changes) der[at % der.length] = value;
        const checked = outcome(() => readName(new DerReader(der)));
        if (checked === 'read') read += 1;
        const end = (() => {
          const reader = new DerReader(der);
          return outcome(() => reader.element()) === 'read' ? reader.pos : der.length;
        })();
        expect(outcome(() => new Name(der.subarray(0, end)).rdns)).toBe(checked);
      }),
      { numRuns: 20_000, seed: 7 },
    );
    expect(read).toBeGreaterThan(1000);
  });
});
