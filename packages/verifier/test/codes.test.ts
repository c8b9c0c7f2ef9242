/** Every code a verdict can bear is brought about here once, through the public API; every detail beside a code is named by some test. */
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { validatePath } from '@jpki-rp/verifier/path';
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../src/certificate/certificate.ts';
import { INDETERMINATE_CODES, INVALID_CODES } from '../src/codes.ts';
import { createVerifier, EnvironmentError, loadEnvironment, type VerifyInput } from '../src/index.ts';
import { Account, DEFAULT_PATH_BUDGET } from '../src/path/budget.ts';
import { Session } from '../src/path/session.ts';
import { validateCertificates } from '../src/path/validate.ts';
import {
  AT,
  akiOf,
  CA,
  caExtensions,
  certId,
  crlNumber,
  DAY,
  entry,
  environmentJson,
  extension,
  HOME_IDP,
  int,
  judge,
  keyed,
  keyUsage,
  LEAF_KEY,
  MESSAGE,
  mintCertificate,
  mintCrl,
  mintOcsp,
  mintPerson,
  mintRoot,
  mintSub,
  mintTarget,
  name,
  oid,
  ROOT,
  ROOT_NAME,
  SUB,
  SUB_NAME,
  said,
  seq,
  single,
  UNKNOWN,
  walk,
} from './historic/case.ts';
import { vector, environmentJson as vectorEnvironment, verifyInput } from './vectors.ts';

type Run = () => Promise<string> | string;

const crls =
  (...lists: Uint8Array[]): Run =>
  () =>
    said(judge({ crls: lists }));
const ocsp =
  (response: Uint8Array, more: Partial<VerifyInput> = {}): Run =>
  () =>
    said(judge({ revocation: 'ocsp', ocspResponses: [response], ...more }));
const person =
  (certificate: Uint8Array, more: Partial<VerifyInput> = {}): Run =>
  () =>
    said(judge({ certificate, ...more }));
const path =
  (replaced: Parameters<typeof walk>[0]): Run =>
  () =>
    walk(replaced);
/** One of the frozen vectors. */
const frozen =
  (id: string): Run =>
  () => {
    const mode = id.startsWith('ocsp') ? 'ocsp' : 'crl';
    const verifier = createVerifier({ environment: loadEnvironment(vectorEnvironment()), role: 'verifier', revocation: mode });
    return said(verifier.verify(verifyInput(vector(id))));
  };

const critical = extension('2.999.7', seq(), true);
const policies = (...ids: string[]): Uint8Array => extension('2.5.29.32', seq(...ids.map((id) => seq(oid(id)))));
/** Excludes everything below O=JPKI-VECTORS. */
const excluded = extension(
  '2.5.29.30',
  seq(
    Uint8Array.from([
      0xa1,
      ...((subtree) => [subtree.length, ...subtree])(
        seq(Uint8Array.from([0xa4, ...((n) => [n.length, ...n])(name(['C', 'JP'], ['O', 'JPKI-VECTORS']))])),
      ),
    ]),
  ),
  true,
);

const INVALID: Record<keyof typeof INVALID_CODES, Run> = {
  'environment-invalid': () => {
    try {
      loadEnvironment(environmentJson([]));
      return 'loaded';
    } catch (error) {
      return error instanceof EnvironmentError ? `invalid ${error.code}` : 'threw';
    }
  },
  malformed: person(Uint8Array.of(0x30, 0)),
  'unknown-critical-extension': person(mintPerson({}, { additional: critical })),
  'algorithm-not-allowed': frozen('certificate/rsa-1024'),
  'issuer-unidentified': person(mintPerson({}, { authorityKeyIdentifier: null })),
  'issuer-untrusted': person(mintPerson({}, { authorityKeyIdentifier: akiOf(keyed()) })),
  'issuer-key-mismatch': person(mintPerson({ issuer: name(['CN', 'Somebody']) })),
  'issuer-expired': () => said(judge({ at: new Date(AT + 366 * DAY), certificate: mintPerson({ notAfter: AT + 400 * DAY }) })),
  'certificate-signature': person(mintPerson({ signer: { ...keyed(), ski: CA.ski } })),
  'not-end-entity': person(mintPerson({}, { additional: extension('2.5.29.19', seq(Uint8Array.of(1, 1, 255)), true) })),
  'class-unknown': person(mintPerson({}, { certificatePolicies: null })),
  'class-conflict': person(mintPerson({}, { crlDistributionPoints: null })),
  'key-usage': person(mintPerson({}, { keyUsage: null })),
  'extended-key-usage': person(mintPerson({}, { extendedKeyUsage: null })),
  'attributes-invalid': frozen('attributes/duplicate-name'),
  'purpose-mismatch': () => said(judge({ purpose: 'digital-signature' })),
  'carrier-not-accepted': () => said(judge({ acceptCarriers: ['smartphone'] })),
  'carrier-mismatch': () => said(judge({ reportedCarrier: 'smartphone' })),
  'certificate-not-yet-valid': person(mintPerson({ notBefore: AT + DAY })),
  'certificate-expired': person(mintPerson({ notAfter: AT - DAY })),
  'scheme-mismatch': () => said(judge({ scheme: 'rsa-pkcs1-sha256' })),
  'signature-mismatch': () => said(judge({ message: MESSAGE.subarray(1) })),
  revoked: crls(mintCrl({ entries: [entry({ reason: 1 })] })),
  'budget-certificate': person(new Uint8Array(70_000)),
  'budget-path': path({ budget: { candidates: 0 } }),
  'budget-policy': path({
    budget: { policyNodes: 0 },
    intermediates: [mintSub({ extensions: [...caExtensions(ROOT, SUB), policies('2.999.1')] })],
    target: mintTarget({ extensions: [akiOf(SUB), policies('2.999.1')] }),
  }),
  'budget-names': path({
    budget: { nameComparisons: 0 },
    intermediates: [mintSub({ extensions: [...caExtensions(ROOT, SUB), excluded] })],
  }),
  'budget-signatures': path({ budget: { signatures: 0 } }),
  'path-not-found': path({ intermediates: [] }),
  'path-length': path({
    anchors: [
      mintCertificate({
        serial: int(1),
        issuer: ROOT_NAME,
        subject: ROOT_NAME,
        signer: ROOT,
        extensions: [keyUsage(0x06, 1), extension('2.5.29.19', seq(Uint8Array.of(1, 1, 255), int(0)), true)],
      }),
    ],
  }),
  'path-not-ca': path({ intermediates: [mintSub({ extensions: [akiOf(ROOT), keyUsage(0x06, 1)] })] }),
  'path-key-usage': path({
    intermediates: [mintSub({ extensions: [akiOf(ROOT), keyUsage(0x02, 1), extension('2.5.29.19', seq(Uint8Array.of(1, 1, 255)), true)] })],
  }),
  // Paths are built by names: one whose names do not chain can come from inside only.
  'path-name-chaining': () => {
    const session = new Session({
      anchors: [],
      intermediates: [],
      at: AT,
      skewMs: 0,
      algorithms: { algorithms: ['ecdsa-p256-sha256'], minimumRsaBits: 2048 },
      account: new Account(DEFAULT_PATH_BUDGET),
    });
    const stray = readCertificate(mintSub({ issuer: SUB_NAME }));
    const requirements = {
      initialPolicies: new Set(['2.5.29.32.0']),
      requireExplicitPolicy: false,
      inhibitPolicyMapping: false,
      inhibitAnyPolicy: false,
      extendedKeyUsage: undefined,
    };
    const fault = validateCertificates({ anchor: readCertificate(mintRoot()), certificates: [stray] }, requirements, session);
    return `invalid ${fault?.code}`;
  },
  'path-signature': path({ target: mintTarget({ signer: keyed() }) }),
  'path-expired': path({ target: mintTarget({ notAfter: AT - DAY }) }),
  'path-not-yet-valid': path({ target: mintTarget({ notBefore: AT + DAY }) }),
  'path-name-constraint': path({ intermediates: [mintSub({ extensions: [...caExtensions(ROOT, SUB), excluded] })] }),
  'path-policy': path({ policy: { requireExplicit: true } }),
  'path-extended-key-usage': path({
    extendedKeyUsage: '1.3.6.1.5.5.7.3.2',
    target: mintTarget({ extensions: [akiOf(SUB), extension('2.5.29.37', seq(oid('1.3.6.1.5.5.7.3.4')))] }),
  }),
};

const INDETERMINATE: Record<keyof typeof INDETERMINATE_CODES, Run> = {
  'revocation-not-checked': () => said(judge({ revocation: 'none' })),
  'crl-missing': crls(),
  'crl-malformed': crls(Uint8Array.of(0x30, 0)),
  'crl-signature': crls(mintCrl({ signer: keyed() })),
  'crl-scope-mismatch': crls(mintCrl({ extensions: [akiOf(CA), crlNumber(1)] })),
  'crl-stale': crls(mintCrl({ thisUpdate: AT - 2 * DAY, nextUpdate: AT - DAY })),
  'crl-not-yet-valid': crls(mintCrl({ thisUpdate: AT + DAY, nextUpdate: AT + 2 * DAY })),
  'crl-unsupported': crls(mintCrl({ extensions: [akiOf(CA), crlNumber(5), HOME_IDP, critical] })),
  'ocsp-missing': () => said(judge({ revocation: 'ocsp', ocspResponses: [] })),
  'ocsp-malformed': ocsp(Uint8Array.of(0x30, 0)),
  'ocsp-error-status': ocsp(Uint8Array.of(0x30, 3, 0x0a, 1, 3)),
  'ocsp-unsupported': ocsp(mintOcsp({ extensions: [critical] })),
  'ocsp-responder-unauthorized': ocsp(mintOcsp({ certificates: null })),
  'ocsp-signature': () => {
    const bent = Uint8Array.from(mintOcsp());
    const date = Buffer.from(bent).indexOf(Buffer.from('18', 'hex'));
    // A digit of producedAt's seconds.
    bent[date + 15] = 0x31 ^ (bent[date + 15] as number) ^ 0x30;
    return ocsp(bent)();
  },
  'ocsp-certid-mismatch': ocsp(mintOcsp({ singles: [single({ id: certId({ serial: int(1) }) })] })),
  'ocsp-stale': ocsp(mintOcsp({ singles: [single({ thisUpdate: AT - DAY })] })),
  'ocsp-not-yet-valid': ocsp(mintOcsp({ producedAt: AT + DAY, singles: [single({ thisUpdate: AT + DAY, nextUpdate: AT + 2 * DAY })] })),
  'ocsp-nonce-mismatch': ocsp(mintOcsp({ nonce: Uint8Array.of(1) }), { ocspNonce: Uint8Array.of(2) }),
  'ocsp-unknown': ocsp(mintOcsp({ singles: [single({ status: UNKNOWN })] })),
  'ocsp-conflicting': ocsp(mintOcsp({ singles: [single(), single({ status: UNKNOWN })] })),
  'budget-crl': path({ budget: { statusObjects: 0 } }),
  'budget-ocsp': ocsp(new Uint8Array(300_000)),
};

describe('every code of a verdict is brought about', () => {
  test('none of the registry is left out', () => {
    expect(Object.keys(INVALID).sort()).toEqual(Object.keys(INVALID_CODES).sort());
    expect(Object.keys(INDETERMINATE).sort()).toEqual(Object.keys(INDETERMINATE_CODES).sort());
  });

  test.each(Object.entries(INVALID))('invalid: %s', async (code, run) => {
    expect(await run()).toBe(`invalid ${code}`);
  });

  test.each(Object.entries(INDETERMINATE))('indeterminate: %s', async (code, run) => {
    expect(await run()).toBe(`indeterminate ${code}`);
  });

  test('and nothing of it by the good case', async () => {
    expect(await said(judge())).toBe('valid');
    expect(walk()).toBe('valid');
  });
});

/** Where details of verdicts are said. */
const ROOMS =
  /^(examination\.ts|profile\/|path\/|signature\/|revocation\/(crl|ocsp)\/(check|coverage|responder)\.ts|certificate\/attributes\.ts)/;
const SAID = [
  /detail: '([a-z0-9-]+)'/g,
  /(?:refuse|unusable|unread)\('[a-z-]+', '([a-z0-9-]+)'\)/g,
  /fault: '([a-z-]+)'/g,
  /return '([a-z]+(?:-[a-z]+)+)';/g,
  /\binvalid\('[a-z-]+', '([a-z-]+)'\)/g,
];

test('a target with a key of no allowed type is refused, though its issuer signed it', () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const target = mintTarget({ key: { ...LEAF_KEY, spki } });
  const verdict = validatePath({ target, intermediates: [mintSub()], anchors: [mintRoot()], at: new Date(AT), revocation: 'none' });
  expect(verdict).toMatchObject({ result: 'invalid', code: 'algorithm-not-allowed', detail: 'target-key' });
});

/** Words of the same form that never leave their room, and why. */
const INSIDE: Readonly<Record<string, string>> = {
  'other-form': 'the answer of one comparison of names, not of a verdict',
  circular: 'ends the search for a CRL signer; the verdict says that nobody who may has signed',
  'issuer-key': 'an issuer whose key cannot be used has signed nothing: its path fails before any status is asked for',
};

test('every detail that a verdict can bear is named by a test', () => {
  const sources = fileURLToPath(new URL('../src/', import.meta.url));
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) => ROOMS.test(file) && file.endsWith('.ts'));
  const details = new Set(
    files.flatMap((file) =>
      SAID.flatMap((form) => [...readFileSync(sources + file, 'utf8').matchAll(form)].map(([, word]) => word as string)),
    ),
  );
  expect(details.size).toBeGreaterThan(60);
  const folder = fileURLToPath(new URL('./', import.meta.url));
  const tests = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(folder + file, 'utf8'))
    .join('\n');
  const unnamed = [...details].filter((detail) => !(detail in INSIDE) && !new RegExp(`(?<![\\w-])${detail}(?![\\w-])`).test(tests));
  expect(unnamed).toEqual([]);
});
