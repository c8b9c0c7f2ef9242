/** `/platform/v1/determinations`: a platform operator who may ask this JPKI, as docs/platform-operator.md describes one. It keeps nothing. */
import { constants, createHash, publicDecrypt, X509Certificate } from 'node:crypto';
import type { CertificateClass, RevocationReason } from '@jpki-rp/verifier';
import type { IssuedRecord, Revocation } from '../authority/ledger.ts';
import { type HttpAnswer, type HttpHandler, json, readJson } from './server.ts';

export interface PlatformRoutesOptions {
  readonly isAuthorized: (authorization: string | undefined) => boolean;
  /** The certificate with that serial number, whatever its class and generation. */
  find(serial: bigint): IssuedRecord | undefined;
  revocation(record: IssuedRecord): Revocation | undefined;
  now(): Date;
  fault(): 'down' | 'garbage' | null;
  onAsked(): void;
}

interface Determination {
  readonly requestId: string;
  readonly certificateSha256: string;
  readonly certificateClass: CertificateClass;
  readonly status: 'good' | 'revoked' | 'expired' | 'unknown';
  readonly signature?: 'valid' | 'invalid';
  readonly reason?: RevocationReason;
  readonly revokedAt?: string;
  readonly checkedAt: string;
  readonly currentAsOf: string;
}

/** RFC 8017 §9.2, note 1. */
const DIGEST_INFO_SHA256 = Buffer.from('3031300d060960864801650304020105000420', 'hex');

export function platformRoutes(options: PlatformRoutesOptions): HttpHandler {
  return async (request) => {
    if (request.path !== '/platform/v1/determinations') return { status: 404 };
    if (request.method !== 'POST') return { status: 405 };
    if (!options.isAuthorized(request.headers['authorization'])) return json(401, { error: 'unauthorized' });
    options.onAsked();
    const fault = options.fault();
    if (fault === 'down') return 'drop';
    if (fault === 'garbage') return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"status":' };
    const body = readJson(request);
    return body === undefined ? json(400, { error: 'malformed' }) : determine(body, options);
  };
}

function determine(body: Readonly<Record<string, unknown>>, { find, revocation, now }: PlatformRoutesOptions): HttpAnswer {
  const { v, requestId, certificate: text, certificateClass } = body;
  if (v !== 1 || typeof requestId !== 'string' || typeof text !== 'string' || typeof certificateClass !== 'string') {
    return json(400, { error: 'malformed' });
  }
  const der = Buffer.from(text, 'base64');
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return json(400, { error: 'certificate-malformed' });
  }
  const record = find(BigInt(`0x${certificate.serialNumber}`));
  const at = now();
  // What was never issued here is not known, under whatever class it comes.
  const issued = record !== undefined && Buffer.from(record.der).equals(der) ? record : undefined;
  const revoked = issued === undefined ? undefined : revocation(issued);
  const signature = signatureOf(certificate, body);
  const answer: Determination = {
    requestId,
    certificateSha256: createHash('sha256').update(der).digest('hex'),
    certificateClass: issued?.class ?? (certificateClass as CertificateClass),
    status: issued === undefined ? 'unknown' : revoked !== undefined ? 'revoked' : at > issued.notAfter ? 'expired' : 'good',
    ...(signature === undefined ? {} : { signature }),
    ...(revoked === undefined ? {} : { reason: revoked.reason, revokedAt: revoked.at.toISOString() }),
    checkedAt: at.toISOString(),
    currentAsOf: at.toISOString(),
  };
  return json(200, answer);
}

/** RSA only: every person here has an RSA key. */
function signatureOf(
  { publicKey }: X509Certificate,
  { digest, signature, scheme }: Readonly<Record<string, unknown>>,
): 'valid' | 'invalid' | undefined {
  if (digest === undefined && signature === undefined) return undefined;
  if (typeof digest !== 'string' || typeof signature !== 'string') return 'invalid';
  const hash = Buffer.from(digest, 'base64');
  const expected = scheme === 'rsa-pkcs1-bare-sha256' ? hash : Buffer.concat([DIGEST_INFO_SHA256, hash]);
  try {
    const shown = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(signature, 'base64'));
    return hash.length === 32 && shown.equals(expected) ? 'valid' : 'invalid';
  } catch {
    return 'invalid';
  }
}
