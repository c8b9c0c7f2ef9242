/** Encodings that made others recurse, allocate, or read something else than their neighbour did. */
import { describe, expect, test } from 'vitest';
import { readName } from '../../src/certificate/name.ts';
import { DerReader } from '../../src/der/reader.ts';
import {
  AT,
  akiOf,
  byCrls,
  byOcsp,
  CA,
  CA_NAME,
  CRL,
  certId,
  crlNumber,
  ctx,
  DAY,
  der,
  entry,
  extension,
  HOME_IDP,
  int,
  judge,
  LEAF_EXTENSIONS,
  LEAF_KEY,
  mintCrl,
  mintOcsp,
  mintPerson,
  name,
  OCSP,
  oid,
  PERSON,
  said,
  seq,
  set,
  signed,
  single,
  utcTime,
} from './case.ts';

const certificateWith = (certificate: Uint8Array): Promise<string> => said(judge({ certificate }));

/** The good certificate, its fields in the signed part replaced by name, signed by the CA. */
const FIELDS = {
  version: ctx(0, int(2)),
  serial: int(0x07, 0x00, 0x11, 0x95),
  algorithm: seq(oid('1.2.840.10045.4.3.2')),
  issuer: CA_NAME,
  validity: seq(utcTime(AT - 365 * DAY), utcTime(AT + 365 * DAY)),
  subject: name(['C', 'JP'], ['CN', 'Person']),
  key: LEAF_KEY.spki,
  extensions: ctx(3, seq(...Object.values(LEAF_EXTENSIONS))),
  after: new Uint8Array(0),
};
const withFields = (fields: Partial<typeof FIELDS>): Uint8Array => signed(seq(...Object.values({ ...FIELDS, ...fields })), CA);

test('the certificate built here is the good one', async () => {
  expect(await certificateWith(withFields({}))).toBe('valid');
});

describe('recursion', () => {
  const nested = (depth: number): Uint8Array => {
    let inner: Uint8Array = Uint8Array.of(0x05, 0x00);
    for (let i = 0; i < depth; i++) inner = seq(inner);
    return inner;
  };
  const deep = nested(15_000);

  test.each<[string, () => Promise<string>, RegExp]>([
    ['in place of a certificate', () => certificateWith(deep), /^invalid malformed$/],
    ['in place of a CRL', () => byCrls(deep), /^indeterminate crl-malformed$/],
    ['in place of an OCSP response', () => byOcsp(deep), /^indeterminate ocsp-malformed$/],
    ['in place of a name', () => certificateWith(withFields({ subject: nested(10_000) })), /^invalid malformed$/],
    [
      'in place of key parameters',
      () => certificateWith(withFields({ algorithm: seq(oid('1.2.840.10045.4.3.2'), nested(10_000)) })),
      /^invalid /,
    ],
    [
      'in a general name of subjectAltName',
      () => certificateWith(mintPerson({}, { additional: extension('2.5.29.17', seq(ctx(0, oid('2.999.1'), ctx(0, nested(10_000))))) })),
      /^(valid|invalid .+)$/,
    ],
  ])('of thousands of levels %s ends in an answer', async (_, run, expected) => {
    expect(await run()).toMatch(expected);
  });
});

describe('lengths', () => {
  test.each<[string, number[]]>([
    ['of almost 4 GiB', [0x84, 0xff, 0xff, 0xff, 0xff]],
    ['beyond 32 bits', [0x85, 0x01, 0x00, 0x00, 0x00, 0x00]],
    ['of 126 octets', [0xfe, ...new Array(126).fill(0xff)]],
    ['indefinite', [0x80]],
    ['reserved', [0xff]],
    ['longer than needed', [0x84, 0x00, 0x00, (PERSON.length - 4) >> 8, (PERSON.length - 4) & 255]],
  ])('%s is refused in a certificate, a CRL and an OCSP response', async (_, length) => {
    const rehead = (good: Uint8Array): Uint8Array => Uint8Array.from([0x30, ...length, ...good.subarray(4)]);
    expect(await certificateWith(rehead(PERSON))).toBe('invalid malformed');
    expect(await byCrls(rehead(CRL))).toBe('indeterminate crl-malformed');
    expect(await byOcsp(rehead(OCSP))).toBe('indeterminate ocsp-malformed');
  });

  test('a length that ends early or late is refused at every level of the certificate', async () => {
    const headers = [...PERSON.keys()].filter((i) => PERSON[i] === 0x30 && i + 1 < PERSON.length);
    expect(headers.length).toBeGreaterThan(10);
    for (const i of headers) {
      for (const change of [-1, 1]) {
        const bent = Uint8Array.from(PERSON);
        bent[i + 1] = ((bent[i + 1] as number) + change) & 255;
        expect(await certificateWith(bent), `offset ${i}`).not.toBe('valid');
      }
    }
  });
});

describe('integers that two readers read differently', () => {
  const padded = der(0x02, Uint8Array.of(0x00, 0x07, 0x00, 0x11, 0x95));
  const negative = der(0x02, Uint8Array.of(0x87, 0x00, 0x11, 0x95));

  test.each<[string, Uint8Array]>([
    ['with a superfluous zero octet', padded],
    ['negative', negative],
    ['empty', der(0x02)],
    ['of 21 octets', der(0x02, new Uint8Array(21).fill(0x11))],
    ['as an ENUMERATED', der(0x0a, Uint8Array.of(0x07, 0x00, 0x11, 0x95))],
  ])('a serial number %s is refused', async (_, serial) => {
    expect(await certificateWith(withFields({ serial }))).toBe('invalid malformed');
  });

  test('in status data they do not let a listing slip by', async () => {
    expect(await byCrls(mintCrl({ entries: [entry({ serial: padded })] }))).toBe('indeterminate crl-malformed');
    expect((await byOcsp(mintOcsp({ singles: [single({ id: certId({ serial: padded }) })] }))).startsWith('indeterminate ocsp-')).toBe(
      true,
    );
  });
});

describe('fields that shift the ones after them', () => {
  test.each<[string, Partial<typeof FIELDS>]>([
    ['version 1 spelled out', { version: ctx(0, int(0)) }],
    ['version 4', { version: ctx(0, int(3)) }],
    ['version twice', { version: Uint8Array.from([...ctx(0, int(2)), ...ctx(0, int(2))]) }],
    ['no version, but extensions', { version: new Uint8Array(0) }],
    ['a subject unique identifier after the extensions', { after: der(0x82, Uint8Array.of(0, 1)) }],
    ['extensions twice', { after: FIELDS.extensions }],
    ['an element after the last', { after: Uint8Array.of(0x05, 0x00) }],
    ['end-of-contents octets after the last', { after: Uint8Array.of(0x00, 0x00) }],
    ['no extensions in the extensions', { extensions: ctx(3, seq()) }],
    [
      'a constructed OCTET STRING around an extension',
      {
        extensions: ctx(3, seq(seq(oid('2.5.29.14'), der(0x24, der(0x04, Uint8Array.of(4, 1, 1)))), ...Object.values(LEAF_EXTENSIONS))),
      },
    ],
    [
      'criticality false spelled out',
      {
        extensions: ctx(3, seq(seq(oid('2.999.3'), der(0x01, Uint8Array.of(0)), der(0x04, seq())), ...Object.values(LEAF_EXTENSIONS))),
      },
    ],
    [
      'criticality of another truth',
      {
        extensions: ctx(3, seq(seq(oid('2.999.3'), der(0x01, Uint8Array.of(1)), der(0x04, seq())), ...Object.values(LEAF_EXTENSIONS))),
      },
    ],
  ])('%s', async (_, fields) => {
    expect(await certificateWith(withFields(fields))).toBe('invalid malformed');
  });

  test('an extension twice: neither is taken', async () => {
    for (const twice of Object.values(LEAF_EXTENSIONS)) {
      expect(await certificateWith(withFields({ extensions: ctx(3, seq(...Object.values(LEAF_EXTENSIONS), twice)) }))).toBe(
        'invalid malformed',
      );
    }
    const doubled = mintCrl({ extensions: [akiOf(CA), crlNumber(5), HOME_IDP, HOME_IDP] });
    expect(await byCrls(doubled)).toBe('indeterminate crl-malformed');
  });

  test.each([
    ['the certificate', (extra: Uint8Array) => certificateWith(Uint8Array.from([...PERSON, ...extra]))],
    ['the CRL', (extra: Uint8Array) => byCrls(Uint8Array.from([...CRL, ...extra]))],
    ['the OCSP response', (extra: Uint8Array) => byOcsp(Uint8Array.from([...OCSP, ...extra]))],
  ])('octets after %s', async (_, run) => {
    expect(await run(new Uint8Array(0))).toBe('valid');
    for (const extra of [Uint8Array.of(0), Uint8Array.of(0, 0), Uint8Array.of(0x30, 0)]) expect(await run(extra)).toMatch(/malformed$/);
  });
});

test('a value of a name that is no text does not compare like a text that spells it', () => {
  const nameOf = (value: Uint8Array) => readName(new DerReader(seq(set(seq(oid('2.5.4.3'), value)))));
  const opaque = nameOf(der(0x04, Uint8Array.of(0x41, 0x42)));
  for (const spelled of ['#4:4142', '4:4142', '\u00014:4142', '#04024142']) {
    expect(nameOf(der(0x0c, new TextEncoder().encode(spelled))).equals(opaque), spelled).toBe(false);
  }
  expect(nameOf(der(0x04, Uint8Array.of(0x41, 0x42))).equals(opaque)).toBe(true);
  expect(nameOf(der(0x80, Uint8Array.of(0x41, 0x42))).equals(opaque)).toBe(false);
});
