/** What OCSP responses show about one certificate (RFC 6960 §3.2, RFC 5019 §4, RFC 9654). */
import { hash } from 'node:crypto';
import type { Certificate } from '../../certificate/certificate.ts';
import { equalBytes } from '../../der/bytes.ts';
import { DerError } from '../../der/reader.ts';
import type { RevocationSourceReport } from '../../verdict.ts';
import { BudgetError, OCSP_LIMITS, type OcspLimits, SKEW_MS } from '../budget.ts';
import { algorithmPolicy } from '../crl/check.ts';
import { mergeRevocations, type Revocation } from '../reason.ts';
import type { OfferedData, StatusContext, StatusResult } from '../types.ts';
import { isAbout } from './cert-id.ts';
import { knownTo, responderFault } from './responder.ts';
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
  const sources: RevocationSourceReport[] = [];
  const revocations: Revocation[] = [];
  let good = false;
  let doubtful = false;
  let nearest: Shortfall | null = null;
  for (const data of offered) {
    const examined = examine(data, data.nonce === undefined ? nonce : data.nonce, context, options);
    sources.push(reportOf(examined));
    const { judged } = examined;
    if (judged.status === 'good') good = true;
    else if (judged.status === 'revoked') revocations.push(judged.revocation);
    else {
      doubtful ||= judged.status === 'unknown';
      if (nearest === null || NEAREST_FIRST.indexOf(judged.code) < NEAREST_FIRST.indexOf(nearest.code)) nearest = judged;
    }
  }

  const revocation = mergeRevocations(revocations);
  if (revocation !== null) {
    const { reason, revokedAt } = revocation;
    return { status: 'revoked', code: 'revoked', reason, revokedAt: revokedAt === null ? null : new Date(revokedAt), sources };
  }
  if (good && doubtful) return { status: 'unknown', code: 'ocsp-conflicting', detail: 'between-responses', sources };
  if (nearest === null || good) return { status: 'good', sources };
  return { status: 'unknown', code: nearest.code, ...(nearest.detail === undefined ? {} : { detail: nearest.detail }), sources };
};

const unusable = (code: OcspCode, detail?: string): Extract<Judged, Shortfall> =>
  detail === undefined ? { status: 'unusable', code } : { status: 'unusable', code, detail };

const unread = (offered: OfferedData, code: OcspCode, detail?: string): Examined => ({
  offered,
  judged: unusable(code, detail),
  basic: null,
  single: null,
});

const examine = (offered: OfferedData, nonce: Uint8Array | null, context: StatusContext, options: CheckOcspOptions): Examined => {
  let response: OcspResponse;
  try {
    response = readOcspResponse(offered.der, options.limits ?? OCSP_LIMITS, knownTo(context));
  } catch (error) {
    if (error instanceof BudgetError) return unread(offered, 'budget-ocsp');
    if (error instanceof DerError) return unread(offered, 'ocsp-malformed');
    throw error;
  }
  if (response.status !== 'successful') return unread(offered, 'ocsp-error-status', response.status);
  const { basic } = response;
  const singles = basic.responses.filter(({ certId }) => isAbout(certId, context));
  return { offered, judged: judge(basic, singles, nonce, context, options), basic, single: singles[0] ?? null };
};

const judge = (
  basic: BasicResponse,
  singles: readonly SingleResponse[],
  nonce: Uint8Array | null,
  context: StatusContext,
  options: CheckOcspOptions,
): Judged => {
  const fault = responderFault(basic, context, algorithmPolicy(context), options);
  if (fault !== null) return unusable(fault.code, fault.detail);
  if (basic.unprocessedCritical !== null) return unusable('ocsp-unsupported', 'critical-extension');
  const echo = nonceShortfall(basic.nonce, nonce, context.profile.ocsp.nonce);
  if (echo !== null) return unusable(echo.code, echo.detail);
  const [first] = singles;
  if (first === undefined) return unusable('ocsp-certid-mismatch');
  if (basic.producedAt > context.at + SKEW_MS) return unusable('ocsp-not-yet-valid', 'produced-at');

  const revocations: Revocation[] = [];
  let aged: Shortfall | null = null;
  let conflicting = false;
  for (const single of singles) {
    const { status } = single;
    const age = ageShortfall(single, basic.producedAt, context);
    aged ??= age;
    if (age === null && status.kind === 'revoked') revocations.push(status);
    conflicting ||= status.kind !== first.status.kind;
  }
  const revocation = mergeRevocations(revocations);
  if (revocation !== null) return { status: 'revoked', revocation };
  // One response that says two things about one certificate is believed in neither, whatever the age of its parts.
  if (conflicting) return { status: 'unknown', code: 'ocsp-conflicting' };
  if (aged !== null) return unusable(aged.code, aged.detail);
  return first.status.kind === 'good' ? GOOD : { status: 'unknown', code: 'ocsp-unknown' };
};

const GOOD: Judged = Object.freeze({ status: 'good' });

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

const reportOf = ({ offered, judged, basic, single }: Examined): RevocationSourceReport => {
  const report: { -readonly [K in keyof RevocationSourceReport]: RevocationSourceReport[K] } = {
    kind: 'ocsp',
    status: judged.status,
    origin: offered.origin,
    sha256: offered.sha256 ?? hash('sha256', offered.der, 'hex'),
  };
  if ('code' in judged) {
    report.code = judged.code;
    if (judged.detail !== undefined) report.detail = judged.detail;
  }
  if (basic !== null) report.producedAt = new Date(basic.producedAt);
  if (single === null) return report;
  report.thisUpdate = new Date(single.thisUpdate);
  if (single.nextUpdate !== null) report.nextUpdate = new Date(single.nextUpdate);
  return report;
};
