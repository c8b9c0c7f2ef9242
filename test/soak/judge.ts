/** Which answers are right. Everything else is wrong: there is no third heap. */
import { CODES, type RevocationReason } from '@jpki-rp/verifier';
import type { Forgery } from './population.ts';
import type { Instant, Status } from './truth.ts';

export const MODES = ['crlcheck', 'ocspcheck', 'bothcheck', 'eithercheck', 'eithercheck-freshest'] as const;
export type Mode = (typeof MODES)[number];

/** A piece of status data or an attempt at some, as the verdict names it. */
export interface Report {
  readonly kind: string;
  readonly status: string;
  readonly code: string | null;
  readonly detail: string | null;
}

/** A verdict as it crosses the process boundary; `thrown`: there was none. */
export interface Answer {
  readonly result: 'valid' | 'invalid' | 'indeterminate' | 'thrown';
  readonly code: string | null;
  readonly reason: RevocationReason | null;
  readonly revokedAt: Instant | null;
  readonly reports: readonly Report[];
}

export interface Known {
  readonly mode: Mode;
  readonly forgery: Forgery | null;
  /** What the CRL indexes may have said while it was verified, and what the responders. */
  readonly crl: readonly Status[];
  readonly ocsp: readonly Status[];
  /** The fault that explains the report; null: nothing does. */
  readonly excuse: (report: Report) => string | null;
}

export type Judgement =
  | { readonly kind: 'right' }
  /** Indeterminate, because of these faults. */
  | { readonly kind: 'excused'; readonly by: readonly string[] }
  | { readonly kind: 'wrong'; readonly why: string };

/** What is refused before anybody is asked for a status, each with the codes that name it. */
const FORGERY_CODES: Readonly<Record<Forgery, readonly string[]>> = {
  'signature-bit': ['signature-mismatch'],
  'another-message': ['signature-mismatch'],
  'another-carrier': ['carrier-not-accepted'],
  'another-purpose': ['purpose-mismatch'],
  'another-generation': ['issuer-key-mismatch'],
  'another-authority': ['issuer-untrusted'],
  'another-serial': ['certificate-signature'],
};

export const judge = (answer: Answer, known: Known): Judgement => {
  const { result, code } = answer;
  const wrong = (why: string): Judgement => ({ kind: 'wrong', why });
  if (result === 'thrown') return wrong(`thrown: ${code ?? ''}`);
  if (code !== null && !Object.hasOwn(CODES, code)) return wrong(`unknown code: ${code}`);
  if (known.forgery !== null) {
    if (result === 'invalid' && FORGERY_CODES[known.forgery].includes(code ?? '')) return { kind: 'right' };
    return wrong(`${known.forgery}: ${result} ${code ?? ''}`);
  }
  if (result === 'valid') return couldBeGood(known) ? { kind: 'right' } : wrong(`${known.mode}: valid, and surely revoked`);
  if (result === 'invalid') return judgeRevoked(answer, known);
  const unusable = answer.reports.filter(({ status }) => status === 'unusable');
  const excuses = unusable.map((report) => known.excuse(report));
  const unexplained = unusable.find((_, index) => excuses[index] === null);
  if (unusable.length === 0) return wrong(`${known.mode}: ${code ?? ''}, and nothing was missing`);
  if (unexplained !== undefined) {
    const { kind, code: told, detail } = unexplained;
    return wrong(`${known.mode}: no fault explains ${kind} ${told ?? ''} ${detail ?? ''}`);
  }
  return { kind: 'excused', by: [...new Set(excuses.filter((excuse) => excuse !== null))] };
};

const isGood = ({ revoked }: Status): boolean => !revoked;

const couldBeGood = ({ mode, crl, ocsp }: Known): boolean => {
  switch (mode) {
    case 'crlcheck':
      return crl.some(isGood);
    case 'ocspcheck':
      return ocsp.some(isGood);
    case 'bothcheck':
      return crl.some(isGood) && ocsp.some(isGood);
    default:
      return crl.some(isGood) || ocsp.some(isGood);
  }
};

/** Reason and date may come from two pieces of data: the worst and the earliest of what they say. */
const judgeRevoked = ({ code, reason, revokedAt }: Answer, { mode, crl, ocsp }: Known): Judgement => {
  const wrong = (why: string): Judgement => ({ kind: 'wrong', why: `${mode}: ${why}` });
  if (code !== 'revoked') return wrong(`invalid ${code ?? ''}`);
  const asked = mode === 'crlcheck' ? crl : mode === 'ocspcheck' ? ocsp : [...crl, ...ocsp];
  const listings = asked.filter((status) => status.revoked);
  if (listings.length === 0) return wrong('revoked, and surely good');
  if (!listings.some((status) => status.reason === reason)) return wrong(`revoked for another reason: ${reason ?? 'none'}`);
  return listings.some((status) => status.at === revokedAt) ? { kind: 'right' } : wrong('revoked at another time');
};
