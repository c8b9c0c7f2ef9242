/** A look at the skeleton of DER before a library with a looser reader is let near it. */
import { DerReader } from './reader.ts';

export interface DerLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxElements: number;
}

const CONSTRUCTED = 0x20;
const CLASS = 0xc0;
const SEQUENCE = 0x10;
const SET = 0x11;

/**
 * Returns normally where `der` is exactly one element whose every length is definite, minimal and within its container, no deeper than `maxDepth`, and no
 * string type is put together from parts (X.690 §10). Throws `DerError` otherwise; returns `too-large` where only a budget is exceeded. Iterative: depth
 * costs no stack.
 */
export const passGate = (der: Uint8Array, { maxBytes, maxDepth, maxElements }: DerLimits): 'passed' | 'too-large' => {
  if (der.length > maxBytes) return 'too-large';
  const reader = new DerReader(der);
  const ends: number[] = [];
  let elements = 0;
  do {
    elements += 1;
    if (elements > maxElements) return 'too-large';
    const tag = reader.peek();
    const end = reader.anyHeader();
    if ((tag & CONSTRUCTED) === 0) {
      reader.pos = end;
    } else {
      const isUniversal = (tag & CLASS) === 0;
      if (isUniversal && (tag & 0x1f) !== SEQUENCE && (tag & 0x1f) !== SET) reader.fail('constructed string');
      if (ends.length === maxDepth) reader.fail('nesting too deep');
      ends.push(reader.limit);
      reader.limit = end;
    }
    while (reader.done && ends.length > 0) reader.limit = ends.pop() as number;
  } while (ends.length > 0);
  reader.limit = der.length;
  reader.end();
  return 'passed';
};
