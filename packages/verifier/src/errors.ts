import { CODES, type Code, type MisuseCode } from './codes.ts';

/** Thrown for misuse and configuration faults only; verdicts and outcomes are data. */
export class JpkiError extends Error {
  override readonly name: string = 'JpkiError';
  readonly code: Code;
  /** JSON pointer into the offending input, where there is one. */
  readonly pointer?: string;

  constructor(code: MisuseCode | 'environment-invalid' | Code, message?: string, options?: { pointer?: string; cause?: unknown }) {
    super(message ?? CODES[code].cause, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options?.pointer !== undefined) this.pointer = options.pointer;
  }
}

/** Thrown by `loadEnvironment` and `productionAnchors`. */
export class EnvironmentError extends JpkiError {
  override readonly name = 'EnvironmentError';
}
