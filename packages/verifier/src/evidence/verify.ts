import { createHash, type KeyObject } from 'node:crypto';
import { compactVerify } from 'jose';
import type { OperationCode } from '../codes.ts';
import { fromBase64 } from '../der/bytes.ts';
import type { Environment } from '../environment.types.ts';
import { JpkiError } from '../errors.ts';
import type { RevocationConfiguration } from '../revocation/types.ts';
import type { Verdict } from '../verdict.ts';
import { createVerifier } from '../verifier.ts';
import type { VerifyInput } from '../verifier.types.ts';
import { canonicalJson } from './jcs.ts';
import { type ParsedRecord, parseRecord } from './parse.ts';
import type { EvidenceRecord } from './record.ts';
import { EVIDENCE_TYPE, type EvidenceKey, keyObjectOf, MAXIMUM_EVIDENCE, publicHalf, thumbprintOf } from './seal.ts';

const DEFAULTS = { maxBytes: MAXIMUM_EVIDENCE } as const;

export interface VerifyEvidenceOptions {
  /** The environment the evidence was made in, anchors included. */
  readonly environment: Environment;
  /** EC P-256 keys whose seal is accepted; the seal names its own by thumbprint. */
  readonly keys: readonly EvidenceKey[];
  /** The instant of this check: a record of a later verification is refused. Default: no bound. */
  readonly at?: Date;
  /** Bytes of the JWS. Default 64 MiB. */
  readonly maxBytes?: number;
}

export type EvidenceVerification =
  | { readonly ok: true; readonly record: EvidenceRecord; readonly verdict: Verdict }
  | {
      readonly ok: false;
      readonly code: Extract<OperationCode, `evidence-${string}`>;
      /** Which part, kebab-case. Never a value. */
      readonly detail: string;
      /** Present once the seal has been verified and the record read. */
      readonly record?: EvidenceRecord;
    };

/**
 * Verifies sealed evidence offline, years later: the seal first (`evidence-seal`), then the record's form (`evidence-malformed`) and environment
 * (`evidence-environment`), then the verification itself, repeated at the recorded instant with nothing but what the record holds
 * (`evidence-differs`). Proves that the sealing key vouched for this record and that its contents lead to the recorded verdict; not when it was
 * sealed. A record that holds no certificate (role `delegating`), or stood on an answer without its data, cannot be repeated:
 * `evidence-differs`, detail `not-repeatable`.
 * Throws `argument-invalid` for a key that is not EC P-256, or no key at all.
 */
export const verifyEvidence = async (jws: string, options: VerifyEvidenceOptions): Promise<EvidenceVerification> => {
  const { environment, at, maxBytes = DEFAULTS.maxBytes } = options;
  if (environment === undefined || !Array.isArray(options.keys) || options.keys.length === 0) {
    throw new JpkiError('argument-invalid', 'evidence is verified in an environment, by at least one key');
  }
  const keys = new Map(options.keys.map((key) => publicHalf(keyObjectOf(key))).map((key) => [thumbprintOf(key), key]));
  if (typeof jws !== 'string' || jws.length > maxBytes) return { ok: false, code: 'evidence-seal', detail: 'size' };
  const payload = await unsealed(jws, keys);
  if (payload === null) return { ok: false, code: 'evidence-seal', detail: 'signature' };
  const record = parseRecord(payload);
  if (record === null) return { ok: false, code: 'evidence-malformed', detail: 'record' };
  if (at !== undefined && !(Date.parse(record.at) <= at.getTime())) return { ok: false, code: 'evidence-malformed', detail: 'at', record };
  const foreign = foreignPart(record, environment);
  if (foreign !== null) return { ok: false, code: 'evidence-environment', detail: foreign, record };
  const input = inputOf(record);
  if (typeof input === 'string') return { ok: false, code: 'evidence-differs', detail: input, record };
  const verdict = await repeat(record, input, environment);
  if (verdict === null) return { ok: false, code: 'evidence-malformed', detail: 'input', record };
  const difference = differenceOf(record, verdict);
  return difference === null ? { ok: true, record, verdict } : { ok: false, code: 'evidence-differs', detail: difference, record };
};

/** The payload under a valid seal, or null. Algorithm, type and key are ours to name; the header can only agree. */
const unsealed = async (jws: string, keys: ReadonlyMap<string, KeyObject>): Promise<Uint8Array | null> => {
  try {
    const { payload } = await compactVerify(
      jws,
      ({ alg, typ, kid, ...rest }) => {
        const key = kid === undefined ? undefined : keys.get(kid);
        if (alg !== 'ES256' || typ !== EVIDENCE_TYPE || key === undefined || Object.keys(rest).length > 0) throw new Error('foreign seal');
        return key;
      },
      { algorithms: ['ES256'] },
    );
    // jose decodes base64url leniently; one seal has one spelling.
    return jws.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part) ? payload : null;
  } catch {
    return null;
  }
};

const foreignPart = (record: ParsedRecord, environment: Environment): string | null => {
  const { id, kind, digest } = record.environment;
  if (id !== environment.id || kind !== environment.kind) return 'environment';
  if (digest !== environment.digest) return 'digest';
  const { anchor } = record;
  const known = anchor === null || environment.anchors.some((own) => own.id === anchor.id && own.sha256 === anchor.sha256);
  return known ? null : 'anchor';
};

const decoded = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array();

const inputOf = (record: ParsedRecord): VerifyInput | 'not-repeatable' | 'certificate' => {
  const { input, revocation } = record;
  if (input.certificate === undefined) return 'not-repeatable';
  const certificate = decoded(input.certificate);
  if (sha256(certificate) !== input.certificateSha256) return 'certificate';
  const held = new Set([...revocation.crls, ...revocation.ocspResponses].map((text) => sha256(decoded(text))));
  const stoodOn = revocation.sources.filter(({ status }) => status === 'good' || status === 'revoked');
  if (stoodOn.some((source) => source.sha256 === undefined || !held.has(source.sha256))) return 'not-repeatable';
  return {
    certificate,
    signature: decoded(input.signature),
    ...(input.message === undefined ? {} : { message: decoded(input.message) }),
    ...(input.digest === undefined ? {} : { digest: decoded(input.digest) }),
    scheme: input.scheme,
    purpose: input.purpose,
    acceptCarriers: input.acceptCarriers,
    reportedCarrier: input.reportedCarrier,
    at: new Date(record.at),
    ...(revocation.freshness === undefined ? {} : { freshness: revocation.freshness }),
    crls: revocation.crls.map(decoded),
    ocspResponses: revocation.ocspResponses.map(decoded),
    ocspNonce: revocation.ocspNonce === null ? null : decoded(revocation.ocspNonce),
  };
};

/** Null where the recorded input is one the verifier would never have taken. */
const repeat = async (record: ParsedRecord, input: VerifyInput, environment: Environment): Promise<Verdict | null> => {
  const verifier = createVerifier({
    environment,
    role: 'verifier',
    revocation: configurationOf(record.revocation),
    clock: () => new Date(record.at),
  });
  try {
    return await verifier.verify(input);
  } catch (error) {
    if (error instanceof JpkiError) return null;
    throw error;
  }
};

/** No source and so no network: only what the record holds. Where the status was never asked for, an earlier check has failed. */
const configurationOf = ({ mode, onUnknown }: ParsedRecord['revocation']): RevocationConfiguration => {
  if (mode === 'not-run') return 'none';
  return mode === 'crl' || mode === 'ocsp' || mode === 'none'
    ? mode
    : { sources: [], policy: { mode, ...(onUnknown === undefined ? {} : { onUnknown }) } };
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * The first part in which the repeated verdict is another one. What a network fault was called (details of an indeterminate revocation check) is
 * not part of the verdict: offline there is no network that could fail the same way.
 */
const differenceOf = ({ verdict: recorded }: ParsedRecord, repeated: Verdict): string | null => {
  const code = repeated.result === 'valid' ? null : repeated.code;
  if (recorded.result !== repeated.result) return 'result';
  if (recorded.code !== code && !(isStatusLacking(recorded) && repeated.result === 'indeterminate')) return 'code';
  if (recorded.class !== repeated.class) return 'class';
  const lenient = isStatusLacking(recorded);
  const shape = (checks: ParsedRecord['verdict']['checks']): string =>
    canonicalJson(checks.map((check) => (lenient && check.name === 'revocation' ? { name: check.name, status: check.status } : check)));
  if (shape(recorded.checks) !== shape(repeated.checks)) return 'checks';
  const detail = repeated.result === 'valid' ? null : (repeated.detail ?? null);
  if (recorded.detail !== detail && !lenient) return 'detail';
  return canonicalJson(recorded.warnings) === canonicalJson(repeated.warnings) ? null : 'warnings';
};

/** Indeterminate because status data were missing or unusable: everything offline had passed. */
const isStatusLacking = ({ result, checks }: ParsedRecord['verdict']): boolean =>
  result === 'indeterminate' && checks.some(({ name, status }) => name === 'revocation' && status === 'failed');
