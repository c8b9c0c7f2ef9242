/** CMS SignedData (RFC 5652), encapsulated or detached. The codec is a library's; what is let near it and what its output is worth is decided here. */
import { createHash } from 'node:crypto';
import { type Certificate, readCertificate } from '../certificate/certificate.ts';
import { readName } from '../certificate/name.ts';
import { type AlgorithmIdentifier, isNullElement, type PublicKeyInfo } from '../certificate/public-key.ts';
import { equalBytes } from '../der/bytes.ts';
import { type DerLimits, passGate } from '../der/gate.ts';
import { OID } from '../der/oids.ts';
import { DerError, DerReader } from '../der/reader.ts';
import { checkAttributes, readAttributes } from './cms-attributes.ts';
import { decodeSignedData, type SignedDataView, type SignerInfoView } from './cms-codec.ts';
import { type AlgorithmPolicy, algorithmOf, verifySignedData } from './signed-data.ts';

export type { AlgorithmName, AlgorithmPolicy } from './algorithm.ts';

export interface VerifyCmsInput {
  /** DER `ContentInfo` with SignedData. */
  readonly cms: Uint8Array;
  /** The detached content; where the content is inside, it has to be these very octets. */
  readonly content?: Uint8Array;
  /** DER of certificates that signers may have, besides those sent along. */
  readonly certificates?: readonly Uint8Array[];
  readonly algorithms?: AlgorithmPolicy;
  readonly limits?: Partial<CmsLimits>;
}

export interface CmsLimits extends DerLimits {
  readonly maxSigners: number;
  readonly maxCertificates: number;
}

export interface CmsSigner {
  /** DER. Its key made the signature; whether the certificate deserves trust is for `verify` or `validatePath` to say. */
  readonly unverifiedCertificate: Uint8Array;
  /** What the signer claims. */
  readonly claimedSigningTime: Date | null;
}

export type CmsFault = 'malformed' | 'algorithm-not-allowed' | 'signature-mismatch' | 'budget-certificate' | 'budget-signatures';

export type CmsResult =
  | { readonly result: 'valid'; readonly contentType: string; readonly content: Uint8Array; readonly signers: readonly CmsSigner[] }
  | { readonly result: 'invalid'; readonly code: CmsFault; readonly detail: string };

export const DEFAULT_CMS_LIMITS: CmsLimits = Object.freeze({
  maxBytes: 16 * 1024 * 1024,
  maxDepth: 32,
  maxElements: 100_000,
  maxSigners: 8,
  maxCertificates: 32,
});

const DEFAULT_ALGORITHMS: AlgorithmPolicy = Object.freeze({
  algorithms: ['rsa-pkcs1-sha256', 'rsa-pkcs1-sha384', 'rsa-pkcs1-sha512', 'rsa-pss-sha256', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384'],
  minimumRsaBits: 2048,
} as const);

/**
 * `valid` proves, for every signer: the content is what the key of `unverifiedCertificate` signed, under an allowed algorithm, with the signed attributes
 * that RFC 5652 §5.3 and §11 demand. It proves nothing about the certificates.
 *
 * Fails with `malformed` (not strict DER, too deep, not SignedData, attribute rules), `algorithm-not-allowed`, `signature-mismatch`, `budget-*`.
 *
 * ```ts
 * const result = verifyCms({ cms, content });
 * if (result.result === 'valid') result.signers[0]?.unverifiedCertificate;
 * ```
 */
export const verifyCms = (input: VerifyCmsInput): CmsResult => {
  const limits = { ...DEFAULT_CMS_LIMITS, ...input.limits };
  try {
    if (passGate(input.cms, limits) === 'too-large') return invalid('budget-certificate', 'too-large');
    const data = decodeSignedData(input.cms);
    if (data.signers.length > limits.maxSigners) return invalid('budget-signatures', 'signers');
    if (data.certificates.length + (input.certificates?.length ?? 0) > limits.maxCertificates)
      return invalid('budget-certificate', 'certificates');
    return judge(data, input);
  } catch (error) {
    if (error instanceof DerError) return invalid('malformed', 'encoding');
    throw error;
  }
};

const invalid = (code: CmsFault, detail: string): CmsResult => ({ result: 'invalid', code, detail });

const judge = (data: SignedDataView, input: VerifyCmsInput): CmsResult => {
  // §5.1: 1, 3, 4 and 5 exist. No signer, no signature.
  if (![1, 3, 4, 5].includes(data.version)) return invalid('malformed', 'version');
  if (data.signers.length === 0) return invalid('signature-mismatch', 'no-signer');
  const content = data.content ?? input.content;
  if (content === undefined) return invalid('signature-mismatch', 'content-missing');
  if (input.content !== undefined && !equalBytes(content, input.content)) return invalid('signature-mismatch', 'content-differs');
  const candidates = [...data.certificates, ...(input.certificates ?? [])].flatMap((der) => readOrNone(der));
  const signers: CmsSigner[] = [];
  for (const signer of data.signers) {
    const outcome = judgeSigner(signer, data, content, candidates, input.algorithms ?? DEFAULT_ALGORITHMS);
    if ('code' in outcome) return invalid(outcome.code, outcome.detail);
    signers.push(outcome);
  }
  return { result: 'valid', contentType: data.contentType, content, signers };
};

interface SignerFault {
  readonly code: CmsFault;
  readonly detail: string;
}

const judgeSigner = (
  signer: SignerInfoView,
  data: SignedDataView,
  content: Uint8Array,
  candidates: readonly Certificate[],
  policy: AlgorithmPolicy,
): CmsSigner | SignerFault => {
  // §5.3: the version says how the signer is named.
  if (signer.version !== (signer.id.kind === 'issuer-and-serial-number' ? 1 : 3)) return { code: 'malformed', detail: 'signer-version' };
  const hash = hashOf(signer.digestAlgorithm);
  if (hash === null) return { code: 'algorithm-not-allowed', detail: 'digest' };
  // §5.1: a digest that the list does not announce may be refused, and one-pass processing could not have made it.
  if (!data.digestAlgorithms.some(({ oid }) => oid === signer.digestAlgorithm.oid))
    return { code: 'malformed', detail: 'digest-not-listed' };
  let signed = content;
  let signingTime: number | null = null;
  if (signer.signedAttributes === null) {
    // §5.3: without attributes only plain data can be signed.
    if (data.contentType !== OID.cmsData) return { code: 'malformed', detail: 'content-type-attribute' };
    // A signature over attributes is a signature over their octets: whoever drops the attributes must not pass them off as the content.
    if (looksLikeAttributes(content)) return { code: 'signature-mismatch', detail: 'attributes-as-content' };
  } else {
    const unsigned = signer.unsignedAttributes === null ? [] : readAttributes(signer.unsignedAttributes);
    const digest = createHash(hash).update(content).digest();
    const attributes = checkAttributes(readAttributes(signer.signedAttributes), unsigned, { contentType: data.contentType, digest });
    if (attributes === 'message-digest') return { code: 'signature-mismatch', detail: attributes };
    if (typeof attributes === 'string') return { code: 'malformed', detail: attributes };
    signed = signer.signedAttributes;
    signingTime = attributes.signingTime;
  }
  let fault: SignerFault = { code: 'signature-mismatch', detail: 'signer-certificate-missing' };
  for (const certificate of candidates.filter((candidate) => isNamed(signer, candidate))) {
    const outcome = verifySigner(signer, signed, certificate.publicKeyInfo, policy);
    if (outcome === 'ok')
      return { unverifiedCertificate: certificate.der, claimedSigningTime: signingTime === null ? null : new Date(signingTime) };
    fault =
      outcome === 'signature-invalid'
        ? { code: 'signature-mismatch', detail: 'signature' }
        : { code: 'algorithm-not-allowed', detail: 'signature' };
  }
  return fault;
};

const looksLikeAttributes = (content: Uint8Array): boolean => {
  try {
    return readAttributes(content).some(({ oid }) => oid === OID.cmsMessageDigest);
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
};

const HASHES: Readonly<Record<string, 'sha256' | 'sha384' | 'sha512'>> = {
  [OID.sha256]: 'sha256',
  [OID.sha384]: 'sha384',
  [OID.sha512]: 'sha512',
};

/** RFC 5754 §2: parameters absent, or NULL. */
const hashOf = ({ oid, parameters }: AlgorithmIdentifier): 'sha256' | 'sha384' | 'sha512' | null =>
  parameters === null || isNullElement(parameters) ? (HASHES[oid] ?? null) : null;

/** RFC 5754 §3.2: rsaEncryption stands for PKCS#1 v1.5 with the signer's digest; every other identifier names its hash, which has to be the same. */
const verifySigner = (
  { signatureAlgorithm, digestAlgorithm, signature }: SignerInfoView,
  tbs: Uint8Array,
  key: PublicKeyInfo,
  policy: AlgorithmPolicy,
): ReturnType<typeof verifySignedData> => {
  const rsa = RSA_WITH[digestAlgorithm.oid];
  const isPlainRsa = signatureAlgorithm.oid === OID.rsaEncryption;
  if (isPlainRsa && (rsa === undefined || !isNullElement(signatureAlgorithm.parameters))) return 'algorithm-not-allowed';
  const algorithm: AlgorithmIdentifier = isPlainRsa && rsa !== undefined ? { ...signatureAlgorithm, oid: rsa } : signatureAlgorithm;
  const name = algorithmOf(algorithm, key);
  const hash = hashOf(digestAlgorithm);
  if (name === null || hash === null || !name.endsWith(`-${hash}`)) return 'algorithm-not-allowed';
  return verifySignedData({ tbs, algorithm, signature }, key, policy);
};

const RSA_WITH: Readonly<Record<string, string>> = {
  [OID.sha256]: OID.sha256WithRSAEncryption,
  [OID.sha384]: OID.sha384WithRSAEncryption,
  [OID.sha512]: OID.sha512WithRSAEncryption,
};

/** §5.3: by issuer and serial number, or by subjectKeyIdentifier. */
const isNamed = ({ id }: SignerInfoView, certificate: Certificate): boolean => {
  if (id.kind === 'subject-key-identifier') {
    return certificate.subjectKeyIdentifier !== null && equalBytes(certificate.subjectKeyIdentifier, id.keyIdentifier);
  }
  return equalBytes(certificate.serialNumber, id.serialNumber) && certificate.issuer.equals(readName(new DerReader(id.issuer)));
};

/** Certificates are sent along freely: one that cannot be read is nobody's. */
const readOrNone = (der: Uint8Array): readonly Certificate[] => {
  try {
    return [readCertificate(der)];
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
};
