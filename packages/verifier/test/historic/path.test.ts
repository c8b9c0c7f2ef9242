/** Chains that others followed although something in them forbade it. */
import { describe, expect, test } from 'vitest';
import {
  AT,
  akiOf,
  CA,
  CA_KEY_USAGE,
  caExtensions,
  extension,
  HOUR,
  int,
  judge,
  keyed,
  keyUsage,
  LEAF_KEY,
  listBy,
  mintCertificate,
  mintPerson,
  mintRoot,
  mintSub,
  mintTarget,
  name,
  OTHER_CA,
  octets,
  ROOT,
  ROOT_NAME,
  SUB,
  SUB_NAME,
  said,
  seq,
  TARGET_NAME,
  walk,
  yes,
} from './case.ts';

const basicConstraints = (...fields: readonly Uint8Array[]): Uint8Array => extension('2.5.29.19', seq(...fields), true);
const ski = extension('2.5.29.14', octets(SUB.ski));

test('the good path and the good case are valid', async () => {
  expect(walk()).toBe('valid');
  expect(await said(judge())).toBe('valid');
});

describe('a root the attacker supplies', () => {
  const attacker = keyed();

  test('among the intermediates is no anchor', () => {
    const own = mintRoot(attacker);
    const sub = mintSub({ signer: attacker });
    const crls = [listBy(ROOT_NAME, attacker), listBy(SUB_NAME, SUB)];
    expect(walk({ intermediates: [sub, own], crls })).toBe('invalid path-signature');
    const foreign = name(['CN', 'Attacker']);
    const chain = [mintSub({ issuer: foreign, signer: attacker }), mintRoot(attacker, foreign)];
    expect(walk({ intermediates: chain, crls })).toBe('invalid path-not-found');
  });

  test('under the CA’s name and key identifier signs nothing', async () => {
    const disguised = { ...attacker, ski: CA.ski };
    expect(await said(judge({ certificate: mintPerson({ signer: disguised }) }))).toBe('invalid certificate-signature');
  });

  test('is unknown by its own key identifier', async () => {
    const certificate = mintPerson({ signer: attacker }, { authorityKeyIdentifier: akiOf(attacker) });
    expect(await said(judge({ certificate }))).toBe('invalid issuer-untrusted');
  });

  test('does not come in through another generation of the CA', async () => {
    const certificate = mintPerson({ signer: OTHER_CA });
    expect(await said(judge({ certificate }))).toBe('invalid certificate-signature');
  });
});

describe('a person’s certificate used as a CA', () => {
  const holder = { ...LEAF_KEY };

  test('issues nothing, though its signature verifies', () => {
    const person = mintTarget();
    const forged = mintTarget({
      issuer: TARGET_NAME,
      signer: holder,
      subject: name(['CN', 'Forged']),
      serial: int(4),
      extensions: [akiOf(holder), keyUsage(0x80, 7)],
    });
    const crls = [listBy(ROOT_NAME, ROOT), listBy(SUB_NAME, SUB), listBy(TARGET_NAME, holder)];
    expect(walk({ target: forged, intermediates: [mintSub(), person], crls })).toBe('invalid path-not-ca');
  });

  test('is refused as person where it is a CA itself', async () => {
    const certificate = mintPerson({}, { additional: basicConstraints(yes()) });
    expect(await said(judge({ certificate }))).toBe('invalid not-end-entity');
  });
});

test.each<[string, Uint8Array, string]>([
  ['without basicConstraints', mintSub({ extensions: [akiOf(ROOT), CA_KEY_USAGE, ski] }), 'invalid path-not-ca'],
  ['with cA false', mintSub({ extensions: [akiOf(ROOT), CA_KEY_USAGE, ski, basicConstraints()] }), 'invalid path-not-ca'],
  [
    'without keyCertSign',
    mintSub({ extensions: [akiOf(ROOT), keyUsage(0x02, 1), ski, basicConstraints(yes())] }),
    'invalid path-key-usage',
  ],
  ['that has expired', mintSub({ notAfter: AT - 1000 }), 'invalid path-expired'],
  ['that is not valid yet', mintSub({ notBefore: AT + 1000 }), 'invalid path-not-yet-valid'],
  ['signed by somebody else', mintSub({ signer: keyed() }), 'invalid path-signature'],
  [
    'with a critical extension nobody knows',
    mintSub({ extensions: [...caExtensions(ROOT, SUB), extension('2.999.7', seq(), true)] }),
    'invalid unknown-critical-extension',
  ],
])('an issuer in the middle %s breaks the path', (_, sub, expected) => {
  expect(walk({ intermediates: [sub] })).toBe(expected);
});

test.each<[string, Uint8Array, string]>([
  ['has expired', mintTarget({ notAfter: AT - 1000 }), 'invalid path-expired'],
  ['is not valid yet', mintTarget({ notBefore: AT + 1000 }), 'invalid path-not-yet-valid'],
  ['is signed by its issuer’s issuer', mintTarget({ signer: ROOT }), 'invalid path-signature'],
  ['signed itself under its issuer’s name', mintTarget({ signer: LEAF_KEY }), 'invalid path-signature'],
  [
    'has a critical extension nobody knows',
    mintTarget({ extensions: [akiOf(SUB), extension('2.999.7', seq(), true)] }),
    'invalid unknown-critical-extension',
  ],
])('the last certificate is not skipped: it %s', (_, target, expected) => {
  expect(walk({ target })).toBe(expected);
});

test('an anchor beyond its own time, or that may not issue, anchors nothing', () => {
  expect(walk({ at: new Date(AT + 366 * 24 * HOUR), revocation: 'none' })).toBe('invalid path-expired');
  const noCa = mintCertificate({ serial: int(1), issuer: ROOT_NAME, subject: ROOT_NAME, signer: ROOT, extensions: [CA_KEY_USAGE] });
  expect(walk({ anchors: [noCa] })).toBe('invalid path-not-ca');
});

test.each([
  ['one second before notBefore', { notBefore: AT + 1000 }, 'invalid certificate-not-yet-valid'],
  ['at notBefore', { notBefore: AT }, 'valid'],
  ['at notAfter', { notAfter: AT }, 'valid'],
  ['one second after notAfter', { notAfter: AT - 1000 }, 'invalid certificate-expired'],
])('validity is looked at, to the second: %s', async (_, parts, expected) => {
  expect(await said(judge({ certificate: mintPerson(parts) }))).toBe(expected);
});

test.each<[string, Uint8Array, string]>([
  ['absent', mintPerson({}, { keyUsage: null }), 'invalid key-usage'],
  ['keyEncipherment', mintPerson({}, { keyUsage: keyUsage(0x20, 5) }), 'invalid key-usage'],
  ['digitalSignature and keyCertSign', mintPerson({}, { keyUsage: keyUsage(0x84, 2) }), 'invalid key-usage'],
])('key usage is exactly that of the class: %s', async (_, certificate, expected) => {
  expect(await said(judge({ certificate }))).toBe(expected);
});

test('an issuer is a key, not a name: a signature by the other generation does not pass under either', async () => {
  const certificate = mintPerson({ signer: OTHER_CA }, { authorityKeyIdentifier: akiOf(OTHER_CA) });
  // The other generation’s certificate is genuine; its status is not in the first generation’s list.
  expect(await said(judge({ certificate }))).toBe('indeterminate crl-signature');
});

test('the subject’s own key cannot stand in for its issuer’s', () => {
  const genuine = mintTarget();
  const self = mintCertificate({
    serial: int(3),
    issuer: SUB_NAME,
    subject: TARGET_NAME,
    key: LEAF_KEY,
    signer: LEAF_KEY,
    extensions: [akiOf(SUB)],
  });
  expect(walk({ target: self, intermediates: [mintSub(), genuine] })).toBe('invalid path-signature');
});
