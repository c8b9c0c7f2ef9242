/** A class is a policy and everything that goes with it: each contradiction is refused, and named. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { loadEnvironment, type Verdict } from '../../src/index.ts';
import {
  akiOf,
  assemble,
  CA,
  CA_NAME,
  type CertificateParts,
  ctx,
  der,
  ENVIRONMENT,
  environmentJson,
  extension,
  fullName,
  HOME,
  int,
  judge,
  keyed,
  keyUsage,
  LEAF_EXTENSIONS,
  LEAF_KEY,
  mintAnchor,
  mintCrl,
  mintPerson,
  name,
  nul,
  octets,
  oid,
  partition,
  prim,
  seq,
  yes,
} from '../historic/case.ts';

const SIGN_CA = keyed();
const policy = (...ids: readonly string[]): Uint8Array => extension('2.5.29.32', seq(...ids.map((id) => seq(oid(id)))), true);
const point = (...parts: readonly Uint8Array[]): Uint8Array => extension('2.5.29.31', seq(...parts));
const utf8 = (text: string): Uint8Array => der(0x0c, new TextEncoder().encode(text));
const attribute = (n: number, value: Uint8Array): Uint8Array => ctx(0, oid(`1.2.392.200149.8.5.5.${n}`), ctx(0, value));
const ATTRIBUTES = ['見本 花子', '0000', '2', '42001083', '架空県', '000'].map((text, i) => attribute(i + 1, utf8(text)));
const alternativeName = (...names: readonly Uint8Array[]): Uint8Array => extension('2.5.29.17', seq(...names));

/** Three classes under two anchors: authentication on the card and on the smartphone, signature on the card. */
const json = environmentJson([mintAnchor(CA)]);
const card = (json['classes'] as Record<string, Record<string, unknown>>)['card-user-authentication'] as Record<string, unknown>;
const environment = loadEnvironment({
  ...json,
  anchors: [
    ...(json['anchors'] as unknown[]),
    { id: 'sign', purpose: 'digital-signature', certificate: Buffer.from(mintAnchor(SIGN_CA)).toString('base64') },
  ],
  classes: {
    'card-user-authentication': card,
    'smartphone-user-authentication': {
      ...card,
      policyOids: ['2.999.50'],
      crl: { distributionPointBase: 'OU=Mobile CRL Distribution Points,OU=Minted,O=JPKI-VECTORS,C=JP' },
    },
    'card-digital-signature': {
      ...card,
      policyOids: ['2.999.20'],
      keyUsage: ['digitalSignature', 'nonRepudiation'],
      extendedKeyUsage: [],
      personalAttributes: true,
    },
    'smartphone-digital-signature': {
      ...card,
      policyOids: ['2.999.60'],
      keyUsage: ['digitalSignature', 'nonRepudiation'],
      extendedKeyUsage: [],
      personalAttributes: true,
      algorithms: ['rsa-pkcs1-sha256'],
      crl: { distributionPointBase: 'OU=Mobile CRL Distribution Points,OU=Minted,O=JPKI-VECTORS,C=JP' },
    },
  },
});

type Extensions = Parameters<typeof mintPerson>[1];
const classOf = async (extensions: Extensions, parts: Partial<CertificateParts> = {}): Promise<Verdict> =>
  judge({ environment, certificate: mintPerson(parts, extensions) });
const said = (verdict: Verdict): string =>
  verdict.result === 'valid' ? `valid ${verdict.class}` : `${verdict.code}${verdict.detail === undefined ? '' : ` ${verdict.detail}`}`;

test('the good certificate is of its class', async () => {
  expect(said(await classOf({}))).toBe('valid card-user-authentication');
});

test.each<[string, Extensions, string]>([
  ['no policy at all', { certificatePolicies: null }, 'class-unknown no-policy'],
  ['a policy nobody knows', { certificatePolicies: policy('2.999.8.5.1.3.31') }, 'class-unknown policy-unknown'],
  ['a policy that only begins like the class’s', { certificatePolicies: policy('2.999.8.5.1.3') }, 'class-unknown policy-unknown'],
  ['a policy that only ends later', { certificatePolicies: policy('2.999.8.5.1.3.30.1') }, 'class-unknown policy-unknown'],
  ['anyPolicy', { certificatePolicies: policy('2.5.29.32.0') }, 'class-unknown policy-unknown'],
  ['a second policy', { certificatePolicies: policy('2.999.8.5.1.3.30', '2.999.77') }, 'class-conflict several-policies'],
  ['the policies of two classes', { certificatePolicies: policy('2.999.8.5.1.3.30', '2.999.50') }, 'class-conflict several-policies'],
  [
    'the policy without criticality',
    { certificatePolicies: extension('2.5.29.32', seq(seq(oid('2.999.8.5.1.3.30')))) },
    'class-conflict policy-not-critical',
  ],
  ['another key usage', { keyUsage: keyUsage(0xc0, 6) }, 'key-usage key-usage-differs'],
  ['no extended key usage', { extendedKeyUsage: null }, 'extended-key-usage extended-key-usage-differs'],
  [
    'an extended key usage more',
    { extendedKeyUsage: extension('2.5.29.37', seq(oid('1.3.6.1.5.5.7.3.2'), oid('1.3.6.1.5.5.7.3.4'))) },
    'extended-key-usage extended-key-usage-differs',
  ],
  [
    'the same extended key usage twice',
    { extendedKeyUsage: extension('2.5.29.37', seq(oid('1.3.6.1.5.5.7.3.2'), oid('1.3.6.1.5.5.7.3.2'))) },
    'extended-key-usage extended-key-usage-differs',
  ],
  [
    'another extended key usage',
    { extendedKeyUsage: extension('2.5.29.37', seq(oid('1.3.6.1.5.5.7.3.4'))) },
    'extended-key-usage extended-key-usage-differs',
  ],
  ['no distribution point', { crlDistributionPoints: null }, 'class-conflict distribution-point-form'],
  [
    'two distribution points',
    { crlDistributionPoints: point(seq(fullName(HOME)), seq(fullName(HOME))) },
    'class-conflict distribution-point-form',
  ],
  [
    'a distribution point of two names',
    { crlDistributionPoints: point(seq(fullName(HOME, HOME))) },
    'class-conflict distribution-point-form',
  ],
  [
    'a distribution point by URI',
    { crlDistributionPoints: point(seq(ctx(0, ctx(0, der(0x86, new TextEncoder().encode('http://crl.example/')))))) },
    'class-conflict distribution-point-form',
  ],
  [
    'a distribution point for some reasons',
    { crlDistributionPoints: point(seq(fullName(HOME), der(0x81, Uint8Array.of(1, 0x40 | 0x02)))) },
    'class-conflict distribution-point-form',
  ],
  [
    'a distribution point of another CRL issuer',
    { crlDistributionPoints: point(seq(fullName(HOME), ctx(2, ctx(4, HOME)))) },
    'class-conflict distribution-point-form',
  ],
  [
    'a distribution point without a name',
    { crlDistributionPoints: point(seq(ctx(2, ctx(4, HOME)))) },
    'class-conflict distribution-point-form',
  ],
  [
    'the distribution point of the other carrier',
    { crlDistributionPoints: point(seq(fullName(partition('Mihon-shi CRLDP', 'Mobile CRL Distribution Points')))) },
    'class-conflict distribution-point-of-other-class',
  ],
  [
    'a distribution point above the class’s',
    { crlDistributionPoints: point(seq(fullName(name(['C', 'JP'], ['O', 'JPKI-VECTORS'], ['OU', 'Minted'])))) },
    'class-conflict distribution-point-of-other-class',
  ],
  ['an empty distribution point', { crlDistributionPoints: point(seq()) }, 'class-conflict distribution-point-form'],
  [
    'a distribution point relative to the CRL issuer',
    { crlDistributionPoints: point(seq(ctx(0, ctx(1, seq(oid('2.5.4.3'), utf8('Mihon-shi CRLDP')))))) },
    'class-conflict distribution-point-form',
  ],
  ['personal attributes', { additional: alternativeName(...ATTRIBUTES) }, 'class-conflict personal-attributes-present'],
  ['one personal attribute', { additional: alternativeName(ATTRIBUTES[0] as Uint8Array) }, 'class-conflict personal-attributes-present'],
])('with %s it is refused', async (_, extensions, expected) => {
  expect(said(await classOf(extensions))).toBe(expected);
});

test('another name beside which there is no personal attribute changes nothing', async () => {
  const mail = der(0x81, new TextEncoder().encode('a@example.jp'));
  expect(said(await classOf({ additional: alternativeName(mail) }))).toBe('valid card-user-authentication');
});

test('a smartphone’s policy with a smartphone’s distribution point is the smartphone’s class', async () => {
  const mobile = point(seq(fullName(partition('Mihon-shi CRLDP', 'Mobile CRL Distribution Points'))));
  const certificate = mintPerson({}, { certificatePolicies: policy('2.999.50'), crlDistributionPoints: mobile });
  const verdict = await judge({ environment, certificate, acceptCarriers: ['smartphone'] });
  expect(verdict.class).toBe('smartphone-user-authentication');
  // The card’s list says nothing about it, though one CA signed both.
  expect(said(verdict)).toBe('crl-scope-mismatch distribution-point');
});

const SIGNING: Extensions = {
  authorityKeyIdentifier: akiOf(SIGN_CA),
  keyUsage: keyUsage(0xc0, 6),
  extendedKeyUsage: null,
  certificatePolicies: policy('2.999.20'),
  additional: alternativeName(...ATTRIBUTES),
};
const signing = (extensions: Extensions = {}, parts: Partial<CertificateParts> = {}): Promise<Verdict> =>
  judge({
    environment,
    certificate: mintPerson({ signer: SIGN_CA, ...parts }, { ...SIGNING, ...extensions }),
    purpose: 'digital-signature',
    crls: [mintCrl({ signer: SIGN_CA, extensions: [akiOf(SIGN_CA), extension('2.5.29.28', seq(fullName(HOME)), true)] })],
  });

test('a signature certificate is of its class, and gives its attributes', async () => {
  const verdict = await signing();
  expect(said(verdict)).toBe('valid card-digital-signature');
  expect(verdict).toMatchObject({ attributes: { name: '見本 花子', gender: '2', address: '架空県' } });
});

test.each<[string, () => Promise<Verdict>, string]>([
  [
    'an issuer of the other purpose',
    () => signing({ authorityKeyIdentifier: akiOf(CA) }, { signer: CA }),
    'class-conflict issuer-of-other-purpose',
  ],
  ['no personal attributes', () => signing({ additional: null }), 'class-conflict personal-attributes-absent'],
  [
    'other names only',
    () => signing({ additional: alternativeName(der(0x81, new TextEncoder().encode('a@example.jp'))) }),
    'class-conflict personal-attributes-absent',
  ],
  ['an attribute missing', () => signing({ additional: alternativeName(...ATTRIBUTES.slice(1)) }), 'attributes-invalid attribute-missing'],
  [
    'an attribute twice',
    () => signing({ additional: alternativeName(...ATTRIBUTES, ATTRIBUTES[0] as Uint8Array) }),
    'attributes-invalid attribute-duplicate',
  ],
  [
    'an attribute that is no UTF8String',
    () => signing({ additional: alternativeName(...ATTRIBUTES.slice(1), attribute(1, der(0x13, Uint8Array.of(0x41)))) }),
    'attributes-invalid attribute-encoding',
  ],
  [
    'the other carrier’s algorithms',
    () => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
      const mobile = point(seq(fullName(partition('Mihon-shi CRLDP', 'Mobile CRL Distribution Points'))));
      return signing({ certificatePolicies: policy('2.999.60'), crlDistributionPoints: mobile }, { key: { ...LEAF_KEY, spki } });
    },
    'algorithm-not-allowed issuer-signature',
  ],
  [
    'a key of a type the class does not take',
    () => {
      const mobile = point(seq(fullName(partition('Mihon-shi CRLDP', 'Mobile CRL Distribution Points'))));
      return signing({ certificatePolicies: policy('2.999.60'), crlDistributionPoints: mobile });
    },
    'algorithm-not-allowed key',
  ],
])('a signature certificate with %s is refused', async (_, run, expected) => {
  expect(said(await run())).toBe(expected);
});

test.each([
  ['purpose-mismatch', { purpose: 'digital-signature' as const }],
  ['carrier-not-accepted', { acceptCarriers: ['smartphone'] as const }],
  ['carrier-mismatch', { reportedCarrier: 'smartphone' as const }],
])('what was asked for is what must be there: %s', async (code, asked) => {
  expect(await judge({ environment, ...asked })).toMatchObject({ result: 'invalid', code, class: 'card-user-authentication' });
});

test('the reported carrier may agree, be absent, or be null', async () => {
  for (const reportedCarrier of ['card', null] as const) expect((await judge({ environment, reportedCarrier })).result).toBe('valid');
  expect((await judge({ environment, acceptCarriers: ['smartphone', 'card'] })).result).toBe('valid');
});

test('of a certificate whose issuer is unknown the class is still told', async () => {
  const verdict = await judge({ environment, certificate: mintPerson({}, { authorityKeyIdentifier: akiOf(keyed()) }) });
  expect(verdict).toMatchObject({ code: 'issuer-untrusted', class: 'card-user-authentication' });
  expect(verdict.checks.find((check) => check.name === 'class')).toMatchObject({ status: 'passed' });
});

test('an environment of one class knows no policy of another', async () => {
  const certificate = mintPerson({}, { certificatePolicies: policy('2.999.50') });
  expect(said(await judge({ environment: ENVIRONMENT, certificate }))).toBe('class-unknown policy-unknown');
});

test('an issuer’s signature under an algorithm that only its key would allow is not of the class', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const keyId = createHash('sha1').update(spki).digest();
  const rsa = (id: string): Uint8Array => seq(oid(id), nul());
  const issued = (algorithm: Uint8Array, hash: string, extensions: readonly Uint8Array[], more: object): Uint8Array =>
    assemble({ algorithm, extensions, issuer: CA_NAME, signature: (tbs) => new Uint8Array(sign(hash, tbs, privateKey)), ...more });
  const anchor = issued(
    rsa('1.2.840.113549.1.1.11'),
    'sha256',
    [keyUsage(0x06, 1), extension('2.5.29.19', seq(yes()), true), extension('2.5.29.14', octets(keyId))],
    { spki, subject: CA_NAME, serial: int(1) },
  );
  const own = loadEnvironment(environmentJson([anchor]));
  const classCheck = async (algorithm: Uint8Array, hash: string) => {
    const extensions = Object.values({ ...LEAF_EXTENSIONS, authorityKeyIdentifier: extension('2.5.29.35', seq(prim(0, keyId))) });
    const verdict = await judge({ environment: own, certificate: issued(algorithm, hash, extensions, {}) });
    return verdict.checks.find((check) => check.name === 'class');
  };
  expect(await classCheck(rsa('1.2.840.113549.1.1.11'), 'sha256')).toMatchObject({ status: 'passed' });
  expect(await classCheck(rsa('1.2.840.113549.1.1.12'), 'sha384')).toMatchObject({ status: 'failed', detail: 'issuer-signature' });
  expect(await classCheck(seq(oid('1.2.840.113549.1.1.10')), 'sha256')).toMatchObject({ status: 'failed', detail: 'issuer-signature' });
});
