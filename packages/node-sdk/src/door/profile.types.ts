/**
 * How one door to the app is spoken to. Data supplied by the operator under its own contract; this package ships no constant of the contracted
 * interface. A profile that is missing a field fails at load time; a response value that it does not map fails closed.
 */
import type { OutcomeCode } from '@jpki-rp/verifier';

/** Steps applied left to right when a value is written, and to be undone right to left when it is read. */
export type EncodingStep = 'utf8' | 'base64' | 'base64url' | 'hex';

/** Values of a transaction that a profile may place in the app's request. */
export type RequestValue =
  | 'transactionId'
  | 'relyingPartyName'
  | 'relyingPartyOrigin'
  | 'operationName'
  | 'operationNameEn'
  | 'purpose'
  | 'carriers'
  | 'carrierHint'
  | 'scheme'
  | 'message'
  | 'documentText'
  | 'callbackUrl'
  | 'returnUrl'
  | 'matchNumber'
  | 'expiresAt';

export interface AppLinkDoorProfile {
  readonly v: 1;
  readonly kind: 'app-link';
  /** Used in `/callback/{door}`: lower-case letters, digits, hyphen. */
  readonly id: string;
  readonly revision: string;
  readonly visibility: 'public' | 'restricted';
  /** A made-up door (virtual app). Refused where the environment is of kind `production`. */
  readonly synthetic: boolean;
  readonly basis: { readonly document: string; readonly date: string; readonly reviewer: string };
  /**
   * URL templates. `{requestUrl}` is where the app redeems its ticket and `{ticket}` the one-time ticket, both percent-encoded.
   * No document, name or number ever stands in a URL.
   */
  readonly start: { readonly appLink: string; readonly qr: string };
  /** JSON members of the request document that the app receives for its ticket. */
  readonly request: Readonly<
    Record<
      string,
      { readonly value: RequestValue; readonly encode?: readonly EncodingStep[] } | { readonly constant: string | number | boolean }
    >
  >;
  /** Where the app's answer (a JSON object) carries what. `path` is a JSON pointer. */
  readonly response: {
    readonly transactionId: { readonly path: string };
    readonly result: { readonly path: string };
    readonly certificate: { readonly path: string; readonly encoding: 'base64' | 'base64url' | 'hex' };
    readonly signature: { readonly path: string; readonly encoding: 'base64' | 'base64url' | 'hex'; readonly array?: 'first' };
    /** Absent: this door does not report the carrier. */
    readonly carrier?: { readonly path: string; readonly map: Readonly<Record<string, 'card' | 'smartphone'>> };
    readonly remainingTries?: { readonly path: string };
  };
  /** Result values of the app. Anything unmapped is `app-result-unknown`. */
  readonly results: Readonly<Record<string, 'ok' | OutcomeCode>>;
  readonly timing: {
    /** Life of a transaction begun by app link. At most 900. */
    readonly transactionSeconds: number;
    /** Life of a QR code and its transaction. At most 120. */
    readonly qrSeconds: number;
  };
}

export type DoorProfile = AppLinkDoorProfile;
