import type { Carrier, Freshness, Purpose, SignatureScheme } from '@jpki-rp/verifier';

/** What one business operation demands. Configuration of the server; nothing of it comes from the page. */
export interface OperationPolicy {
  /** Shown on the page and on the phone. */
  readonly name: { readonly ja: string; readonly en: string };
  readonly purpose: Purpose;
  readonly carriers: readonly Carrier[];
  /** Default `rsa-pkcs1-sha256`. */
  readonly scheme?: SignatureScheme;
  /**
   * `two` (default): where the door reports the carrier, certificate and app must agree, and where it cannot, the operation is refused.
   * `certificate-only`: the certificate's word is enough if the door does not report the carrier; recorded as such.
   */
  readonly carrierWitnesses?: 'two' | 'certificate-only';
  /** How old status data may be for this operation; the strictest of environment, revocation policy and this counts. */
  readonly freshness?: Freshness;
}
