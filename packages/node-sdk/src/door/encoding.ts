/** Strict text decodings: one spelling per value, so that two different messages never mean the same bytes. */
import type { Json } from '../http/wire.ts';

const SYNTAX = {
  base64: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  base64url: /^[A-Za-z0-9_-]+$/,
  hex: /^(?:[0-9a-f]{2})+$/i,
} as const;

/** The bytes, or null: not text, empty, foreign characters, wrong or missing padding, or stray trailing bits. */
export function decodeText(value: Json | undefined, encoding: 'base64' | 'base64url' | 'hex'): Uint8Array | null {
  if (typeof value !== 'string' || value === '' || !SYNTAX[encoding].test(value)) return null;
  const bytes = Buffer.from(value, encoding);
  const spelled = bytes.toString(encoding);
  return (encoding === 'hex' ? value.toLowerCase() : value) === spelled ? new Uint8Array(bytes) : null;
}
