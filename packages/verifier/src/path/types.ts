/** What `validatePath` takes and gives. */
import type { VerdictCode } from '../codes.ts';
import type { AlgorithmPolicy } from '../signature/signed-data.ts';
import type { PathBudget } from './budget.ts';
import type { PathCheck } from './fault.ts';

export interface ValidatePathInput {
  /** DER, exactly one certificate. */
  readonly target: Uint8Array;
  /** DER, in any order, useful or not. */
  readonly intermediates: readonly Uint8Array[];
  /** DER. */
  readonly anchors: readonly Uint8Array[];
  readonly crls?: readonly Uint8Array[];
  readonly ocspResponses?: readonly Uint8Array[];
  readonly at: Date;
  /** How far thisUpdate of status data may lie after `at`. Default 300. */
  readonly skewSeconds?: number;
  readonly policy?: {
    /** user-initial-policy-set. Default: any-policy. */
    readonly initial?: readonly string[];
    readonly requireExplicit?: boolean;
    readonly inhibitMapping?: boolean;
    readonly inhibitAnyPolicy?: boolean;
  };
  /** A purpose that every certificate with extendedKeyUsage has to allow. */
  readonly extendedKeyUsage?: string;
  /** `none`: the path only; it may be valid. */
  readonly revocation: 'crl' | 'ocsp' | 'none';
  /** `jpki`: the issuer's very key signs the CRL, which names its distribution point. Default `rfc5280`. */
  readonly crlProfile?: 'rfc5280' | 'jpki';
  /** DER of pinned OCSP responders: with them, no other responder counts. */
  readonly ocspResponders?: readonly Uint8Array[];
  readonly algorithms?: AlgorithmPolicy;
  readonly budget?: Partial<PathBudget>;
}

interface PathResultBase {
  /** DER from the target up to the anchor; empty where no path was found. */
  readonly path: readonly Uint8Array[];
  readonly checks: readonly PathCheck[];
}

export type PathResult =
  | (PathResultBase & { readonly result: 'valid' })
  | (PathResultBase & { readonly result: 'invalid' | 'indeterminate'; readonly code: VerdictCode; readonly detail?: string });
