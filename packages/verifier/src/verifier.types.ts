import type { Environment } from './environment.types.ts';
import type { RememberOptions } from './familiar.ts';
import type { Fetcher } from './net/fetcher.types.ts';
import type { Freshness } from './revocation/freshness.ts';
import type { RevocationConfiguration } from './revocation/types.ts';
import type { Carrier, CertificateClass, Purpose, SignatureScheme, Verdict } from './verdict.ts';

/** `verifier`: accredited, may hold CRLs, serials, certificates. `delegating`: asks a platform operator; refuses local revocation data. */
export type Role = 'verifier' | 'delegating';

export interface VerifierOptions {
  readonly environment: Environment;
  readonly role: Role;
  readonly revocation: RevocationConfiguration;
  /** Default: the wall clock of the process. */
  readonly clock?: () => Date;
  readonly fetcher?: Fetcher;
  /**
   * What is remembered of certificates that were found valid, so that it need not be established again for the same octets within their validity: form,
   * issuer, class and — with `issuerSignature: 'remember'` — that the issuer's signature verified. Never the status, never personal data: certificates with
   * personal attributes are not kept. In memory, of this verifier alone, about 8 kB each. Default: 1 024 certificates, `remember`; role `delegating`,
   * which retains no certificate: none.
   */
  readonly remember?: Partial<RememberOptions>;
  readonly onEvent?: (event: VerifierEvent) => void;
}

/** Codes and hashes only: never personal data, serials, certificates or signatures. */
export interface VerifierEvent {
  readonly type: 'verified';
  readonly result: Verdict['result'];
  readonly code: string | null;
  readonly class: CertificateClass | null;
  readonly at: string;
}

export interface VerifyInput {
  /** DER, exactly one certificate. */
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
  /** The bytes that were signed; or, for RSA schemes, their SHA-256. Exactly one of the two. */
  readonly message?: Uint8Array;
  readonly digest?: Uint8Array;
  readonly scheme: SignatureScheme;
  readonly purpose: Purpose;
  readonly acceptCarriers: readonly Carrier[];
  /** What the app said. Absent or null: no second witness. */
  readonly reportedCarrier?: Carrier | null;
  /** Default: the verifier's clock. */
  readonly at?: Date;
  readonly crls?: readonly Uint8Array[];
  readonly ocspResponses?: readonly Uint8Array[];
  /** The octets sent as nonce with the handed-in responses. */
  readonly ocspNonce?: Uint8Array | null;
  /** What this operation demands beyond environment and policy; the strictest counts. */
  readonly freshness?: Freshness;
  readonly signal?: AbortSignal;
}

export interface Verifier {
  readonly role: Role;
  readonly environment: Environment;
  verify(input: VerifyInput): Promise<Verdict>;
}
