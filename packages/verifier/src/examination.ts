/** The offline checks of one verification, in the order in which the first failure names the verdict. No clock, no network. */
import { type Certificate, readCertificate, unprocessedCriticalExtension } from './certificate/certificate.ts';
import type { AuthorityKeyIdentifier } from './certificate/extensions.ts';
import type { InvalidCode, VerdictCode } from './codes.ts';
import { equalBytes } from './der/bytes.ts';
import { OID } from './der/oids.ts';
import { DerError } from './der/reader.ts';
import type { Anchor, ClassProfile, Environment } from './environment.types.ts';
import { Familiar, type FamiliarCertificates } from './familiar.ts';
import { classify } from './profile/classify.ts';
import type { AlgorithmPolicy } from './signature/algorithm.ts';
import { schemeFits, verifyMessage } from './signature/message.ts';
import { verifySignedData } from './signature/signed-data.ts';
import { CHECK_NAMES, type Check, type CheckName, type PersonalAttributes } from './verdict.ts';
import type { VerifyInput } from './verifier.types.ts';

/** Bytes of a certificate; a real one has about 1.7 kB, the six attributes at their longest included. */
const MAXIMUM_CERTIFICATE_BYTES = 65_536;

/** Extensions of an end-entity certificate that are read and acted upon; any other critical one is refused (RFC 5280 §4.2). */
const PROCESSED: ReadonlySet<string> = new Set([
  OID.keyUsage,
  OID.extendedKeyUsage,
  OID.certificatePolicies,
  OID.subjectAltName,
  OID.basicConstraints,
  OID.crlDistributionPoints,
  OID.authorityKeyIdentifier,
]);

export interface Failure {
  readonly code: VerdictCode;
  readonly detail?: string;
}

export interface Examination {
  readonly certificate: Certificate | null;
  readonly anchor: Anchor | null;
  readonly profile: ClassProfile | null;
  readonly attributes: PersonalAttributes | null;
  readonly checks: readonly Check[];
  readonly failure: Failure | null;
  readonly warnings: readonly string[];
}

export type ExaminedInput = Omit<VerifyInput, 'at' | 'crls' | 'ocspResponses' | 'ocspNonce' | 'signal'>;

/** What an environment's checks share between verifications. */
export interface ExaminationContext {
  readonly environment: Environment;
  readonly familiar: FamiliarCertificates | null;
  /** Algorithms on any class's list: what a certificate may be signed with before its class is known. */
  readonly anyClass: AlgorithmPolicy;
}

export const examinationContext = (environment: Environment, familiar: FamiliarCertificates | null = null): ExaminationContext => {
  const profiles = Object.values(environment.classes);
  return {
    environment,
    familiar,
    anyClass: {
      algorithms: [...new Set(profiles.flatMap((p) => p.algorithms))],
      minimumRsaBits: Math.min(...profiles.map((p) => p.minimumRsaBits)),
    },
  };
};

/** `known`: what `context.familiar` found for these very octets. */
export const examine = (context: ExaminationContext, input: ExaminedInput, at: number, known: Familiar | null = null): Examination => {
  const checks = new Checklist();
  const found = known !== null && isCurrent(known, at) ? recognise(known, context, checks) : examineCertificate(context, input, at, checks);
  const { certificate, anchor, profile } = found;
  if (certificate === null) return checks.conclude(found);

  if (profile !== null) {
    checks.passes('purpose', profile.purpose === input.purpose, 'purpose-mismatch');
    checks.fails('carrier', carrier(profile, input));
  }

  if (anchor !== null) checks.passes('anchor-validity', isWithinValidity(anchor.certificate, at), 'issuer-expired');
  checks.fails('validity', validity(certificate, at));

  const key = certificate.publicKeyInfo;
  if (checks.passes('scheme', schemeFits(input.scheme, key), 'scheme-mismatch')) {
    const signed = input.message === undefined ? { digest: input.digest as Uint8Array } : { message: input.message };
    checks.passes('message-signature', verifyMessage(input.scheme, key, signed, input.signature), 'signature-mismatch');
  }

  const examination = checks.conclude(found);
  if (known === null && examination.failure === null) remember(context, found);
  return examination;
};

type Found = Omit<Examination, 'checks' | 'failure'>;

/** What the certificate shows by itself. */
const examineCertificate = ({ environment, anyClass }: ExaminationContext, input: ExaminedInput, at: number, checks: Checklist): Found => {
  const certificate = checks.yields('parse', parse(input.certificate));
  if (certificate === null) return { certificate, anchor: null, profile: null, attributes: null, warnings: NO_WARNINGS };

  checks.passes(
    'critical-extensions',
    unprocessedCriticalExtension(certificate.extensions, PROCESSED) === null,
    'unknown-critical-extension',
  );
  checks.passes('end-entity', certificate.basicConstraints?.ca !== true, 'not-end-entity');

  const anchor = checks.yields('issuer', issuerOf(certificate, environment.anchors, at));
  if (anchor !== null) checks.fails('certificate-signature', certificateSignature(certificate, anchor, anyClass));

  const classification = classify(certificate, anchor, environment);
  checks.fails('class', 'code' in classification ? classification : null);
  const { profile } = classification;
  const attributes = 'code' in classification ? null : classification.attributes;
  return { certificate, anchor, profile, attributes, warnings: profile === null ? NO_WARNINGS : warningsOf(certificate, profile) };
};

const NO_WARNINGS: readonly string[] = Object.freeze([]);

/** Outside its validity, or its issuer's, nothing is taken as established. */
const isCurrent = ({ certificate, anchor }: Familiar, at: number): boolean =>
  at >= certificate.notBefore && isWithinValidity(certificate, at) && isWithinValidity(anchor.certificate, at);

const recognise = (known: Familiar, { familiar, anyClass }: ExaminationContext, checks: Checklist): Found => {
  checks.established(ESTABLISHED);
  const again = familiar?.issuerSignature !== 'remember';
  checks.fails('certificate-signature', again ? certificateSignature(known.certificate, known.anchor, anyClass) : null);
  const { certificate, anchor, profile, warnings } = known;
  return { certificate, anchor, profile, attributes: null, warnings };
};

/** Not where personal data would be kept, nor where the instant decides which of an issuer's certificates speaks. */
const remember = ({ familiar, environment }: ExaminationContext, { certificate, anchor, profile, attributes, warnings }: Found): void => {
  if (familiar === null || certificate === null || anchor === null || profile === null || attributes !== null) return;
  if (environment.anchors.some((other) => other !== anchor && other.keyId === anchor.keyId)) return;
  familiar.remember(new Familiar(certificate, anchor, profile, warnings));
};

const parse = (der: Uint8Array): Certificate | Failure => {
  if (der.length > MAXIMUM_CERTIFICATE_BYTES) return { code: 'budget-certificate' };
  try {
    const certificate = readCertificate(der);
    return certificate.version === 3 ? certificate : { code: 'malformed', detail: 'version' };
  } catch (error) {
    if (error instanceof DerError) return { code: 'malformed', detail: 'der' };
    throw error;
  }
};

/**
 * Issuers are keys, not names: all generations of a CA carry one DN, so the key identifier selects the anchor; name and serial number must agree.
 * The signature confirms it, in the next check.
 */
const issuerOf = (certificate: Certificate, anchors: readonly Anchor[], at: number): Anchor | Failure => {
  const authority = certificate.authorityKeyIdentifier;
  if (authority === null || authority.keyIdentifier === null) return { code: 'issuer-unidentified' };
  let found: Anchor | null = null;
  let named = false;
  for (const anchor of anchors) {
    const { subjectKeyIdentifier } = anchor.certificate;
    if (subjectKeyIdentifier === null || !equalBytes(subjectKeyIdentifier, authority.keyIdentifier)) continue;
    named = true;
    if (!agrees(certificate, authority, anchor.certificate)) continue;
    // One key may have several certificates; the one that is valid now speaks.
    if (isWithinValidity(anchor.certificate, at)) return anchor;
    found ??= anchor;
  }
  return found ?? { code: named ? 'issuer-key-mismatch' : 'issuer-untrusted' };
};

const agrees = (certificate: Certificate, authority: AuthorityKeyIdentifier, ca: Certificate): boolean => {
  if (!certificate.issuer.equals(ca.subject)) return false;
  const { authorityCertIssuer, authorityCertSerialNumber } = authority;
  if (authorityCertIssuer === null || authorityCertSerialNumber === null) return true;
  return (
    equalBytes(authorityCertSerialNumber, ca.serialNumber) &&
    authorityCertIssuer.some((name) => name.kind === 'directoryName' && name.name.equals(ca.issuer))
  );
};

const certificateSignature = (certificate: Certificate, anchor: Anchor, policy: AlgorithmPolicy): Failure | null => {
  const signed = { tbs: certificate.tbs, algorithm: certificate.signatureAlgorithm, signature: certificate.signatureValue };
  switch (verifySignedData(signed, anchor.certificate.publicKeyInfo, policy)) {
    case 'ok':
      return null;
    case 'algorithm-not-allowed':
      return { code: 'algorithm-not-allowed', detail: 'certificate-signature' };
    case 'signature-invalid':
      return { code: 'certificate-signature' };
  }
};

const carrier = (profile: ClassProfile, input: ExaminedInput): Failure | null => {
  if (!input.acceptCarriers.includes(profile.carrier)) return { code: 'carrier-not-accepted' };
  if (input.reportedCarrier !== undefined && input.reportedCarrier !== null && input.reportedCarrier !== profile.carrier)
    return { code: 'carrier-mismatch' };
  return null;
};

const validity = (certificate: Certificate, at: number): Failure | null => {
  if (at < certificate.notBefore) return { code: 'certificate-not-yet-valid' };
  return isWithinValidity(certificate, at) ? null : { code: 'certificate-expired' };
};

/** Inclusive at both ends, to the second, without tolerance (RFC 5280 §4.1.2.5). */
const isWithinValidity = (certificate: Certificate, at: number): boolean => at >= certificate.notBefore && at < certificate.notAfter + 1000;

/** The certificate's own idea of where its status is served is recorded where it differs, and never followed. */
const warningsOf = (certificate: Certificate, profile: ClassProfile): readonly string[] => {
  for (const { method, location } of certificate.authorityInfoAccess ?? []) {
    if (method !== OID.idAdOcsp || location.kind !== 'uniformResourceIdentifier') continue;
    if (!profile.ocsp.urls.some((known) => sameUrl(known, location.text))) return AIA_DIFFERS;
  }
  return NO_WARNINGS;
};

const AIA_DIFFERS: readonly string[] = Object.freeze(['aia-differs']);

const sameUrl = (a: string, b: string): boolean => a === b || (URL.canParse(b) && new URL(a).href === new URL(b).href);

const ORDER = Object.fromEntries(CHECK_NAMES.map((name, i) => [name, i])) as Readonly<Record<CheckName, number>>;
/** What a certificate that is remembered has shown, bit n for check n. */
const ESTABLISHED = (['parse', 'critical-extensions', 'end-entity', 'issuer', 'class'] as const).reduce(
  (mask, name) => mask | (1 << ORDER[name]),
  0,
);
const PASSED: readonly Check[] = CHECK_NAMES.map((name) => Object.freeze({ name, status: 'passed' }));
const NOT_RUN: readonly Check[] = CHECK_NAMES.map((name) => Object.freeze({ name, status: 'not-run' }));

/** Everything offline in order, the status not yet asked for: by far the commonest list, and made once. */
const OFFLINE_PASSED: readonly Check[] = Object.freeze([...PASSED.slice(0, -1), NOT_RUN.at(-1) as Check]);
/** Everything in order. */
export const ALL_PASSED: readonly Check[] = Object.freeze([...PASSED]);

/** Collects the checks in their order; what was never reached reads `not-run`. */
class Checklist {
  /** Bit n: check n passed. */
  #passed = 0;
  /** Those that failed, in the order of being made. */
  #failed: Check[] | null = null;
  #failure: Failure | null = null;

  fails(name: CheckName, failure: Failure | null): boolean {
    if (failure === null) {
      this.#passed |= 1 << ORDER[name];
      return false;
    }
    const { code, detail } = failure;
    this.#failed ??= [];
    this.#failed.push({ name, status: 'failed', code, ...(detail === undefined ? {} : { detail }) });
    this.#failure ??= detail === undefined ? { code } : { code, detail };
    return true;
  }

  /** What an earlier examination has shown. */
  established(mask: number): void {
    this.#passed |= mask;
  }

  passes(name: CheckName, condition: boolean, code: InvalidCode): boolean {
    return !this.fails(name, condition ? null : { code });
  }

  /** Records a check that yields what later checks need. */
  yields<T extends object>(name: CheckName, value: T | Failure): T | null {
    if ('code' in value) {
      this.fails(name, value as Failure);
      return null;
    }
    this.fails(name, null);
    return value as T;
  }

  conclude({ certificate, anchor, profile, attributes, warnings }: Found): Examination {
    return { certificate, anchor, profile, attributes, warnings, checks: this.#list(), failure: this.#failure };
  }

  #list(): readonly Check[] {
    const failed = this.#failed;
    // Without a failure none of them was left out.
    if (failed === null) return OFFLINE_PASSED;
    return CHECK_NAMES.map(
      (name, n) => failed.find((check) => check.name === name) ?? (((this.#passed & (1 << n)) === 0 ? NOT_RUN : PASSED)[n] as Check),
    );
  }
}
