/** Which algorithm an AlgorithmIdentifier names, whether a key may be used, and which algorithms a policy allows. */
import type { AlgorithmIdentifier, PublicKeyInfo, RsaKey } from '../certificate/public-key.ts';
import { isNullElement } from '../certificate/public-key.ts';
import { equalBytes } from '../der/bytes.ts';
import { OID } from '../der/oids.ts';

/** Key type, padding and hash in one word. `rsa-pkcs1-sha1` exists for suites of the past; no environment can name it. */
export type AlgorithmName =
  | 'rsa-pkcs1-sha1'
  | 'rsa-pkcs1-sha256'
  | 'rsa-pkcs1-sha384'
  | 'rsa-pkcs1-sha512'
  | 'rsa-pss-sha256'
  | 'ecdsa-p256-sha256'
  | 'ecdsa-p384-sha384';

export interface AlgorithmPolicy {
  readonly algorithms: readonly AlgorithmName[];
  readonly minimumRsaBits: number;
}

/** The largest modulus worth a public-key operation on input from strangers. */
const MAXIMUM_RSA_BITS = 8192;

const RSA_PKCS1: Readonly<Record<string, AlgorithmName>> = {
  [OID.sha1WithRSAEncryption]: 'rsa-pkcs1-sha1',
  [OID.sha256WithRSAEncryption]: 'rsa-pkcs1-sha256',
  [OID.sha384WithRSAEncryption]: 'rsa-pkcs1-sha384',
  [OID.sha512WithRSAEncryption]: 'rsa-pkcs1-sha512',
};

/** RSASSA-PSS-params of SHA-256, MGF1 with SHA-256, salt of 32 octets, trailer 1 (RFC 4055 §3.1), the hash parameters NULL or absent. */
const PSS_SHA256: readonly Uint8Array[] = ['0500', ''].map((nul) => {
  const hash = nul === '' ? '300b0609608648016503040201' : '300d06096086480165030402010500';
  const mgfInner = `06092a864886f70d010108${hash}`;
  const mgf = `30${octet(mgfInner.length / 2)}${mgfInner}`;
  const inner = `a0${octet(hash.length / 2)}${hash}a1${octet(mgf.length / 2)}${mgf}a203020120`;
  return Uint8Array.from(Buffer.from(`30${octet(inner.length / 2)}${inner}`, 'hex'));
});

function octet(n: number): string {
  return n.toString(16).padStart(2, '0');
}

/**
 * The algorithm that the identifier and the key together stand for, or null. Parameters are pinned: NULL for PKCS#1 v1.5, or absent, which RFC 4055 §5
 * makes users accept (OpenSSL OCSP 05-D1); absent for ECDSA (RFC 5758 §3.2), exactly the SHA-256 set for PSS; the curve comes from the key.
 */
export const algorithmOf = (identifier: AlgorithmIdentifier, key: PublicKeyInfo): AlgorithmName | null => {
  const pkcs1 = RSA_PKCS1[identifier.oid];
  if (pkcs1 !== undefined) return identifier.parameters === null || isNullElement(identifier.parameters) ? pkcs1 : null;
  if (identifier.oid === OID.rsassaPss) {
    const { parameters } = identifier;
    return parameters !== null && PSS_SHA256.some((set) => equalBytes(set, parameters)) ? 'rsa-pss-sha256' : null;
  }
  if (identifier.parameters !== null || key.description.type !== 'ec') return null;
  if (identifier.oid === OID.ecdsaWithSHA256 && key.description.curve === 'P-256') return 'ecdsa-p256-sha256';
  if (identifier.oid === OID.ecdsaWithSHA384 && key.description.curve === 'P-384') return 'ecdsa-p384-sha384';
  return null;
};

/** True where a key of this type, size and exponent can make a signature that the policy allows. */
export const keyAllowed = (key: PublicKeyInfo, policy: AlgorithmPolicy): boolean => {
  const { description } = key;
  switch (description.type) {
    case 'rsa':
      return (
        policy.algorithms.some((name) => name.startsWith('rsa-')) &&
        description.bits >= policy.minimumRsaBits &&
        isWorthAnOperation(description) &&
        exponentAllowed(description.exponent)
      );
    case 'ec':
      return policy.algorithms.includes(description.curve === 'P-256' ? 'ecdsa-p256-sha256' : 'ecdsa-p384-sha384');
    default:
      return false;
  }
};

/** No longer exponent is allowed: 2^256 - 1 at most (FIPS 186-5 §A.1.1). */
const MAXIMUM_EXPONENT_OCTETS = 32;

/** False for a modulus or an exponent so long that a stranger would choose it to burn time: asked before any operation. */
export const isWorthAnOperation = ({ bits, exponent }: RsaKey): boolean =>
  bits <= MAXIMUM_RSA_BITS && exponent.length <= MAXIMUM_EXPONENT_OCTETS;

/** Odd, from 65 537 on (FIPS 186-5 §A.1.1): small exponents make padding faults forgeable. */
const exponentAllowed = (exponent: Uint8Array): boolean => {
  const isOdd = ((exponent[exponent.length - 1] as number) & 1) === 1;
  // Without leading zeros, three octets are at least 65 536.
  return isOdd && exponent.length >= 3;
};
