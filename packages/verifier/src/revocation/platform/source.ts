/** The one source a delegating relying party may have: a platform operator's word, about this very certificate, class and moment. */
import { createHash } from 'node:crypto';
import { JpkiError } from '../../errors.ts';
import { CERTIFICATE_CLASSES, type CertificateClass, type RevocationSourceReport } from '../../verdict.ts';
import { SKEW_MS } from '../budget.ts';
import type { RevocationAnswer, RevocationQuery, RevocationSource } from '../types.ts';
import { type PlatformAnswer, PlatformFault, type PlatformOperator } from './operator.ts';

export interface PlatformSourceOptions {
  readonly operator: PlatformOperator;
  /** Default: every class the environment has. */
  readonly classes?: readonly CertificateClass[];
  /** How far before the instant of the verification the operator may have judged, seconds. Default 300. */
  readonly maxAnswerAgeSeconds?: number;
}

const DEFAULTS = { classes: CERTIFICATE_CLASSES, maxAnswerAgeSeconds: 300 } as const;

/**
 * A source that asks a platform operator once per verification and keeps nothing. *Good* counts only for the certificate, the class and the time that were
 * asked about, and where the operator did not find the signature false; everything else is `revocation-not-checked` with what was wrong as detail. A
 * *revoked* about this certificate counts however late it was found.
 *
 * @throws JpkiError `argument-invalid` for an age that is none.
 */
export const platformSource = (options: PlatformSourceOptions): RevocationSource => {
  const { operator, classes, maxAnswerAgeSeconds } = { ...DEFAULTS, ...options };
  if (!Number.isSafeInteger(maxAnswerAgeSeconds) || maxAnswerAgeSeconds < 1) {
    throw new JpkiError('argument-invalid', 'maxAnswerAgeSeconds must be a positive integer');
  }
  if (typeof operator?.determine !== 'function') throw new JpkiError('argument-invalid', 'operator expected');
  const source: RevocationSource = {
    kind: 'platform',
    classes,
    check: async (query, { signal }): Promise<RevocationAnswer> => {
      try {
        const answer = await operator.determine({
          certificate: query.certificate.der,
          class: query.class,
          ...(query.signed === undefined ? {} : { signed: query.signed }),
          ...(signal === undefined ? {} : { signal }),
        });
        return judged(answer, query, maxAnswerAgeSeconds * 1000);
      } catch (error) {
        signal?.throwIfAborted();
        return failed(error instanceof PlatformFault ? error.detail : 'operator-failed');
      }
    },
  };
  return Object.freeze(source);
};

const failed = (detail: string): RevocationAnswer => ({ kind: 'failed', code: 'revocation-not-checked', detail });

const judged = (answer: PlatformAnswer, { certificate, class: asked, at }: RevocationQuery, maximumAgeMs: number): RevocationAnswer => {
  if (answer.class !== asked) return failed('class-differs');
  const { certificateSha256 } = answer;
  if (certificateSha256 !== undefined && certificateSha256 !== createHash('sha256').update(certificate.der).digest('hex')) {
    return failed('certificate-differs');
  }
  const report = {
    kind: 'platform',
    origin: 'fetched',
    producedAt: answer.checkedAt,
    ...(answer.currentAsOf === undefined ? {} : { thisUpdate: answer.currentAsOf }),
    ...(answer.nextUpdate === undefined ? {} : { nextUpdate: answer.nextUpdate }),
  } satisfies Partial<RevocationSourceReport>;
  if (answer.status === 'revoked') {
    return {
      kind: 'determination',
      report: { ...report, status: 'revoked' },
      reason: answer.reason ?? 'unspecified',
      ...(answer.revokedAt === undefined ? {} : { revokedAt: answer.revokedAt }),
    };
  }
  const age = at - answer.checkedAt.getTime();
  // Written so that a time that is no number passes neither.
  if (!(age >= -SKEW_MS)) return failed('checked-later');
  if (!(age <= maximumAgeMs)) return failed('checked-earlier');
  if (answer.signature === 'invalid') return failed('signature-refused');
  if (answer.status !== 'good') return failed(answer.status === 'expired' ? 'platform-expired' : 'platform-unknown');
  return { kind: 'determination', report: { ...report, status: 'good' } };
};
