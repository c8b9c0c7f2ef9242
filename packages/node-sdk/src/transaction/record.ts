/** One identification, from begin to outcome. Everything that decides a verdict is fixed at begin and read back from here, never from a message. */
import type { Carrier, Purpose, SignatureScheme } from '@jpki-rp/verifier';
import type { PublicOutcome } from '../http/wire.ts';

export type Channel = 'app-link' | 'qr';
export type Language = 'ja' | 'en';

/** Transactions of one account and browser that belong together. */
export interface Ceremony {
  readonly id: string;
  readonly step: string;
}

/** Fixed at begin. Instants are milliseconds since the epoch. */
export interface NewTransaction {
  readonly id: string;
  readonly operation: string;
  readonly purpose: Purpose;
  readonly carriers: readonly Carrier[];
  readonly scheme: SignatureScheme;
  readonly carrierWitnesses: 'two' | 'certificate-only';
  readonly door: string;
  readonly channel: Channel;
  /** SHA-256 of the browser's cookie or the native app's secret. */
  readonly binding: string;
  /** The `jpki-rp/v1` bytes that must be signed. */
  readonly message: Uint8Array;
  readonly documentText?: string;
  readonly account?: string;
  readonly ceremony?: Ceremony;
  readonly carrierHint?: Carrier;
  /** Path and query on the relying party's own origin. */
  readonly returnTo: string;
  readonly lang: Language;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** SHA-256 of the one-time ticket in the app link or QR code. */
  readonly ticket: string;
  /** Present when the number shown on the phone must be typed in the browser that began. */
  readonly matchNumber?: string;
}

/**
 * `pending` → `opened` (ticket redeemed) → `arrived` (answer parked) → `completing` (consumed) → `done` (outcome kept until expiry).
 * No way leads back.
 */
export type TransactionState = 'pending' | 'opened' | 'arrived' | 'completing' | 'done';

export interface Transaction extends NewTransaction {
  readonly state: TransactionState;
  /** Grows with every change. */
  readonly version: number;
  readonly matchesLeft: number;
  /** Whether the app's way back has led to the browser that began. */
  readonly returned: boolean;
  /** The app's answer, undecoded and untrusted. */
  readonly unverifiedAnswer?: Uint8Array;
  readonly outcome?: PublicOutcome;
}

export const MATCH_TRIES = 3;
