import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../../src/certificate/certificate.ts';
import { JpkiError } from '../../src/errors.ts';
import { Account, DEFAULT_PATH_BUDGET } from '../../src/path/budget.ts';
import type { PathFault } from '../../src/path/fault.ts';
import { Session } from '../../src/path/session.ts';
import type { PathResult } from '../../src/path/types.ts';
import { validateCertificates } from '../../src/path/validate.ts';
import type { AlgorithmName } from '../../src/signature/algorithm.ts';
import { entry, keyUsage } from '../revocation/mint.ts';
import {
  AT,
  basicConstraints,
  crl,
  DAY,
  extendedKeyUsage,
  extension,
  general,
  int,
  keyed,
  LEAF_NAME,
  mappings,
  mintPerson,
  mintRoot,
  mintSub,
  name,
  nameConstraints,
  octets,
  outcome,
  PERSON,
  policies,
  policyConstraints,
  ROOT,
  ROOT_CERTIFICATE,
  STRANGER,
  SUB,
  SUB_CERTIFICATE,
  SUB_NAME,
  validate,
} from './mint.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const UNKNOWN_CRITICAL = extension('2.999.77', octets(), true);

describe('a path that holds', () => {
  test('is valid and named from the target up to the anchor', () => {
    const result = validate();
    expect(result.result).toBe('valid');
    expect(result.path.map((der) => Buffer.from(der).toString('hex'))).toEqual(
      [PERSON, SUB_CERTIFICATE, ROOT_CERTIFICATE].map((der) => Buffer.from(der).toString('hex')),
    );
    expect(result.checks.every(({ status }) => status === 'passed')).toBe(true);
  });

  test('says of a failure which check it was, and what was not looked at any more', () => {
    const { checks } = validate({ target: mintPerson({ notAfter: AT - DAY }) });
    expect(checks.find(({ name: check }) => check === 'validity')).toEqual({ name: 'validity', status: 'failed', code: 'path-expired' });
    expect(checks.find(({ name: check }) => check === 'policy')?.status).toBe('not-run');
  });
});

describe('the target', () => {
  test.each([
    ['is no certificate', Uint8Array.of(0x30, 0x00), 'malformed'],
    ['has a byte after its end', Uint8Array.from([...PERSON, 0]), 'malformed'],
    ['has expired', mintPerson({ notAfter: AT - 1000 }), 'path-expired'],
    ['is not valid yet', mintPerson({ notBefore: AT + 1000 }), 'path-not-yet-valid'],
    ['was signed by a stranger in the name of its issuer', mintPerson({ signer: STRANGER }), 'path-signature'],
    ['names another issuer than the one whose key signed it', mintPerson({ issuer: name(['CN', 'Nobody']) }), 'path-name-chaining'],
    ['has an unknown critical extension', mintPerson({ more: [UNKNOWN_CRITICAL] }), 'unknown-critical-extension'],
    ['is for another purpose', mintPerson({ more: [extendedKeyUsage(SERVER_AUTH)] }), 'path-extended-key-usage'],
  ])('is refused where it %s', (_, target, code) => {
    expect(outcome({ target, extendedKeyUsage: CLIENT_AUTH })).toBe(code);
  });

  test.each([
    ['in the second of notAfter', mintPerson({ notAfter: AT })],
    ['in the second of notBefore', mintPerson({ notBefore: AT })],
    ['with an unknown extension that is not critical', mintPerson({ more: [extension('2.999.77', octets())] })],
    ['with the purpose asked for', mintPerson({ more: [extendedKeyUsage(SERVER_AUTH, CLIENT_AUTH)] })],
  ])('is accepted %s', (_, target) => {
    expect(outcome({ target, extendedKeyUsage: CLIENT_AUTH })).toBe('valid');
  });

  test('is refused where it is larger than the budget', () => {
    expect(outcome({ budget: { certificateBytes: PERSON.length - 1 } })).toBe('budget-certificate');
  });

  test('is refused where its key is on no list, though every signature holds', () => {
    const algorithms = { algorithms: ['rsa-pkcs1-sha256'], minimumRsaBits: 2048 } as const;
    expect(outcome({ algorithms })).toBe('algorithm-not-allowed');
  });
});

test('the target is refused where only its own key is on no list', () => {
  const spki = (options: { modulusLength: number }): Uint8Array =>
    new Uint8Array(generateKeyPairSync('rsa', options).publicKey.export({ type: 'spki', format: 'der' }));
  const algorithms = { algorithms: ['ecdsa-p256-sha256', 'rsa-pkcs1-sha256'], minimumRsaBits: 2048 } as const;
  const bearing = (modulusLength: number): PathResult =>
    validate({ target: mintPerson({ key: { ...STRANGER, spki: spki({ modulusLength }) } }), algorithms });
  expect(bearing(2048).result).toBe('valid');
  const weak = bearing(1024);
  expect(weak).toMatchObject({ result: 'invalid', code: 'algorithm-not-allowed', detail: 'target-key' });
  expect(weak.checks.find(({ status }) => status === 'failed')?.name).toBe('algorithm');
});

test.each([
  ['parse', { target: Uint8Array.of(0x30, 0) }],
  ['building', { budget: { depth: 1 } }],
  ['building', { budget: { candidates: 0 } }],
  ['building', { intermediates: [] }],
  ['name-chaining', { target: mintPerson({ issuer: name(['CN', 'Nobody']) }) }],
  ['validity', { anchors: [mintRoot({ notBefore: AT + DAY })] }],
  ['validity', { anchors: [mintRoot({ notAfter: AT - DAY })] }],
  ['critical-extensions', { anchors: [mintRoot({ more: [UNKNOWN_CRITICAL] })] }],
  ['basic-constraints', { anchors: [mintRoot({ basic: null })] }],
  ['key-usage', { anchors: [mintRoot({ usage: keyUsage(0x02, 1) })] }],
  ['extended-key-usage', { anchors: [mintRoot({ more: [extendedKeyUsage(SERVER_AUTH)] })], extendedKeyUsage: CLIENT_AUTH }],
  ['signature', { target: mintPerson({ signer: STRANGER }) }],
  ['algorithm', { algorithms: { algorithms: ['rsa-pkcs1-sha256'], minimumRsaBits: 2048 } }],
  ['revocation', { revocation: 'crl' }],
  ['revocation', { revocation: 'crl', crls: [crl({ entries: [entry({ serial: int(2) })] })] }],
  ['validity', { target: mintPerson({ notBefore: AT + DAY }) }],
  ['validity', { target: mintPerson({ notAfter: AT - DAY }) }],
  ['name-constraints', { intermediates: [mintSub({ more: [nameConstraints([], [general.directory(LEAF_NAME)])] })] }],
  ['policy', { target: mintPerson({ more: [policies('2.999.1', '2.999.1')] }) }],
  ['policy', { intermediates: [mintSub({ more: [policyConstraints(0)] })] }],
  ['policy', { target: mintPerson({ more: [policyConstraints(0)] }) }],
  ['policy', { intermediates: [mintSub({ more: [policies('2.999.1'), mappings(['2.5.29.32.0', '2.999.1'])] })] }],
  ['basic-constraints', { intermediates: [mintSub({ basic: null })] }],
  ['path-length', { anchors: [mintRoot({ basic: basicConstraints(0) })] }],
  ['key-usage', { intermediates: [mintSub({ usage: keyUsage(0x02, 1) })] }],
  ['critical-extensions', { target: mintPerson({ more: [UNKNOWN_CRITICAL] }) }],
  ['extended-key-usage', { target: mintPerson({ more: [extendedKeyUsage(SERVER_AUTH)] }), extendedKeyUsage: CLIENT_AUTH }],
] as const)('%s is the check that failed, and the only one', (check, parts) => {
  const failed = validate(parts).checks.filter(({ status }) => status === 'failed');
  expect(failed.map(({ name: called }) => called)).toEqual([check]);
});

describe('an intermediate', () => {
  test.each([
    ['has no basicConstraints', mintSub({ basic: null }), 'path-not-ca'],
    ['says it is no CA', mintSub({ basic: extension('2.5.29.19', new Uint8Array([0x30, 0])) }), 'path-not-ca'],
    ['may sign CRLs but not certificates', mintSub({ usage: keyUsage(0x02, 1) }), 'path-key-usage'],
    ['has expired', mintSub({ notAfter: AT - DAY }), 'path-expired'],
    ['is not valid yet', mintSub({ notBefore: AT + DAY }), 'path-not-yet-valid'],
    ['has an unknown critical extension', mintSub({ more: [UNKNOWN_CRITICAL] }), 'unknown-critical-extension'],
    ['is for another purpose', mintSub({ more: [extendedKeyUsage(SERVER_AUTH)] }), 'path-extended-key-usage'],
    ['was signed by a stranger', mintSub({ signer: STRANGER }), 'path-signature'],
  ])('is refused where it %s', (_, sub, code) => {
    expect(outcome({ intermediates: [sub], extendedKeyUsage: CLIENT_AUTH })).toBe(code);
  });

  test('without keyUsage may issue', () => {
    expect(outcome({ intermediates: [mintSub({ usage: null })] })).toBe('valid');
  });

  test('that nobody handed in leaves no path', () => {
    expect(outcome({ intermediates: [] })).toBe('path-not-found');
  });

  test('that is no certificate is passed over', () => {
    expect(outcome({ intermediates: [Uint8Array.of(1, 2, 3), SUB_CERTIFICATE] })).toBe('valid');
  });
});

describe('path length', () => {
  const LOW_NAME = name(['CN', 'Low']);
  const LOW = keyed();
  const low = mintSub({ serial: int(9), issuer: SUB_NAME, subject: LOW_NAME, key: LOW, signer: SUB });
  const target = mintPerson({ issuer: LOW_NAME, signer: LOW });

  test('of the intermediate forbids a further authority', () => {
    expect(outcome({ target, intermediates: [mintSub({ basic: basicConstraints(0) }), low] })).toBe('path-length');
    expect(outcome({ target, intermediates: [mintSub({ basic: basicConstraints(1) }), low] })).toBe('valid');
    expect(outcome({ intermediates: [mintSub({ basic: basicConstraints(0) })] })).toBe('valid');
  });

  test('of the anchor counts as well', () => {
    expect(outcome({ anchors: [mintRoot({ basic: basicConstraints(0) })] })).toBe('path-length');
    expect(outcome({ anchors: [mintRoot({ basic: basicConstraints(1) })] })).toBe('valid');
  });

  test('goes down by one with each authority', () => {
    const twoDeep = { target, intermediates: [SUB_CERTIFICATE, low] };
    expect(outcome({ ...twoDeep, anchors: [mintRoot({ basic: basicConstraints(1) })] })).toBe('path-length');
    expect(outcome({ ...twoDeep, anchors: [mintRoot({ basic: basicConstraints(2) })] })).toBe('valid');
  });

  test('does not count a self-issued certificate', () => {
    const renewed = keyed();
    const rollover = mintSub({ serial: int(8), issuer: SUB_NAME, subject: SUB_NAME, key: renewed, signer: SUB });
    const below = mintPerson({ signer: renewed });
    expect(outcome({ target: below, intermediates: [mintSub({ basic: basicConstraints(0) }), rollover] })).toBe('valid');
  });
});

test('a failed revocation leaves every other check passed, and a refusal without a path names none', () => {
  const unknown = validate({ revocation: 'crl', crls: [crl({ nextUpdate: AT - 1000 })] });
  expect(unknown).toMatchObject({ result: 'indeterminate', code: 'crl-stale', detail: 'next-update' });
  expect(unknown.path).toHaveLength(3);
  for (const check of unknown.checks) {
    expect(check).toEqual(
      check.name === 'revocation'
        ? { name: 'revocation', status: 'failed', code: 'crl-stale', detail: 'next-update' }
        : { name: check.name, status: 'passed' },
    );
  }
  const { path, ...refusal } = validate({ intermediates: [] });
  expect(path).toEqual([]);
  expect(refusal).not.toHaveProperty('detail');
});

describe('of several paths that fail', () => {
  const expired = mintSub({ serial: int(7), notAfter: AT - DAY });
  const unable = mintSub({ serial: int(8), usage: keyUsage(0x02, 1) });
  const of = (...intermediates: readonly Uint8Array[]): string => outcome({ intermediates, revocation: 'crl' });

  test('one that only lacks status data came nearest, in any order', () => {
    expect(of(expired, SUB_CERTIFICATE)).toBe('crl-missing');
    expect(of(SUB_CERTIFICATE, expired)).toBe('crl-missing');
  });

  test('the first names the reason where they fail alike', () => {
    expect(of(expired, unable)).toBe('path-expired');
    expect(of(unable, expired)).toBe('path-key-usage');
    const crls = [crl({ nextUpdate: AT - 1000 })];
    const twin = mintSub({ serial: int(9), more: [extendedKeyUsage(SERVER_AUTH)] });
    expect(outcome({ intermediates: [SUB_CERTIFICATE, twin], revocation: 'crl', crls })).toBe('crl-stale/next-update');
  });
});

test.each([
  ['a target', { target: mintPerson({ more: [extendedKeyUsage(SERVER_AUTH)] }) }],
  ['an intermediate', { intermediates: [mintSub({ more: [extendedKeyUsage(SERVER_AUTH)] })] }],
  ['an anchor', { anchors: [mintRoot({ more: [extendedKeyUsage(SERVER_AUTH)] })] }],
])('%s with a purpose is fine where nobody asks for one', (_, parts) => {
  expect(outcome(parts)).toBe('valid');
});

describe('the bounds of the budget are within it', () => {
  const largest = Math.max(PERSON.length, SUB_CERTIFICATE.length);
  test.each([
    ['octets', { certificateBytes: largest }],
    ['intermediates', { intermediates: 1 }],
    ['signatures', { signatures: 2 }],
    ['nothing of what is not needed', { policyNodes: 0, nameComparisons: 0, statusObjects: 0 }],
  ])('%s', (_, budget) => {
    expect(outcome({ budget, skewSeconds: 0 })).toBe('valid');
  });

  test('a larger intermediate is not read', () => {
    const large = mintSub({ more: [extension('2.999.77', octets(new Uint8Array(500)))] });
    expect(outcome({ intermediates: [large], budget: { certificateBytes: largest } })).not.toBe('valid');
    expect(outcome({ intermediates: [large] })).toBe('valid');
  });
});

describe('the anchor', () => {
  test.each([
    ['in the second of notBefore', mintRoot({ notBefore: AT })],
    ['in the second of notAfter', mintRoot({ notAfter: AT })],
    ['without keyUsage', mintRoot({ usage: null })],
  ])('is one %s', (_, anchor) => {
    expect(outcome({ anchors: [anchor] })).toBe('valid');
  });

  test.each([
    ['has expired', mintRoot({ notAfter: AT - DAY }), 'path-expired/anchor'],
    ['is not valid yet', mintRoot({ notBefore: AT + DAY }), 'path-not-yet-valid/anchor'],
    ['has no basicConstraints', mintRoot({ basic: null }), 'path-not-ca/anchor'],
    ['may not sign certificates', mintRoot({ usage: keyUsage(0x02, 1) }), 'path-key-usage/anchor'],
    ['has an unknown critical extension', mintRoot({ more: [UNKNOWN_CRITICAL] }), 'unknown-critical-extension/anchor'],
    ['is for another purpose', mintRoot({ more: [extendedKeyUsage(SERVER_AUTH)] }), 'path-extended-key-usage/anchor'],
  ])('is no anchor where it %s', (_, anchor, code) => {
    expect(outcome({ anchors: [anchor], extendedKeyUsage: CLIENT_AUTH })).toBe(code);
  });

  test('is what the operator says it is: a root among the intermediates is none', () => {
    const evil = keyed();
    const evilRoot = mintRoot({ key: evil });
    const evilSub = mintSub({ signer: evil });
    expect(outcome({ intermediates: [evilSub, evilRoot] })).toBe('path-signature');
  });

  test('is found by its key where several bear its name', () => {
    expect(outcome({ anchors: [mintRoot({ key: keyed() }), mintRoot({ key: keyed() }), ROOT_CERTIFICATE] })).toBe('valid');
  });

  test('is needed', () => {
    expect(outcome({ anchors: [] })).toBe('path-not-found');
  });
});

test('names chain by RFC 5280 §7.1: case, string type and repeated space do not matter', () => {
  const spelled = name(['C', 'jp'], ['O', ' PATH '], ['CN', 'sUb']);
  expect(outcome({ target: mintPerson({ issuer: spelled }) })).toBe('valid');
});

/** Two certificates as a path that no search found. */
const handedIn = (sub: Uint8Array, person: Uint8Array, algorithms: readonly AlgorithmName[] = ['ecdsa-p256-sha256']): PathFault | null => {
  const session = new Session({
    anchors: [],
    intermediates: [],
    at: AT,
    skewMs: 0,
    algorithms: { algorithms, minimumRsaBits: 2048 },
    account: new Account(DEFAULT_PATH_BUDGET),
  });
  return validateCertificates(
    { anchor: readCertificate(ROOT_CERTIFICATE), certificates: [readCertificate(sub), readCertificate(person)] },
    {
      initialPolicies: new Set(['2.5.29.32.0']),
      requireExplicitPolicy: false,
      inhibitPolicyMapping: false,
      inhibitAnyPolicy: false,
      extendedKeyUsage: undefined,
    },
    session,
  );
};

test('a path is judged anew wherever it comes from', () => {
  expect(handedIn(SUB_CERTIFICATE, PERSON)).toBeNull();
  expect(handedIn(mintSub({ issuer: LEAF_NAME }), PERSON)).toEqual({ check: 'name-chaining', code: 'path-name-chaining' });
  expect(handedIn(SUB_CERTIFICATE, mintPerson({ signer: STRANGER }))).toEqual({ check: 'signature', code: 'path-signature' });
  expect(handedIn(mintSub({ signer: STRANGER }), PERSON)).toEqual({ check: 'signature', code: 'path-signature' });
  expect(handedIn(SUB_CERTIFICATE, PERSON, ['rsa-pkcs1-sha256'])).toEqual({ check: 'algorithm', code: 'algorithm-not-allowed' });
});

test.each([
  ['an anchor that is no certificate', { anchors: [Uint8Array.of(0)] }, '/anchors/0'],
  ['a time that is none', { at: new Date(Number.NaN) }, '/at'],
  ['a negative skew', { skewSeconds: -1 }, '/skewSeconds'],
  ['a limit that is no number', { budget: { signatures: Number.NaN } }, '/budget/signatures'],
  ['a pinned responder that is no certificate', { revocation: 'ocsp' as const, ocspResponders: [Uint8Array.of(0)] }, '/ocspResponders/0'],
])('%s is misuse', (_, parts, pointer) => {
  try {
    validate(parts);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(JpkiError);
    expect(error).toMatchObject({ code: 'argument-invalid', pointer });
  }
});

test('no single changed bit of target or intermediate leaves the path valid', () => {
  for (const [which, good] of [
    ['target', PERSON],
    ['intermediate', SUB_CERTIFICATE],
  ] as const) {
    for (let bit = 0; bit < good.length * 8; bit += 3) {
      const changed = Uint8Array.from(good);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      const result = validate(which === 'target' ? { target: changed } : { intermediates: [changed] });
      expect({ which, bit, result: result.result }).toEqual({ which, bit, result: 'invalid' });
    }
  }
});

test('the anchor’s own signature and issuer play no part', () => {
  expect(outcome({ anchors: [mintRoot({ issuer: LEAF_NAME, key: ROOT, signer: STRANGER })] })).toBe('valid');
});
