/** The status of one certificate: what was handed in, what the sources give, and what the policy makes of it. */
import { JpkiError } from '../errors.ts';
import { checkedAnswer } from './answer.ts';
import { checkCrls } from './crl/check.ts';
import { assertFreshness, type Freshness, strictest, tightened, youngEnough } from './freshness.ts';
import { digestOf, Gathered, type HandedInData, missing } from './gathered.ts';
import { checkOcspResponses } from './ocsp/check.ts';
import { combine, isOpen, modeFor } from './policy.ts';
import { inOrder } from './policy-data.ts';
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
  readonly handedIn: HandedInData;
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
      const result = youngEnough(checkCrls(crls, context), 'crl', rules.freshness, context.at);
      return { result, used: { ...NOTHING, crls: crls.map(octetsOf) }, mode: 'crl', rules };
    }
    case 'ocsp': {
      const ocspResponses = distinct(handedIn.ocspResponses);
      const { ocspNonce } = handedIn;
      const result = checkOcspResponses(ocspResponses, ocspNonce, context);
      return { result, used: { crls: [], ocspResponses: ocspResponses.map(octetsOf), ocspNonce }, mode: 'ocsp', rules };
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
const assertUsable = ({ at }: StatusContext, { crls, ocspResponses, ocspNonce }: HandedInData): void => {
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
    return isAnswer(answer) ? checkedAnswer(answer) : Promise.resolve(answer).then(checkedAnswer).catch(broken);
  } catch {
    return broken();
  }
};

/** Anything else is awaited, whatever kind of promise it is. */
const isAnswer = (answer: RevocationAnswer | PromiseLike<RevocationAnswer>): answer is RevocationAnswer => !('then' in answer);

const octetsOf = ({ der }: OfferedData): Uint8Array => der;

/** The same octets twice are one piece of data. */
const distinct = (ders: readonly Uint8Array[]): readonly OfferedData[] => {
  const found = new Map<string, OfferedData>();
  for (const der of ders) {
    const sha256 = digestOf(der);
    found.set(sha256, { der, origin: 'handed-in', sha256 });
  }
  return [...found.values()];
};
