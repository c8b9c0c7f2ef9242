import { describe, expect, test } from 'vitest';
import { attribute, ctx, prim, yes } from '../revocation/der.ts';
import { crlNumber, fullName, idp, keyUsage } from '../revocation/mint.ts';
import { crl, extension, general, int, keyed, mintPerson, mintSub, name, octets, outcome, SUB_CERTIFICATE, seq, subCrl } from './mint.ts';

const NUMBER = crlNumber(5);
const pointed = (...point: readonly Uint8Array[]): Uint8Array => mintPerson({ more: [extension('2.5.29.31', seq(seq(...point)))] });
const about = (target: Uint8Array, list: Uint8Array): string => outcome({ target, revocation: 'crl', crls: [crl(), list] });

describe('a list for one kind of certificate', () => {
  const aboutAuthority = (field: number): string =>
    outcome({ revocation: 'crl', crls: [crl({ extensions: [NUMBER, idp(yes(field))] }), subCrl()] });

  test('is none for an authority where it is about users, and one where it is about authorities', () => {
    expect(aboutAuthority(0x81)).toBe('crl-scope-mismatch');
    expect(aboutAuthority(0x82)).toBe('valid');
  });
});

describe('the name of a point', () => {
  const FORMS: readonly (readonly [form: string, name: Uint8Array, other: Uint8Array])[] = [
    ['mail address', general.mail('a.jp'), general.mail('b.jp')],
    ['DNS name', general.dns('a.jp'), general.dns('b.jp')],
    ['URI', general.uri('a.jp'), general.uri('b.jp')],
    ['IP address', general.ip(10, 1, 2, 3), general.ip(10, 1, 2, 4)],
    ['registered identifier', general.registered('2.999.1'), general.registered('2.999.2')],
    ['otherName', general.other('2.999.1', octets(Uint8Array.of(1))), general.other('2.999.1', octets(Uint8Array.of(2)))],
    ['otherName of another type', general.other('2.999.1', octets()), general.other('2.999.2', octets())],
    ['EDI party', ctx(5, ctx(1, attribute('CN', 'a'))), ctx(5, ctx(1, attribute('CN', 'b')))],
    ['directory name', general.directory(name(['CN', 'a'])), general.directory(name(['CN', 'b']))],
  ];
  const published = (general: Uint8Array): Uint8Array => subCrl({ extensions: [NUMBER, idp(ctx(0, ctx(0, general)))] });
  const asked = (general: Uint8Array): Uint8Array => pointed(ctx(0, ctx(0, general)));

  test.each(FORMS)('meets only itself: %s', (form, same, other) => {
    expect(about(asked(same), published(same))).toBe('valid');
    expect(about(asked(same), published(other))).toBe('crl-scope-mismatch');
    for (const [foreign, name] of FORMS) {
      if (foreign === form || (foreign.startsWith('otherName') && form.startsWith('otherName'))) continue;
      expect([foreign, about(asked(same), published(name))]).toEqual([foreign, 'crl-scope-mismatch']);
    }
  });
});

describe('the list that a point names by its issuer', () => {
  const ISSUER = name(['C', 'JP'], ['O', 'Path'], ['CN', 'CRL issuer']);
  const KEY = keyed();
  const signer = mintSub({ serial: int(6), subject: ISSUER, key: KEY, basic: null, usage: keyUsage(0x02, 1) });
  const INDIRECT = yes(0x84);
  const by = (...scope: readonly Uint8Array[]): Uint8Array =>
    crl({ issuer: ISSUER, signer: KEY, extensions: [NUMBER, idp(...scope, INDIRECT)] });
  const run = (target: Uint8Array, list: Uint8Array): string =>
    outcome({ target, intermediates: [SUB_CERTIFICATE, signer], revocation: 'crl', crls: [crl(), list] });
  const issuedBy = (...names: readonly Uint8Array[]): Uint8Array => ctx(2, ...names);

  test('is one where that issuer is one of several names', () => {
    const several = issuedBy(general.uri('http://a/'), general.directory(name(['CN', 'Other'])), general.directory(ISSUER));
    expect(run(pointed(several), by())).toBe('valid');
    expect(run(pointed(issuedBy(general.directory(name(['CN', 'Other'])))), by())).toBe('crl-missing');
  });

  test('is none for a point that names no issuer', () => {
    expect(run(pointed(fullName(name(['CN', 'Here']))), by())).toBe('crl-missing');
  });

  test('has to name that issuer where the point has no name of its own', () => {
    const target = pointed(issuedBy(general.directory(ISSUER)));
    expect(run(target, by(fullName(ISSUER)))).toBe('valid');
    expect(run(target, by(fullName(name(['CN', 'Elsewhere']))))).toBe('crl-scope-mismatch');
  });

  test('may be named relative to that issuer', () => {
    const relative = ctx(0, ctx(1, attribute('CN', 'Here')));
    const below = (cn: string): Uint8Array => fullName(name(['C', 'JP'], ['O', 'Path'], ['CN', cn], ['CN', 'Here']));
    const target = pointed(relative, issuedBy(general.uri('http://a/'), general.directory(ISSUER)));
    expect(run(target, by(relative))).toBe('valid');
    expect(run(target, by(below('CRL issuer')))).toBe('valid');
    expect(run(target, by(below('Sub')))).toBe('crl-scope-mismatch');
  });

  test('covers no more reasons than the point gives it', () => {
    const target = pointed(prim(1, Uint8Array.of(5, 0x60)), issuedBy(general.directory(ISSUER)));
    expect(run(target, by())).toBe('crl-scope-mismatch/reasons');
  });
});
