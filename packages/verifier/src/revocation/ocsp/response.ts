/** One strict DER OCSPResponse with a basic response inside (RFC 6960 §4.2.1). Nothing is verified here. */
import {
  type Certificate,
  type CertificateTolerance,
  readCertificateAt,
  unprocessedCriticalExtension,
} from '../../certificate/certificate.ts';
import { type Extension, readExtensions } from '../../certificate/extensions.ts';
import { type Name, readName } from '../../certificate/name.ts';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../../certificate/public-key.ts';
import { OID } from '../../der/oids.ts';
import { contextConstructed, contextPrimitive, DerReader, TAG } from '../../der/reader.ts';
import type { RevocationReason } from '../../verdict.ts';
import { BudgetError, OCSP_LIMITS, type OcspLimits } from '../budget.ts';
import { reasonOf } from '../reason.ts';
import { type CertId, readCertId } from './cert-id.ts';

export type ResponderId =
  | { readonly kind: 'byName'; readonly name: Name }
  /** SHA-1 of the responder's public key bits. */
  | { readonly kind: 'byKey'; readonly keyHash: Uint8Array };

export interface SingleResponse {
  readonly certId: CertId;
  readonly status:
    | { readonly kind: 'good' | 'unknown' }
    | { readonly kind: 'revoked'; readonly revokedAt: number; readonly reason: RevocationReason };
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  readonly nextUpdate: number | null;
}

export interface BasicResponse {
  /** The signed part. */
  readonly tbs: Uint8Array;
  readonly responderId: ResponderId;
  readonly producedAt: number;
  readonly responses: readonly SingleResponse[];
  /** The octets of the nonce extension, null where it is absent. */
  readonly nonce: Uint8Array | null;
  /** OID of the first critical extension, of the response or of any SingleResponse, that is not processed here. */
  readonly unprocessedCritical: string | null;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signatureValue: Uint8Array;
  /** Certificates sent along: claims, not trust. */
  readonly certificates: readonly Certificate[];
}

export type OcspErrorStatus = 'malformed-request' | 'internal-error' | 'try-later' | 'sig-required' | 'unauthorized';

export type OcspResponse =
  | { readonly status: 'successful'; readonly basic: BasicResponse }
  | { readonly status: OcspErrorStatus; readonly basic: null };

/** 4 is not used. */
const ERRORS: Readonly<Record<number, OcspErrorStatus>> = {
  1: 'malformed-request',
  2: 'internal-error',
  3: 'try-later',
  5: 'sig-required',
  6: 'unauthorized',
};

const NONE: readonly never[] = Object.freeze([]);

/**
 * Throws `DerError` where the bytes are not exactly one strict OCSPResponse, `BudgetError` where it is larger than allowed. `known`: certificates that have
 * been read from these very octets before are taken from there, not read again.
 */
export const readOcspResponse = (der: Uint8Array, limits: OcspLimits = OCSP_LIMITS, known: readonly Certificate[] = NONE): OcspResponse => {
  if (der.length > limits.maxBytes) throw new BudgetError('OCSP response larger than allowed');
  const r = new DerReader(der);
  const outer = r.enter(TAG.SEQUENCE);
  const status = r.smallInteger(TAG.ENUMERATED);
  if (status !== 0) {
    const error = ERRORS[status];
    if (error === undefined) return r.fail('OCSP response status');
    // RFC 6960 §4.2.1: an error carries no responseBytes.
    r.leave(outer);
    r.end();
    return { status: error, basic: null };
  }
  const explicit = r.enter(contextConstructed(0));
  const bytes = r.enter(TAG.SEQUENCE);
  if (r.oid() !== OID.ocspBasic) r.fail('basic OCSP response expected');
  const basic = readBasicResponse(r.inside(TAG.OCTET_STRING), limits, known);
  r.leave(bytes);
  r.leave(explicit);
  r.leave(outer);
  r.end();
  return { status: 'successful', basic };
};

const readBasicResponse = (r: DerReader, limits: OcspLimits, known: readonly Certificate[]): BasicResponse => {
  const outer = r.enter(TAG.SEQUENCE);
  const tbsStart = r.pos;
  const data = readResponseData(r, limits);
  const tbs = r.bytes.subarray(tbsStart, r.pos);
  const signatureAlgorithm = readAlgorithmIdentifier(r);
  const signatureValue = r.octetAlignedBitString();
  const certificates: Certificate[] = [];
  if (r.peek() === contextConstructed(0)) {
    const explicit = r.enter(contextConstructed(0));
    const list = r.enter(TAG.SEQUENCE);
    while (!r.done) {
      if (certificates.length === limits.maxCertificates) throw new BudgetError('more certificates in an OCSP response than allowed');
      certificates.push(passKnown(r, known) ?? readCertificateAt(r, RESPONDER_TOLERANCE));
    }
    r.leave(list);
    r.leave(explicit);
  }
  r.leave(outer);
  r.end();
  return { tbs, ...data, signatureAlgorithm, signatureValue, certificates };
};

const RESPONDER_TOLERANCE: CertificateTolerance = { emptySubjectAltName: 'accept' };

/** The one of `known` whose octets stand at the cursor, all of them; the cursor is then behind it. */
const passKnown = (r: DerReader, known: readonly Certificate[]): Certificate | null => {
  const { bytes, pos, limit } = r;
  for (const certificate of known) {
    const { der } = certificate;
    const end = pos + der.length;
    // The last octet is of a signature: it tells most of those apart that have one length.
    if (end > limit || bytes[end - 1] !== der[der.length - 1]) continue;
    if (Buffer.compare(bytes.subarray(pos, end), der) !== 0) continue;
    r.pos = end;
    return certificate;
  }
  return null;
};

type ResponseData = Pick<BasicResponse, 'responderId' | 'producedAt' | 'responses' | 'nonce' | 'unprocessedCritical'>;

const readResponseData = (r: DerReader, limits: OcspLimits): ResponseData => {
  const outer = r.enter(TAG.SEQUENCE);
  // v1 is the DEFAULT, never encoded, and there is no other version.
  if (r.peek() === contextConstructed(0)) r.fail('OCSP response version');
  const responderId = readResponderId(r);
  const producedAt = r.generalizedTime();
  const responses: SingleResponse[] = [];
  let unprocessedCritical: string | null = null;
  const list = r.enter(TAG.SEQUENCE);
  while (!r.done) {
    if (responses.length === limits.maxSingleResponses) throw new BudgetError('more single responses than allowed');
    const outerOfSingle = r.enter(TAG.SEQUENCE);
    responses.push(readSingleResponse(r));
    const single = readExplicitExtensions(r);
    unprocessedCritical ??= unprocessedCriticalExtension(single, PROCESSED_SINGLE);
    r.leave(outerOfSingle);
  }
  r.leave(list);
  const extensions = readExplicitExtensions(r);
  r.leave(outer);
  unprocessedCritical ??= unprocessedCriticalExtension(extensions, PROCESSED_RESPONSE);
  let nonce: Uint8Array | null = null;
  for (const extension of extensions) if (extension.oid === OID.ocspNonce) nonce = readNonce(extension);
  return { responderId, producedAt, responses, nonce, unprocessedCritical };
};

/** The nonce is compared. extended-revoke only tells which certificates may be *revoked* without having been issued (RFC 6960 §4.4.8). */
const PROCESSED_RESPONSE: ReadonlySet<string> = new Set([OID.ocspNonce, OID.ocspExtendedRevoke]);
/** archiveCutoff only tells how long a responder remembers (RFC 6960 §4.4.4). */
const PROCESSED_SINGLE: ReadonlySet<string> = new Set([OID.ocspArchiveCutoff]);

/** RFC 9654 §2.1: an OCTET STRING of 1 to 128 octets. */
const readNonce = ({ value }: Extension): Uint8Array => {
  const reader = new DerReader(value);
  const octets = reader.value(TAG.OCTET_STRING);
  reader.end();
  if (octets.length === 0 || octets.length > 128) return reader.fail('nonce length');
  return octets;
};

const readResponderId = (r: DerReader): ResponderId => {
  if (r.peek() === contextConstructed(1)) {
    const outer = r.enter(contextConstructed(1));
    const name = readName(r);
    r.leave(outer);
    return { kind: 'byName', name };
  }
  const outer = r.enter(contextConstructed(2));
  const keyHash = r.value(TAG.OCTET_STRING);
  if (keyHash.length !== 20) r.fail('KeyHash length');
  r.leave(outer);
  return { kind: 'byKey', keyHash };
};

/** All but the extensions. */
const readSingleResponse = (r: DerReader): SingleResponse => {
  const certId = readCertId(r);
  const status = readStatus(r);
  const thisUpdate = r.generalizedTime();
  let nextUpdate: number | null = null;
  if (r.peek() === contextConstructed(0)) {
    const explicit = r.enter(contextConstructed(0));
    nextUpdate = r.generalizedTime();
    r.leave(explicit);
    if (nextUpdate < thisUpdate) r.fail('nextUpdate before thisUpdate');
  }
  return { certId, status, thisUpdate, nextUpdate };
};

const STATUS_GOOD: SingleResponse['status'] = Object.freeze({ kind: 'good' });
const STATUS_UNKNOWN: SingleResponse['status'] = Object.freeze({ kind: 'unknown' });

const readStatus = (r: DerReader): SingleResponse['status'] => {
  switch (r.peek()) {
    case contextPrimitive(0):
      if (r.passed(contextPrimitive(0)) !== r.pos) r.fail('good is NULL');
      return STATUS_GOOD;
    case contextConstructed(1): {
      const outer = r.enter(contextConstructed(1));
      const revokedAt = r.generalizedTime();
      let code = 0;
      if (r.peek() === contextConstructed(0)) {
        const explicit = r.enter(contextConstructed(0));
        code = r.smallInteger(TAG.ENUMERATED);
        r.leave(explicit);
      }
      r.leave(outer);
      return { kind: 'revoked', revokedAt, reason: reasonOf(code) };
    }
    case contextPrimitive(2):
      if (r.passed(contextPrimitive(2)) !== r.pos) r.fail('unknown is NULL');
      return STATUS_UNKNOWN;
    default:
      return r.fail('certStatus expected');
  }
};

const readExplicitExtensions = (r: DerReader): readonly Extension[] => {
  if (r.peek() !== contextConstructed(1)) return NONE;
  const explicit = r.enter(contextConstructed(1));
  const extensions = readExtensions(r);
  r.leave(explicit);
  return extensions;
};
