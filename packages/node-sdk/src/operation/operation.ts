/** A business operation of the relying party: its policy, and the two places where its own code runs. */
import type { Carrier } from '@jpki-rp/verifier';
import type { Json } from '../http/wire.ts';
import type { Ceremony, Language } from '../transaction/record.ts';
import type { SignedDocument } from '../transaction/signed-bytes.ts';
import type { Outcome } from './outcome.ts';
import type { OperationPolicy } from './policy.ts';

/** What `prepare` may look at besides the request. `raw` is the framework's own request, where an adapter gives one. */
export interface PrepareContext {
  readonly operation: string;
  readonly carrierHint?: Carrier;
  readonly lang: Language;
  readonly raw?: unknown;
}

/** Everything here is decided on the server; nothing of it comes from the page. */
export interface Prepared {
  /** Whose session this is. Given back to `onOutcome`. */
  readonly account?: string;
  /** Required for digital signatures, refused for user authentication: nobody signs a document by logging in. */
  readonly document?: SignedDocument;
  readonly ceremony?: Ceremony;
}

/** A place for one sealed verdict between two steps of a ceremony. */
export interface CeremonyContext extends Ceremony {
  /** Keeps what `sealVerdict` made, for as long as a transaction may live. */
  keep(sealed: string): Promise<void>;
  /** Gives it once, and only to the same account in the same browser; otherwise null, and it is gone. */
  take(): Promise<string | null>;
}

export interface OutcomeContext {
  readonly account?: string;
  readonly ceremony?: CeremonyContext;
  /** The request that completed the transaction, where one did. */
  readonly request?: Request;
  readonly raw?: unknown;
}

export interface Operation {
  readonly policy: OperationPolicy;
  /** Null: this operation is not open to this request (`operation-closed`). */
  prepare?(request: Request, context: PrepareContext): Prepared | null | Promise<Prepared | null>;
  /**
   * Runs once per consumed transaction, for every result. What it returns goes to the page: no attribute, certificate or serial belongs in it.
   * If it throws, the page sees `handler-failed` and the outcome is kept in the answer of `complete`.
   */
  onOutcome(outcome: Outcome, context: OutcomeContext): Json | undefined | Promise<Json | undefined>;
}
