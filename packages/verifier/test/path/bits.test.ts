import { expect, test } from 'vitest';
import { certId, entry, mintOcsp, single } from '../revocation/mint.ts';
import { crl, int, ROOT, ROOT_NAME, SUB, SUB_NAME, subCrl, validate } from './mint.ts';

const FOR_SUB = mintOcsp({
  singles: [single({ id: certId({ issuerName: ROOT_NAME, issuerKey: ROOT.key, serial: int(2) }) })],
  signer: ROOT,
  certificates: null,
});
const FOR_PERSON = mintOcsp({
  singles: [single({ id: certId({ issuerName: SUB_NAME, issuerKey: SUB.key, serial: int(3) }) })],
  signer: SUB,
  certificates: null,
});

test.each([
  ['a CRL', subCrl(), (der: Uint8Array) => validate({ revocation: 'crl', crls: [crl(), der] })],
  [
    'a CRL that lists neighbours',
    subCrl({ entries: [entry({ serial: int(9) })] }),
    (der: Uint8Array) => validate({ revocation: 'crl', crls: [crl(), der] }),
  ],
  ['an OCSP response', FOR_PERSON, (der: Uint8Array) => validate({ revocation: 'ocsp', ocspResponses: [FOR_SUB, der] })],
])('no single changed bit of %s leaves the path valid', (_, good, judge) => {
  expect(judge(good).result).toBe('valid');
  for (let bit = 0; bit < good.length * 8; bit++) {
    const changed = Uint8Array.from(good);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    const { result } = judge(changed);
    expect({ bit, result: result === 'valid' }).toEqual({ bit, result: false });
  }
});
