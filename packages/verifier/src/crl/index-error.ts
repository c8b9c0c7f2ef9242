import type { OperationCode } from '../codes.ts';
import { JpkiError } from '../errors.ts';

export type CrlIndexCode = Extract<OperationCode, `index-${string}`>;

/** Thrown by an index that cannot be believed: it must never be taken for *not listed*. */
export class CrlIndexError extends JpkiError {
  override readonly name = 'CrlIndexError';
  declare readonly code: CrlIndexCode;
  /** Which part, kebab-case. */
  readonly detail?: string;

  constructor(code: CrlIndexCode, detail?: string, options?: { cause?: unknown }) {
    super(code, detail === undefined ? code : `${code}: ${detail}`, options);
    if (detail !== undefined) this.detail = detail;
  }
}
