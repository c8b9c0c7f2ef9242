/**
 * Who may answer for a certificate (RFC 6960 §4.2.2.2): the issuer's key, whom that very key delegated, or whom the operator pinned. The delegation does
 * not say for which class: card and smartphone share a CA key, so only the operator can, by naming the responders of each.
 */
import { type Certificate, unprocessedCriticalExtension } from '../../certificate/certificate.ts';
import { keyUsageMask } from '../../certificate/extensions.ts';
import type { Name } from '../../certificate/name.ts';
import { equalBytes } from '../../der/bytes.ts';
import { OID } from '../../der/oids.ts';
import { type AlgorithmPolicy, type SignedData, verifySignedData } from '../../signature/signed-data.ts';
import type { StatusContext } from '../types.ts';
import { isIssuedBy, knownResponders } from './responder-cache.ts';
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

/**
 * Verifies the response's signature under the one it names as responder and says whether that one may answer; null: both hold.
 * A signature by a stranger is `ocsp-responder-unauthorized`; one that verifies under nobody who may answer is `ocsp-signature`.
 */
export const responderFault = (
  response: BasicResponse,
  context: StatusContext,
  policy: AlgorithmPolicy,
  options: ResponderOptions = NO_OPTIONS,
): ResponderFault | null => {
  const { responders } = context.profile.ocsp;
  const own = responders === 'issuer-delegated' || 'delegated' in responders ? [context.anchor.certificate] : responders.pinned;
  const signed = { tbs: response.tbs, algorithm: response.signatureAlgorithm, signature: response.signatureValue };
  // Who was sent along is nearly always who signed; where both fail, what is wrong with our own names the fault.
  const ofSent = faultAmong(response.certificates, own, true, response.responderId, signed, context, policy, options);
  if (ofSent === null) return null;
  const ofOwn = faultAmong(own, own, false, response.responderId, signed, context, policy, options);
  if (ofOwn === null) return null;
  return firstOf('ocsp-responder-unauthorized', ofOwn, ofSent) ?? firstOf('ocsp-signature', ofOwn, ofSent) ?? NOT_FOUND;
};

const NO_OPTIONS: ResponderOptions = Object.freeze({});

/** Nobody of that name or key; that somebody else may answer is no reason to believe this. */
const NOT_FOUND: ResponderFault = Object.freeze({ code: 'ocsp-responder-unauthorized', detail: 'responder-not-found' });

const firstOf = (code: ResponderFault['code'], ...faults: readonly ResponderFault[]): ResponderFault | undefined =>
  faults.find((fault) => fault !== NOT_FOUND && fault.code === code);

/** `own`: the issuer, or those pinned. Null: one of the candidates signed, and may answer. */
const faultAmong = (
  candidates: readonly Certificate[],
  own: readonly Certificate[],
  sent: boolean,
  id: ResponderId,
  signed: SignedData,
  context: StatusContext,
  policy: AlgorithmPolicy,
  options: ResponderOptions,
): ResponderFault | null => {
  let signature: ResponderFault | null = null;
  let authority: ResponderFault | null = null;
  for (const candidate of candidates) {
    if (!isNamed(id, candidate)) continue;
    const outcome = verifySignedData(signed, candidate.publicKeyInfo, policy);
    const lack = sent ? lackOfSent(candidate, own, context, policy, options) : lackOfOwn(candidate, context);
    if (lack === null && outcome === 'ok') return null;
    if (lack === null) signature ??= { code: 'ocsp-signature', detail: outcome };
    else if (outcome === 'ok') authority ??= { code: 'ocsp-responder-unauthorized', detail: lack };
  }
  return authority ?? signature ?? NOT_FOUND;
};

/** Why the issuer itself, or one who is pinned, may not answer; null where it may. */
const lackOfOwn = (candidate: Certificate, context: StatusContext): string | null => {
  const { responders } = context.profile.ocsp;
  return responders === 'issuer-delegated' || 'delegated' in responders
    ? unnamed(candidate, responders)
    : validityFault(candidate, context.at);
};

/** Why one whose certificate was sent along may not answer; null where it may. */
const lackOfSent = (
  candidate: Certificate,
  own: readonly Certificate[],
  context: StatusContext,
  policy: AlgorithmPolicy,
  options: ResponderOptions,
): string | null => {
  const { responders } = context.profile.ocsp;
  if (responders === 'issuer-delegated' || 'delegated' in responders)
    return unnamed(candidate, responders) ?? delegationFault(candidate, context, policy, options);
  return own.some((pin) => pin === candidate || equalBytes(pin.der, candidate.der)) ? validityFault(candidate, context.at) : 'not-pinned';
};

const unnamed = ({ subject }: Certificate, responders: 'issuer-delegated' | { readonly delegated: readonly Name[] }): string | null =>
  responders === 'issuer-delegated' || responders.delegated.some((named) => named.equals(subject)) ? null : 'not-named';

const isNamed = (id: ResponderId, { subject, publicKeyInfo }: Certificate): boolean =>
  id.kind === 'byName' ? id.name.equals(subject) : equalBytes(id.keyHash, publicKeyInfo.keyHash);

/** Certificates that a response under these rules may bring along, and that need not be read again where it does. */
export const knownTo = ({ anchor, profile }: Pick<StatusContext, 'anchor' | 'profile'>): readonly Certificate[] => {
  const { responders } = profile.ocsp;
  return typeof responders === 'object' && 'pinned' in responders ? responders.pinned : knownResponders(anchor.certificate);
};

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
  if (aki !== null && aki.keyIdentifier !== null && !isKeyOf(aki.keyIdentifier, issuer)) return 'other-issuer-key';
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

const isKeyOf = (identifier: Uint8Array, { subjectKeyIdentifier }: Certificate): boolean =>
  subjectKeyIdentifier !== null && equalBytes(identifier, subjectKeyIdentifier);

/** Inclusive at both ends, without tolerance; `notAfter` runs to the end of its second. */
const validityFault = ({ notBefore, notAfter }: Certificate, at: number): string | null =>
  at < notBefore ? 'responder-not-yet-valid' : at > notAfter + 999 ? 'responder-expired' : null;
