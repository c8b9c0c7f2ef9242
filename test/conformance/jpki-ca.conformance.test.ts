/** The six self-signed CA certificates of JPKI: read, verified, recognised by their published fingerprints; and not one octet may differ. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { EnvironmentError, JpkiError, productionAnchors } from '@jpki-rp/verifier';
import { validatePath } from '@jpki-rp/verifier/path';
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../../packages/verifier/src/certificate/certificate.ts';
import { readPem, runSuite, suiteFile } from './runner.ts';

const files = readdirSync(suiteFile('jpki-ca'))
  .filter((name) => name.endsWith('.pem'))
  .sort();
/** Published with medium confidence: an operator confirms them. */
const CONFIRMED = [
  '4DCFC4CA0AAF9FB2A3081B3F0C991C320B3ACC008667A341EEAEC5AF1D58CA7D',
  '64114F29620C24ED2631D46476A040E7EE740D956089C00B036A6A8118C322B5',
];

const accepted = (work: () => void): true | string => {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof JpkiError) return error.code;
    throw error;
  }
};

runSuite(
  'jpki-ca',
  files.flatMap((file) => {
    const der = readPem('jpki-ca', file);
    const changed = Uint8Array.from(der);
    changed[der.length >> 1] = (changed[der.length >> 1] as number) ^ 0x01;
    return [
      { id: `${file} is recognised`, expected: 'valid', accepts: () => accepted(() => productionAnchors([der], { confirmed: CONFIRMED })) },
      {
        id: `${file} with one bit changed`,
        expected: 'invalid',
        accepts: () => accepted(() => productionAnchors([changed], { confirmed: CONFIRMED })),
      },
      {
        id: `${file} verifies under itself within its validity`,
        expected: 'valid',
        accepts: () => {
          const { notBefore } = readCertificate(der);
          const result = validatePath({ target: der, intermediates: [], anchors: [der], at: new Date(notBefore), revocation: 'none' });
          return result.result === 'valid' ? true : result.code;
        },
      },
      {
        id: `${file} with one bit changed does not verify`,
        expected: 'invalid',
        accepts: () => {
          const { notBefore } = readCertificate(der);
          const result = validatePath({ target: changed, intermediates: [], anchors: [der], at: new Date(notBefore), revocation: 'none' });
          return result.result === 'valid' ? true : result.code;
        },
      },
    ] as const;
  }),
);

describe('the six CA certificates', () => {
  test('are three generations of two authorities', () => {
    const anchors = productionAnchors(
      files.map((file) => readPem('jpki-ca', file)),
      { confirmed: CONFIRMED },
    );
    expect(anchors.map(({ id }) => id).sort()).toEqual([
      'digital-signature-g1',
      'digital-signature-g2',
      'digital-signature-g3',
      'user-authentication-g1',
      'user-authentication-g2',
      'user-authentication-g3',
    ]);
  });

  test.each(files)('%s: no single changed octet is recognised, confirmed by its own fingerprint or not', (file) => {
    const der = readPem('jpki-ca', file);
    for (let i = 0; i < der.length; i++) {
      const changed = Uint8Array.from(der);
      changed[i] = (changed[i] as number) ^ 0x01;
      const fingerprint = createHash('sha256').update(changed).digest('hex');
      expect(() => productionAnchors([changed], { confirmed: CONFIRMED })).toThrow(EnvironmentError);
      expect(() => productionAnchors([changed], { confirmed: [fingerprint] })).toThrow(EnvironmentError);
    }
  });
});
