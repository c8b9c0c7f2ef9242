/** JSON from outside: bytes → value, bounded in depth, without duplicate members. */
import type { Json } from '../http/wire.ts';

export type JsonObject = { readonly [key: string]: Json };

/** Deepest nesting that any message of ours needs is 3. */
const MAX_DEPTH = 16;

/**
 * The JSON object that the bytes carry, or null: not UTF-8, not JSON (RFC 8259), not an object, nested deeper than 16, or a member name twice
 * (readers disagree which of the two counts, so none does).
 */
export function parseJsonObject(bytes: Uint8Array): JsonObject | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    // The nesting is measured on the text before anything recursive sees it.
    if (!isShallowAndUnambiguous(text)) return null;
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

export const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

const AFTER_NAME = /[ \t\r\n]*:/y;

function isShallowAndUnambiguous(text: string): boolean {
  const open: (Set<string> | null)[] = [];
  let index = 0;
  while (index < text.length) {
    const character = text[index];
    if (character === '{' || character === '[') {
      if (open.length === MAX_DEPTH) return false;
      open.push(character === '{' ? new Set() : null);
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const start = index;
      for (index += 1; index < text.length && text[index] !== '"'; index += 1) if (text[index] === '\\') index += 1;
      const members = open.at(-1);
      AFTER_NAME.lastIndex = index + 1;
      if (members && AFTER_NAME.test(text)) {
        const name: string = JSON.parse(text.slice(start, index + 1));
        if (members.has(name)) return false;
        members.add(name);
      }
    }
    index += 1;
  }
  return true;
}
