/** What is checked about a path, in the order in which it is checked, and how a failure is said. */
import type { VerdictCode } from '../codes.ts';

export const PATH_CHECK_NAMES = [
  'parse',
  'building',
  'signature',
  'validity',
  'name-chaining',
  'name-constraints',
  'policy',
  'critical-extensions',
  'basic-constraints',
  'path-length',
  'key-usage',
  'extended-key-usage',
  'algorithm',
  'revocation',
] as const;
export type PathCheckName = (typeof PATH_CHECK_NAMES)[number];

export interface PathCheck {
  readonly name: PathCheckName;
  readonly status: 'passed' | 'failed' | 'not-run';
  readonly code?: VerdictCode;
  readonly detail?: string;
}

export interface PathFault {
  readonly check: PathCheckName;
  readonly code: VerdictCode;
  /** Machine-readable refinement, kebab-case. */
  readonly detail?: string;
  /** No other path can mend it: the target itself is revoked. */
  readonly final?: true;
}
