/** JSON Canonicalization Scheme, RFC 8785, over plain JSON values. */
import { JpkiError } from '@jpki-rp/verifier';
import type { Json } from '../http/wire.ts';

/** The UTF-8 bytes of the canonical form. Throws `argument-invalid` for what I-JSON cannot carry: lone surrogates, NaN, infinities. */
export const canonicalBytes = (value: Json): Uint8Array => new TextEncoder().encode(canonicalText(value));

export function canonicalText(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new JpkiError('argument-invalid', 'a number that JSON cannot carry');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    // RFC 8785 §3.2.2.2: a lone surrogate is an error; JSON.stringify would write it as an escape.
    if (!isWellFormed(value)) throw new JpkiError('argument-invalid', 'a string with a lone surrogate');
    return JSON.stringify(value);
  }
  if (isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // RFC 8785 §3.2.3: by UTF-16 code units, which is what `<` compares.
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${canonicalText(key)}:${canonicalText(member)}`);
  return `{${members.join(',')}}`;
}

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

/** No lone surrogates: text that UTF-8 can carry. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
