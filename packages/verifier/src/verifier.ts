/** The pipeline: examine offline, then — only if nothing failed — establish the status, then say what came out. */
import { createHash } from 'node:crypto';
import { systemClock } from './clock.ts';
import { resultOf } from './codes.ts';
import { toHex } from './der/bytes.ts';
import { JpkiError } from './errors.ts';
import { buildEvidenceRecord, type EvidenceParts } from './evidence/build.ts';
import type { EvidenceRecord } from './evidence/record.ts';
import { ALL_PASSED, type Examination, examinationContext, examine, type Failure } from './examination.ts';
import { type Familiar, FamiliarCertificates, type RememberOptions } from './familiar.ts';
import { mintProven, mintRefused } from './proven.ts';
import { assertFreshness } from './revocation/freshness.ts';
import { assertHandedIn, assertRoleAllows, snapshot } from './revocation/policy.ts';
import { establishAtOnce } from './revocation/status.ts';
import type { SignedProof, StatusResult, UsedStatusData } from './revocation/types.ts';
import type { CertificateIdentity, Check, RevocationFinding, Verdict } from './verdict.ts';
import type { Verifier, VerifierOptions, VerifyInput } from './verifier.types.ts';

/**
 * Creates a verifier for one environment and role.
 *
 * `verify` proves, for `valid`: one strict DER certificate of exactly one of the environment's classes, issued by the very key of an anchor of the
 * class's purpose, within its validity at `at`; accepted purpose and carrier; a signature over the message under the declared scheme; and a status
 * shown good by data of exactly that class (RFC 5280 §6, RFC 6960). It never throws for bad input, only for misuse.
 *
 * @throws JpkiError `role-forbids-revocation-data`, `argument-invalid`; from `verify` also `digest-needs-message`.
 */
export const createVerifier = (options: VerifierOptions): Verifier => {
  const { environment, role, clock = systemClock, onEvent } = options;
  if (environment === undefined || (role !== 'verifier' && role !== 'delegating'))
    throw new JpkiError('argument-invalid', 'environment and role are required');
  assertRoleAllows(role, options.revocation);
  const revocation = snapshot(options.revocation);
  const familiar = new FamiliarCertificates(rememberOptions(role, options.remember));
  const context = examinationContext(environment, familiar);
  const asksPlatform = typeof revocation !== 'string' && revocation.sources.some(({ kind }) => kind === 'platform');

  const verify = async (given: VerifyInput): Promise<Verdict> => {
    assertInput(given);
    assertHandedIn(role, given);
    assertFreshness(given.freshness, 'freshness');
    const known = familiar.find(given.certificate);
    const input = copied(given, known);
    const at = new Date(input.at ?? clock());
    const examination = examine(context, input, at.getTime(), known);
    const asked = examination.failure === null ? statusOf(examination, input, at) : null;
    const established = asked instanceof Promise ? await asked : asked;
    const verdict = conclude(examination, known, established?.result ?? null, at, (judged) =>
      buildEvidenceRecord({
        at,
        role,
        environment,
        anchor: examination.anchor,
        input,
        mode: established?.mode ?? 'not-run',
        rules: established?.rules ?? null,
        used: established?.used ?? NOTHING_USED,
        verdict: judged,
      }),
    );
    onEvent?.({
      type: 'verified',
      result: verdict.result,
      code: 'code' in verdict ? verdict.code : null,
      class: verdict.class,
      at: at.toISOString(),
    });
    return verdict;
  };

  const statusOf = ({ certificate, anchor, profile }: Examination, input: VerifyInput, at: Date) => {
    if (certificate === null || anchor === null || profile === null)
      throw new Error('unreachable: an examination without failure has all three');
    return establishAtOnce({
      context: { certificate, anchor, profile, at: at.getTime() },
      configuration: revocation,
      handedIn: { crls: input.crls ?? [], ocspResponses: input.ocspResponses ?? [], ocspNonce: input.ocspNonce ?? null },
      // Sources of other kinds never see it.
      ...(asksPlatform ? { signed: signedProof(input) } : {}),
      ...(input.freshness === undefined ? {} : { freshness: input.freshness }),
      ...(input.signal === undefined ? {} : { signal: input.signal }),
    });
  };

  return Object.freeze({ role, environment, verify });
};

/** What a platform operator verifies for itself. */
const signedProof = ({ scheme, message, digest, signature }: VerifyInput): SignedProof => ({
  scheme,
  digest:
    digest ??
    new Uint8Array(
      createHash(scheme === 'ecdsa-p384-sha384' ? 'sha384' : 'sha256')
        .update(message ?? new Uint8Array())
        .digest(),
    ),
  signature,
});

const NOTHING_USED: UsedStatusData = { crls: [], ocspResponses: [], ocspNonce: null };

const conclude = (
  examination: Examination,
  known: Familiar | null,
  status: StatusResult | null,
  at: Date,
  evidenceOf: (verdict: EvidenceParts['verdict']) => EvidenceRecord,
): Verdict => {
  const { profile, attributes } = examination;
  const failure = examination.failure ?? (status !== null && status.status !== 'good' ? failureOf(status) : null);
  const checks =
    status === null ? examination.checks : failure === null ? ALL_PASSED : [...examination.checks.slice(0, -1), failed(failure)];
  const revocation = findingOf(status);
  const { warnings } = examination;
  const evidence = (): EvidenceRecord => evidenceOf(verdict);
  const verdict: Verdict =
    failure === null && profile !== null
      ? mintProven({
          result: 'valid',
          class: profile.class,
          checks,
          revocation,
          at,
          warnings,
          certificate: identityOf(examination, known),
          ...(attributes === null ? NO_ATTRIBUTES : { attributes }),
          evidence,
        })
      : mintRefused(
          { checks, revocation, at, warnings, evidence, ...refusalOf(failure ?? UNREACHABLE), class: profile?.class ?? null },
          // Status is established for genuine certificates only: then a ledger may act on a trusted revocation.
          status === null ? null : identityOf(examination, known),
        );
  return verdict;
};

const NO_ATTRIBUTES = {};

const refusalOf = (failure: Failure): Failure & { readonly result: 'invalid' | 'indeterminate' } => ({
  result: resultOf(failure.code),
  ...failure,
});

/** Without a failure there is a profile. Refusing is what an impossible state deserves. */
const UNREACHABLE: Failure = { code: 'class-unknown' };

const failureOf = (status: Exclude<StatusResult, { status: 'good' }>): Failure => {
  const detail = status.status === 'revoked' ? status.reason : status.detail;
  return detail === undefined ? { code: status.code } : { code: status.code, detail };
};

const failed = (failure: Failure): Check => ({ name: 'revocation', status: 'failed', ...failure });

const findingOf = (status: StatusResult | null): RevocationFinding => {
  if (status === null) return { status: 'not-checked', sources: [] };
  if (status.status !== 'revoked') return { status: status.status, sources: status.sources };
  return {
    status: 'revoked',
    reason: status.reason,
    sources: status.sources,
    ...(status.revokedAt === null ? {} : { revokedAt: status.revokedAt }),
  };
};

const identityOf = ({ certificate, anchor }: Examination, known: Familiar | null): CertificateIdentity => {
  if (certificate === null || anchor === null) throw new Error('unreachable: a proven verdict has a certificate and its issuer');
  if (known !== null && known.certificate === certificate)
    return Object.freeze({
      issuerKeyId: anchor.keyId,
      serialNumber: known.serialNumber,
      notBefore: new Date(certificate.notBefore),
      notAfter: new Date(certificate.notAfter),
      sha256: known.sha256,
    });
  let sha256: string | undefined;
  return Object.freeze({
    issuerKeyId: anchor.keyId,
    serialNumber: toHex(certificate.serialNumber),
    notBefore: new Date(certificate.notBefore),
    notAfter: new Date(certificate.notAfter),
    // Hashed when asked for: most verifications never do.
    get sha256(): string {
      sha256 ??= createHash('sha256').update(certificate.der).digest('hex');
      return sha256;
    },
  });
};

/** The caller's buffers may change while a source answers: what is judged, and kept as evidence, is what was given. */
const copied = (given: VerifyInput, known: Familiar | null): VerifyInput => {
  const input: { -readonly [K in keyof VerifyInput]: VerifyInput[K] } = { ...given };
  input.acceptCarriers = [...given.acceptCarriers];
  // Octet for octet the same, and a copy already.
  input.certificate = known === null ? copy(given.certificate) : known.certificate.der;
  input.signature = pooled(given.signature);
  if (given.message !== undefined) input.message = pooled(given.message);
  if (given.digest !== undefined) input.digest = copy(given.digest);
  if (given.crls !== undefined) input.crls = given.crls.map(copy);
  if (given.ocspResponses !== undefined) input.ocspResponses = given.ocspResponses.map(copy);
  if (given.ocspNonce instanceof Uint8Array) input.ocspNonce = copy(given.ocspNonce);
  return input;
};

/** Not `slice()`: that of a `Buffer` shares its memory. */
const copy = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

/** A copy within memory that small buffers share: what is short is not worth an allocation of its own. */
const pooled = (bytes: Uint8Array): Uint8Array => Buffer.from(bytes);

const REMEMBER: RememberOptions = { certificates: 1_024, issuerSignature: 'remember' };
const NOTHING: RememberOptions = { certificates: 0, issuerSignature: 'verify' };

/** Throws `argument-invalid`. */
const rememberOptions = (role: VerifierOptions['role'], given: VerifierOptions['remember'] = {}): RememberOptions => {
  const options = { ...REMEMBER, ...given };
  if (!Number.isSafeInteger(options.certificates) || options.certificates < 0)
    throw new JpkiError('argument-invalid', 'remember.certificates: whole number, not negative');
  if (options.issuerSignature !== 'remember' && options.issuerSignature !== 'verify')
    throw new JpkiError('argument-invalid', 'remember.issuerSignature: remember or verify');
  if (role === 'verifier') return options;
  if ((given.certificates ?? 0) > 0)
    throw new JpkiError('argument-invalid', 'remember.certificates: role delegating retains no certificate');
  return NOTHING;
};

const SCHEMES: readonly string[] = ['rsa-pkcs1-sha256', 'rsa-pkcs1-bare-sha256', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384'];

/** Types are erased where JavaScript calls: what would make a check meaningless is refused before anything is judged. */
const assertInput = (input: VerifyInput): void => {
  const misuse = (message: string): JpkiError => new JpkiError('argument-invalid', message);
  for (const name of ['certificate', 'signature'] as const)
    if (!(input[name] instanceof Uint8Array)) throw misuse(`${name}: Uint8Array expected`);
  if ((input.message === undefined) === (input.digest === undefined)) throw misuse('exactly one of message and digest is expected');
  for (const name of ['message', 'digest'] as const) {
    if (input[name] !== undefined && !(input[name] instanceof Uint8Array)) throw misuse(`${name}: Uint8Array expected`);
  }
  if (!SCHEMES.includes(input.scheme)) throw misuse('scheme: unknown');
  if (input.purpose !== 'digital-signature' && input.purpose !== 'user-authentication') throw misuse('purpose: unknown');
  if (!Array.isArray(input.acceptCarriers) || input.acceptCarriers.length === 0)
    throw misuse('acceptCarriers: at least one carrier expected');
  if (input.reportedCarrier != null && input.reportedCarrier !== 'card' && input.reportedCarrier !== 'smartphone')
    throw misuse('reportedCarrier: unknown');
  if (input.at !== undefined && !(input.at instanceof Date && !Number.isNaN(input.at.getTime()))) throw misuse('at: valid Date expected');
  if (input.digest !== undefined) {
    if (!input.scheme.startsWith('rsa-')) throw new JpkiError('digest-needs-message');
    if (input.digest.length !== 32) throw misuse('digest: SHA-256 of 32 octets expected');
  }
};
