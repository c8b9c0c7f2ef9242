import { JpkiError } from '@jpki-rp/verifier';

/** What a transaction store holds at most. At its bound it refuses the new (`store-full`, HTTP 503) and never drops what lives. */
export interface StoreBounds {
  /** Transactions and kept ceremonies together. Default 10 000. */
  readonly maxTransactions: number;
  /** Bytes of everything kept, as sealed. Default 64 MiB. */
  readonly maxBytes: number;
  /** Longest life of a transaction or kept ceremony. Default 900. */
  readonly maxLifetimeSeconds: number;
}

export const BOUNDS: StoreBounds = Object.freeze({ maxTransactions: 10_000, maxBytes: 64 * 1024 * 1024, maxLifetimeSeconds: 900 });

/** An expired transaction stays readable this long, so that its page can be told; it goes at once when room is needed. */
export const GRACE_MS = 60_000;
/** Charged per entry for its short fields and the index entries. */
export const ENTRY_BYTES = 2_048;

/** Throws `argument-invalid` for a bound that bounds nothing. */
export function checkedBounds(given: Partial<StoreBounds> = {}): StoreBounds {
  const bounds = Object.freeze({ ...BOUNDS, ...given });
  for (const [name, value] of Object.entries(bounds)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new JpkiError('argument-invalid', `${name} must be a positive integer`, { pointer: `/bounds/${name}` });
  }
  return bounds;
}

export function withinLife(bounds: StoreBounds, expiresAt: number, at: number): void {
  if (!(expiresAt > at && expiresAt - at <= bounds.maxLifetimeSeconds * 1_000)) {
    throw new JpkiError('argument-invalid', 'expiresAt is outside the store’s lifetime bound', { pointer: '/expiresAt' });
  }
}
