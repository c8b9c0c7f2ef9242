/** What OCSP responses show about one certificate (RFC 6960 §3.2, RFC 5019 §4, RFC 9654). */
import { createHash } from 'node:crypto';
import type { Certificate } from '../../certificate/certificate.ts';
import { equalBytes } from '../../der/bytes.ts';
import { DerError } from '../../der/reader.ts';
import type { RevocationSourceReport } from '../../verdict.ts';
import { BudgetError, OCSP_LIMITS, type OcspLimits, SKEW_MS } from '../budget.ts';
import { algorithmPolicy } from '../crl/check.ts';
import { mergeRevocations, type Revocation } from '../reason.ts';
import type { OfferedData, StatusContext, StatusResult } from '../types.ts';
import { isAbout } from './cert-id.ts';
import { responderFault } from './responder.ts';
import { type BasicResponse, type OcspResponse, readOcspResponse, type SingleResponse } from './response.ts';

/** A response, and the nonce of the request it answers where that is another one than the call's. */
export interface OfferedResponse extends OfferedData {
  readonly nonce?: Uint8Array | null;
}

export interface CheckOcspOptions {
  readonly limits?: OcspLimits;
  /** True where trusted status data lists the responder's certificate as revoked. */
  readonly isRevoked?: (responder: Certificate) => boolean;
}

type OcspCode = NonNullable<Extract<RevocationSourceReport['code'], `ocsp-${string}` | 'budget-ocsp'>>;

interface Shortfall {
  readonly code: OcspCode;
  readonly detail?: string;
}

type Judged =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly revocation: Revocation }
  | ({ readonly status: 'unknown' | 'unusable' } & Shortfall);

interface Examined {
  readonly offered: OfferedData;
  readonly judged: Judged;
  readonly basic: BasicResponse | null;
  readonly single: SingleResponse | null;
}

/** The nearer to usable, the earlier: the first of these among several responses names the result. */
const NEAREST_FIRST: readonly OcspCode[] = [
  'ocsp-conflicting',
  'ocsp-unknown',
  'ocsp-stale',
  'ocsp-not-yet-valid',
  'ocsp-nonce-mismatch',
  'ocsp-certid-mismatch',
  'ocsp-unsupported',
  'ocsp-signature',
  'ocsp-responder-unauthorized',
  'ocsp-error-status',
  'ocsp-malformed',
  'budget-ocsp',
];

/**
 * All responses count, each only when it passes every rule: strict DER, no unprocessed critical extension, an authorised responder's signature, the
 * nonce, a SingleResponse with the certificate's whole certID, and freshness. One trusted *revoked* outweighs any *good*; *good* beside *unknown* is
 * `ocsp-conflicting`. Codes: `ocsp-missing`, those of the list above.
 */
export const checkOcspResponses = (
  offered: readonly OfferedResponse[],
  nonce: Uint8Array | null,
  context: StatusContext,
  options: CheckOcspOptions = {},
): StatusResult => {
  if (offered.length === 0) return { status: 'unknown', code: 'ocsp-missing', sources: [] };
  const examined = offered.map((data) => examine(data, data.nonce === undefined ? nonce : data.nonce, context, options));
  const sources = examined.map(reportOf);
  const judged = examined.map((item) => item.judged);

  const revocation = mergeRevocations(judged.flatMap((j) => (j.status === 'revoked' ? [j.revocation] : [])));
  if (revocation !== null) {
    const { reason, revokedAt } = revocation;
    return { status: 'revoked', code: 'revoked', reason, revokedAt: revokedAt === null ? null : new Date(revokedAt), sources };
  }
  const good = judged.some((j) => j.status === 'good');
  const doubtful = judged.flatMap((j) => (j.status === 'unknown' ? [j] : []));
  if (good && doubtful.length > 0) return { status: 'unknown', code: 'ocsp-conflicting', detail: 'between-responses', sources };
  if (good) return { status: 'good', sources };
  const nearest = judged
    .flatMap((j) => (j.status === 'unknown' || j.status === 'unusable' ? [j] : []))
    .reduce((a, b) => (NEAREST_FIRST.indexOf(b.code) < NEAREST_FIRST.indexOf(a.code) ? b : a));
  return { status: 'unknown', code: nearest.code, ...(nearest.detail === undefined ? {} : { detail: nearest.detail }), sources };
};

const examine = (offered: OfferedData, nonce: Uint8Array | null, context: StatusContext, options: CheckOcspOptions): Examined => {
  const unread = (code: OcspCode, detail?: string): Examined => ({
    offered,
    judged: { status: 'unusable', code, ...(detail === undefined ? {} : { detail }) },
    basic: null,
    single: null,
  });
  let response: OcspResponse;
  try {
    response = readOcspResponse(offered.der, options.limits ?? OCSP_LIMITS);
  } catch (error) {
    if (error instanceof BudgetError) return unread('budget-ocsp');
    if (error instanceof DerError) return unread('ocsp-malformed');
    throw error;
  }
  if (response.status !== 'successful') return unread('ocsp-error-status', response.status);
  const { basic } = response;
  const singles = basic.responses.filter(({ certId }) => isAbout(certId, context));
  return { offered, basic, single: singles[0] ?? null, judged: judge(basic, singles, nonce, context, options) };
};

const judge = (
  basic: BasicResponse,
  singles: readonly SingleResponse[],
  nonce: Uint8Array | null,
  context: StatusContext,
  options: CheckOcspOptions,
): Judged => {
  const unusable = (code: OcspCode, detail?: string): Judged => ({
    status: 'unusable',
    code,
    ...(detail === undefined ? {} : { detail }),
  });
  const { isRevoked } = options;
  const fault = responderFault(basic, context, algorithmPolicy(context), isRevoked === undefined ? {} : { isRevoked });
  if (fault !== null) return unusable(fault.code, fault.detail);
  if (basic.unprocessedCritical !== null) return unusable('ocsp-unsupported', 'critical-extension');
  const echo = nonceShortfall(basic.nonce, nonce, context.profile.ocsp.nonce);
  if (echo !== null) return unusable(echo.code, echo.detail);
  if (singles.length === 0) return unusable('ocsp-certid-mismatch');
  if (basic.producedAt > context.at + SKEW_MS) return unusable('ocsp-not-yet-valid', 'produced-at');

  const current = singles.filter((single) => ageShortfall(single, basic.producedAt, context) === null);
  const revocation = mergeRevocations(
    current.flatMap(({ status }) => (status.kind === 'revoked' ? [{ reason: status.reason, revokedAt: status.revokedAt }] : [])),
  );
  if (revocation !== null) return { status: 'revoked', revocation };
  // One response that says two things about one certificate is believed in neither, whatever the age of its parts.
  if (new Set(singles.map(({ status }) => status.kind)).size > 1) return { status: 'unknown', code: 'ocsp-conflicting' };
  for (const single of singles) {
    const age = ageShortfall(single, basic.producedAt, context);
    if (age !== null) return unusable(age.code, age.detail);
  }
  return singles[0]?.status.kind === 'good' ? { status: 'good' } : { status: 'unknown', code: 'ocsp-unknown' };
};

/** Sent and come back: equal. Required: it must have been sent and have come back. */
const nonceShortfall = (received: Uint8Array | null, sent: Uint8Array | null, rule: 'optional' | 'required'): Shortfall | null => {
  if (received === null) return rule === 'required' ? { code: 'ocsp-nonce-mismatch', detail: 'absent' } : null;
  if (sent === null) return rule === 'required' ? { code: 'ocsp-nonce-mismatch', detail: 'not-sent' } : null;
  return equalBytes(received, sent) ? null : { code: 'ocsp-nonce-mismatch', detail: 'different' };
};

const ageShortfall = ({ thisUpdate, nextUpdate }: SingleResponse, producedAt: number, { at, profile }: StatusContext): Shortfall | null => {
  if (thisUpdate > at + SKEW_MS) return { code: 'ocsp-not-yet-valid', detail: 'this-update' };
  // Nobody knows at signing time what will be true later.
  if (thisUpdate > producedAt + SKEW_MS) return { code: 'ocsp-not-yet-valid', detail: 'this-update-after-produced-at' };
  if (at - thisUpdate > profile.ocsp.maxAgeSeconds * 1000) return { code: 'ocsp-stale', detail: 'max-age' };
  // Something has to bound the age of an answer: without a limit of ours, the responder's own.
  if (nextUpdate === null && !Number.isFinite(profile.ocsp.maxAgeSeconds)) return { code: 'ocsp-stale', detail: 'no-next-update' };
  if (nextUpdate !== null && at > nextUpdate) return { code: 'ocsp-stale', detail: 'next-update' };
  return null;
};

const reportOf = ({ offered, judged, basic, single }: Examined): RevocationSourceReport => ({
  kind: 'ocsp',
  status: judged.status,
  ...('code' in judged ? { code: judged.code, ...(judged.detail === undefined ? {} : { detail: judged.detail }) } : {}),
  ...(single === null ? {} : { thisUpdate: new Date(single.thisUpdate) }),
  ...(single === null || single.nextUpdate === null ? {} : { nextUpdate: new Date(single.nextUpdate) }),
  ...(basic === null ? {} : { producedAt: new Date(basic.producedAt) }),
  sha256: createHash('sha256').update(offered.der).digest('hex'),
  origin: offered.origin,
});
