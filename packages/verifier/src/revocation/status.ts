/** The status of one certificate: what was handed in, what the sources give, and what the policy makes of it. */
import { createHash } from 'node:crypto';
import type { Certificate } from '../certificate/certificate.ts';
import { INDETERMINATE_CODES, type IndeterminateCode } from '../codes.ts';
import { JpkiError } from '../errors.ts';
import type { RevocationSourceReport } from '../verdict.ts';
import { SKEW_MS } from './budget.ts';
import { checkCrls } from './crl/check.ts';
import { assertFreshness, type Freshness, strictest, tightened, youngEnough } from './freshness.ts';
import { checkOcspResponses, type OfferedResponse } from './ocsp/check.ts';
import { combine, type Findings, failedReport, modeFor, openKinds } from './policy.ts';
import { inOrder } from './policy-data.ts';
import { mergeRevocations } from './reason.ts';
import type {
  OfferedData,
  RevocationAnswer,
  RevocationConfiguration,
  RevocationMode,
  RevocationSource,
  SignedProof,
  StatusContext,
  StatusResult,
  UsedStatusData,
} from './types.ts';

export interface StatusRequest {
  readonly context: StatusContext;
  readonly configuration: RevocationConfiguration;
  readonly handedIn: {
    readonly crls: readonly Uint8Array[];
    readonly ocspResponses: readonly Uint8Array[];
    readonly ocspNonce: Uint8Array | null;
  };
  /** What the operation demands beyond environment and policy. */
  readonly freshness?: Freshness;
  /** For platforms only. */
  readonly signed?: SignedProof;
  readonly signal?: AbortSignal;
}

export interface EstablishedStatus {
  readonly result: StatusResult;
  readonly used: UsedStatusData;
  /** The configuration in words: `crl`, `ocsp`, `none`, or the policy's mode for the class. */
  readonly mode: string;
  /** What else decided: the freshness demanded, and what *unknown* means where that is not the default. */
  readonly rules: StatusRules;
}

export interface StatusRules {
  readonly freshness: Freshness;
  readonly onUnknown: 'other-source' | 'refuse';
}

const NOTHING: UsedStatusData = { crls: [], ocspResponses: [], ocspNonce: null };

/**
 * `good` is returned only where the configuration's demands are met by data that passes every rule; no source, a failing source and an answer that cannot
 * be trusted are `unknown`, with their code. Handed-in data spares a fetch where it satisfies the policy by itself. An aborted `signal` rejects with its reason.
 *
 * @throws JpkiError `argument-invalid` where the instant is none or what was handed in is not octets.
 */
export const establishStatus = async (request: StatusRequest): Promise<EstablishedStatus> => {
  const { configuration, handedIn, signal, signed } = request;
  assertUsable(request.context, handedIn);
  assertFreshness(request.freshness, 'freshness');
  const policy = typeof configuration === 'string' ? null : configuration.policy;
  const rules: StatusRules = { freshness: strictest(policy?.freshness, request.freshness), onUnknown: policy?.onUnknown ?? 'other-source' };
  const context = tightened(request.context, rules.freshness);
  switch (configuration) {
    case 'none':
      return { result: { status: 'not-checked', code: 'revocation-not-checked', sources: [] }, used: NOTHING, mode: 'none', rules };
    case 'crl': {
      const crls = distinct(handedIn.crls);
      const result = youngEnough(checkCrls(crls.map(handed), context), 'crl', rules.freshness, context.at);
      return { result, used: { ...NOTHING, crls }, mode: 'crl', rules };
    }
    case 'ocsp': {
      const ocspResponses = distinct(handedIn.ocspResponses);
      const { ocspNonce } = handedIn;
      const result = checkOcspResponses(ocspResponses.map(handed), ocspNonce, context);
      return { result, used: { crls: [], ocspResponses, ocspNonce }, mode: 'ocsp', rules };
    }
    default: {
      const mode = modeFor(configuration, context);
      const gathered = new Gathered(context, handedIn, rules.freshness);
      const sources = inOrder(configuration.sources, configuration.policy, rules.freshness);
      await askSources(sources, mode, rules, gathered, signed, signal);
      return { result: combine(mode, gathered.findings(), rules.onUnknown), used: gathered.used(), mode, rules };
    }
  }
};

/** Against an instant that is no number nothing would ever be stale. */
const assertUsable = ({ at }: StatusContext, { crls, ocspResponses, ocspNonce }: StatusRequest['handedIn']): void => {
  if (!Number.isFinite(at)) throw new JpkiError('argument-invalid', 'at: valid instant expected');
  for (const octets of [...crls, ...ocspResponses, ...(ocspNonce === null ? [] : [ocspNonce])]) {
    if (!(octets instanceof Uint8Array)) throw new JpkiError('argument-invalid', 'crls, ocspResponses, ocspNonce: Uint8Array expected');
  }
};

/** In the order configured; a source is spared once its kind has nothing more to contribute. */
const askSources = async (
  sources: readonly RevocationSource[],
  mode: RevocationMode,
  { onUnknown }: StatusRules,
  gathered: Gathered,
  signed: SignedProof | undefined,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const { context } = gathered;
  for (const source of sources) {
    if (!source.classes.includes(context.profile.class) || !openKinds(mode, gathered.findings(), onUnknown).has(source.kind)) continue;
    signal?.throwIfAborted();
    gathered.add(source, await ask(source, context, source.kind === 'platform' ? signed : undefined, signal));
  }
};

const ask = async (
  source: RevocationSource,
  context: StatusContext,
  signed: SignedProof | undefined,
  signal: AbortSignal | undefined,
): Promise<RevocationAnswer> => {
  try {
    return await source.check(
      { ...context, class: context.profile.class, ...(signed === undefined ? {} : { signed }) },
      { at: new Date(context.at), ...(signal === undefined ? {} : { signal }) },
    );
  } catch {
    signal?.throwIfAborted();
    // A source that breaks is a source that has nothing to say.
    return { kind: 'failed', code: missing(source.kind), detail: 'source-threw' };
  }
};

const missing = (kind: RevocationSource['kind']): IndeterminateCode =>
  kind === 'crl' ? 'crl-missing' : kind === 'ocsp' ? 'ocsp-missing' : 'revocation-not-checked';

const handed = (der: Uint8Array): OfferedData => ({ der, origin: 'handed-in' });

const digestOf = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');

/** The same octets twice are one piece of data. */
const distinct = (ders: readonly Uint8Array[]): readonly Uint8Array[] => [...new Map(ders.map((der) => [digestOf(der), der])).values()];

/** Everything one verification has come by. */
class Gathered {
  readonly context: StatusContext;
  readonly #crls = new Map<string, OfferedData>();
  readonly #responses = new Map<string, OfferedResponse>();
  readonly #determinations: Record<RevocationSource['kind'], StatusResult[]> = { crl: [], ocsp: [], platform: [] };
  readonly #failures: Record<RevocationSource['kind'], RevocationSourceReport[]> = { crl: [], ocsp: [], platform: [] };
  readonly #freshness: Freshness;
  #nonce: Uint8Array | null;
  #findings: Findings | undefined;

  constructor(context: StatusContext, handedIn: StatusRequest['handedIn'], freshness: Freshness) {
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
          this.#failures.platform.push(failedReport('platform', 'revocation-not-checked', 'data-from-platform'));
          return;
        }
        for (const { code, detail } of answer.attempts ?? []) this.#failures[source.kind].push(failedReport(source.kind, code, detail));
        // Where octets are known already, what they were handed in for stays.
        for (const der of answer.crls ?? []) this.#crl(der, 'fetched');
        for (const der of answer.ocspResponses ?? []) this.#response(der, 'fetched', answer.ocspNonce ?? null);
        if (answer.ocspNonce !== undefined) this.#nonce = answer.ocspNonce;
        return;
      }
      case 'determination':
        this.#determinations[source.kind].push(determined(source.kind, answer, this.context));
        return;
      case 'failed':
        for (const { code, detail } of answer.attempts ?? [answer])
          this.#failures[source.kind].push(failedReport(source.kind, code, detail));
    }
  }

  findings(): Findings {
    this.#findings ??= this.#evaluate();
    return this.#findings;
  }

  used(): UsedStatusData {
    return {
      crls: [...this.#crls.values()].map(({ der }) => der),
      ocspResponses: [...this.#responses.values()].map(({ der }) => der),
      ocspNonce: this.#nonce,
    };
  }

  #evaluate(): Findings {
    const { context } = this;
    const crls = [...this.#crls.values()];
    // Whoever may answer is checked against the CRLs at hand: a revoked responder answers for nobody.
    const isRevoked = (responder: Certificate): boolean => checkCrls(crls, { ...context, certificate: responder }).status === 'revoked';
    const responses = [...this.#responses.values()];
    return {
      crl: this.#aged('crl', checkCrls(crls, context)),
      ocsp: this.#aged('ocsp', checkOcspResponses(responses, null, context, crls.length === 0 ? {} : { isRevoked })),
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
    if (!this.#crls.has(digest)) this.#crls.set(digest, { der, origin });
  }

  #response(der: Uint8Array, origin: OfferedData['origin'], nonce: Uint8Array | null): void {
    const digest = digestOf(der);
    if (!this.#responses.has(digest)) this.#responses.set(digest, { der, origin, nonce });
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
  const isTime = (time: unknown): boolean => time instanceof Date && !Number.isNaN(time.getTime());
  const broken = (['thisUpdate', 'nextUpdate', 'producedAt'] as const).filter(
    (name) => report[name] !== undefined && !isTime(report[name]),
  );
  if (broken.length === 0) return report;
  return Object.fromEntries(
    Object.entries(report).filter(([name]) => !(broken as readonly string[]).includes(name)),
  ) as unknown as RevocationSourceReport;
};

const indeterminate = (code: RevocationSourceReport['code'], kind: RevocationSource['kind']): IndeterminateCode =>
  code !== undefined && Object.hasOwn(INDETERMINATE_CODES, code) ? (code as IndeterminateCode) : missing(kind);
