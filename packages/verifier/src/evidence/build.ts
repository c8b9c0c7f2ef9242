import { createHash } from 'node:crypto';
import { toBase64 } from '../der/bytes.ts';
import type { Anchor, Environment } from '../environment.types.ts';
import type { StatusRules } from '../revocation/status.ts';
import type { UsedStatusData } from '../revocation/types.ts';
import type { RefusedVerdict, RevocationSourceReport, Verdict } from '../verdict.ts';
import type { Role, VerifyInput } from '../verifier.types.ts';
import type { EvidenceRecord } from './record.ts';

/** What the pipeline has at hand when it has judged. */
export interface EvidenceParts {
  readonly at: Date;
  readonly role: Role;
  readonly environment: Pick<Environment, 'id' | 'kind' | 'digest'>;
  readonly anchor: Pick<Anchor, 'id' | 'sha256'> | null;
  readonly input: VerifyInput;
  /** `crl`, `ocsp`, `none`, or the policy's mode for the class. */
  readonly mode: string;
  /** What else decided about the status; null where it was never asked for. */
  readonly rules: StatusRules | null;
  /** Every piece of status data that was looked at, handed in or fetched. */
  readonly used: UsedStatusData;
  readonly verdict: Pick<Verdict, 'result' | 'class' | 'checks' | 'warnings' | 'revocation'> &
    Partial<Pick<RefusedVerdict, 'code' | 'detail'>>;
}

/** The record of one verification. Under role `delegating` it keeps no certificate. */
export const buildEvidenceRecord = (parts: EvidenceParts): EvidenceRecord => {
  const { at, role, environment, anchor, input, mode, rules, used, verdict } = parts;
  return {
    format: 'evidence.v0',
    at: at.toISOString(),
    role,
    environment: { id: environment.id, kind: environment.kind, digest: environment.digest },
    anchor: anchor === null ? null : { id: anchor.id, sha256: anchor.sha256 },
    input: {
      ...(role === 'verifier' ? { certificate: toBase64(input.certificate) } : {}),
      certificateSha256: createHash('sha256').update(input.certificate).digest('hex'),
      ...(input.message === undefined ? {} : { message: toBase64(input.message) }),
      ...(input.digest === undefined ? {} : { digest: toBase64(input.digest) }),
      signature: toBase64(input.signature),
      scheme: input.scheme,
      purpose: input.purpose,
      acceptCarriers: [...input.acceptCarriers],
      reportedCarrier: input.reportedCarrier ?? null,
    },
    revocation: {
      mode,
      ...(rules === null ? {} : rulesOf(rules)),
      crls: used.crls.map(toBase64),
      ocspResponses: used.ocspResponses.map(toBase64),
      ocspNonce: used.ocspNonce === null ? null : toBase64(used.ocspNonce),
      sources: verdict.revocation.sources.map(reportOf),
    },
    verdict: {
      result: verdict.result,
      code: verdict.code ?? null,
      detail: verdict.detail ?? null,
      class: verdict.class,
      checks: verdict.checks.map((check) => ({ ...check })),
      warnings: [...verdict.warnings],
    },
  };
};

/** Only what differs from the default is written down. */
const rulesOf = ({ freshness, onUnknown }: StatusRules): Partial<Pick<EvidenceRecord['revocation'], 'freshness' | 'onUnknown'>> => ({
  ...(Object.keys(freshness).length === 0 ? {} : { freshness: { ...freshness } }),
  ...(onUnknown === 'refuse' ? { onUnknown } : {}),
});

const reportOf = ({
  thisUpdate,
  nextUpdate,
  producedAt,
  ...report
}: RevocationSourceReport): EvidenceRecord['revocation']['sources'][number] => ({
  ...report,
  ...(thisUpdate === undefined ? {} : { thisUpdate: thisUpdate.toISOString() }),
  ...(nextUpdate === undefined ? {} : { nextUpdate: nextUpdate.toISOString() }),
  ...(producedAt === undefined ? {} : { producedAt: producedAt.toISOString() }),
});
