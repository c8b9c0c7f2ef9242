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
import { combine, type Findings, failedReport, isOpen, modeFor } from './policy.ts';
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
export const establishStatus = async (request: StatusRequest): Promise<EstablishedStatus> => await establishAtOnce(request);

/** The same without a promise where nothing has to be waited for; what rejects there may be thrown here. */
export const establishAtOnce = (request: StatusRequest): EstablishedStatus | Promise<EstablishedStatus> => {
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
      const concluded = (): EstablishedStatus => ({
        result: combine(mode, gathered.findings(), rules.onUnknown),
        used: gathered.used(),
        mode,
        rules,
      });
      const asking = askSources(sources, 0, mode, rules, gathered, signed, signal);
      return asking === null ? concluded() : asking.then(concluded);
    }
  }
};

/** Against an instant that is no number nothing would ever be stale. */
const assertUsable = ({ at }: StatusContext, { crls, ocspResponses, ocspNonce }: StatusRequest['handedIn']): void => {
  if (!Number.isFinite(at)) throw new JpkiError('argument-invalid', 'at: valid instant expected');
  if (crls.every(isOctets) && ocspResponses.every(isOctets) && (ocspNonce === null || isOctets(ocspNonce))) return;
  throw new JpkiError('argument-invalid', 'crls, ocspResponses, ocspNonce: Uint8Array expected');
};

const isOctets = (octets: unknown): boolean => octets instanceof Uint8Array;

/**
 * In the order configured, from the `next` on; a source is spared once its kind has nothing more to contribute. Null where all that were asked answered at
 * once: then nobody has to wait.
 */
const askSources = (
  sources: readonly RevocationSource[],
  next: number,
  mode: RevocationMode,
  rules: StatusRules,
  gathered: Gathered,
  signed: SignedProof | undefined,
  signal: AbortSignal | undefined,
): Promise<void> | null => {
  const { context } = gathered;
  for (let i = next; i < sources.length; i++) {
    const source = sources[i] as RevocationSource;
    if (!source.classes.includes(context.profile.class) || !isOpen(source.kind, mode, gathered.findings(), rules.onUnknown)) continue;
    signal?.throwIfAborted();
    const answer = ask(source, context, source.kind === 'platform' ? signed : undefined, signal);
    if (!(answer instanceof Promise)) {
      gathered.add(source, answer);
      continue;
    }
    return answer.then((given) => {
      gathered.add(source, given);
      return askSources(sources, i + 1, mode, rules, gathered, signed, signal) ?? undefined;
    });
  }
  return null;
};

const ask = (
  source: RevocationSource,
  context: StatusContext,
  signed: SignedProof | undefined,
  signal: AbortSignal | undefined,
): RevocationAnswer | Promise<RevocationAnswer> => {
  const broken = (): RevocationAnswer => {
    signal?.throwIfAborted();
    // A source that breaks is a source that has nothing to say.
    return { kind: 'failed', code: missing(source.kind), detail: 'source-threw' };
  };
  try {
    const { certificate, anchor, profile, at } = context;
    const query = { certificate, anchor, profile, at, class: profile.class };
    const answer = source.check(signed === undefined ? query : { ...query, signed }, {
      at: new Date(at),
      ...(signal === undefined ? {} : { signal }),
    });
    return isAnswer(answer) ? answer : Promise.resolve(answer).catch(broken);
  } catch {
    return broken();
  }
};

/** Anything else is awaited, whatever kind of promise it is. */
const isAnswer = (answer: RevocationAnswer | PromiseLike<RevocationAnswer>): answer is RevocationAnswer => !('then' in answer);

const missing = (kind: RevocationSource['kind']): IndeterminateCode =>
  kind === 'crl' ? 'crl-missing' : kind === 'ocsp' ? 'ocsp-missing' : 'revocation-not-checked';

const handed = (der: Uint8Array): OfferedData => ({ der, origin: 'handed-in' });

const digestOf = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');

/** The same octets twice are one piece of data. */
const distinct = (ders: readonly Uint8Array[]): readonly Uint8Array[] => [...new Map(ders.map((der) => [digestOf(der), der])).values()];

const NONE: readonly never[] = Object.freeze([]);

const octetsOf = (kept: ReadonlyMap<string, OfferedData> | undefined): readonly Uint8Array[] =>
  kept === undefined ? NONE : Array.from(kept.values(), ({ der }) => der);

/** Everything one verification has come by. */
class Gathered {
  readonly context: StatusContext;
  #crls: Map<string, OfferedData> | undefined;
  #responses: Map<string, OfferedResponse> | undefined;
  readonly #determinations: Record<RevocationSource['kind'], readonly StatusResult[]> = { crl: NONE, ocsp: NONE, platform: NONE };
  readonly #failures: Record<RevocationSource['kind'], readonly RevocationSourceReport[]> = { crl: NONE, ocsp: NONE, platform: NONE };
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
    if (!this.#crls.has(digest)) this.#crls.set(digest, { der, origin });
  }

  #response(der: Uint8Array, origin: OfferedData['origin'], nonce: Uint8Array | null): void {
    const digest = digestOf(der);
    this.#responses ??= new Map();
    if (!this.#responses.has(digest)) this.#responses.set(digest, { der, origin, nonce });
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
