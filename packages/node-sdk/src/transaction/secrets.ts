/** Secrets of a transaction: minted here, kept elsewhere only as SHA-256, compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';

export type RandomBytes = (length: number) => Uint8Array;

/** 256 bits, base64url without padding: 43 characters. */
export const mintSecret = (randomBytes: RandomBytes): string => Buffer.from(randomBytes(32)).toString('base64url');

/** Domain-separated SHA-256, base64url. The domain keeps a ticket from ever being taken for an answer token or a binding. */
export const hashSecret = (
  domain: 'ticket' | 'answer' | 'return' | 'binding/cookie' | 'binding/secret' | 'audit',
  secret: string,
): string => createHash('sha256').update(`jpki-rp/v1/${domain}\n`, 'utf8').update(secret, 'utf8').digest('base64url');

export function equalInConstantTime(a: string, b: string): boolean {
  const left = createHash('sha256').update(a, 'utf8').digest();
  const right = createHash('sha256').update(b, 'utf8').digest();
  return timingSafeEqual(left, right);
}

/** Two uniformly distributed decimal digits. Rejection sampling: a plain modulo would favour the low numbers. */
export function mintMatchNumber(randomBytes: RandomBytes): string {
  for (;;) {
    const byte = randomBytes(1)[0];
    if (byte !== undefined && byte < 200) return String(byte % 100).padStart(2, '0');
  }
}
