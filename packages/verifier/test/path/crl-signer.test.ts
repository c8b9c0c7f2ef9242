import { describe, expect, test } from 'vitest';
import { keyUsage } from '../revocation/mint.ts';
import {
  crl,
  int,
  keyed,
  mintRoot,
  mintSub,
  outcome,
  policies,
  policyConstraints,
  ROOT,
  ROOT_CERTIFICATE,
  SUB_CERTIFICATE,
  subCrl,
} from './mint.ts';

describe('the anchor behind a renewed root', () => {
  const NEW = keyed();
  const renewed = mintRoot({ serial: int(9), key: NEW, signer: ROOT });
  const sub = mintSub({ signer: NEW });
  const run = (rootList: Uint8Array, anchors: readonly Uint8Array[] = [ROOT_CERTIFICATE]): string =>
    outcome({ intermediates: [sub, renewed], anchors, revocation: 'crl', crls: [rootList, subCrl()] });

  test('may still sign the lists of both', () => {
    expect(run(crl())).toBe('valid');
    expect(run(crl(), [mintRoot({ usage: null })])).toBe('valid');
  });

  test('may not be replaced by another anchor of its name', () => {
    const OTHER = keyed();
    const other = mintRoot({ serial: int(10), key: OTHER });
    expect(run(crl({ signer: OTHER }), [ROOT_CERTIFICATE, other])).toBe('crl-signature/signature-invalid');
    expect(run(crl({ signer: OTHER }), [other, ROOT_CERTIFICATE])).toBe('crl-signature/signature-invalid');
  });
});

test('a signer’s path may be under any policy that it has to have', () => {
  const KEY = keyed();
  const signer = (...more: readonly Uint8Array[]): Uint8Array =>
    mintSub({ serial: int(6), key: KEY, usage: keyUsage(0x02, 1), basic: null, more });
  const run = (certificate: Uint8Array): string =>
    outcome({ intermediates: [SUB_CERTIFICATE, certificate], revocation: 'crl', crls: [crl(), subCrl({ signer: KEY })] });
  expect(run(signer(policies('2.999.1'), policyConstraints(0)))).toBe('valid');
  expect(run(signer(policyConstraints(0)))).toBe('crl-signature/signature-invalid');
});
