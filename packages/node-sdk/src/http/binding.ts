/**
 * To whom a transaction belongs: the browser that holds a cookie, or the native app that holds a secret. Only the SHA-256 is ever stored.
 *
 * A native app makes 32 random bytes, keeps them, and sends `Authorization: JPKI-Binding <base64url>` with every request of the transaction.
 */
import { hashSecret, mintSecret, type RandomBytes } from '../transaction/secrets.ts';

export interface Binding {
  readonly kind: 'cookie' | 'secret';
  /** 256 random bits as base64url: 43 characters. */
  readonly value: string;
}

export const BINDING_COOKIE = '__Host-jpki';
const SECRET = /^[A-Za-z0-9_-]{43}$/;
const AUTHORIZATION = /^JPKI-Binding +([A-Za-z0-9_-]{43})$/i;

/** The two kinds hash differently: a transaction begun with one is never redeemed with the other. */
export const hashBinding = (binding: Binding): string => hashSecret(`binding/${binding.kind}`, binding.value);

export const isBinding = (binding: Binding): boolean =>
  SECRET.test(binding.value) && (binding.kind === 'cookie' || binding.kind === 'secret');

/** `invalid`: an Authorization header of our scheme that is not what it must be. The native secret wins over a cookie. */
export function bindingOf(request: Request): Binding | 'invalid' | null {
  const authorization = request.headers.get('authorization');
  if (authorization !== null && /^JPKI-Binding\b/i.test(authorization)) {
    const value = AUTHORIZATION.exec(authorization)?.[1];
    return value === undefined ? 'invalid' : { kind: 'secret', value };
  }
  const values = (request.headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${BINDING_COOKIE}=`))
    .map((pair) => pair.slice(BINDING_COOKIE.length + 1));
  // Twice the same name cannot come from a browser that keeps the __Host- rules.
  const [value] = values;
  return values.length === 1 && value !== undefined && SECRET.test(value) ? { kind: 'cookie', value } : null;
}

export const newCookieBinding = (randomBytes: RandomBytes): Binding => ({ kind: 'cookie', value: mintSecret(randomBytes) });

/** A session cookie: it ends with the browser. Lax, because the app's way back is a top-level navigation from outside. */
export const bindingCookie = (binding: Binding): string => `${BINDING_COOKIE}=${binding.value}; Path=/; HttpOnly; Secure; SameSite=Lax`;
