import { describe, expect, test } from 'vitest';
import { dnsWithin, hostWithin, ipWithin, isFullyQualified, mailboxWithin, uriHost } from '../../src/path/name-forms.ts';
import { attribute } from '../revocation/der.ts';
import {
  alternativeNames,
  extension,
  general,
  int,
  keyed,
  LEAF_NAME,
  mintPerson,
  mintRoot,
  mintSub,
  name,
  nameConstraints,
  octets,
  oid,
  outcome,
  SUB,
  SUB_NAME,
  seq,
  set,
  validate,
} from './mint.ts';

const judged = (constraints: Uint8Array, ...names: readonly Uint8Array[]): string =>
  outcome({
    intermediates: [mintSub({ more: [constraints] })],
    target: mintPerson({ more: names.length === 0 ? [] : [alternativeNames(...names)] }),
  });
const permitted = (base: Uint8Array, ...names: readonly Uint8Array[]): string => judged(nameConstraints([base]), ...names);
const excluded = (base: Uint8Array, ...names: readonly Uint8Array[]): string => judged(nameConstraints([], [base]), ...names);

const NOT_PERMITTED = 'path-name-constraint/not-permitted';
const EXCLUDED = 'path-name-constraint/excluded';
const UNREADABLE = 'path-name-constraint/unreadable-name';
const V4 = general.ip(10, 1, 0, 0, 255, 255, 0, 0);

describe('a subtree of names', () => {
  test.each([
    ['the subject within', general.directory(name(['C', 'JP'], ['O', 'Path'])), [], 'valid', EXCLUDED],
    ['the subject within, spelled otherwise', general.directory(name(['C', 'jp'], ['O', 'PATH '])), [], 'valid', EXCLUDED],
    ['the subject outside', general.directory(name(['C', 'JP'], ['O', 'Other'])), [], NOT_PERMITTED, 'valid'],
    ['a directory name outside', general.directory(name(['C', 'JP'])), [general.directory(name(['C', 'FR']))], NOT_PERMITTED, EXCLUDED],
    ['a host within', general.dns('example.jp'), [general.dns('a.Example.JP')], 'valid', EXCLUDED],
    ['a host that only ends alike', general.dns('example.jp'), [general.dns('notexample.jp')], NOT_PERMITTED, 'valid'],
    [
      'one host within and one outside',
      general.dns('example.jp'),
      [general.dns('example.jp'), general.dns('evil.jp')],
      NOT_PERMITTED,
      EXCLUDED,
    ],
    ['a wildcard within', general.dns('example.jp'), [general.dns('*.example.jp')], 'valid', EXCLUDED],
    ['a wildcard that covers more', general.dns('a.example.jp'), [general.dns('*.example.jp')], NOT_PERMITTED, EXCLUDED],
    ['a mailbox at the host', general.mail('example.jp'), [general.mail('a@EXAMPLE.jp')], 'valid', EXCLUDED],
    ['a mailbox below the host', general.mail('example.jp'), [general.mail('a@b.example.jp')], NOT_PERMITTED, 'valid'],
    ['a mailbox below the domain', general.mail('.example.jp'), [general.mail('a@b.example.jp')], 'valid', EXCLUDED],
    ['that very mailbox', general.mail('a@example.jp'), [general.mail('a@example.jp')], 'valid', EXCLUDED],
    ['the mailbox in other case', general.mail('a@example.jp'), [general.mail('A@example.jp')], NOT_PERMITTED, 'valid'],
    ['a mailbox that is none', general.mail('example.jp'), [general.mail('example.jp')], UNREADABLE, UNREADABLE],
    ['a URI of the host', general.uri('example.jp'), [general.uri('https://u@example.jp:8443/x')], 'valid', EXCLUDED],
    ['a URI of a host below the domain', general.uri('.example.jp'), [general.uri('ldap://a.example.jp')], 'valid', EXCLUDED],
    [
      'a URI that hides its host behind a user',
      general.uri('example.jp'),
      [general.uri('https://example.jp@evil.jp/')],
      NOT_PERMITTED,
      'valid',
    ],
    ['a URI without host', general.uri('example.jp'), [general.uri('urn:example.jp')], UNREADABLE, UNREADABLE],
    ['a URI with an address for a host', general.uri('example.jp'), [general.uri('https://10.1.2.3/')], UNREADABLE, UNREADABLE],
    ['an address within', V4, [general.ip(10, 1, 2, 3)], 'valid', EXCLUDED],
    ['an address outside', V4, [general.ip(10, 2, 2, 3)], NOT_PERMITTED, 'valid'],
    ['an address of the other family', V4, [general.ip(...Array<number>(16).fill(10))], NOT_PERMITTED, 'valid'],
    ['an address of no family', V4, [general.ip(10, 1, 2)], UNREADABLE, UNREADABLE],
    ['a mask with holes', general.ip(10, 1, 0, 0, 255, 0, 255, 0), [general.ip(10, 1, 2, 3)], UNREADABLE, UNREADABLE],
    ['a base of no family', general.ip(10, 1, 0, 0, 255, 255), [general.ip(10, 1, 2, 3)], UNREADABLE, UNREADABLE],
    ['a host that another reader ends at a zero', general.dns('example.jp'), [general.dns('evil.jp\0.example.jp')], UNREADABLE, UNREADABLE],
    ['a host with a space in it', general.dns('example.jp'), [general.dns('evil.jp .example.jp')], UNREADABLE, UNREADABLE],
    ['a wildcard within a label', general.dns('example.jp'), [general.dns('a*.example.jp')], UNREADABLE, UNREADABLE],
    ['a wildcard that is not the first label', general.dns('jp'), [general.dns('a.*.jp')], UNREADABLE, UNREADABLE],
    ['an empty host', general.dns('example.jp'), [general.dns('')], UNREADABLE, UNREADABLE],
    ['a mailbox with a space in its host', general.mail('example.jp'), [general.mail('a@evil.jp .example.jp')], UNREADABLE, UNREADABLE],
    ['that very mailbox at the rooted host', general.mail('a@example.jp'), [general.mail('a@example.jp.')], 'valid', EXCLUDED],
    ['a base that is a URL', general.uri('https://example.jp'), [general.uri('https://example.jp/')], UNREADABLE, UNREADABLE],
    [
      'a base of everybody at a host, in a way nobody defined',
      general.mail('@example.jp'),
      [general.mail('a@example.jp')],
      UNREADABLE,
      UNREADABLE,
    ],
    ['a base that is a wildcard', general.dns('*.example.jp'), [general.dns('a.example.jp')], UNREADABLE, UNREADABLE],
    ['a base of everything', general.dns(''), [general.dns('a.example.jp')], 'valid', EXCLUDED],
    ['another form of name', general.dns('example.jp'), [general.mail('a@evil.jp')], 'valid', 'valid'],
    [
      'a form that nobody here can compare',
      general.registered('2.999.1'),
      [general.registered('2.999.1')],
      'path-name-constraint/unsupported-form',
      'path-name-constraint/unsupported-form',
    ],
    [
      'an otherName',
      general.other('2.999.1', octets()),
      [general.other('2.999.2', octets())],
      'path-name-constraint/unsupported-form',
      'path-name-constraint/unsupported-form',
    ],
  ] as const)('%s', (_, base, names, whenPermitted, whenExcluded) => {
    expect([permitted(base, ...names), excluded(base, ...names)]).toEqual([whenPermitted, whenExcluded]);
  });
});

describe('several certificates', () => {
  const low = keyed();
  const LOW = name(['C', 'JP'], ['O', 'Path'], ['CN', 'Low']);
  const chain = (upper: readonly Uint8Array[], lower: readonly Uint8Array[], host: string): string =>
    outcome({
      intermediates: [
        mintSub({ more: [...upper] }),
        mintSub({ serial: int(5), issuer: SUB_NAME, subject: LOW, key: low, signer: SUB, more: [...lower] }),
      ],
      target: mintPerson({ issuer: LOW, signer: low, more: [alternativeNames(general.dns(host))] }),
    });

  test('permit what each of them permits', () => {
    const jp = nameConstraints([general.dns('jp')]);
    const example = nameConstraints([general.dns('example.jp'), general.dns('example.com')]);
    expect(chain([jp], [example], 'a.example.jp')).toBe('valid');
    expect(chain([jp], [example], 'a.example.com')).toBe(NOT_PERMITTED);
    expect(chain([jp], [example], 'a.other.jp')).toBe(NOT_PERMITTED);
    expect(chain([jp], [], 'a.other.jp')).toBe('valid');
  });

  test('exclude what any of them excludes', () => {
    expect(chain([nameConstraints([], [general.dns('evil.jp')])], [nameConstraints([general.dns('jp')])], 'evil.jp')).toBe(EXCLUDED);
  });

  test('bind the authorities below too', () => {
    expect(chain([nameConstraints([general.directory(LEAF_NAME)])], [], 'a.jp')).toBe(NOT_PERMITTED);
  });

  test('bind from the anchor’s certificate on', () => {
    expect(outcome({ anchors: [mintRoot({ more: [nameConstraints([], [general.directory(LEAF_NAME)])] })] })).toBe(EXCLUDED);
    expect(outcome({ anchors: [mintRoot({ more: [nameConstraints([general.directory(name(['C', 'JP']))])] })] })).toBe('valid');
  });
});

test('a self-issued certificate in the middle is exempt, at the end it is not', () => {
  const key = keyed();
  const constrained = mintSub({ more: [nameConstraints([general.directory(LEAF_NAME)])] });
  const rollover = mintSub({ serial: int(8), issuer: SUB_NAME, subject: SUB_NAME, key, signer: SUB });
  expect(outcome({ intermediates: [constrained, rollover], target: mintPerson({ signer: key }) })).toBe('valid');
  expect(outcome({ intermediates: [constrained], target: rollover })).toBe(NOT_PERMITTED);
});

test('an e-mail address in the subject is an e-mail address', () => {
  const subject = seq(set(attribute('1.2.840.113549.1.9.1', 'a@evil.jp', 0x16)));
  const sub = mintSub({ more: [nameConstraints([general.mail('example.jp')])] });
  expect(outcome({ intermediates: [sub], target: mintPerson({ subject }) })).toBe(NOT_PERMITTED);
});

test('an e-mail address in the subject that is no text is no mailbox', () => {
  const subject = seq(set(seq(oid('1.2.840.113549.1.9.1'), octets(Uint8Array.of(0x61)))));
  const sub = mintSub({ more: [nameConstraints([general.mail('example.jp')])] });
  expect(outcome({ intermediates: [sub], target: mintPerson({ subject }) })).toBe(UNREADABLE);
});

test('an empty subject is no directory name', () => {
  const sub = mintSub({ more: [nameConstraints([general.directory(name(['C', 'JP'])), general.dns('example.jp')])] });
  const target = (host: string): Uint8Array => mintPerson({ subject: seq(), more: [extension('2.5.29.17', seq(general.dns(host)), true)] });
  expect(outcome({ intermediates: [sub], target: target('example.jp') })).toBe('valid');
  expect(outcome({ intermediates: [sub], target: target('evil.jp') })).toBe(NOT_PERMITTED);
});

test('a minimum or maximum in a subtree makes the certificate malformed', () => {
  const withMinimum = extension('2.5.29.30', seq(new Uint8Array([0xa0, 8, 0x30, 6, 0x82, 1, 0x61, 0x80, 1, 1])), true);
  expect(outcome({ intermediates: [mintSub({ more: [withMinimum] })] })).toBe('path-not-found');
  expect(outcome({ target: mintPerson({ more: [withMinimum] }) })).toBe('malformed');
});

test('many names against many subtrees end within the budget', () => {
  const bases = Array.from({ length: 120 }, (_, i) => general.dns(`b${i}.jp`));
  const names = Array.from({ length: 120 }, (_, i) => general.dns(`b${i}.jp`));
  const parts = {
    intermediates: [mintSub({ more: [nameConstraints(bases)] })],
    target: mintPerson({ more: [alternativeNames(...names)] }),
  };
  expect(outcome(parts)).toBe('valid');
  expect(outcome({ ...parts, budget: { nameComparisons: 10_000 } })).toBe('budget-names');
});

describe('forms of names', () => {
  test.each([
    ['a.b', 'b', true, true],
    ['b', 'b', true, true],
    ['ab', 'b', false, false],
    ['b', '.b', false, false],
    ['a.b', '.b', true, true],
    ['b.', 'b', true, true],
    ['host.jp.', 'jp', true, true],
    ['host.jp', 'jp.', true, true],
    ['*.c', 'a.b', false, false],
    ['anything', '', true, true],
    ['*.b', 'a.b', false, true],
    ['*.b', 'x.a.b', false, true],
    ['*.b', '.b', true, true],
  ])('DNS %s within %s', (host, base, whenPermitted, whenExcluded) => {
    expect([dnsWithin(host, base, 'permitted'), dnsWithin(host, base, 'excluded')]).toEqual([whenPermitted, whenExcluded]);
  });

  test('hosts, mailboxes, URIs and addresses', () => {
    expect(hostWithin('a.b', 'b')).toBe(false);
    expect(hostWithin('.b', '.b')).toBe(false);
    expect(hostWithin('a.b', 'a b')).toBeNull();
    expect(dnsWithin('a..b', 'b', 'permitted')).toBeNull();
    expect(mailboxWithin('"a@b"@c', 'c')).toBe(true);
    expect(hostWithin('a.b', '')).toBe(true);
    expect(mailboxWithin('@c', 'c')).toBeNull();
    expect(mailboxWithin('a@', '')).toBeNull();
    expect(mailboxWithin('a@b.jp', 'a@B.jp')).toBe(true);
    expect(mailboxWithin('a@evil.jp', 'a@b.jp')).toBe(false);
    expect(uriHost('https://a.b:1/')).toBe('a.b');
    expect(uriHost('https:///x')).toBeNull();
    expect(uriHost('https://good.jp\\@evil.jp/')).toBeNull();
    expect(uriHost('https://good.jp @evil.jp/')).toBeNull();
    expect(uriHost('urn:x:http://good.jp/')).toBeNull();
    expect(uriHost('https://good.jp:8443.evil.jp/')).toBe('good.jp:8443.evil.jp');
    expect(isFullyQualified('good.jp:8443.evil.jp')).toBe(false);
    expect(isFullyQualified('a.b!')).toBe(false);
    expect(isFullyQualified('!a.b')).toBe(false);
    expect(isFullyQualified('10.0.0.10')).toBe(false);
    expect(isFullyQualified('a.b1')).toBe(true);
    expect(isFullyQualified('a.1b')).toBe(true);
    expect(isFullyQualified('[::1]')).toBe(false);
    expect(isFullyQualified('1.2.3.4')).toBe(false);
    expect(isFullyQualified('a..b')).toBe(false);
    expect(ipWithin(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(1, 2, 3, 4, 255, 255, 255, 255))).toBe(true);
    expect(ipWithin(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0))).toBe(true);
    expect(ipWithin(Uint8Array.of(10, 1, 2, 3), Uint8Array.of(10, 1, 0, 255, 255, 255))).toBeNull();
    const v6 = Uint8Array.from({ length: 16 }, (_, i) => i);
    const network = Uint8Array.from({ length: 32 }, (_, i) => (i < 16 ? i & (i < 8 ? 0xff : 0) : i < 24 ? 0xff : 0));
    expect(ipWithin(v6, network)).toBe(true);
    expect(ipWithin(Uint8Array.from([...v6.subarray(0, 7), 0xff, ...v6.subarray(8)]), network)).toBe(false);
  });
});

test('a refusal names code and rule apart', () => {
  const anchors = [mintRoot({ more: [nameConstraints([], [general.directory(LEAF_NAME)])] })];
  expect(validate({ anchors })).toMatchObject({ result: 'invalid', code: 'path-name-constraint', detail: 'excluded' });
});
