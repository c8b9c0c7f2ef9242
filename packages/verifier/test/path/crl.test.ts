import { describe, expect, test } from 'vitest';
import { attribute, ctx, prim, yes } from '../revocation/der.ts';
import { akiOf, CA_KEY_USAGE, crlNumber, deltaOf, entry, fullName, HOUR, idp, keyUsage, mintCertificate } from '../revocation/mint.ts';
import {
  AT,
  basicConstraints,
  crl,
  DAY,
  extension,
  general,
  int,
  keyed,
  mintPerson,
  mintRoot,
  mintSub,
  name,
  octets,
  outcome,
  PERSON,
  ROOT,
  ROOT_CERTIFICATE,
  ROOT_NAME,
  STRANGER,
  SUB,
  SUB_CERTIFICATE,
  SUB_NAME,
  seq,
  subCrl,
} from './mint.ts';

/** The root's list shows the intermediate good; the second list is what a test is about. */
const judged = (...crls: readonly Uint8Array[]): string => outcome({ revocation: 'crl', crls: [crl(), ...crls] });
const about = (target: Uint8Array, ...crls: readonly Uint8Array[]): string =>
  outcome({ target, revocation: 'crl', crls: [crl(), ...crls] });

const PERSON_SERIAL = int(3);
const listed = (reason?: number): Uint8Array => entry({ serial: PERSON_SERIAL, ...(reason === undefined ? {} : { reason }) });
const NUMBER = crlNumber(5);

describe('each certificate of the path needs a list', () => {
  test('all have one', () => {
    expect(judged(subCrl())).toBe('valid');
  });

  test.each([
    ['none at all', [], 'crl-missing'],
    ['only the target’s', [subCrl()], 'crl-missing'],
    ['only the intermediate’s', [crl()], 'crl-missing'],
  ])('%s', (_, crls, code) => {
    expect(outcome({ revocation: 'crl', crls })).toBe(code);
  });

  test('a revoked intermediate revokes what is below it', () => {
    const root = crl({ entries: [entry({ serial: int(2) })] });
    expect(outcome({ revocation: 'crl', crls: [root, subCrl()] })).toBe('revoked/issuer');
  });
});

describe('a list is no use where it', () => {
  test.each([
    ['was signed by a stranger', { signer: STRANGER }, 'crl-signature/signature-invalid'],
    ['is not issued yet', { thisUpdate: AT + 301_000 }, 'crl-not-yet-valid/this-update'],
    ['is stale', { nextUpdate: AT - 1000 }, 'crl-stale/next-update'],
    ['does not say when the next one comes', { nextUpdate: null }, 'crl-stale/no-next-update'],
    ['has an unknown critical extension', { extensions: [extension('2.999.7', octets(), true)] }, 'crl-unsupported/critical-extension'],
    ['is about authorities only', { extensions: [NUMBER, idp(yes(0x82))] }, 'crl-scope-mismatch'],
    ['is about attribute certificates only', { extensions: [NUMBER, idp(yes(0x85))] }, 'crl-missing'],
    ['is another partition', { extensions: [NUMBER, idp(fullName(name(['CN', 'Elsewhere'])))] }, 'crl-scope-mismatch'],
    ['covers some reasons only', { extensions: [NUMBER, idp(prim(3, Uint8Array.of(5, 0x60)))] }, 'crl-scope-mismatch/reasons'],
    ['is a delta without its base', { extensions: [crlNumber(6), deltaOf(5)] }, 'crl-unsupported/delta-without-base'],
    ['is by another issuer', { issuer: name(['CN', 'Other']) }, 'crl-missing'],
    ['has two entries’ worth of trailing bytes', { version: int(2) }, 'crl-malformed'],
  ])('%s', (_, parts, code) => {
    expect(judged(subCrl(parts))).toBe(code);
  });

  test.each([
    ['within the skew', { thisUpdate: AT + 299_000 }],
    ['at the very end of the skew', { thisUpdate: AT + 300_000 }],
    ['at the second of nextUpdate', { nextUpdate: AT }],
    ['for users only', { extensions: [NUMBER, idp(yes(0x81))] }],
    ['without any extension', { extensions: null, version: null }],
    ['with an unknown extension that is not critical', { extensions: [NUMBER, extension('2.999.7', octets())] }],
    ['that names its issuer as its point', { extensions: [NUMBER, idp(fullName(SUB_NAME))] }],
  ])('a list %s is one', (_, parts) => {
    expect(judged(subCrl(parts))).toBe('valid');
  });

  test('it is malformed, beside another that is not', () => {
    expect(judged(Uint8Array.of(0x30, 0), subCrl())).toBe('valid');
  });
});

describe('of two lists that are no use', () => {
  const NEAREST_FIRST = [
    [subCrl({ nextUpdate: AT - 1000 }), 'crl-stale/next-update'],
    [subCrl({ thisUpdate: AT + DAY, nextUpdate: AT + 2 * DAY }), 'crl-not-yet-valid/this-update'],
    [subCrl({ extensions: [extension('2.999.7', octets(), true)] }), 'crl-unsupported/critical-extension'],
    [subCrl({ extensions: [NUMBER, idp(yes(0x82))] }), 'crl-scope-mismatch'],
    [subCrl({ signer: STRANGER }), 'crl-signature/signature-invalid'],
    [subCrl({ version: int(2) }), 'crl-malformed'],
  ] as const;

  test.each(NEAREST_FIRST.slice(1).map(([list, code], i) => [code, NEAREST_FIRST[i]?.[1], list, NEAREST_FIRST[i]?.[0]] as const))(
    'the one that is nearer to use is named: not %s but %s',
    (_, code, farther, nearer) => {
      expect(judged(farther, nearer as Uint8Array)).toBe(code);
      expect(judged(nearer as Uint8Array, farther)).toBe(code);
    },
  );

  test('a delta is not said to lack its base where there is one of another scope', () => {
    const delta = subCrl({ extensions: [crlNumber(6), deltaOf(5)] });
    expect(judged(subCrl({ extensions: [NUMBER, idp(yes(0x82))] }), delta)).toBe('crl-scope-mismatch');
  });
});

describe('a trusted listing is revoked', () => {
  test.each([
    ['with a reason', {}, 1],
    ['without a reason', {}, undefined],
    ['on hold', {}, 6],
    ['for a reason the standard does not know', {}, 7],
    ['in a stale list', { nextUpdate: AT - DAY, thisUpdate: AT - 3 * DAY }, 1],
    ['in a list without nextUpdate', { nextUpdate: null }, 1],
    ['in a list of another partition', { extensions: [NUMBER, idp(fullName(name(['CN', 'Elsewhere'])))] }, 1],
    ['in a list that covers some reasons only', { extensions: [NUMBER, idp(prim(3, Uint8Array.of(5, 0x60)))] }, 1],
    ['in a delta', { extensions: [crlNumber(6), deltaOf(5)] }, 1],
  ])('%s', (_, parts, reason) => {
    expect(judged(subCrl({ ...parts, entries: [listed(reason)] }))).toBe('revoked/target');
    // A later good list does not mask it, nor an earlier one.
    expect(judged(subCrl({ ...parts, entries: [listed(reason)] }), subCrl())).toBe('revoked/target');
    expect(judged(subCrl(), subCrl({ ...parts, entries: [listed(reason)] }))).toBe('revoked/target');
  });

  test.each([
    ['a list from the future', { thisUpdate: AT + DAY, nextUpdate: AT + 2 * DAY }],
    ['a list with an unknown critical extension', { extensions: [extension('2.999.7', octets(), true)] }],
    ['a stranger’s list', { signer: STRANGER }],
    ['a list of attribute certificates', { extensions: [NUMBER, idp(yes(0x85))] }],
  ])('but %s proves nothing', (_, parts) => {
    expect(judged(subCrl({ ...parts, entries: [listed(1)] }), subCrl())).toBe('valid');
  });

  test('but an unknown critical extension of an entry makes the list useless', () => {
    const strange = entry({ serial: int(9), extensions: [extension('2.999.7', octets(), true)] });
    expect(judged(subCrl({ entries: [strange] }))).toBe('crl-unsupported/critical-extension');
  });

  test('of a neighbour is none', () => {
    expect(judged(subCrl({ entries: [entry({ serial: int(4) }), entry({ serial: int(3, 3) })] }))).toBe('valid');
  });

  test('and the invalidity date changes nothing', () => {
    const future = extension('2.5.29.24', new Uint8Array([0x18, 15, ...Buffer.from('20990101000000Z')]));
    expect(judged(subCrl({ entries: [entry({ serial: PERSON_SERIAL, extensions: [future] })] }))).toBe('revoked/target');
  });
});

describe('a negative serial number of a neighbour', () => {
  test('does not make the list useless', () => {
    expect(judged(subCrl({ entries: [entry({ serial: int(0xff) })] }))).toBe('valid');
    expect(judged(subCrl({ entries: [entry({ serial: int(0xff) }), listed(1)] }))).toBe('revoked/target');
  });
});

describe('reasons', () => {
  const some = (flags: number): Uint8Array => idp(prim(3, Uint8Array.of(flags & 0xff ? trailing(flags) : 0, flags)));
  /** keyCompromise and cACompromise; and the seven bits besides, of which the last needs a second octet. */
  const compromise = subCrl({ extensions: [NUMBER, some(0x60)] });
  const rest = subCrl({ extensions: [NUMBER, idp(prim(3, Uint8Array.of(7, 0x1f, 0x80)))] });

  test('are covered by several lists together', () => {
    expect(judged(compromise)).toBe('crl-scope-mismatch/reasons');
    expect(judged(rest)).toBe('crl-scope-mismatch/reasons');
    expect(judged(compromise, rest)).toBe('valid');
    expect(judged(rest, compromise)).toBe('valid');
  });

  test('the second of them is looked at too', () => {
    const listing = subCrl({ extensions: [NUMBER, idp(prim(3, Uint8Array.of(7, 0x1f, 0x80)))], entries: [listed(4)] });
    expect(judged(compromise, listing)).toBe('revoked/target');
  });
});

describe('distribution points', () => {
  const HERE = name(['C', 'JP'], ['O', 'Path'], ['CN', 'Sub'], ['CN', 'Here']);
  const at = (...point: readonly Uint8Array[]): Uint8Array => mintPerson({ more: [extension('2.5.29.31', seq(seq(...point)))] });
  const relative = ctx(0, ctx(1, attribute('CN', 'Here')));

  test.each([
    ['the same full name', at(fullName(HERE)), idp(fullName(HERE)), 'valid'],
    ['one of several full names', at(fullName(name(['CN', 'X']), HERE)), idp(fullName(HERE, name(['CN', 'Y']))), 'valid'],
    ['a relative name for a full one', at(relative), idp(fullName(HERE)), 'valid'],
    ['a full name for a relative one', at(fullName(HERE)), idp(relative), 'valid'],
    ['relative names alike', at(relative), idp(relative), 'valid'],
    ['a URI', at(ctx(0, ctx(0, general.uri('http://a/x.crl')))), idp(ctx(0, ctx(0, general.uri('http://a/x.crl')))), 'valid'],
    [
      'another URI',
      at(ctx(0, ctx(0, general.uri('http://a/x.crl')))),
      idp(ctx(0, ctx(0, general.uri('http://a/y.crl')))),
      'crl-scope-mismatch',
    ],
    ['another name', at(fullName(HERE)), idp(fullName(name(['CN', 'There']))), 'crl-scope-mismatch'],
    ['another relative name', at(relative), idp(ctx(0, ctx(1, attribute('CN', 'There')))), 'crl-scope-mismatch'],
  ])('%s', (_, target, scope, expected) => {
    expect(about(target, subCrl({ extensions: [NUMBER, scope] }))).toBe(expected);
  });

  test('with reasons are covered for those only, a list without a point for the rest', () => {
    const target = at(fullName(HERE), prim(1, Uint8Array.of(5, 0x60)));
    const here = subCrl({ extensions: [NUMBER, idp(fullName(HERE))] });
    expect(about(target, here)).toBe('crl-scope-mismatch/reasons');
    expect(about(target, here, subCrl())).toBe('valid');
  });
});

describe('an indirect CRL', () => {
  const ISSUER = name(['C', 'JP'], ['O', 'Path'], ['CN', 'CRL issuer']);
  const KEY = keyed();
  const CRL_SIGN_ONLY = keyUsage(0x02, 1);
  const signer = mintSub({ serial: int(6), subject: ISSUER, key: KEY, basic: null, usage: CRL_SIGN_ONLY, more: [] });
  const target = mintPerson({ more: [extension('2.5.29.31', seq(seq(ctx(2, ctx(4, ISSUER)))))] });
  const INDIRECT = idp(yes(0x84));
  const by = (parts: Parameters<typeof crl>[0] = {}): Uint8Array =>
    crl({ issuer: ISSUER, signer: KEY, extensions: [NUMBER, INDIRECT], ...parts });
  const certificateIssuer = (issuer: Uint8Array): Uint8Array => extension('2.5.29.29', seq(ctx(4, issuer)), true);
  const run = (
    list: Uint8Array,
    { intermediates = [SUB_CERTIFICATE, signer], person = target }: { intermediates?: Uint8Array[]; person?: Uint8Array } = {},
  ): string => outcome({ target: person, intermediates, revocation: 'crl', crls: [crl(), list] });

  test('by the issuer that the certificate names shows good', () => {
    expect(run(by())).toBe('valid');
  });

  test('lists certificates of the issuer it names, from that entry on', () => {
    const entries = [entry({ serial: int(9), extensions: [certificateIssuer(SUB_NAME)] }), listed(1)];
    expect(run(by({ entries }))).toBe('revoked/target');
  });

  test('lists certificates of an issuer that it names among others', () => {
    const several = extension('2.5.29.29', seq(general.uri('http://a/'), ctx(4, ROOT_NAME), ctx(4, SUB_NAME)), true);
    expect(run(by({ entries: [entry({ serial: PERSON_SERIAL, extensions: [several] })] }))).toBe('revoked/target');
  });

  test('does not speak of others with the same serial number', () => {
    expect(run(by({ entries: [listed(1)] }))).toBe('valid');
    const switched = [
      entry({ serial: int(9), extensions: [certificateIssuer(SUB_NAME)] }),
      entry({ serial: PERSON_SERIAL, extensions: [certificateIssuer(ROOT_NAME)] }),
    ];
    expect(run(by({ entries: switched }))).toBe('valid');
  });

  test.each([
    ['does not say that it is indirect', by({ extensions: [NUMBER] }), {}, 'crl-missing'],
    ['is not the one the certificate names', by(), { person: PERSON }, 'crl-missing'],
    ['has a signer without a certificate', by(), { intermediates: [SUB_CERTIFICATE] }, 'crl-signature/signature-invalid'],
    [
      'has a signer that may not sign CRLs',
      by(),
      { intermediates: [SUB_CERTIFICATE, mintSub({ serial: int(6), subject: ISSUER, key: KEY, usage: keyUsage(0x04, 2) })] },
      'crl-signature/issuer-key-usage',
    ],
    [
      'has a signer that is expired',
      by(),
      {
        intermediates: [SUB_CERTIFICATE, mintSub({ serial: int(6), subject: ISSUER, key: KEY, usage: CRL_SIGN_ONLY, notAfter: AT - DAY })],
      },
      'crl-signature/signature-invalid',
    ],
  ])('is no use where it %s', (_, list, parts, code) => {
    expect(run(list, parts)).toBe(code);
  });

  test('whose signer stands under another root is a stranger’s, even where that root is trusted', () => {
    const OTHER_ROOT = keyed();
    const OTHER = name(['CN', 'Other root']);
    const otherRoot = mintRoot({ issuer: OTHER, subject: OTHER, key: OTHER_ROOT });
    const foreign = mintSub({ serial: int(6), issuer: OTHER, subject: ISSUER, key: KEY, signer: OTHER_ROOT, usage: CRL_SIGN_ONLY });
    const crls = [crl(), by(), crl({ issuer: OTHER, signer: OTHER_ROOT })];
    const parts = { target, revocation: 'crl' as const, anchors: [ROOT_CERTIFICATE, otherRoot] };
    expect(outcome({ ...parts, intermediates: [SUB_CERTIFICATE, foreign], crls })).toBe('crl-signature/signature-invalid');
    expect(outcome({ ...parts, intermediates: [SUB_CERTIFICATE, signer], crls })).toBe('valid');
  });

  test('whose signer is revoked is no use', () => {
    const crls = [crl({ entries: [entry({ serial: int(6) })] }), by()];
    expect(outcome({ target, intermediates: [SUB_CERTIFICATE, signer], revocation: 'crl', crls })).toBe('crl-signature/signature-invalid');
  });

  test('may speak about its signer only where its authority says so', () => {
    const own = (more: readonly Uint8Array[]): Uint8Array =>
      mintSub({ serial: int(6), issuer: SUB_NAME, signer: SUB, subject: ISSUER, key: KEY, basic: null, usage: CRL_SIGN_ONLY, more });
    const named = own([extension('2.5.29.31', seq(seq(ctx(2, ctx(4, ISSUER)))))]);
    expect(run(by(), { intermediates: [SUB_CERTIFICATE, named] })).toBe('valid');
    expect(run(by(), { intermediates: [SUB_CERTIFICATE, own([])] })).toBe('crl-signature/signature-invalid');
    const point = (...fields: readonly Uint8Array[]): Uint8Array => extension('2.5.29.31', seq(seq(...fields)));
    const amongOthers = own([point(ctx(2, general.uri('http://a/'), ctx(4, ISSUER)))]);
    expect(run(by(), { intermediates: [SUB_CERTIFICATE, amongOthers] })).toBe('valid');
    const another = own([point(ctx(2, ctx(4, name(['CN', 'Other']))))]);
    expect(run(by(), { intermediates: [SUB_CERTIFICATE, another] })).toBe('crl-signature/signature-invalid');
    const nobody = own([point(fullName(ISSUER))]);
    expect(run(by(), { intermediates: [SUB_CERTIFICATE, nobody] })).toBe('crl-signature/signature-invalid');
    const entries = [entry({ serial: int(6), extensions: [certificateIssuer(SUB_NAME)] })];
    expect(run(by({ entries }), { intermediates: [SUB_CERTIFICATE, named] })).toBe('crl-signature/signature-invalid');
  });
});

test('two signers of lists cannot vouch for each other', () => {
  const NAMES = [name(['CN', 'First']), name(['CN', 'Second'])] as const;
  const [first, second] = [keyed(), keyed()];
  const point = (issuer: Uint8Array, reasons?: readonly number[]): Uint8Array =>
    seq(...(reasons === undefined ? [] : [prim(1, Uint8Array.from(reasons))]), ctx(2, ctx(4, issuer)));
  const points = (...all: readonly Uint8Array[]): Uint8Array => extension('2.5.29.31', seq(...all));
  const signer = (n: 0 | 1, parts: object): Uint8Array =>
    mintSub({
      serial: int(6 + n),
      subject: NAMES[n],
      key: [first, second][n] as typeof first,
      basic: null,
      usage: keyUsage(0x02, 1),
      ...parts,
    });
  const list = (n: 0 | 1): Uint8Array =>
    crl({ issuer: NAMES[n], signer: [first, second][n] as typeof first, extensions: [NUMBER, idp(yes(0x84))] });
  // The first may speak about itself for two reasons; for the rest it takes the second, about which the first speaks.
  const halves = points(point(NAMES[0], [5, 0x60]), point(NAMES[1], [7, 0x1f, 0x80]));
  const below = { issuer: SUB_NAME, signer: SUB };
  const run = (helper: object): string =>
    outcome({
      target: mintPerson({ more: [points(point(NAMES[0]))] }),
      intermediates: [SUB_CERTIFICATE, signer(0, { ...below, more: [halves] }), signer(1, helper)],
      revocation: 'crl',
      crls: [crl(), list(0), list(1)],
    });
  expect(run({ ...below, more: [points(point(NAMES[0]))] })).toBe('crl-signature/signature-invalid');
  // The root's own list speaks about this one.
  expect(run({})).toBe('valid');
});

describe('where the issuer is certified by two roots', () => {
  const OTHER_ROOT = keyed();
  const OTHER = name(['CN', 'Other root']);
  const ISSUER = name(['CN', 'CRL issuer']);
  const KEY = keyed();
  const otherRoot = mintRoot({ issuer: OTHER, subject: OTHER, key: OTHER_ROOT });
  const underOther = mintSub({ serial: int(7), issuer: OTHER, signer: OTHER_ROOT });
  const target = mintPerson({ more: [extension('2.5.29.31', seq(seq(ctx(2, ctx(4, ISSUER)))))] });
  /** A signer of lists that only the first root knows, and its list, which lists the person. */
  const signer = mintSub({ serial: int(6), subject: ISSUER, key: KEY, basic: null, usage: keyUsage(0x02, 1) });
  const certificateIssuer = extension('2.5.29.29', seq(ctx(4, SUB_NAME)), true);
  const listing = crl({
    issuer: ISSUER,
    signer: KEY,
    entries: [entry({ serial: PERSON_SERIAL, extensions: [certificateIssuer] })],
    extensions: [NUMBER, idp(yes(0x84))],
  });
  const otherList = crl({ issuer: OTHER, signer: OTHER_ROOT });
  const run = (person: Uint8Array, crls: readonly Uint8Array[]): string =>
    outcome({
      target: person,
      anchors: [ROOT_CERTIFICATE, otherRoot],
      intermediates: [SUB_CERTIFICATE, underOther, signer],
      revocation: 'crl',
      crls,
    });

  test('a target revoked on a path beyond doubt is not looked for on another', () => {
    expect(run(target, [crl(), otherList, subCrl(), listing])).toBe('revoked/target');
  });

  test('a target revoked on a path whose issuer’s status nobody knows may be good on another', () => {
    // The first root's list speaks about the signer of lists, and about no authority.
    const aboutUsers = crl({ extensions: [NUMBER, idp(yes(0x81))] });
    expect(run(target, [aboutUsers, otherList, subCrl(), listing])).toBe('valid');
  });

  test('an issuer revoked by one root may be good under the other', () => {
    expect(run(PERSON, [crl({ entries: [entry({ serial: int(2) })] }), otherList, subCrl()])).toBe('valid');
  });
});

describe('a signer with another key', () => {
  const KEY = keyed();
  const CRL_SIGN_ONLY = keyUsage(0x02, 1);
  const certOnly = mintSub({ usage: keyUsage(0x04, 2) });
  const crlSigner = mintSub({ serial: int(6), key: KEY, usage: CRL_SIGN_ONLY, basic: null });
  const run = (intermediates: readonly Uint8Array[], ...lists: readonly Uint8Array[]): string =>
    outcome({ intermediates, revocation: 'crl', crls: [crl(), ...lists] });

  test('and a path of its own counts', () => {
    expect(run([certOnly, crlSigner], subCrl({ signer: KEY }))).toBe('valid');
    expect(run([certOnly, crlSigner], subCrl({ signer: KEY, entries: [listed(1)] }))).toBe('revoked/target');
  });

  test('is needed where the issuer’s own key may not sign lists', () => {
    expect(run([certOnly], subCrl())).toBe('crl-signature/issuer-key-usage');
  });

  test('cannot vouch for itself', () => {
    // Its certificate is issued by the authority whose lists only it signs.
    const selfIssued = mintSub({ serial: int(6), issuer: SUB_NAME, signer: SUB, key: KEY, usage: CRL_SIGN_ONLY, basic: null });
    expect(run([certOnly, selfIssued], subCrl({ signer: KEY }))).toBe('crl-signature/signature-invalid');
    expect(run([SUB_CERTIFICATE, selfIssued], subCrl({ signer: KEY }), subCrl())).toBe('valid');
    // Nor where a point of its certificate names another issuer of lists, or none.
    for (const point of [ctx(2, ctx(4, name(['CN', 'Other']))), fullName(SUB_NAME)]) {
      const pointed = mintSub({
        serial: int(6),
        issuer: SUB_NAME,
        signer: SUB,
        key: KEY,
        usage: CRL_SIGN_ONLY,
        basic: null,
        more: [extension('2.5.29.31', seq(seq(point)))],
      });
      expect(run([certOnly, pointed], subCrl({ signer: KEY }))).toBe('crl-signature/signature-invalid');
    }
  });

  test('that does not say it signs lists is none: nobody can make himself a signer by a name', () => {
    const silent = mintSub({ serial: int(6), key: KEY, usage: null, basic: null });
    expect(run([certOnly, silent], subCrl({ signer: KEY }))).toBe('crl-signature/issuer-key-usage');
    expect(run([mintSub({ usage: null })], subCrl())).toBe('valid');
  });

  test('that is a person’s certificate of that name and key usage without cRLSign is none', () => {
    const person = mintSub({ serial: int(6), key: KEY, usage: keyUsage(0x80, 7), basic: null });
    expect(run([certOnly, person], subCrl({ signer: KEY }))).toBe('crl-signature/issuer-key-usage');
  });
});

describe('a delta and its base', () => {
  const base = (parts = {}): Uint8Array => subCrl({ entries: [listed(6)], extensions: [crlNumber(5)], ...parts });
  const delta = (parts = {}): Uint8Array =>
    subCrl({ entries: [entry({ serial: PERSON_SERIAL, reason: 8 })], extensions: [crlNumber(6), deltaOf(5)], ...parts });

  test('together take a hold back', () => {
    expect(judged(base())).toBe('revoked/target');
    expect(judged(base(), delta())).toBe('valid');
    expect(judged(delta(), base())).toBe('valid');
  });

  test.each([
    ['has expired', { nextUpdate: AT - HOUR }],
    ['belongs to a later base', { extensions: [crlNumber(7), deltaOf(6)] }],
    ['is not newer than the base', { extensions: [crlNumber(5), deltaOf(4)] }],
    ['has another scope', { extensions: [crlNumber(6), deltaOf(5), idp(yes(0x81))] }],
    ['was signed by a stranger', { signer: STRANGER }],
    ['has no number', { extensions: [deltaOf(5)] }],
  ])('do not where the delta %s', (_, parts) => {
    expect(judged(base(), delta(parts))).toBe('revoked/target');
  });

  test('do not where their authority key identifiers differ', () => {
    const from = (...more: readonly Uint8Array[]): Uint8Array => base({ extensions: [crlNumber(5), ...more] });
    const to = (...more: readonly Uint8Array[]): Uint8Array => delta({ extensions: [crlNumber(6), deltaOf(5), ...more] });
    expect(judged(from(akiOf(SUB)), to(akiOf(SUB)))).toBe('valid');
    expect(judged(from(akiOf(SUB)), to())).toBe('revoked/target');
    expect(judged(from(), to(akiOf(SUB)))).toBe('revoked/target');
    expect(judged(from(akiOf(SUB)), to(akiOf(STRANGER)))).toBe('revoked/target');
  });

  test('do not where a newer delta of the base no longer says so', () => {
    const later = (parts = {}): Uint8Array => delta({ extensions: [crlNumber(7), deltaOf(5)], ...parts });
    expect(judged(base(), delta(), later())).toBe('valid');
    expect(judged(base(), later({ entries: null }), later({ entries: null }))).toBe('revoked/target');
    for (const newest of [later({ entries: null }), later({ nextUpdate: AT - HOUR }), later({ entries: [listed(6)] })]) {
      expect(judged(base(), delta(), newest)).toBe('revoked/target');
      expect(judged(newest, delta(), base())).toBe('revoked/target');
    }
    expect(judged(base(), later(), later({ entries: null }))).toBe('revoked/target');
  });

  test('do where the delta is in its last second, and where both have the same scope', () => {
    expect(judged(base(), delta({ nextUpdate: AT }))).toBe('valid');
    const users = idp(yes(0x81));
    const scoped = { base: base({ extensions: [crlNumber(5), users] }), delta: delta({ extensions: [crlNumber(6), deltaOf(5), users] }) };
    expect(judged(scoped.base, scoped.delta)).toBe('valid');
    expect(judged(scoped.base, delta())).toBe('revoked/target');
    expect(judged(scoped.base, delta({ extensions: [crlNumber(6), deltaOf(5), idp(fullName(SUB_NAME))] }))).toBe('revoked/target');
  });

  test.each([
    ['does not mention the certificate', base(), delta({ entries: null })],
    ['also gives a reason', base(), delta({ entries: [listed(8), listed(1)] })],
    ['is about a base without a number', base({ extensions: [extension('2.999.7', octets())] }), delta()],
    ['is about a base that gives another reason beside the hold', base({ entries: [listed(6), listed(1)] }), delta()],
  ])('do not where the delta %s', (_, from, to) => {
    expect(judged(from, to)).toBe('revoked/target');
  });

  test('do not where the base says more than a hold', () => {
    expect(judged(base({ entries: [listed(1)] }), delta())).toBe('revoked/target');
  });

  test('the delta’s own listing is revoked', () => {
    expect(judged(base({ entries: null }), delta({ entries: [listed(1)] }))).toBe('revoked/target');
  });
});

test('the profile of JPKI takes the issuer’s very key and a named point only', () => {
  const HERE = name(['CN', 'Here']);
  const point = extension('2.5.29.31', seq(seq(fullName(HERE))));
  const parts = {
    target: mintPerson({ more: [point] }),
    intermediates: [mintSub({ more: [point] })],
    revocation: 'crl' as const,
    crlProfile: 'jpki' as const,
  };
  const scope = [NUMBER, idp(fullName(HERE))];
  expect(outcome({ ...parts, crls: [crl({ extensions: scope }), subCrl({ extensions: scope })] })).toBe('valid');
  expect(outcome({ ...parts, crls: [crl({ extensions: scope }), subCrl()] })).toMatch(/^crl-scope-mismatch/);
  expect(outcome({ ...parts, crls: [crl({ extensions: scope }), subCrl({ extensions: [NUMBER, idp(fullName(HERE), yes(0x84))] })] })).toBe(
    'crl-unsupported/indirect',
  );
  expect(outcome({ ...parts, crls: [crl({ extensions: scope }), subCrl({ extensions: scope, entries: [listed(1)] })] })).toBe(
    'revoked/target',
  );
});

test('more lists than the budget are not read', () => {
  expect(outcome({ revocation: 'crl', crls: [crl(), subCrl()], budget: { statusObjects: 1 } })).toBe('budget-crl');
  expect(outcome({ revocation: 'ocsp', ocspResponses: [crl(), crl()], budget: { statusObjects: 1 } })).toBe('budget-ocsp');
});

test('a list whose issuer’s name is larger than any certificate is over the budget', () => {
  const issuer = name(...Array.from({ length: 3_000 }, (_, i): [string, string] => ['CN', `a long part of a name, number ${i}`]));
  expect(judged(subCrl({ issuer }))).toBe('budget-crl');
});

test('the profile of JPKI knows the issuer’s key by the identifier that the issuer gives it, or by its digest', () => {
  const HERE = name(['CN', 'Here']);
  const point = extension('2.5.29.31', seq(seq(fullName(HERE))));
  const odd = { ...SUB, ski: Uint8Array.of(1, 2, 3) };
  const run = (issuer: Uint8Array, identifier: Uint8Array): string =>
    outcome({
      target: mintPerson({ more: [point] }),
      intermediates: [issuer],
      revocation: 'crl',
      crlProfile: 'jpki',
      crls: [
        crl({ extensions: [NUMBER, idp(fullName(HERE))] }),
        subCrl({ extensions: [NUMBER, idp(fullName(HERE)), extension('2.5.29.35', seq(prim(0, identifier)))] }),
      ],
    });
  const named = mintSub({ key: odd, more: [point] });
  const silent = mintCertificate({
    serial: int(2),
    issuer: ROOT_NAME,
    subject: SUB_NAME,
    key: SUB,
    signer: ROOT,
    extensions: [basicConstraints(), CA_KEY_USAGE, point],
  });
  expect(run(named, odd.ski)).toBe('valid');
  expect(run(named, SUB.ski)).not.toBe('valid');
  expect(run(silent, SUB.ski)).toBe('valid');
  expect(run(silent, odd.ski)).not.toBe('valid');
});

test('as many lists as the budget are read', () => {
  expect(outcome({ revocation: 'crl', crls: [crl(), subCrl()], budget: { statusObjects: 2 } })).toBe('valid');
});

test('a status nobody asked for does not matter', () => {
  expect(outcome({ revocation: 'none', crls: [subCrl({ entries: [listed(1)] })] })).toBe('valid');
});

function trailing(flags: number): number {
  let unused = 0;
  while (((flags >> unused) & 1) === 0) unused += 1;
  return unused;
}
