/** Checks the CA certificates an operator downloaded from J-LIS against the published fingerprints. No certificate is shipped. */
import { createHash } from 'node:crypto';
import { type Certificate, readCertificate } from './certificate/certificate.ts';
import { fromBase64, toBase64 } from './der/bytes.ts';
import { OID } from './der/oids.ts';
import { DerError } from './der/reader.ts';
import type { AnchorJson } from './environment.types.ts';
import { EnvironmentError } from './errors.ts';
import { verifySignedData } from './signature/signed-data.ts';
import type { Purpose } from './verdict.ts';

interface PublishedAnchor {
  readonly id: string;
  readonly purpose: Purpose;
  /** SHA-256 of the DER. */
  readonly sha256: string;
  /** `high`: compared with the page of J-LIS, or real certificates chain to it. `medium`: one public copy; the operator confirms it. */
  readonly confidence: 'high' | 'medium';
}

/** <https://www.jpki.go.jp/ca/ca_rules3.html> (sign CA, 署名用認証局) and <https://www.jpki.go.jp/ca/ca_rules4.html> (auth CA, 利用者証明用認証局). */
const PUBLISHED: readonly PublishedAnchor[] = [
  {
    id: 'digital-signature-g1',
    purpose: 'digital-signature',
    sha256: '19645405a1fe14377434bd55957628ac4038557c542403a2243f21c706fc9355',
    confidence: 'high',
  },
  {
    id: 'digital-signature-g2',
    purpose: 'digital-signature',
    sha256: '79679c33e4cc9319440f1ad120a597ff1844e2ef217063adb176966fd5e6fbeb',
    confidence: 'high',
  },
  {
    id: 'digital-signature-g3',
    purpose: 'digital-signature',
    sha256: 'd227f6cde11d35c5252178f106f843d24651944975413b539fa2fb68dbfa365f',
    confidence: 'high',
  },
  {
    id: 'user-authentication-g1',
    purpose: 'user-authentication',
    sha256: '4dcfc4ca0aaf9fb2a3081b3f0c991c320b3acc008667a341eeaec5af1d58ca7d',
    confidence: 'medium',
  },
  {
    id: 'user-authentication-g2',
    purpose: 'user-authentication',
    sha256: '0d98de47fc11b7f67126874b7028b6026a803d2638d6edfe53176953961fade6',
    confidence: 'high',
  },
  {
    id: 'user-authentication-g3',
    purpose: 'user-authentication',
    sha256: '64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5',
    confidence: 'medium',
  },
];

const PURPOSE_BY_UNIT: Readonly<Record<string, Purpose>> = {
  'JPKI for digital signature': 'digital-signature',
  'JPKI for user authentication': 'user-authentication',
};

/**
 * Turns CA certificates (DER, or PEM text with one certificate) into anchors for an environment of kind `production`.
 *
 * Proven for each: one strict DER certificate, CA, O=JPKI, self-signed under its own key, and its SHA-256 is published with high confidence or
 * stands in `confirmed` (hex, colons and case ignored), which the operator fills after comparing with the page of J-LIS. That is how a new CA
 * generation is added without a release.
 *
 * @throws EnvironmentError `anchor-unlisted` for a fingerprint that nothing confirms, `environment-invalid` for anything that is no such certificate.
 */
export const productionAnchors = (
  certificates: readonly (Uint8Array | string)[],
  options?: { readonly confirmed?: readonly string[] },
): AnchorJson[] => {
  const confirmed = new Set((options?.confirmed ?? []).map((fingerprint) => fingerprint.replaceAll(/[:\s]/g, '').toLowerCase()));
  return certificates.map((input, index) => {
    const pointer = `/${index}`;
    const certificate = decode(input, pointer);
    const sha256 = createHash('sha256').update(certificate.der).digest('hex');
    const published = PUBLISHED.find((anchor) => anchor.sha256 === sha256);
    if (published?.confidence !== 'high' && !confirmed.has(sha256)) {
      throw new EnvironmentError(
        'anchor-unlisted',
        `SHA-256 ${sha256} is ${published === undefined ? 'not published' : 'published with medium confidence'}; compare it with J-LIS and pass it in "confirmed"`,
        { pointer },
      );
    }
    return {
      id: published?.id ?? `${purposeOf(certificate, pointer)}-${sha256.slice(0, 8)}`,
      purpose: published?.purpose ?? purposeOf(certificate, pointer),
      certificate: toBase64(certificate.der),
    };
  });
};

const refuse = (message: string, pointer: string, cause?: unknown): EnvironmentError =>
  new EnvironmentError('environment-invalid', message, { pointer, cause });

const decode = (input: Uint8Array | string, pointer: string): Certificate => {
  const der = typeof input === 'string' ? derOfPem(input) : input;
  if (der === null) throw refuse('PEM with one certificate expected', pointer);
  let certificate: Certificate;
  try {
    certificate = readCertificate(der);
  } catch (error) {
    if (error instanceof DerError) throw refuse(`not one strict DER certificate: ${error.message}`, pointer, error);
    throw error;
  }
  if (certificate.basicConstraints?.ca !== true) throw refuse('not a CA certificate', pointer);
  const signed = { tbs: certificate.tbs, algorithm: certificate.signatureAlgorithm, signature: certificate.signatureValue };
  const policy = { algorithms: ['rsa-pkcs1-sha256', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384'], minimumRsaBits: 2048 } as const;
  if (!certificate.issuer.equals(certificate.subject) || verifySignedData(signed, certificate.publicKeyInfo, policy) !== 'ok') {
    throw refuse('not self-signed', pointer);
  }
  return certificate;
};

const derOfPem = (pem: string): Uint8Array | null => {
  const match = /^\s*-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END CERTIFICATE-----\s*$/.exec(pem);
  return match === null ? null : fromBase64((match[1] as string).replaceAll(/\s/g, ''));
};

const purposeOf = (certificate: Certificate, pointer: string): Purpose => {
  const attributes = certificate.subject.rdns.flat();
  const purpose = attributes.flatMap((a) => (a.type === OID.organizationalUnitName ? (PURPOSE_BY_UNIT[a.text ?? ''] ?? []) : []))[0];
  if (purpose === undefined || !attributes.some((a) => a.type === OID.organizationName && a.text === 'JPKI'))
    throw refuse('not a CA of JPKI', pointer);
  return purpose;
};
