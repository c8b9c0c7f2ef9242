/** What the phone itself refuses or cannot do. Shown to the person; nothing is sent to the relying party. */
export type AppFailureCode =
  | 'link-invalid'
  | 'rp-not-allowed'
  | 'rp-unreachable'
  | 'ticket-refused'
  | 'request-invalid'
  | 'origin-mismatch'
  | 'scheme-unsupported'
  | 'biometrics-not-allowed'
  | 'session-unknown';

export class AppFailure extends Error {
  override readonly name = 'AppFailure';
  readonly code: AppFailureCode;
  /** HTTP status of the relying party, where it answered. */
  readonly status: number | undefined;

  constructor(code: AppFailureCode, message: string, options: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status;
  }
}
