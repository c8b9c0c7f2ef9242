/** The status of a certificate nobody has signed anything with: for operators who look something up. */
import type { VerdictCode } from '../codes.ts';
import type { Environment } from '../environment.types.ts';
import { examinationContext, examine } from '../examination.ts';
import { assertConfiguration } from '../revocation/policy.ts';
import { establishStatus } from '../revocation/status.ts';
import type { RevocationConfiguration } from '../revocation/types.ts';
import type { CertificateClass, CheckName, RevocationFinding } from '../verdict.ts';

export interface CertificateStatusInput {
  readonly environment: Environment;
  readonly certificate: Uint8Array;
  readonly revocation: RevocationConfiguration;
  readonly at: Date;
  readonly crls?: readonly Uint8Array[];
  readonly ocspResponses?: readonly Uint8Array[];
  readonly signal?: AbortSignal;
}

/** `code` is that of the first check that failed; no status was asked for where `finding` is null. It is no verdict: nobody has shown to hold the key. */
export interface CertificateStatus {
  readonly class: CertificateClass | null;
  readonly code: VerdictCode | null;
  readonly detail?: string;
  readonly finding: RevocationFinding | null;
}

/** What only a signed message can show. */
const WITHOUT_MESSAGE: readonly CheckName[] = ['purpose', 'carrier', 'scheme', 'message-signature'];

/** Certificate, issuer, class and validity are checked as `verify` checks them; then the status is established. Throws `argument-invalid` for misuse. */
export const certificateStatus = async (input: CertificateStatusInput): Promise<CertificateStatus> => {
  const { environment, certificate: der, revocation, at, crls = [], ocspResponses = [], signal } = input;
  assertConfiguration(revocation);
  const { certificate, anchor, profile, checks } = examine(
    examinationContext(environment),
    {
      certificate: new Uint8Array(der),
      signature: new Uint8Array(),
      digest: new Uint8Array(32),
      scheme: 'rsa-pkcs1-sha256',
      purpose: 'user-authentication',
      acceptCarriers: ['card', 'smartphone'],
    },
    at.getTime(),
  );
  const failure = checks.find(({ name, status }) => status === 'failed' && !WITHOUT_MESSAGE.includes(name));
  const name = profile?.class ?? null;
  if (failure !== undefined || certificate === null || anchor === null || profile === null) {
    const { code = 'class-unknown', detail } = failure ?? {};
    return { class: name, code, ...(detail === undefined ? {} : { detail }), finding: null };
  }
  const { result } = await establishStatus({
    context: { certificate, anchor, profile, at: at.getTime() },
    configuration: revocation,
    handedIn: { crls, ocspResponses, ocspNonce: null },
    ...(signal === undefined ? {} : { signal }),
  });
  const { status, sources } = result;
  if (result.status === 'revoked') {
    const { reason, revokedAt } = result;
    return {
      class: name,
      code: 'revoked',
      detail: reason,
      finding: { status: 'revoked', reason, sources, ...(revokedAt === null ? {} : { revokedAt }) },
    };
  }
  if (result.status === 'good') return { class: name, code: null, finding: { status: 'good', sources } };
  const { code, detail } = result;
  return { class: name, code, ...(detail === undefined ? {} : { detail }), finding: { status, sources } };
};
