/** What one verification has come by, of every kind, and what each kind shows. */
import { hash } from 'node:crypto';
import type { Certificate } from '../certificate/certificate.ts';
import { INDETERMINATE_CODES, type IndeterminateCode } from '../codes.ts';
import type { RevocationSourceReport } from '../verdict.ts';
import { SKEW_MS } from './budget.ts';
import { checkCrls } from './crl/check.ts';
import { type Freshness, youngEnough } from './freshness.ts';
import { checkOcspResponses, type OfferedResponse } from './ocsp/check.ts';
import { type Findings, failedReport } from './policy.ts';
import { mergeRevocations } from './reason.ts';
import type { OfferedData, RevocationAnswer, RevocationSource, StatusContext, StatusResult, UsedStatusData } from './types.ts';

export const missing = (kind: RevocationSource['kind']): IndeterminateCode =>
  kind === 'crl' ? 'crl-missing' : kind === 'ocsp' ? 'ocsp-missing' : 'revocation-not-checked';

export const digestOf = (der: Uint8Array): string => hash('sha256', der, 'hex');

export interface HandedInData {
  readonly crls: readonly Uint8Array[];
  readonly ocspResponses: readonly Uint8Array[];
  readonly ocspNonce: Uint8Array | null;
}

const NONE: readonly never[] = Object.freeze([]);

const octetsOf = (kept: ReadonlyMap<string, OfferedData> | undefined): readonly Uint8Array[] =>
  kept === undefined ? NONE : Array.from(kept.values(), ({ der }) => der);

/** Everything one verification has come by. */
export class Gathered {
  readonly context: StatusContext;
  #crls: Map<string, OfferedData> | undefined;
  #responses: Map<string, OfferedResponse> | undefined;
  readonly #determinations: Record<RevocationSource['kind'], readonly StatusResult[]> = { crl: NONE, ocsp: NONE, platform: NONE };
  readonly #failures: Record<RevocationSource['kind'], readonly RevocationSourceReport[]> = { crl: NONE, ocsp: NONE, platform: NONE };
  readonly #freshness: Freshness;
  #nonce: Uint8Array | null;
  #findings: Findings | undefined;

  constructor(context: StatusContext, handedIn: HandedInData, freshness: Freshness) {
    this.context = context;
    this.#freshness = freshness;
    this.#nonce = handedIn.ocspNonce;
    for (const der of handedIn.crls) this.#crl(der, 'handed-in');
    for (const der of handedIn.ocspResponses) this.#response(der, 'handed-in', handedIn.ocspNonce);
  }

  add(source: RevocationSource, answer: RevocationAnswer): void {
    this.#findings = undefined;
    switch (answer.kind) {
      case 'data': {
        // Whoever asks a platform handles no status data: an answer of the platform is a determination.
        if (source.kind === 'platform') {
          this.#failed('platform', 'revocation-not-checked', 'data-from-platform');
          return;
        }
        for (const { code, detail } of answer.attempts ?? []) this.#failed(source.kind, code, detail);
        // Where octets are known already, what they were handed in for stays.
        for (const der of answer.crls ?? []) this.#crl(der, 'fetched');
        for (const der of answer.ocspResponses ?? []) this.#response(der, 'fetched', answer.ocspNonce ?? null);
        if (answer.ocspNonce !== undefined) this.#nonce = answer.ocspNonce;
        return;
      }
      case 'determination':
        this.#determinations[source.kind] = [...this.#determinations[source.kind], determined(source.kind, answer, this.context)];
        return;
      case 'failed':
        for (const { code, detail } of answer.attempts ?? [answer]) this.#failed(source.kind, code, detail);
    }
  }

  findings(): Findings {
    this.#findings ??= this.#evaluate();
    return this.#findings;
  }

  used(): UsedStatusData {
    return {
      crls: octetsOf(this.#crls),
      ocspResponses: octetsOf(this.#responses),
      ocspNonce: this.#nonce,
    };
  }

  #evaluate(): Findings {
    const { context } = this;
    const crls = this.#crls === undefined ? NONE : [...this.#crls.values()];
    // Whoever may answer is checked against the CRLs at hand: a revoked responder answers for nobody.
    const isRevoked = (responder: Certificate): boolean => checkCrls(crls, { ...context, certificate: responder }).status === 'revoked';
    const responses = this.#responses === undefined ? NONE : [...this.#responses.values()];
    return {
      crl: this.#aged('crl', checkCrls(crls, context)),
      ocsp: this.#aged('ocsp', checkOcspResponses(responses, null, context, crls.length === 0 ? undefined : { isRevoked })),
      platform: this.#platform(),
    };
  }

  #platform(): StatusResult | null {
    const nothing = this.#determinations.platform.length === 0 && this.#failures.platform.length === 0;
    return nothing ? null : this.#aged('platform', { status: 'unknown', code: 'revocation-not-checked', sources: [] });
  }

  #aged(kind: RevocationSource['kind'], data: StatusResult): StatusResult {
    return youngEnough(this.#with(kind, data), kind, this.#freshness, this.context.at);
  }

  /** The finding from data, joined by what sources determined themselves and by those that failed. */
  #with(kind: RevocationSource['kind'], data: StatusResult): StatusResult {
    const determinations = this.#determinations[kind];
    const failures = this.#failures[kind];
    if (failures.length === 0 && data.sources.length === 0) {
      const [only, ...others] = determinations;
      if (only === undefined) return data;
      if (others.length === 0 && only.status === 'good') return only;
    }
    const sources = [...data.sources, ...determinations.flatMap((d) => d.sources), ...failures];
    const revocation = mergeRevocations(
      [data, ...determinations].flatMap((d) =>
        d.status === 'revoked' ? [{ reason: d.reason, revokedAt: d.revokedAt?.getTime() ?? null }] : [],
      ),
    );
    if (revocation !== null) {
      const { reason, revokedAt } = revocation;
      return { status: 'revoked', code: 'revoked', reason, revokedAt: revokedAt === null ? null : new Date(revokedAt), sources };
    }
    if (data.status === 'good' || determinations.some((d) => d.status === 'good')) return { status: 'good', sources };
    const told = [data, ...determinations].find((d) => d.status === 'unknown' && d.code !== missing(kind));
    if (told !== undefined) return { ...told, sources };
    const failure = failures.at(-1);
    if (failure === undefined) return { ...data, sources };
    return {
      status: 'unknown',
      code: indeterminate(failure.code, kind),
      ...(failure.detail === undefined ? {} : { detail: failure.detail }),
      sources,
    };
  }

  #crl(der: Uint8Array, origin: OfferedData['origin']): void {
    const digest = digestOf(der);
    this.#crls ??= new Map();
    if (!this.#crls.has(digest)) this.#crls.set(digest, { der, origin, sha256: digest });
  }

  #response(der: Uint8Array, origin: OfferedData['origin'], nonce: Uint8Array | null): void {
    const digest = digestOf(der);
    this.#responses ??= new Map();
    if (!this.#responses.has(digest)) this.#responses.set(digest, { der, origin, sha256: digest, nonce });
  }

  #failed(kind: RevocationSource['kind'], code: RevocationSourceReport['code'] & string, detail: string): void {
    this.#failures[kind] = [...this.#failures[kind], failedReport(kind, code, detail)];
  }
}

/** An answer of a source that checked its own data; its age is checked here again: without a time nothing shows *good* (invariant 3). */
const determined = (
  kind: RevocationSource['kind'],
  { report: stated, reason, revokedAt }: Extract<RevocationAnswer, { kind: 'determination' }>,
  { at, profile }: StatusContext,
): StatusResult => {
  const report: RevocationSourceReport = { ...stated, kind };
  const unknown = (code: IndeterminateCode, detail?: string): StatusResult => ({
    status: 'unknown',
    code,
    ...(detail === undefined ? {} : { detail }),
    sources: [{ ...timed(report), status: 'unusable', code, ...(detail === undefined ? {} : { detail }) }],
  });
  const { thisUpdate, nextUpdate } = timed(report);
  if (thisUpdate !== undefined && thisUpdate.getTime() > at + SKEW_MS)
    return unknown(kind === 'crl' ? 'crl-not-yet-valid' : 'ocsp-not-yet-valid', 'this-update');
  if (report.status === 'revoked') {
    return { status: 'revoked', code: 'revoked', reason: reason ?? 'unspecified', revokedAt: revokedAt ?? null, sources: [timed(report)] };
  }
  if (report.status !== 'good') return unknown(indeterminate(report.code, kind), report.detail);
  if (kind === 'platform') {
    // What a platform says is current by its contract; a time that is none is a broken answer all the same.
    if (timed(report) !== report) return unknown('revocation-not-checked', 'no-time');
  } else {
    const stale = kind === 'crl' ? 'crl-stale' : 'ocsp-stale';
    if (thisUpdate === undefined) return unknown(stale, 'no-this-update');
    if (kind === 'crl' && nextUpdate === undefined) return unknown(stale, 'no-next-update');
    if (kind === 'ocsp' && at - thisUpdate.getTime() > profile.ocsp.maxAgeSeconds * 1000) return unknown(stale, 'max-age');
  }
  if (nextUpdate !== undefined && at > nextUpdate.getTime()) return unknown(kind === 'crl' ? 'crl-stale' : 'ocsp-stale', 'next-update');
  return { status: 'good', sources: [report] };
};

/** The report itself, or without the times that are none: JavaScript compares with them, and never finds anything stale. */
const timed = (report: RevocationSourceReport): RevocationSourceReport => {
  if (TIMES.every((name) => report[name] === undefined || isTime(report[name]))) return report;
  const broken = TIMES.filter((name) => report[name] !== undefined && !isTime(report[name]));
  return Object.fromEntries(
    Object.entries(report).filter(([name]) => !(broken as readonly string[]).includes(name)),
  ) as unknown as RevocationSourceReport;
};

const TIMES = ['thisUpdate', 'nextUpdate', 'producedAt'] as const;
const isTime = (time: unknown): boolean => time instanceof Date && !Number.isNaN(time.getTime());

const indeterminate = (code: RevocationSourceReport['code'], kind: RevocationSource['kind']): IndeterminateCode =>
  code !== undefined && Object.hasOwn(INDETERMINATE_CODES, code) ? (code as IndeterminateCode) : missing(kind);
