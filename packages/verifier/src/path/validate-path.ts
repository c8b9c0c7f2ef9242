import type { Certificate } from '../certificate/certificate.ts';
import { resultOf } from '../codes.ts';
import { BudgetSpent } from './budget.ts';
import { type CandidatePath, isSignedUnderAnotherName, pathsFrom, type SearchTrace } from './build.ts';
import { PATH_CHECK_NAMES, type PathCheck, type PathFault } from './fault.ts';
import { accountOf, requirementsOf, sessionOf, targetOf } from './input.ts';
import { type RevocationOfPath, revocationFor } from './revocation.ts';
import type { Session } from './session.ts';
import type { PathResult, ValidatePathInput } from './types.ts';
import { type PathRequirements, validateCertificates } from './validate.ts';

/**
 * RFC 5280 §6.1 in full, with path building, and with §6.3 where `revocation` is `crl`.
 *
 * `valid` proves: a path of verified signatures leads from `target` to one of `anchors`; every certificate of it is within its validity at
 * `at`; names, basicConstraints, keyUsage, path length, name constraints, policies and critical extensions hold; and, unless `revocation` is
 * `none`, usable status data show each certificate but the anchor to be good.
 *
 * Fails with `malformed`, `path-*`, `unknown-critical-extension`, `algorithm-not-allowed`, `revoked`, `budget-*` (invalid), or `crl-*`, `ocsp-*`
 * (indeterminate). Throws `JpkiError` for misuse only.
 *
 * ```ts
 * validatePath({ target, intermediates, anchors, at: new Date('2026-01-01T00:00:00Z'), revocation: 'none' }).result;
 * ```
 */
export const validatePath = (input: ValidatePathInput): PathResult => {
  const account = accountOf(input);
  try {
    const session = sessionOf(input, account);
    const target = targetOf(input, account);
    if (target === null) return refused({ check: 'parse', code: 'malformed' }, null);
    return decide(target, requirementsOf(input), session, revocationFor(input, session));
  } catch (error) {
    if (error instanceof BudgetSpent) return refused({ check: 'building', code: error.code }, null);
    throw error;
  }
};

/** The first path that holds decides; where none does, the one that came nearest names the reason. */
const decide = (target: Certificate, requirements: PathRequirements, session: Session, revocation: RevocationOfPath): PathResult => {
  const trace: SearchTrace = { fault: { check: 'building', code: 'path-not-found' } };
  let nearest: { readonly fault: PathFault; readonly path: CandidatePath } | null = null;
  for (const path of pathsFrom(target, session, trace)) {
    const fault = validateCertificates(path, requirements, session) ?? revocation(path);
    if (fault === null) return { result: 'valid', path: derOf(path), checks: checksWith(null) };
    // A trusted listing of the target holds whatever other paths say.
    if (fault.final === true) return refused(fault, path);
    if (nearest === null || (resultOf(nearest.fault.code) === 'invalid' && resultOf(fault.code) === 'indeterminate'))
      nearest = { fault, path };
  }
  if (nearest !== null) return refused(nearest.fault, nearest.path);
  if (trace.fault.code === 'path-not-found' && isSignedUnderAnotherName(target, session))
    return refused({ check: 'name-chaining', code: 'path-name-chaining' }, null);
  return refused(trace.fault, null);
};

const refused = (fault: PathFault, path: CandidatePath | null): PathResult => ({
  result: resultOf(fault.code),
  code: fault.code,
  ...(fault.detail === undefined ? {} : { detail: fault.detail }),
  path: path === null ? [] : derOf(path),
  checks: checksWith(fault),
});

const derOf = ({ anchor, certificates }: CandidatePath): readonly Uint8Array[] => [anchor, ...certificates].reverse().map(({ der }) => der);

/** Revocation comes after everything else; the other checks go certificate by certificate, so that one failure leaves their rest open. */
const checksWith = (fault: PathFault | null): readonly PathCheck[] =>
  PATH_CHECK_NAMES.map((name) => {
    if (fault === null || (fault.check === 'revocation' && name !== 'revocation')) return { name, status: 'passed' };
    if (fault.check !== name) return { name, status: 'not-run' };
    return { name, status: 'failed', code: fault.code, ...(fault.detail === undefined ? {} : { detail: fault.detail }) };
  });
