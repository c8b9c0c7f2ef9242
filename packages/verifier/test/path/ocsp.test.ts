import { describe, expect, test } from 'vitest';
import {
  akiOf,
  type CertificateParts,
  certId,
  DIGITAL_SIGNATURE,
  type Keyed,
  mintCertificate,
  mintOcsp,
  NO_CHECK,
  OCSP_SIGNING,
  type OcspParts,
  revoked,
  type SingleParts,
  single,
  UNKNOWN,
} from '../revocation/mint.ts';
import { AT, DAY, int, keyed, name, outcome, ROOT, ROOT_NAME, STRANGER, SUB, SUB_NAME } from './mint.ts';

const about = (issuerName: Uint8Array, issuer: Keyed, serial: Uint8Array): Uint8Array =>
  certId({ issuerName, issuerKey: issuer.key, serial });
const PERSON_ID = about(SUB_NAME, SUB, int(3));
const forPerson = (status: SingleParts = {}, parts: OcspParts = {}): Uint8Array =>
  mintOcsp({ singles: [single({ id: PERSON_ID, ...status })], signer: SUB, certificates: null, ...parts });
/** The root says that the intermediate is good. */
const FOR_SUB = mintOcsp({ singles: [single({ id: about(ROOT_NAME, ROOT, int(2)) })], signer: ROOT, certificates: null });
const judged = (...ocspResponses: readonly Uint8Array[]): string =>
  outcome({ revocation: 'ocsp', ocspResponses: [FOR_SUB, ...ocspResponses] });

const RESPONDER = keyed();
const responder = (parts: Partial<CertificateParts> = {}): Uint8Array =>
  mintCertificate({
    serial: int(40),
    issuer: SUB_NAME,
    subject: name(['CN', 'Responder']),
    key: RESPONDER,
    signer: SUB,
    extensions: [akiOf(SUB), DIGITAL_SIGNATURE, OCSP_SIGNING, NO_CHECK],
    ...parts,
  });
const delegated = (certificate: Uint8Array, status: SingleParts = {}): Uint8Array =>
  forPerson(status, { signer: RESPONDER, certificates: [certificate] });

test('each certificate of the path needs an answer', () => {
  expect(judged(forPerson())).toBe('valid');
  expect(outcome({ revocation: 'ocsp', ocspResponses: [] })).toBe('ocsp-missing');
  expect(judged()).toMatch(/^ocsp-/);
  expect(outcome({ revocation: 'ocsp', ocspResponses: [forPerson()] })).toMatch(/^ocsp-/);
});

test('each answer is paid for as a signature, for each certificate', () => {
  const parts = { revocation: 'ocsp' as const, ocspResponses: [FOR_SUB, forPerson()] };
  expect(outcome({ ...parts, budget: { signatures: 6 } })).toBe('valid');
  expect(outcome({ ...parts, budget: { signatures: 5 } })).toBe('budget-signatures');
});

describe('an answer', () => {
  test.each([
    ['revoked', forPerson({ status: revoked(1) }), 'revoked/target'],
    ['unknown', forPerson({ status: UNKNOWN }), 'ocsp-unknown'],
    ['about the same serial number under another key', forPerson({ id: about(SUB_NAME, STRANGER, int(3)) }), 'ocsp-certid-mismatch'],
    ['about another serial number', forPerson({ id: about(SUB_NAME, SUB, int(4)) }), 'ocsp-certid-mismatch'],
    ['that has run out', forPerson({ nextUpdate: AT - 1000 }), 'ocsp-stale/next-update'],
    ['that never runs out', forPerson({ nextUpdate: null }), 'ocsp-stale/no-next-update'],
  ])('%s', (_, response, expected) => {
    expect(judged(response)).toBe(expected);
  });

  test('good does not mask another that says revoked', () => {
    expect(judged(forPerson({ status: revoked(6) }), forPerson())).toBe('revoked/target');
    expect(judged(forPerson(), forPerson({ status: revoked(6) }))).toBe('revoked/target');
  });
});

describe('a responder', () => {
  test.each([
    ['delegated by the issuer’s key', responder(), 'valid'],
    [
      'of a sibling authority',
      responder({ issuer: ROOT_NAME, signer: ROOT, extensions: [DIGITAL_SIGNATURE, OCSP_SIGNING, NO_CHECK] }),
      null,
    ],
    ['that is self-signed', responder({ signer: RESPONDER, extensions: [DIGITAL_SIGNATURE, OCSP_SIGNING, NO_CHECK] }), null],
    ['that has expired', responder({ notAfter: AT - DAY }), null],
    ['without id-kp-OCSPSigning', responder({ extensions: [akiOf(SUB), DIGITAL_SIGNATURE, NO_CHECK] }), null],
  ])('%s', (_, certificate, expected) => {
    const got = judged(delegated(certificate));
    if (expected === null) expect(got).toMatch(/^ocsp-responder-unauthorized/);
    else expect(got).toBe(expected);
  });

  test('that is pinned is the only one', () => {
    const pinned = mintCertificate({
      issuer: name(['CN', 'Elsewhere']),
      subject: name(['CN', 'Pinned']),
      key: RESPONDER,
      signer: STRANGER,
      extensions: [DIGITAL_SIGNATURE],
    });
    const all = mintOcsp({
      singles: [single({ id: PERSON_ID }), single({ id: about(ROOT_NAME, ROOT, int(2)) })],
      signer: RESPONDER,
      certificates: null,
    });
    const parts = { revocation: 'ocsp' as const, ocspResponders: [pinned] };
    expect(outcome({ ...parts, ocspResponses: [all] })).toBe('valid');
    expect(outcome({ ...parts, ocspResponses: [FOR_SUB, forPerson()] })).toMatch(/^ocsp-responder-unauthorized/);
    expect(outcome({ revocation: 'ocsp', ocspResponses: [all] })).toMatch(/^ocsp-responder-unauthorized/);
  });
});
