/** OCSP responders and answers that others once believed. */
import { expect, test } from 'vitest';
import {
  AT,
  akiOf,
  byOcsp,
  CA,
  CA_NAME,
  caExtensions,
  certId,
  DAY,
  DIGITAL_SIGNATURE,
  extension,
  int,
  judge,
  keyed,
  mintCertificate,
  mintOcsp,
  mintResponder,
  NO_CHECK,
  name,
  OCSP,
  OCSP_SIGNING,
  OTHER_CA,
  oid,
  RESPONDER,
  RESPONDER_NAME,
  revoked,
  said,
  seq,
  single,
} from './case.ts';

const SIBLING_NAME = name(['C', 'JP'], ['O', 'JPKI-VECTORS'], ['OU', 'Sibling']);
const SIBLING = keyed();

test('the good case is valid by OCSP', async () => {
  expect(await byOcsp(OCSP)).toBe('valid');
});

test.each<[string, Uint8Array]>([
  [
    'of a sibling CA',
    mintResponder({ issuer: SIBLING_NAME, signer: SIBLING, extensions: [akiOf(SIBLING), DIGITAL_SIGNATURE, OCSP_SIGNING, NO_CHECK] }),
  ],
  [
    'of another generation of the same CA',
    mintResponder({ signer: OTHER_CA, extensions: [akiOf(OTHER_CA), DIGITAL_SIGNATURE, OCSP_SIGNING, NO_CHECK] }),
  ],
  ['of another generation that names the right key', mintResponder({ signer: OTHER_CA })],
  [
    'with a TLS server certificate',
    mintResponder({ extensions: [akiOf(CA), DIGITAL_SIGNATURE, extension('2.5.29.37', seq(oid('1.3.6.1.5.5.7.3.1'))), NO_CHECK] }),
  ],
  [
    'with anyExtendedKeyUsage',
    mintResponder({ extensions: [akiOf(CA), DIGITAL_SIGNATURE, extension('2.5.29.37', seq(oid('2.5.29.37.0'))), NO_CHECK] }),
  ],
  ['without extendedKeyUsage', mintResponder({ extensions: [akiOf(CA), DIGITAL_SIGNATURE, NO_CHECK] })],
  ['that signed its own certificate', mintResponder({ issuer: RESPONDER_NAME, signer: RESPONDER })],
  ['that signed its own certificate under the CA’s name', mintResponder({ issuer: CA_NAME, signer: RESPONDER })],
  ['whose certificate has expired', mintResponder({ notAfter: AT - 1000 })],
  ['whose certificate is not valid yet', mintResponder({ notBefore: AT + 1000 })],
])('an answer is not believed when it comes from a responder %s', async (_, certificate) => {
  expect(await byOcsp(mintOcsp({ certificates: [certificate] }))).toBe('indeterminate ocsp-responder-unauthorized');
});

test('a responder’s certificate in a chain of the attacker’s own does not vouch for him', async () => {
  const attacker = keyed();
  const own = mintCertificate({
    serial: int(1),
    issuer: CA_NAME,
    subject: CA_NAME,
    signer: attacker,
    extensions: caExtensions(attacker, attacker),
  });
  const responder = mintResponder({ signer: attacker });
  expect(await byOcsp(mintOcsp({ certificates: [responder, own] }))).toBe('indeterminate ocsp-responder-unauthorized');
});

test.each<[string, Uint8Array]>([
  ['another serial number', certId({ serial: int(0x07, 0x00, 0x11, 0x96) })],
  ['the same serial number under another generation’s key', certId({ issuerKey: OTHER_CA.key })],
  ['the same serial number under another issuer’s name', certId({ issuerName: SIBLING_NAME })],
])('a good answer about %s says nothing about the certificate', async (_, id) => {
  expect(await byOcsp(mintOcsp({ singles: [single({ id })] }))).toBe('indeterminate ocsp-certid-mismatch');
});

test.each<[string, readonly Uint8Array[]]>([
  ['good then revoked', [single(), single({ status: revoked(1) })]],
  ['revoked then good', [single({ status: revoked(1) }), single()]],
])('one response that says %s is revoked', async (_, singles) => {
  expect(await byOcsp(mintOcsp({ singles }))).toBe('invalid revoked');
});

test('a stale revoked beside a fresh good in one response is believed in neither', async () => {
  const singles = [single(), single({ status: revoked(1), thisUpdate: AT - 2 * DAY, nextUpdate: AT - DAY })];
  expect(await byOcsp(mintOcsp({ singles }))).toBe('indeterminate ocsp-conflicting');
});

test('an answer to another request, replayed, does not pass for this one', async () => {
  const replayed = mintOcsp({ nonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
  const ocspNonce = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
  expect(await said(judge({ revocation: 'ocsp', ocspResponses: [replayed], ocspNonce }))).toBe('indeterminate ocsp-nonce-mismatch');
});

test('an error status around a good answer is an error', async () => {
  const response = Uint8Array.from(OCSP);
  const status = response.indexOf(0x0a);
  expect([...response.subarray(status, status + 3)]).toEqual([0x0a, 1, 0]);
  response[status + 2] = 3;
  expect((await byOcsp(response)).startsWith('indeterminate ocsp-')).toBe(true);
});
