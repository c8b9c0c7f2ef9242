/** RFC 5280 §6.1.3 (a)(3): which status data speak for the certificates of a path. */
import type { CandidatePath } from './build.ts';
import type { PathFault } from './fault.ts';
import type { Session } from './session.ts';
import type { ValidatePathInput } from './types.ts';

/** Null proves that each certificate but the anchor is good. */
export type RevocationOfPath = (path: CandidatePath) => PathFault | null;

export const revocationFor = (input: ValidatePathInput, _session: Session): RevocationOfPath => {
  if (input.revocation === 'none') return () => null;
  return () => ({ check: 'revocation', code: 'revocation-not-checked' });
};
