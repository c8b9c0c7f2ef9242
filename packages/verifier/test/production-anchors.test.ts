import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { EnvironmentError, productionAnchors } from '../src/index.ts';
import { bytes, environmentJson, vector } from './vectors.ts';

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof EnvironmentError) return error.code;
    throw error;
  }
  return 'accepted';
};

const anchor = bytes((environmentJson()['anchors'] as { certificate: string }[])[0]?.certificate as string);
const sha256 = createHash('sha256').update(anchor).digest('hex');

describe('production anchors', () => {
  test('are refused where no published fingerprint and no operator confirms them', () => {
    expect(refusal(() => productionAnchors([anchor]))).toBe('anchor-unlisted');
    expect(refusal(() => productionAnchors([anchor], { confirmed: ['00'.repeat(32)] }))).toBe('anchor-unlisted');
  });

  test('are refused where a confirmed certificate is no CA of JPKI', () => {
    expect(refusal(() => productionAnchors([anchor], { confirmed: [sha256] }))).toBe('environment-invalid');
  });

  test('are refused where one octet of a confirmed certificate changed', () => {
    const changed = Uint8Array.from(anchor);
    changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
    const confirmed = [createHash('sha256').update(changed).digest('hex')];
    expect(refusal(() => productionAnchors([changed], { confirmed }))).toBe('environment-invalid');
  });

  test.each([
    ['an end-entity certificate', bytes(vector('happy/card-digital-signature-g1-crl').input.certificate)],
    ['bytes that are no certificate', Uint8Array.of(0x30, 0)],
    ['text that is no PEM', 'certificate'],
    [
      'two certificates in one PEM',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    ],
  ])('are refused for %s', (_, input) => {
    expect(refusal(() => productionAnchors([input]))).toBe('environment-invalid');
  });
});
