/**
 * The wire between browser and relying party, version 1. The only home of these types: `@jpki-rp/web-sdk` inlines them, both sides run the same
 * golden JSON. No certificate, attribute or serial ever crosses this wire.
 *
 * ```
 * POST   {base}/transactions              BeginRequest → 201 StartDescriptor
 * GET    {base}/transactions/{id}?wait=25 → TransactionStatus (long poll: answers on change or after `wait` seconds)
 * GET    {base}/transactions/{id}/events  → SSE: `event: status`, data: TransactionStatus
 * POST   {base}/transactions/{id}/complete CompleteRequest → PublicOutcome
 * DELETE {base}/transactions/{id}         → 204
 * POST   {base}/request/{door}            the app redeems its one-time ticket → AppRequest (door profile's own names)
 * POST   {base}/callback/{door}           the app's answer → 204
 * GET    {base}/callback/{door}           the browser's way back → 303 to the page it began on, or "return to the original browser"
 * ```
 */

export interface BeginRequest {
  readonly v: 1;
  readonly operation: string;
  /** The person's choice on the page: a hint, never authority. */
  readonly carrier?: 'auto' | 'card' | 'smartphone';
  /** How the page can start the app: this device, or another one that scans a QR code. A hint too. */
  readonly start?: 'app-link' | 'qr';
  /** Same-origin path (with query) that the app's way back leads to. Fragments and other origins are refused. */
  readonly returnTo?: string;
  readonly lang?: 'ja' | 'en';
}

export type Start =
  | { readonly kind: 'redirect'; readonly href: string }
  | { readonly kind: 'app-link'; readonly href: string }
  | { readonly kind: 'qr'; readonly content: string; readonly refreshSeconds?: number };

export interface StartDescriptor {
  readonly v: 1;
  readonly transactionId: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
  readonly start: Start;
  /** Present when the person must type the number that the phone shows. */
  readonly match?: { readonly digits: 2 };
  /** What is shown before the jump. */
  readonly show: {
    readonly relyingParty: string;
    readonly operation: string;
    readonly purpose: 'digital-signature' | 'user-authentication';
    /** Carriers the operation accepts. */
    readonly carriers: readonly ('card' | 'smartphone')[];
  };
}

/**
 * `pending`: begun. `opened`: the app has fetched its request. `arrived`: the app has answered; complete it (with the number, where asked).
 * `done`: completed, outcome attached for the browser that began. `expired`, `gone`: over.
 */
export interface TransactionStatus {
  readonly v: 1;
  readonly transactionId: string;
  readonly state: 'pending' | 'opened' | 'arrived' | 'done' | 'expired';
  readonly expiresAt: string;
  readonly outcome?: PublicOutcome;
}

export interface CompleteRequest {
  readonly v: 1;
  /** The two digits shown on the phone. */
  readonly match?: string;
}

/** What the page may know. `next` is the relying party's own public result. */
export interface PublicOutcome {
  readonly v: 1;
  readonly result: 'identified' | 'refused' | 'try-again';
  readonly code?: string;
  readonly messageKey?: string;
  readonly actor?: string;
  readonly place?: 'app' | 'municipality' | 'relying-party' | 'browser' | 'issuer';
  readonly retryable?: boolean;
  /** Remaining PIN or password tries, where the app reports them. */
  readonly remainingTries?: number;
  /** Remaining tries for the two-digit number. */
  readonly remainingMatches?: number;
  readonly next?: Json;
}

export interface WireError {
  readonly v: 1;
  readonly code: string;
  readonly messageKey: string;
  readonly retryable: boolean;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
