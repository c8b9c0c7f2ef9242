import { expect, test } from 'vitest';
import { readCertificate } from '../../../src/certificate/certificate.ts';
import { isIssuedBy } from '../../../src/revocation/ocsp/responder-cache.ts';
import { CA, mintAnchor, mintResponder, OTHER_CA } from '../mint.ts';

const ECDSA = { algorithms: ['ecdsa-p256-sha256'], minimumRsaBits: 2048 } as const;
const RSA = { algorithms: ['rsa-pkcs1-sha256'], minimumRsaBits: 2048 } as const;

test('a responder remembered under one policy is not known under another', () => {
  const issuer = readCertificate(mintAnchor(CA));
  const responder = readCertificate(mintResponder());
  expect(isIssuedBy(responder, issuer, RSA)).toBe(false);
  expect(isIssuedBy(responder, issuer, ECDSA)).toBe(true);
  expect(isIssuedBy(responder, issuer, ECDSA)).toBe(true);
  expect(isIssuedBy(responder, issuer, RSA)).toBe(false);
});

test('a responder remembered under one issuer is not known under another of its name', () => {
  const responder = readCertificate(mintResponder());
  expect(isIssuedBy(responder, readCertificate(mintAnchor(CA)), ECDSA)).toBe(true);
  expect(isIssuedBy(responder, readCertificate(mintAnchor(OTHER_CA)), ECDSA)).toBe(false);
});
