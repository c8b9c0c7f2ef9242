/** How findings of several kinds become one status, and who may use which. */
import { JpkiError } from '../errors.ts';
import type { RevocationSourceReport } from '../verdict.ts';
import type { Role } from '../verifier.types.ts';
import { parseRevocationPolicy } from './policy-data.ts';
import { mergeRevocations } from './reason.ts';
import type { RevocationConfiguration, RevocationMode, RevocationPolicy, RevocationSource, StatusContext, StatusResult } from './types.ts';

/** What each kind of status data showed. A platform operator's answer stands for the one kind a mode asks for. */
export interface Findings {
  readonly crl: StatusResult;
  readonly ocsp: StatusResult;
  readonly platform: StatusResult | null;
}

type OnUnknown = NonNullable<RevocationPolicy['onUnknown']>;

/** The mode in force for the certificate's class. The certificate has no say in it. */
export const modeFor = (
  configuration: Exclude<RevocationConfiguration, string>,
  { profile }: Pick<StatusContext, 'profile'>,
): RevocationMode => configuration.policy.byClass?.[profile.class] ?? configuration.policy.mode;

/** Whether this kind still has to be asked before the mode is satisfied: no longer once it is, or once anything is revoked. */
export const isOpen = (
  kind: RevocationSource['kind'],
  mode: RevocationMode,
  findings: Findings,
  onUnknown: OnUnknown = 'other-source',
): boolean => {
  if (combine(mode, findings, onUnknown).status !== 'unknown') return false;
  const { crl, ocsp, platform } = findings;
  switch (kind) {
    case 'crl':
      return mode !== 'ocspcheck' && crl.status !== 'good';
    case 'ocsp':
      return mode !== 'crlcheck' && ocsp.status !== 'good';
    case 'platform':
      return mode !== 'bothcheck' && platform?.status !== 'good';
  }
};

/**
 * One trusted *revoked* of any kind outweighs any *good*. Otherwise *good* needs what the mode names; a missing source never passes, and the code is that of
 * the first kind that is short.
 */
export const combine = (mode: RevocationMode, { crl, ocsp, platform }: Findings, onUnknown: OnUnknown = 'other-source'): StatusResult => {
  const sources = joined(joined(crl.sources, ocsp.sources), platform?.sources ?? NO_REPORTS);
  if (crl.status === 'revoked' || ocsp.status === 'revoked' || platform?.status === 'revoked') {
    const all = platform === null ? [crl, ocsp] : [crl, ocsp, platform];
    const revocation = mergeRevocations(
      all.flatMap((finding) =>
        finding.status === 'revoked' ? [{ reason: finding.reason, revokedAt: finding.revokedAt?.getTime() ?? null }] : [],
      ),
    );
    if (revocation !== null) {
      const { reason, revokedAt } = revocation;
      return { status: 'revoked', code: 'revoked', reason, revokedAt: revokedAt === null ? null : new Date(revokedAt), sources };
    }
  }
  const doubt = onUnknown === 'refuse' && ocsp.status === 'unknown' && DOUBTS.includes(ocsp.code) ? ocsp : null;
  const short = doubt ?? shortfall(mode, { crl, ocsp, platform });
  return short === null ? { status: 'good', sources } : { ...short, sources };
};

const NO_REPORTS: readonly RevocationSourceReport[] = Object.freeze([]);

/** Mostly one kind has something to report: then its list is that of all. */
const joined = (a: readonly RevocationSourceReport[], b: readonly RevocationSourceReport[]): readonly RevocationSourceReport[] =>
  b.length === 0 ? a : a.length === 0 ? b : [...a, ...b];

/** A trusted responder does not know the certificate, alone or beside another that does. */
const DOUBTS: readonly string[] = ['ocsp-unknown', 'ocsp-conflicting'];

type Short = Extract<StatusResult, { status: 'unknown' | 'not-checked' }>;

const shortfall = (mode: RevocationMode, { crl, ocsp, platform }: Findings): Short | null => {
  switch (mode) {
    case 'crlcheck':
      return answered(platform) ? null : nearer(lack(crl), platform);
    case 'ocspcheck':
      return answered(platform) ? null : nearer(lack(ocsp), platform);
    case 'bothcheck':
      return lack(crl) ?? lack(ocsp);
    case 'eithercheck': {
      if (answered(platform)) return null;
      const crlLack = lack(crl);
      const ocspLack = lack(ocsp);
      if (crlLack === null || ocspLack === null) return null;
      return nearer(crlLack.code === 'crl-missing' ? ocspLack : crlLack, platform);
    }
  }
};

const answered = (platform: StatusResult | null): boolean => platform?.status === 'good';

const lack = (finding: StatusResult): Short | null =>
  finding.status === 'unknown' || finding.status === 'not-checked' ? finding : finding.status === 'good' ? null : REVOKED_ELSEWHERE;

/** Never reached: `combine` has dealt with *revoked* before anything is found short. */
const REVOKED_ELSEWHERE: Short = { status: 'unknown', code: 'revocation-not-checked', sources: [] };

/** Where a platform was asked and could not tell, and nothing else was there, its code says more than "missing". */
const nearer = (short: Short | null, platform: StatusResult | null): Short | null =>
  short !== null && (short.code === 'crl-missing' || short.code === 'ocsp-missing') && platform !== null
    ? (lack(platform) ?? short)
    : short;

/** Refuses what is no configuration at all: an unknown word or mode must not decide what is checked. Throws `argument-invalid`. */
export const assertConfiguration = (configuration: RevocationConfiguration): void => {
  if (configuration === 'none' || configuration === 'crl' || configuration === 'ocsp') return;
  const misuse = (what: string): JpkiError => new JpkiError('argument-invalid', `revocation: ${what}`);
  if (typeof configuration !== 'object' || configuration === null) throw misuse('unknown');
  const { sources, policy } = configuration;
  if (!Array.isArray(sources) || !sources.every(isSource)) throw misuse('sources expected');
  parseRevocationPolicy(policy);
};

const isSource = (source: RevocationSource): boolean =>
  ['crl', 'ocsp', 'platform'].includes(source?.kind) && Array.isArray(source.classes) && typeof source.check === 'function';

/**
 * Role `delegating` asks a platform operator and handles no status data itself. Throws `role-forbids-revocation-data`; `argument-invalid` for what is no
 * configuration.
 */
export const assertRoleAllows = (role: Role, configuration: RevocationConfiguration, handedIn: HandedIn = {}): void => {
  assertConfiguration(configuration);
  const local =
    configuration === 'crl' ||
    configuration === 'ocsp' ||
    (configuration !== 'none' && configuration.sources.some(({ kind }) => kind !== 'platform'));
  if (role === 'delegating' && local) throw new JpkiError('role-forbids-revocation-data');
  assertHandedIn(role, handedIn);
};

interface HandedIn {
  readonly crls?: readonly Uint8Array[];
  readonly ocspResponses?: readonly Uint8Array[];
}

/** Throws `role-forbids-revocation-data` where role `delegating` is handed status data. */
export const assertHandedIn = (role: Role, { crls, ocspResponses }: HandedIn): void => {
  if (role === 'delegating' && ((crls?.length ?? 0) > 0 || (ocspResponses?.length ?? 0) > 0)) {
    throw new JpkiError('role-forbids-revocation-data');
  }
};

/** What a verifier keeps of its configuration: a copy, so that nobody changes what is checked after it was looked at. */
export const snapshot = (configuration: RevocationConfiguration): RevocationConfiguration =>
  typeof configuration === 'string'
    ? configuration
    : { sources: Object.freeze([...configuration.sources]), policy: parseRevocationPolicy(configuration.policy) };

/** The report of a source that had nothing to give. */
export const failedReport = (
  kind: RevocationSourceReport['kind'],
  code: NonNullable<RevocationSourceReport['code']>,
  detail: string,
): RevocationSourceReport => ({ kind, status: 'unusable', code, detail, origin: 'fetched' });
