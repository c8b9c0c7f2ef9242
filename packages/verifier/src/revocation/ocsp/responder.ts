/**
 * Who may answer for a certificate (RFC 6960 §4.2.2.2): the issuer's key, whom that very key delegated, or whom the operator pinned. The delegation does
 * not say for which class: card and smartphone share a CA key, so only the operator can, by naming the responders of each.
 */
import { createHash } from 'node:crypto';
import { type Certificate, unprocessedCriticalExtension } from '../../certificate/certificate.ts';
import { keyUsageMask } from '../../certificate/extensions.ts';
import type { Name } from '../../certificate/name.ts';
import type { PublicKeyInfo } from '../../certificate/public-key.ts';
import { equalBytes, toHex } from '../../der/bytes.ts';
import { OID } from '../../der/oids.ts';
import { type AlgorithmPolicy, verifySignedData } from '../../signature/signed-data.ts';
import type { StatusContext } from '../types.ts';
import { familiar, isIssuedBy } from './responder-cache.ts';
import type { BasicResponse, ResponderId } from './response.ts';

export interface ResponderFault {
  readonly code: 'ocsp-responder-unauthorized' | 'ocsp-signature';
  readonly detail: string;
}

export interface ResponderOptions {
  /** True where trusted status data lists the responder's certificate as revoked. */
  readonly isRevoked?: (responder: Certificate) => boolean;
  /** A long-lived responder certificate without id-pkix-ocsp-nocheck whose status nobody asked for. Default `refuse`. */
  readonly uncheckedResponder?: 'refuse' | 'accept';
}

/** A responder certificate without id-pkix-ocsp-nocheck is accepted up to this lifetime; beyond it, its own revocation would have to be known. */
const SHORT_LIVED_MS = 31 * 24 * 3_600_000;

interface Candidate {
  readonly subject: Name;
  readonly key: PublicKeyInfo;
  /** Null: may answer. Otherwise why not. Evaluated only for the one that signed. */
  readonly fault: () => string | null;
}

/**
 * Verifies the response's signature under the one it names as responder and says whether that one may answer; null: both hold.
 * A signature by a stranger is `ocsp-responder-unauthorized`; one that verifies under nobody who may answer is `ocsp-signature`.
 */
export const responderFault = (
  response: BasicResponse,
  context: StatusContext,
  policy: AlgorithmPolicy,
  options: ResponderOptions = {},
): ResponderFault | null => {
  const named = candidatesOf(response, context, policy, options).filter((candidate) => isNamed(response.responderId, candidate));
  const signed = { tbs: response.tbs, algorithm: response.signatureAlgorithm, signature: response.signatureValue };
  let signature: ResponderFault | null = null;
  let authority: ResponderFault | null = null;
  for (const { key, fault } of named) {
    const outcome = verifySignedData(signed, key, policy);
    const lack = fault();
    if (lack === null && outcome === 'ok') return null;
    if (lack === null) signature ??= { code: 'ocsp-signature', detail: outcome };
    else if (outcome === 'ok') authority ??= { code: 'ocsp-responder-unauthorized', detail: lack };
  }
  return authority ?? signature ?? { code: 'ocsp-responder-unauthorized', detail: 'responder-not-found' };
};

const candidatesOf = (
  { certificates }: BasicResponse,
  context: StatusContext,
  policy: AlgorithmPolicy,
  options: ResponderOptions,
): readonly Candidate[] => {
  const { responders } = context.profile.ocsp;
  if (responders === 'issuer-delegated' || 'delegated' in responders) {
    const unnamed = (subject: Name): string | null =>
      responders === 'issuer-delegated' || responders.delegated.some((named) => named.equals(subject)) ? null : 'not-named';
    const issuer = context.anchor.certificate;
    return [
      { subject: issuer.subject, key: issuer.publicKeyInfo, fault: () => unnamed(issuer.subject) },
      ...certificates
        .map((sent) => familiar(sent, issuer))
        .map((certificate) => ({
          subject: certificate.subject,
          key: certificate.publicKeyInfo,
          fault: () => unnamed(certificate.subject) ?? delegationFault(certificate, context, policy, options),
        })),
    ];
  }
  const pinned = responders.pinned.map((certificate) => ({
    subject: certificate.subject,
    key: certificate.publicKeyInfo,
    fault: () => validityFault(certificate, context.at),
  }));
  const sent = certificates.filter((certificate) => !responders.pinned.some((pin) => equalBytes(pin.der, certificate.der)));
  return [
    ...pinned,
    ...sent.map((certificate) => ({ subject: certificate.subject, key: certificate.publicKeyInfo, fault: () => 'not-pinned' })),
  ];
};

const isNamed = (id: ResponderId, { subject, key }: Candidate): boolean =>
  id.kind === 'byName' ? id.name.equals(subject) : equalBytes(id.keyHash, createHash('sha1').update(key.key).digest());

/** Critical extensions of a responder certificate that are processed here. */
const PROCESSED: ReadonlySet<string> = new Set([OID.keyUsage, OID.extendedKeyUsage, OID.basicConstraints, OID.ocspNoCheck]);

const DIGITAL_SIGNATURE = keyUsageMask(['digitalSignature']);

/** RFC 6960 §4.2.2.2: issued directly by the key that issued the certificate in question, and marked for OCSP signing. */
const delegationFault = (
  responder: Certificate,
  { certificate, anchor, at }: StatusContext,
  policy: AlgorithmPolicy,
  { isRevoked, uncheckedResponder = 'refuse' }: ResponderOptions,
): string | null => {
  const issuer = anchor.certificate;
  if (equalBytes(responder.publicKeyInfo.der, certificate.publicKeyInfo.der)) return 'own-key';
  if (!responder.issuer.equals(issuer.subject)) return 'other-issuer';
  const aki = responder.authorityKeyIdentifier;
  if (aki !== null && aki.keyIdentifier !== null && toHex(aki.keyIdentifier) !== anchor.keyId) return 'other-issuer-key';
  if (!isIssuedBy(responder, issuer, policy)) return 'other-issuer-key';
  if (unprocessedCriticalExtension(responder.extensions, PROCESSED) !== null) return 'critical-extension';
  // anyExtendedKeyUsage does not delegate.
  if (responder.extendedKeyUsage?.includes(OID.ocspSigning) !== true) return 'extended-key-usage';
  if (responder.keyUsage !== null && (responder.keyUsage & DIGITAL_SIGNATURE) === 0) return 'key-usage';
  const validity = validityFault(responder, at);
  if (validity !== null) return validity;
  if (isRevoked?.(responder) === true) return 'responder-revoked';
  const isLongLived = responder.notAfter - responder.notBefore > SHORT_LIVED_MS;
  if (uncheckedResponder === 'refuse' && !responder.ocspNoCheck && isLongLived) return 'responder-status-unchecked';
  return null;
};

/** Inclusive at both ends, without tolerance; `notAfter` runs to the end of its second. */
const validityFault = ({ notBefore, notAfter }: Certificate, at: number): string | null =>
  at < notBefore ? 'responder-not-yet-valid' : at > notAfter + 999 ? 'responder-expired' : null;
