import { describe, expect, test } from 'vitest';
import { checkCrls } from '../../../src/revocation/crl/check.ts';
import { readCertificateList } from '../../../src/revocation/crl/list.ts';
import type { StatusContext } from '../../../src/revocation/types.ts';
import {
  AT,
  akiOf,
  attribute,
  CA,
  CA_NAME,
  contextOf,
  crlNumber,
  ctx,
  DAY,
  deltaOf,
  der,
  entry,
  enumerated,
  extension,
  fullName,
  generalizedTime,
  HOME,
  HOME_IDP,
  HOUR,
  idp,
  int,
  keyUsage,
  mintAnchor,
  mintCertificate,
  mintCrl,
  mintLeaf,
  name,
  OTHER_CA,
  OTHERS,
  octets,
  partition,
  prim,
  SIGNATURE_ALGORITHMS,
  seq,
  set,
  yes,
} from '../mint.ts';

const CONTEXT = contextOf();
const check = (crls: readonly Uint8Array[], context: StatusContext = CONTEXT) =>
  checkCrls(
    crls.map((crl) => ({ der: crl, origin: 'handed-in' })),
    context,
  );
/** `good`, `revoked`, or the code with its detail. */
const told = (crls: readonly Uint8Array[], context: StatusContext = CONTEXT): string => {
  const result = check(crls, context);
  return result.status === 'unknown' ? [result.code, result.detail].filter(Boolean).join('/') : result.status;
};
const listed = (parts: Parameters<typeof mintCrl>[0] = {}, reason?: number): Uint8Array =>
  mintCrl({ entries: [...OTHERS, entry(reason === undefined ? {} : { reason })], ...parts });
const withIdp = (...fields: readonly Uint8Array[]): Uint8Array => mintCrl({ extensions: [akiOf(CA), crlNumber(5), idp(...fields)] });
const unknownCritical = extension('2.999.9', seq(), true);

test('the issuer’s current CRL of the certificate’s partition shows good', () => {
  const result = check([mintCrl()]);
  expect(result).toMatchObject({
    status: 'good',
    sources: [
      { kind: 'crl', status: 'good', thisUpdate: new Date(AT - 6 * HOUR), nextUpdate: new Date(AT + 30 * HOUR), origin: 'handed-in' },
    ],
  });
  expect(result.sources[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('no CRL is crl-missing', () => {
  expect(told([])).toBe('crl-missing');
});

describe('coverage', () => {
  const relative = (cn: string): Uint8Array => ctx(0, ctx(1, attribute('CN', cn)));
  test.each<[string, Uint8Array, string]>([
    ['a list without entries', mintCrl({ entries: null }), 'good'],
    ['onlyContainsUserCerts', withIdp(fullName(HOME), yes(0x81)), 'good'],
    ['a second name beside the right one', withIdp(fullName(partition('Rei-machi CRLDP'), HOME)), 'good'],
    [
      'the same name in other case and string type',
      withIdp(
        fullName(name(['C', 'jp'], ['O', 'Jpki-Vectors'], ['OU', 'minted'], ['OU', 'CRL  distribution points'], ['CN', 'MIHON-SHI crldp'])),
      ),
      'good',
    ],
    ['an IDP that is not critical is read all the same', mintCrl({ extensions: [extension('2.5.29.28', seq(fullName(HOME)))] }), 'good'],
    [
      'a non-critical IDP of another partition',
      mintCrl({ extensions: [extension('2.5.29.28', seq(fullName(partition('Rei-machi CRLDP'))))] }),
      'crl-scope-mismatch/distribution-point',
    ],
    ['no IDP', mintCrl({ extensions: [akiOf(CA), crlNumber(5)] }), 'crl-scope-mismatch/no-idp'],
    ['another partition', withIdp(fullName(partition('Rei-machi CRLDP'))), 'crl-scope-mismatch/distribution-point'],
    [
      'the other carrier',
      withIdp(fullName(partition('Mihon-shi CRLDP', 'Mobile CRL Distribution Points'))),
      'crl-scope-mismatch/distribution-point',
    ],
    [
      'the base of all partitions',
      withIdp(fullName(name(['C', 'JP'], ['O', 'JPKI-VECTORS'], ['OU', 'Minted'], ['OU', 'CRL Distribution Points']))),
      'crl-scope-mismatch/distribution-point',
    ],
    [
      'the partition’s RDNs in one set',
      withIdp(fullName(seq(set(attribute('C', 'JP'), attribute('O', 'JPKI-VECTORS'))))),
      'crl-scope-mismatch/distribution-point',
    ],
    [
      'a URI instead of the name',
      withIdp(ctx(0, ctx(0, prim(6, Buffer.from('http://crl.example/'))))),
      'crl-scope-mismatch/distribution-point',
    ],
    ['a name relative to the CRL issuer', withIdp(relative('Mihon-shi CRLDP')), 'crl-scope-mismatch/distribution-point'],
    ['an IDP without a name', withIdp(yes(0x81)), 'crl-scope-mismatch/idp-without-name'],
    ['onlyContainsCACerts', withIdp(fullName(HOME), yes(0x82)), 'crl-scope-mismatch/only-ca-certs'],
    ['onlyContainsAttributeCerts', withIdp(fullName(HOME), yes(0x85)), 'crl-scope-mismatch/only-attribute-certs'],
    [
      'onlySomeReasons, even all of them',
      withIdp(fullName(HOME), der(0x83, Uint8Array.of(7, 0x7f, 0x80))),
      'crl-unsupported/only-some-reasons',
    ],
    ['indirectCRL', withIdp(fullName(HOME), yes(0x84)), 'crl-unsupported/indirect'],
    ['onlyContainsUserCerts and onlyContainsAttributeCerts', withIdp(fullName(HOME), yes(0x81), yes(0x85)), 'crl-malformed'],
    ['onlyContainsUserCerts and onlyContainsCACerts', withIdp(fullName(HOME), yes(0x81), yes(0x82)), 'crl-malformed'],
    ['an empty IDP', withIdp(), 'crl-malformed'],
    ['indirectCRL encoded as FALSE', withIdp(fullName(HOME), der(0x84, Uint8Array.of(0))), 'crl-malformed'],
    ['IDP fields out of order', withIdp(yes(0x81), fullName(HOME)), 'crl-malformed'],
  ])('%s', (_, crl, outcome) => {
    expect(told([crl])).toBe(outcome);
  });

  test('text cannot pass for a second attribute of its RDN', () => {
    const town = [attribute('OU', 'x'), attribute('CN', 'Mihon-shi CRLDP')];
    const below = (...attributes: readonly Uint8Array[]): Uint8Array => {
      const parts = [...attributes].sort((a, b) => Buffer.compare(a, b));
      const rdns = ['C=JP', 'O=JPKI-VECTORS', 'OU=Minted', 'OU=CRL Distribution Points'].map((rdn) => {
        const [type = '', text = ''] = rdn.split('=');
        return set(attribute(type, text));
      });
      return fullName(seq(...rdns, set(...parts)));
    };
    const context = contextOf({ leaf: mintLeaf(CA, { distributionPoint: seq(below(...town)) }) });
    expect(told([withIdp(below(...town))], context)).toBe('good');
    const forged = attribute('OU', 'x\u00012.5.4.3\u0000mihon-shi crldp');
    expect(told([withIdp(below(forged))], context)).toBe('crl-scope-mismatch/distribution-point');
    const turned = attribute('CN', 'mihon-shi crldp\u00012.5.4.11\u0000x');
    expect(told([withIdp(below(turned))], context)).toBe('crl-scope-mismatch/distribution-point');
  });

  test('a fragment of a name is completed with the name of the issuer on both sides', () => {
    // Below the CA's own name there is no partition: the base of such a class is the CA's name.
    const context = contextOf({ leaf: mintLeaf(CA, { distributionPoint: seq(relative('Mihon-shi CRLDP')) }) });
    const inCa = {
      ...context,
      profile: { ...context.profile, crl: { ...context.profile.crl, distributionPointBase: context.anchor.certificate.subject } },
    };
    expect(told([withIdp(relative('Mihon-shi CRLDP'))], inCa)).toBe('good');
    expect(told([withIdp(fullName(name(['C', 'JP'], ['O', 'JPKI-VECTORS'], ['OU', 'Minted'], ['CN', 'Mihon-shi CRLDP'])))], inCa)).toBe(
      'good',
    );
    expect(told([withIdp(relative('Rei-machi CRLDP'))], inCa)).toBe('crl-scope-mismatch/distribution-point');
  });

  test.each<[string, Uint8Array]>([
    ['outside the base of its class', seq(fullName(partition('Mihon-shi CRLDP', 'Mobile CRL Distribution Points')))],
    ['limited to some reasons', seq(fullName(HOME), der(0x81, Uint8Array.of(6, 0x40)))],
    ['of another CRL issuer', seq(fullName(HOME), ctx(2, ctx(4, CA_NAME)))],
  ])('a distribution point of the certificate %s is covered by no CRL, not even one of the same name', (_, distributionPoint) => {
    const crl = withIdp(fullName(partition('Mihon-shi CRLDP', 'Mobile CRL Distribution Points'), HOME));
    expect(told([crl], contextOf({ leaf: mintLeaf(CA, { distributionPoint }) }))).toBe('crl-scope-mismatch/distribution-point');
  });

  describe('asserted by the operator', () => {
    const asserted = contextOf({ coverage: 'asserted' });
    const bare = mintCrl({ extensions: [akiOf(CA), crlNumber(5)] });
    test('a CRL without IDP shows good, and the report says on whose word', () => {
      expect(check([bare], asserted)).toMatchObject({ status: 'good', sources: [{ coverage: 'asserted' }] });
    });
    test('a CRL whose IDP matches shows good by itself', () => {
      expect(check([mintCrl()], asserted).sources[0]).not.toHaveProperty('coverage');
    });
    test('an IDP that is there must still match', () => {
      expect(told([withIdp(fullName(partition('Rei-machi CRLDP')))], asserted)).toBe('crl-scope-mismatch/distribution-point');
      expect(told([withIdp(yes(0x81))], asserted)).toBe('crl-scope-mismatch/idp-without-name');
    });
    test('freshness is not asserted', () => {
      expect(told([mintCrl({ extensions: [crlNumber(5)], nextUpdate: AT - 1000 })], asserted)).toBe('crl-stale/next-update');
    });
  });
});

describe('issuer', () => {
  test.each<[string, Uint8Array, string]>([
    ['signed by another generation of the CA, same name', mintCrl({ signer: OTHER_CA }), 'crl-signature/signature-invalid'],
    ['names another key than signed it', mintCrl({ extensions: [akiOf(OTHER_CA), HOME_IDP] }), 'crl-signature/authority-key-identifier'],
    [
      'names another certificate of its issuer',
      mintCrl({ extensions: [extension('2.5.29.35', seq(ctx(1, ctx(4, CA_NAME)), prim(2, Uint8Array.of(2)))), HOME_IDP] }),
      'crl-signature/authority-key-identifier',
    ],
    [
      'names another issuer of its issuer',
      mintCrl({ extensions: [extension('2.5.29.35', seq(ctx(1, ctx(4, HOME)), prim(2, Uint8Array.of(1)))), HOME_IDP] }),
      'crl-signature/authority-key-identifier',
    ],
    [
      'another issuer name under the same key',
      mintCrl({ issuer: name(['C', 'JP'], ['O', 'JPKI-VECTORS'], ['OU', 'Other']) }),
      'crl-scope-mismatch/issuer',
    ],
  ])('a CRL that is %s does not show good', (_, crl, outcome) => {
    expect(told([crl])).toBe(outcome);
  });

  test('an authorityKeyIdentifier of issuer and serial number that are the anchor’s is fine', () => {
    expect(
      told([mintCrl({ extensions: [extension('2.5.29.35', seq(ctx(1, ctx(4, CA_NAME)), prim(2, Uint8Array.of(1)))), HOME_IDP] })]),
    ).toBe('good');
  });

  test('an authorityKeyIdentifier may give the anchor’s issuer among other names', () => {
    const names = ctx(1, prim(6, Buffer.from('http://a/')), ctx(4, HOME), ctx(4, CA_NAME));
    expect(told([mintCrl({ extensions: [extension('2.5.29.35', seq(names, prim(2, Uint8Array.of(1)))), HOME_IDP] })])).toBe('good');
  });

  test('an anchor that does not say what its key is for signs CRLs', () => {
    const anchor = mintCertificate({
      serial: int(0x01),
      subject: CA_NAME,
      signer: CA,
      extensions: [extension('2.5.29.19', seq(yes()), true), extension('2.5.29.14', octets(CA.ski))],
    });
    expect(told([mintCrl()], contextOf({ anchor }))).toBe('good');
  });

  test('a key whose certificate does not allow cRLSign signs no CRL, good or revoked', () => {
    const context = contextOf({ anchor: mintAnchor(CA, keyUsage(0x04, 2)) });
    expect(told([mintCrl()], context)).toBe('crl-signature/issuer-key-usage');
    expect(told([listed()], context)).toBe('crl-signature/issuer-key-usage');
  });

  test('an algorithm that is not on the class’s list signs no CRL', () => {
    expect(told([listed()], contextOf({ algorithms: ['rsa-pkcs1-sha256'] }))).toBe('crl-signature/algorithm-not-allowed');
  });
});

describe('age', () => {
  test.each<[string, Parameters<typeof mintCrl>[0], string]>([
    ['nextUpdate is now', { nextUpdate: AT }, 'good'],
    ['nextUpdate was a second ago', { nextUpdate: AT - 1000 }, 'crl-stale/next-update'],
    ['no nextUpdate', { nextUpdate: null }, 'crl-stale/no-next-update'],
    ['thisUpdate in 300 seconds', { thisUpdate: AT + 300_000 }, 'good'],
    ['thisUpdate in 301 seconds', { thisUpdate: AT + 301_000 }, 'crl-not-yet-valid/this-update'],
    ['nextUpdate before thisUpdate', { thisUpdate: AT - HOUR, nextUpdate: AT - 2 * HOUR }, 'crl-malformed'],
  ])('%s', (_, parts, outcome) => {
    expect(told([mintCrl(parts)])).toBe(outcome);
  });
});

describe('revoked', () => {
  test.each([
    [undefined, 'unspecified'],
    [0, 'unspecified'],
    [1, 'keyCompromise'],
    [2, 'cACompromise'],
    [3, 'affiliationChanged'],
    [4, 'superseded'],
    [5, 'cessationOfOperation'],
    [6, 'certificateHold'],
    [7, 'unspecified'],
    [9, 'privilegeWithdrawn'],
    [10, 'aACompromise'],
    [42, 'unspecified'],
  ] as const)('an entry with reason %s is revoked: %s', (code, reason) => {
    expect(check([listed({}, code)])).toMatchObject({
      status: 'revoked',
      reason,
      revokedAt: new Date(AT - 3 * DAY),
      sources: [{ status: 'revoked' }],
    });
  });

  test.each<[string, Uint8Array]>([
    ['stale', listed({ nextUpdate: AT - DAY, thisUpdate: AT - 2 * DAY })],
    ['without nextUpdate', listed({ nextUpdate: null })],
    ['of unknown coverage', listed({ extensions: [akiOf(CA)] })],
    ['of another partition', listed({ extensions: [idp(fullName(partition('Rei-machi CRLDP')))] })],
    ['for some reasons only', listed({ extensions: [idp(fullName(HOME), der(0x83, Uint8Array.of(6, 0x40)))] })],
    ['delta without its base', listed({ extensions: [crlNumber(6), deltaOf(5), HOME_IDP] })],
    ['naming another key than signed it', listed({ extensions: [akiOf(OTHER_CA), HOME_IDP] })],
    ['indirect', listed({ extensions: [idp(fullName(HOME), yes(0x84))] })],
    ['whose entry is dated in the future', mintCrl({ entries: [entry({ date: AT + DAY })] })],
  ])('a listing by the issuer’s key counts though the CRL is %s', (_, crl) => {
    expect(told([crl])).toBe('revoked');
  });

  test.each<[string, Uint8Array, string]>([
    ['from the future', listed({ thisUpdate: AT + HOUR }), 'crl-not-yet-valid/this-update'],
    ['with an unknown critical extension', listed({ extensions: [HOME_IDP, unknownCritical] }), 'crl-unsupported/critical-extension'],
    ['signed by another key', listed({ signer: OTHER_CA }), 'crl-signature/signature-invalid'],
    ['under another issuer name', listed({ issuer: name(['C', 'JP'], ['O', 'Other']) }), 'crl-scope-mismatch/issuer'],
    ['of version 1', mintCrl({ version: null, extensions: null, entries: [entry()] }), 'crl-unsupported/version-1'],
  ])('a listing proves nothing in a CRL %s', (_, crl, outcome) => {
    expect(told([crl])).toBe(outcome);
  });

  test('one trusted listing outweighs any number of lists without it, in any order', () => {
    const good = mintCrl();
    const newer = mintCrl({ thisUpdate: AT - HOUR });
    const old = listed({ thisUpdate: AT - 2 * DAY }, 6);
    for (const order of [
      [good, newer, old],
      [old, good, newer],
      [good, old, newer],
    ]) {
      expect(check(order)).toMatchObject({ status: 'revoked', reason: 'certificateHold' });
    }
  });

  test('an untrusted listing does not outweigh a trusted list', () => {
    expect(told([listed({ signer: OTHER_CA }), mintCrl()])).toBe('good');
  });

  test('several entries: the most severe reason and the earliest date stand, in one list or in two', () => {
    const hold = entry({ reason: 6, date: AT - 9 * DAY });
    const compromise = entry({ reason: 1, date: AT - 3 * DAY });
    for (const crls of [[mintCrl({ entries: [hold, compromise] })], [mintCrl({ entries: [compromise] }), mintCrl({ entries: [hold] })]]) {
      expect(check(crls)).toMatchObject({ status: 'revoked', reason: 'keyCompromise', revokedAt: new Date(AT - 9 * DAY) });
    }
  });

  test.each([
    [1, 2],
    [2, 10],
    [10, 9],
    [9, 5],
    [5, 3],
    [3, 4],
    [4, 0],
    [0, 6],
  ])('of reason codes %s and %s the first is the more severe', (severe, mild) => {
    const [code] = [severe, mild].map((reason) => check([mintCrl({ entries: [entry({ reason })] })]));
    for (const order of [
      [severe, mild],
      [mild, severe],
    ]) {
      const both = check([mintCrl({ entries: order.map((reason) => entry({ reason })) })]);
      expect(both.status === 'revoked' && code?.status === 'revoked' && both.reason === code.reason).toBe(true);
    }
  });

  test('in an indirect CRL an entry is about the issuer it names, and so are those after it', () => {
    const certificateIssuer = (issuer: Uint8Array): Uint8Array => extension('2.5.29.29', seq(ctx(4, issuer)), true);
    const indirect = (...entries: readonly Uint8Array[]): Uint8Array => mintCrl({ entries, extensions: [idp(fullName(HOME), yes(0x84))] });
    const other = name(['C', 'JP'], ['O', 'Other']);
    expect(told([indirect(entry({ extensions: [certificateIssuer(CA_NAME)] }))])).toBe('revoked');
    expect(told([indirect(entry({ extensions: [certificateIssuer(other)] }))])).toBe('crl-unsupported/indirect');
    const foreign = entry({ serial: int(0x44), extensions: [certificateIssuer(other)] });
    expect(told([indirect(foreign, entry())])).toBe('crl-unsupported/indirect');
    expect(told([indirect(entry(), foreign)])).toBe('revoked');
    expect(told([indirect(foreign, entry({ extensions: [certificateIssuer(CA_NAME)] }))])).toBe('revoked');
    const several = extension('2.5.29.29', seq(prim(6, Buffer.from('http://a/')), ctx(4, other), ctx(4, CA_NAME)), true);
    expect(told([indirect(entry({ extensions: [several] }))])).toBe('revoked');
  });
});

describe('a base and its delta', () => {
  const base = (parts: Parameters<typeof mintCrl>[0] = {}): Uint8Array => mintCrl(parts);
  const held = mintCrl({ entries: [...OTHERS, entry({ reason: 6 })] });
  const delta = (
    entries: readonly Uint8Array[] | null,
    extensions?: readonly Uint8Array[],
    parts: Parameters<typeof mintCrl>[0] = {},
  ): Uint8Array =>
    mintCrl({ entries, extensions: extensions ?? [akiOf(CA), crlNumber(6), deltaOf(5), HOME_IDP], thisUpdate: AT - HOUR, ...parts });
  const released = entry({ reason: 8 });

  test('neither lists the certificate: good, and both are named as the reason', () => {
    const result = check([base(), delta(null)]);
    expect(result.status).toBe('good');
    expect(result.sources.map(({ status }) => status)).toEqual(['good', 'good']);
  });
  test('the delta lists it: revoked', () => {
    expect(check([base(), delta([entry({ reason: 1 })])])).toMatchObject({ status: 'revoked', reason: 'keyCompromise' });
  });
  test('the delta cancels the base’s hold, in either order', () => {
    expect(told([held, delta([released])])).toBe('good');
    expect(told([delta([released]), held])).toBe('good');
  });
  test.each<[string, Uint8Array]>([
    ['is made for a later base', delta([released], [crlNumber(7), deltaOf(6), HOME_IDP])],
    ['is not later than the base', delta([released], [crlNumber(5), deltaOf(4), HOME_IDP])],
    ['has no number', delta([released], [deltaOf(5), HOME_IDP])],
    ['has another scope', delta([released], [crlNumber(6), deltaOf(5), idp(fullName(HOME), yes(0x81))])],
    ['is of another partition', delta([released], [crlNumber(6), deltaOf(5), idp(fullName(partition('Rei-machi CRLDP')))])],
    ['is stale', delta([released], undefined, { nextUpdate: AT - 1000 })],
    ['is from the future', delta([released], undefined, { thisUpdate: AT + HOUR })],
    ['is signed by another key', delta([released], undefined, { signer: OTHER_CA })],
    ['has an unknown critical extension', delta([released], [crlNumber(6), deltaOf(5), HOME_IDP, unknownCritical])],
    ['says removeFromCRL and keyCompromise', delta([released, entry({ reason: 1 })])],
  ])('a delta that %s cancels no hold', (_, crl) => {
    expect(told([held, crl])).toBe('revoked');
  });
  test('a hold in a base without a number is not cancelled', () => {
    expect(told([mintCrl({ entries: [entry({ reason: 6 })], extensions: [HOME_IDP] }), delta([released])])).toBe('revoked');
  });
  test('no other revocation is cancelled', () => {
    expect(told([mintCrl({ entries: [entry({ reason: 4 })] }), delta([released])])).toBe('revoked');
  });
  test('each base’s hold needs its own cancellation', () => {
    const later = mintCrl({ entries: [entry({ reason: 6 })], extensions: [crlNumber(6), HOME_IDP] });
    expect(told([held, later, delta([released])])).toBe('revoked');
  });
  test('under asserted coverage, a base and a delta of which only one has an IDP do not belong together', () => {
    const asserted = contextOf({ coverage: 'asserted' });
    const [bareHeld, bareDelta] = [
      mintCrl({ entries: [entry({ reason: 6 })], extensions: [crlNumber(5)] }),
      delta([released], [crlNumber(6), deltaOf(5)]),
    ];
    expect(told([bareHeld, bareDelta], asserted)).toBe('good');
    expect(told([bareHeld, delta([released])], asserted)).toBe('revoked');
    expect(told([held, bareDelta], asserted)).toBe('revoked');
  });
  test('a newer delta of the base that no longer cancels the hold counts, not the older one that did, in any order', () => {
    const later = (entries: readonly Uint8Array[] | null, parts: Parameters<typeof mintCrl>[0] = {}): Uint8Array =>
      delta(entries, [akiOf(CA), crlNumber(7), deltaOf(5), HOME_IDP], parts);
    expect(told([held, delta([released]), later([released])])).toBe('good');
    expect(told([held, delta(null), later([released])])).toBe('good');
    for (const newest of [later(null), later([released], { nextUpdate: AT - 1000 }), later([entry({ reason: 6 })])]) {
      expect(told([held, delta([released]), newest])).toBe('revoked');
      expect(told([newest, delta([released]), held])).toBe('revoked');
    }
    // Two of one number that say different things.
    expect(told([held, later([released]), later(null)])).toBe('revoked');
  });

  test('a delta is no base of another', () => {
    expect(told([delta(null), delta(null, [crlNumber(7), deltaOf(5), HOME_IDP])])).toBe('crl-unsupported/delta-without-base');
    const onHold = delta([entry({ reason: 6 })]);
    expect(told([base(), onHold, delta([released], [crlNumber(7), deltaOf(5), HOME_IDP])])).toBe('revoked');
  });
  test('a delta alone, with or without a removal, shows nothing', () => {
    expect(told([delta(null)])).toBe('crl-unsupported/delta-without-base');
    expect(told([delta([released])])).toBe('crl-unsupported/removal-without-base');
  });
  test('a delta does not make a stale base fresh', () => {
    expect(told([base({ nextUpdate: AT - 1000 }), delta(null)])).toBe('crl-stale/next-update');
  });
  test('CRL numbers compare as numbers', () => {
    const of = (n: readonly number[], id: string, critical = false): Uint8Array => extension(id, int(...n), critical);
    const big = mintCrl({ entries: [entry({ reason: 6 })], extensions: [of([0x01, 0x00], '2.5.29.20'), HOME_IDP] });
    const after = delta([released], [of([0x01, 0x01], '2.5.29.20'), of([0x00, 0xff], '2.5.29.27', true), HOME_IDP]);
    const before = delta([released], [of([0x00, 0xff], '2.5.29.20'), of([0x7f], '2.5.29.27', true), HOME_IDP]);
    expect(told([big, after])).toBe('good');
    const small = mintCrl({ entries: [entry({ reason: 6 })], extensions: [of([0x7f], '2.5.29.20'), HOME_IDP] });
    const longer = delta([released], [of([0x01, 0x00], '2.5.29.20'), of([0x7f], '2.5.29.27', true), HOME_IDP]);
    expect(told([small, longer])).toBe('good');
    expect(told([big, before])).toBe('revoked');
  });
});

describe('several unusable CRLs', () => {
  test('the one nearest to usable names the code, in any order', () => {
    const stale = mintCrl({ nextUpdate: AT - HOUR });
    const foreign = withIdp(fullName(partition('Rei-machi CRLDP')));
    const garbage = Uint8Array.of(0x30, 0x03, 0x02, 0x01);
    for (const order of [
      [stale, foreign, garbage],
      [garbage, foreign, stale],
      [foreign, stale, garbage],
    ])
      expect(told(order)).toBe('crl-stale/next-update');
    expect(told([garbage, foreign])).toBe('crl-scope-mismatch/distribution-point');
    expect(told([garbage, mintCrl({ signer: OTHER_CA })])).toBe('crl-signature/signature-invalid');
  });
  test('a list that says no nextUpdate is reported without one', () => {
    const [report] = check([mintCrl({ nextUpdate: null })]).sources;
    expect(report).toMatchObject({ code: 'crl-stale', detail: 'no-next-update', thisUpdate: new Date(AT - 6 * HOUR) });
    expect(report).not.toHaveProperty('nextUpdate');
  });
  test('every piece has its own report', () => {
    const { sources } = check([mintCrl({ nextUpdate: AT - HOUR }), mintCrl(), Uint8Array.of(0)]);
    expect(sources.map(({ status, code }) => [status, code])).toEqual([
      ['unusable', 'crl-stale'],
      ['good', undefined],
      ['unusable', 'crl-malformed'],
    ]);
  });
});

test('a negative serial number is read in its shortest form, where it is read at all', () => {
  const read = (...serial: readonly number[]): number =>
    readCertificateList(mintCrl({ entries: [entry({ serial: int(...serial) })] }), { negativeSerialNumbers: 'accept' }).entryCount;
  for (const serial of [[0xff], [0x80], [0xff, 0x7f], [0x80, 0xff]]) expect(read(...serial)).toBe(1);
  for (const serial of [
    [0xff, 0x80],
    [0xff, 0xff],
  ])
    expect(() => read(...serial)).toThrow('INTEGER not minimal');
});

describe('strictness', () => {
  const reasonExtension = extension('2.5.29.21', enumerated(1));
  test.each<[string, Uint8Array, string]>([
    ['trailing bytes', Uint8Array.of(...mintCrl(), 0), 'crl-malformed'],
    ['nothing at all', new Uint8Array(0), 'crl-malformed'],
    ['the anchor’s certificate', mintAnchor(CA), 'crl-malformed'],
    ['an empty list of entries', mintCrl({ entries: [] }), 'crl-malformed'],
    ['version 1 encoded', mintCrl({ version: int(0) }), 'crl-malformed'],
    ['version 3', mintCrl({ version: int(2) }), 'crl-malformed'],
    ['extensions in version 1', mintCrl({ version: null }), 'crl-malformed'],
    ['inner and outer algorithm differ', mintCrl({ innerAlgorithm: SIGNATURE_ALGORITHMS.ecdsaSha384 }), 'crl-malformed'],
    ['an empty issuer', mintCrl({ issuer: seq() }), 'crl-malformed'],
    ['an extension twice', mintCrl({ extensions: [HOME_IDP, crlNumber(5), crlNumber(5)] }), 'crl-malformed'],
    ['an empty list of extensions', mintCrl({ extensions: [] }), 'crl-malformed'],
    ['the least CRL number below zero', mintCrl({ extensions: [HOME_IDP, extension('2.5.29.20', int(0x80))] }), 'crl-malformed'],
    ['a negative CRL number', mintCrl({ extensions: [HOME_IDP, extension('2.5.29.20', int(0xff))] }), 'crl-malformed'],
    [
      'a CRL number of 20 octets',
      mintCrl({ extensions: [HOME_IDP, extension('2.5.29.20', int(...Array.from({ length: 20 }, () => 1)))] }),
      'good',
    ],
    [
      'a CRL number of 21 octets',
      mintCrl({ extensions: [HOME_IDP, extension('2.5.29.20', int(...Array.from({ length: 21 }, () => 1)))] }),
      'crl-malformed',
    ],
    [
      'removeFromCRL in a complete list, for another certificate',
      mintCrl({ entries: [entry({ serial: int(3), reason: 8 })] }),
      'crl-malformed',
    ],
    [
      'certificateIssuer in a list that is not indirect',
      mintCrl({ entries: [entry({ serial: int(3), extensions: [extension('2.5.29.29', seq(ctx(4, CA_NAME)), true)] })] }),
      'crl-malformed',
    ],
    ['an entry extension in version 1', mintCrl({ version: null, extensions: null, entries: [entry({ reason: 1 })] }), 'crl-malformed'],
    ['a reason code that is negative', mintCrl({ entries: [entry({ serial: int(3), reason: 0x80 })] }), 'crl-malformed'],
    ['a serial number without octets', mintCrl({ entries: [entry({ serial: int() })] }), 'crl-malformed'],
    ['a serial number of nothing but a zero', mintCrl({ entries: [entry({ serial: int(0) })] }), 'good'],
    ['a serial number with a zero that is needed', mintCrl({ entries: [entry({ serial: int(0x00, 0x80) })] }), 'good'],
    ['a serial number of 20 octets', mintCrl({ entries: [entry({ serial: int(...Array.from({ length: 20 }, () => 1)) })] }), 'good'],
    ['a serial number that the certificate’s begins with', mintCrl({ entries: [entry({ serial: int(0x07, 0x00, 0x11) })] }), 'good'],
    [
      'a serial number that begins with the certificate’s',
      mintCrl({ entries: [entry({ serial: int(0x07, 0x00, 0x11, 0x95, 0x01) })] }),
      'good',
    ],
    ['a negative serial number', mintCrl({ entries: [entry({ serial: int(0x80) })] }), 'crl-malformed'],
    ['a serial number with a superfluous zero', mintCrl({ entries: [entry({ serial: int(0x00, 0x07) })] }), 'crl-malformed'],
    [
      'a serial number of 21 octets',
      mintCrl({ entries: [entry({ serial: int(...Array.from({ length: 21 }, () => 1)) })] }),
      'crl-malformed',
    ],
    [
      'the certificate’s serial number with leading zeros',
      mintCrl({ entries: [entry({ serial: int(0x00, 0x07, 0x00, 0x11, 0x95) })] }),
      'crl-malformed',
    ],
    [
      'a revocation date with fractional seconds',
      mintCrl({ entries: [seq(int(3), der(0x18, Buffer.from('20260901000000.5Z')))] }),
      'crl-malformed',
    ],
    ['a revocation date without seconds', mintCrl({ entries: [seq(int(3), der(0x17, Buffer.from('2609010000Z')))] }), 'crl-malformed'],
    [
      'an entry extension twice',
      mintCrl({ entries: [entry({ serial: int(3), extensions: [reasonExtension, reasonExtension] })] }),
      'crl-malformed',
    ],
    [
      'a reason code of the wrong type',
      mintCrl({ entries: [entry({ serial: int(3), extensions: [extension('2.5.29.21', int(1))] })] }),
      'crl-malformed',
    ],
    [
      'an invalidity date as UTCTime',
      mintCrl({ entries: [entry({ serial: int(3), extensions: [extension('2.5.29.24', der(0x17, Buffer.from('260901000000Z')))] })] }),
      'crl-malformed',
    ],
    [
      'something after an entry’s extensions',
      mintCrl({ entries: [seq(int(3), der(0x17, Buffer.from('260901000000Z')), seq(reasonExtension), int(1))] }),
      'crl-malformed',
    ],
    [
      'a critical entry extension nobody knows, at another entry',
      mintCrl({ entries: [entry({ serial: int(3), extensions: [unknownCritical] })] }),
      'crl-unsupported/critical-extension',
    ],
    [
      'a critical freshestCRL',
      mintCrl({ extensions: [HOME_IDP, extension('2.5.29.46', seq(seq(fullName(HOME))), true)] }),
      'crl-unsupported/critical-extension',
    ],
    ['an unknown extension that is not critical', mintCrl({ extensions: [HOME_IDP, extension('2.999.9', octets())] }), 'good'],
    [
      'an unknown entry extension that is not critical',
      mintCrl({ entries: [entry({ serial: int(3), extensions: [extension('2.999.9', octets())] })] }),
      'good',
    ],
    [
      'a critical reason code and an invalidity date at another entry',
      mintCrl({
        entries: [
          entry({
            serial: int(3),
            extensions: [extension('2.5.29.21', enumerated(1), true), extension('2.5.29.24', generalizedTime(AT), true)],
          }),
        ],
      }),
      'good',
    ],
  ])('%s', (_, crl, outcome) => {
    expect(told([crl])).toBe(outcome);
  });

  test('any flipped bit of a good CRL never shows good again', () => {
    const crl = mintCrl();
    const surviving: number[] = [];
    for (let bit = 0; bit < crl.length * 8; bit += 3) {
      const flipped = Uint8Array.from(crl);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      if (told([flipped]) === 'good') surviving.push(bit);
    }
    expect(surviving).toEqual([]);
  });
});

test('where nobody asks for a serial number the list is read and no entry kept', () => {
  expect(readCertificateList(mintCrl({ entries: [entry(), ...OTHERS] }))).toMatchObject({ entryCount: 3, entries: [] });
});

describe('budget', () => {
  const DATA_DER = mintCrl();
  const data = [{ der: DATA_DER, origin: 'handed-in' as const }];
  test('a CRL of more octets than allowed is not read', () => {
    expect(checkCrls(data, CONTEXT, { maxBytes: DATA_DER.length - 1, maxEntries: 10 })).toMatchObject({
      status: 'unknown',
      code: 'budget-crl',
    });
  });
  test('a CRL of more entries than allowed is not read to its end', () => {
    expect(checkCrls(data, CONTEXT, { maxBytes: 10_000, maxEntries: 1 })).toMatchObject({ status: 'unknown', code: 'budget-crl' });
  });

  test('an issuer name larger than any certificate is not prepared for comparison, before anything is verified', () => {
    const issuer = name(...Array.from({ length: 3_000 }, (_, i): [string, string] => ['CN', `a long part of a name, number ${i}`]));
    const data = [{ der: mintCrl({ issuer }), origin: 'handed-in' as const }];
    expect(checkCrls(data, CONTEXT)).toMatchObject({ status: 'unknown', code: 'budget-crl' });
  });
  test('a CRL exactly at its limits is read', () => {
    expect(checkCrls(data, CONTEXT, { maxBytes: DATA_DER.length, maxEntries: 2 }).status).toBe('good');
  });
});
