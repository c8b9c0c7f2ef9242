/** What is signed has one spelling: the verifier's canonical JSON (RFC 8785), which evidence is kept in too. */
import { canonicalJson } from '@jpki-rp/verifier/evidence';
import type { Json } from '../http/wire.ts';

/** The UTF-8 bytes of the canonical form. Throws `argument-invalid` for what I-JSON cannot carry: lone surrogates, NaN, infinities. */
export const canonicalBytes = (value: Json): Uint8Array => new TextEncoder().encode(canonicalJson(value));

/** No lone surrogates: text that UTF-8 can carry. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
