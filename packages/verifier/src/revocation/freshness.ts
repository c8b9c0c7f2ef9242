/** How old status data may be: the strictest of what environment, policy and operation say. */
import { JpkiError } from '../errors.ts';
import type { RevocationSourceReport } from '../verdict.ts';
import type { StatusContext, StatusResult } from './types.ts';

/**
 * The greatest age of what shows *good*, in seconds since its thisUpdate (or since the platform's data were current), by kind. It only ever adds to
 * nextUpdate and to the environment's own maximum. *Revoked* needs no freshness.
 */
export interface Freshness {
  readonly crlSeconds?: number;
  readonly ocspSeconds?: number;
  readonly platformSeconds?: number;
}

const MEMBERS = ['crlSeconds', 'ocspSeconds', 'platformSeconds'] as const;

const NOTHING_DEMANDED: Freshness = Object.freeze({});

/** Member by member the smallest. */
export const strictest = (...demands: readonly (Freshness | undefined)[]): Freshness => {
  if (demands.every((demand) => demand === undefined)) return NOTHING_DEMANDED;
  return Object.fromEntries(
    MEMBERS.flatMap((member) => {
      const limits = demands.flatMap((demand) => demand?.[member] ?? []);
      return limits.length === 0 ? [] : [[member, Math.min(...limits)]];
    }),
  );
};

/** Throws `argument-invalid` for anything but whole seconds of known kinds: a limit that compares with nothing would be none. */
export const assertFreshness = (freshness: Freshness | undefined, where: string): void => {
  if (freshness === undefined) return;
  if (typeof freshness !== 'object' || freshness === null) throw new JpkiError('argument-invalid', `${where}: object expected`);
  for (const [member, seconds] of Object.entries(freshness)) {
    if (!(MEMBERS as readonly string[]).includes(member) || !Number.isSafeInteger(seconds) || seconds < 1) {
      throw new JpkiError('argument-invalid', `${where}: whole seconds by kind expected`);
    }
  }
};

/** The context under a stricter maximum age of OCSP answers than the class's own. */
export const tightened = (context: StatusContext, { ocspSeconds }: Freshness): StatusContext => {
  const { profile } = context;
  if (ocspSeconds === undefined || ocspSeconds >= profile.ocsp.maxAgeSeconds) return context;
  return { ...context, profile: { ...profile, ocsp: { ...profile.ocsp, maxAgeSeconds: ocspSeconds } } };
};

const MEMBER = { crl: 'crlSeconds', ocsp: 'ocspSeconds', platform: 'platformSeconds' } as const;
const STALE = { crl: 'crl-stale', ocsp: 'ocsp-stale', platform: 'revocation-not-checked' } as const;

/** *Good* stands only where a piece of data that shows it is young enough; data without a time is not. */
export const youngEnough = (result: StatusResult, kind: 'crl' | 'ocsp' | 'platform', freshness: Freshness, at: number): StatusResult => {
  const limit = freshness[MEMBER[kind]];
  if (limit === undefined || result.status !== 'good') return result;
  const isYoung = ({ status, thisUpdate }: RevocationSourceReport): boolean =>
    status === 'good' && thisUpdate !== undefined && at - thisUpdate.getTime() <= limit * 1000;
  if (result.sources.some((report) => report.kind === kind && isYoung(report))) return result;
  const code = STALE[kind];
  return {
    status: 'unknown',
    code,
    detail: 'max-age',
    sources: result.sources.map((report) =>
      report.status === 'good' ? { ...report, status: 'unusable', code, detail: 'max-age' } : report,
    ),
  };
};
