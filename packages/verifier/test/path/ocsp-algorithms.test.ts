/** Answers signed by responders whose keys are of other kinds than their issuer's. */
import { constants, createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AlgorithmPolicy } from '../../src/signature/signed-data.ts';
import {
  akiOf,
  bits,
  byKey,
  certId,
  ctx,
  DIGITAL_SIGNATURE,
  generalizedTime,
  type Keyed,
  MINUTE,
  mintCertificate,
  mintOcsp,
  NO_CHECK,
  nul,
  OCSP_SIGNING,
  oid,
  seq,
  single,
  successful,
} from '../revocation/mint.ts';
import { AT, int, name, outcome, ROOT, ROOT_NAME, SUB, SUB_NAME } from './mint.ts';

const keyedAs = ({ privateKey, publicKey }: ReturnType<typeof generateKeyPairSync<'rsa'>>, octets: number): Keyed => {
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const key = spki.subarray(-octets);
  return { privateKey, spki, key, ski: createHash('sha1').update(key).digest() };
};
const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const RSA = keyedAs(rsaPair, rsaPair.publicKey.export({ type: 'pkcs1', format: 'der' }).length);
const P384 = keyedAs(generateKeyPairSync('ec', { namedCurve: 'P-384' }), 97);
const P256 = keyedAs(generateKeyPairSync('ec', { namedCurve: 'P-256' }), 65);

const SHA256 = seq(oid('2.16.840.1.101.3.4.2.1'), nul());
const pss = (salt: number): Uint8Array =>
  seq(oid('1.2.840.113549.1.1.10'), seq(ctx(0, SHA256), ctx(1, seq(oid('1.2.840.113549.1.1.8'), SHA256)), ctx(2, int(salt))));
const PKCS1 = seq(oid('1.2.840.113549.1.1.11'), nul());
const ECDSA256 = seq(oid('1.2.840.10045.4.3.2'));
const ECDSA384 = seq(oid('1.2.840.10045.4.3.3'));

const plain =
  (hash: string) =>
  (tbs: Uint8Array, { privateKey }: Keyed): Uint8Array =>
    new Uint8Array(sign(hash, tbs, privateKey));
const padded =
  (saltLength: number) =>
  (tbs: Uint8Array, { privateKey }: Keyed): Uint8Array =>
    new Uint8Array(sign('sha256', tbs, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }));

const FOR_SUB = mintOcsp({
  singles: [single({ id: certId({ issuerName: ROOT_NAME, issuerKey: ROOT.key, serial: int(2) }) })],
  signer: ROOT,
  certificates: null,
});

/** The issuer's delegate answers about the person. */
const answer = (key: Keyed, algorithm: Uint8Array, signature: ReturnType<typeof plain>): Uint8Array => {
  const certificate = mintCertificate({
    serial: int(40),
    issuer: SUB_NAME,
    subject: name(['CN', 'Responder']),
    key,
    signer: SUB,
    extensions: [akiOf(SUB), DIGITAL_SIGNATURE, OCSP_SIGNING, NO_CHECK],
  });
  const about = single({ id: certId({ issuerName: SUB_NAME, issuerKey: SUB.key, serial: int(3) }) });
  const tbs = seq(byKey(key), generalizedTime(AT - 4 * MINUTE), seq(about));
  return successful(seq(tbs, algorithm, bits(signature(tbs, key)), ctx(0, seq(certificate))));
};

const judged = (response: Uint8Array, algorithms?: AlgorithmPolicy): string =>
  outcome({ revocation: 'ocsp', ocspResponses: [FOR_SUB, response], ...(algorithms === undefined ? {} : { algorithms }) });

const ONLY_P256: AlgorithmPolicy = { algorithms: ['ecdsa-p256-sha256'], minimumRsaBits: 2048 };

describe('an OCSP answer signed with', () => {
  test.each<[string, Uint8Array]>([
    ['P-256 and SHA-256', answer(P256, ECDSA256, plain('sha256'))],
    ['P-384 and SHA-384', answer(P384, ECDSA384, plain('sha384'))],
    ['RSASSA-PSS and SHA-256', answer(RSA, pss(32), padded(32))],
    ['PKCS#1 v1.5 and SHA-256', answer(RSA, PKCS1, plain('sha256'))],
  ])('%s shows good', (_, response) => {
    expect(judged(response)).toBe('valid');
  });

  test.each<[string, Uint8Array, string]>([
    ['P-384 and SHA-256', answer(P384, ECDSA256, plain('sha256')), 'ocsp-signature/algorithm-not-allowed'],
    ['P-256, named as that of P-384', answer(P256, ECDSA384, plain('sha384')), 'ocsp-signature/algorithm-not-allowed'],
    ['PSS with a salt of 20 octets', answer(RSA, pss(20), padded(20)), 'ocsp-signature/algorithm-not-allowed'],
    ['PSS with another salt than it names', answer(RSA, pss(32), padded(20)), 'ocsp-signature/signature-invalid'],
    ['PSS, named as PKCS#1', answer(RSA, PKCS1, padded(32)), 'ocsp-signature/signature-invalid'],
    ['PKCS#1, named as PSS', answer(RSA, pss(32), plain('sha256')), 'ocsp-signature/signature-invalid'],
    [
      'another key than the responder’s',
      answer({ ...P384, privateKey: RSA.privateKey }, PKCS1, plain('sha256')),
      'ocsp-signature/signature-invalid',
    ],
  ])('%s shows nothing', (_, response, expected) => {
    expect(judged(response)).toBe(expected);
  });

  test('an algorithm that is not on the list shows nothing, however good the signature', () => {
    expect(judged(answer(P256, ECDSA256, plain('sha256')), ONLY_P256)).toBe('valid');
    for (const response of [answer(P384, ECDSA384, plain('sha384')), answer(RSA, pss(32), padded(32))]) {
      expect(judged(response, ONLY_P256)).toBe('ocsp-signature/algorithm-not-allowed');
    }
  });
});
