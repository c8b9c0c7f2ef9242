/** The words every room shares: what is verified, and what comes out. */
import type { VerdictCode } from './codes.ts';
import type { EvidenceRecord } from './evidence/record.ts';

export type Carrier = 'card' | 'smartphone';

/** 署名用 / 利用者証明用 */
export type Purpose = 'digital-signature' | 'user-authentication';

export type CertificateClass = `${Carrier}-${Purpose}`;

export const CERTIFICATE_CLASSES: readonly CertificateClass[] = [
  'card-digital-signature',
  'card-user-authentication',
  'smartphone-digital-signature',
  'smartphone-user-authentication',
];

/**
 * How the message was signed. Declared by the relying party, never detected.
 * `rsa-pkcs1-bare-sha256` is PKCS#1 v1.5 padding over the bare 32-byte digest, without DigestInfo.
 * ECDSA signatures are DER `Ecdsa-Sig-Value` (RFC 3279 §2.2.3).
 */
export type SignatureScheme = 'rsa-pkcs1-sha256' | 'rsa-pkcs1-bare-sha256' | 'ecdsa-p256-sha256' | 'ecdsa-p384-sha384';

/** The checks in the order in which the first failure names the verdict. */
export const CHECK_NAMES = [
  'parse',
  'critical-extensions',
  'end-entity',
  'issuer',
  'certificate-signature',
  'class',
  'purpose',
  'carrier',
  'anchor-validity',
  'validity',
  'scheme',
  'message-signature',
  'revocation',
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

export interface Check {
  readonly name: CheckName;
  readonly status: 'passed' | 'failed' | 'not-run';
  readonly code?: VerdictCode;
  /** Machine-readable refinement of the code, kebab-case. Never personal data. */
  readonly detail?: string;
}

/** RFC 5280 §5.3.1 names. `unspecified` also stands for absent data. */
export type RevocationReason =
  | 'unspecified'
  | 'keyCompromise'
  | 'cACompromise'
  | 'affiliationChanged'
  | 'superseded'
  | 'cessationOfOperation'
  | 'certificateHold'
  | 'removeFromCRL'
  | 'privilegeWithdrawn'
  | 'aACompromise';

/** One piece of status data that was looked at, and what it was worth. */
export interface RevocationSourceReport {
  readonly kind: 'crl' | 'ocsp' | 'platform';
  /** What this piece alone shows about the certificate. */
  readonly status: 'good' | 'revoked' | 'unknown' | 'unusable';
  /** Why it is unusable or unknown. */
  readonly code?: VerdictCode;
  readonly detail?: string;
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
  readonly producedAt?: Date;
  /** SHA-256 of the DER, lower-case hex. */
  readonly sha256?: string;
  readonly origin: 'handed-in' | 'fetched';
  /** Set when an operator's assertion, not the data itself, shows the coverage. */
  readonly coverage?: 'asserted';
}

export interface RevocationFinding {
  readonly status: 'good' | 'revoked' | 'unknown' | 'not-checked';
  readonly reason?: RevocationReason;
  readonly revokedAt?: Date;
  readonly sources: readonly RevocationSourceReport[];
}

/** The six attributes of a digital-signature certificate (基本4情報 and substitution flags). Raw strings, code point by code point. */
export interface PersonalAttributes {
  readonly name: string;
  readonly nameSubstitution: string;
  readonly gender: string;
  readonly dateOfBirth: string;
  readonly address: string;
  readonly addressSubstitution: string;
  readonly derived: {
    /** `YYYY-MM-DD`, or null where the certificate names no calendar date. */
    readonly dateOfBirth: string | null;
    /** The era digit of the raw string. */
    readonly era: 'meiji' | 'taisho' | 'showa' | 'heisei' | 'reiwa' | 'unknown' | null;
    /** Only codes 1 and 2 are mapped; everything else is null. */
    readonly gender: 'male' | 'female' | null;
    /** Indices (in code points) of substituted characters. */
    readonly nameSubstitutedAt: readonly number[];
    readonly addressSubstitutedAt: readonly number[];
  };
  /** otherNames with OIDs we do not know (for example the kana reading), values as raw DER in base64. */
  readonly others: readonly { readonly oid: string; readonly value: string }[];
}

interface VerdictBase {
  readonly class: CertificateClass | null;
  readonly checks: readonly Check[];
  readonly revocation: RevocationFinding;
  /** The instant everything was judged at. */
  readonly at: Date;
  /** Recorded observations that do not change the result, for example `aia-differs`. */
  readonly warnings: readonly string[];
  /** Everything the verdict stood on, assembled when asked for. */
  evidence(): EvidenceRecord;
}

export interface RefusedVerdict extends VerdictBase {
  readonly result: 'invalid' | 'indeterminate';
  readonly code: VerdictCode;
  readonly detail?: string;
}

declare const proven: unique symbol;

/** Minted by `verifier.verify()` and `openVerdict()` only. A plain object of this shape is refused at run time too. */
export interface ProvenVerdict extends VerdictBase {
  readonly [proven]: true;
  readonly result: 'valid';
  readonly class: CertificateClass;
  /** Present for digital-signature certificates. */
  readonly attributes?: PersonalAttributes;
  /** What identifies the certificate. Sensitive: never log it (invariant 9). */
  readonly certificate: CertificateIdentity;
}

export type Verdict = ProvenVerdict | RefusedVerdict;

export interface CertificateIdentity {
  /** Hex of the issuer key identifier (the anchor's subjectKeyIdentifier). */
  readonly issuerKeyId: string;
  /** Hex of the serial number's content octets. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256 of the DER, lower-case hex. */
  readonly sha256: string;
}
