/** DER as a tree that can be bent and written again with right lengths. A reader of our own for tests, as tolerant as can be: it takes no part in any check. */
import type { Random } from './random.ts';

export interface Node {
  readonly tag: number;
  /** Set where the content is a row of elements: then `bytes` is unused. */
  readonly children: readonly Node[] | null;
  readonly bytes: Uint8Array;
  /** The element as it stood; null where it has been changed. */
  readonly der: Uint8Array | null;
}

/** The elements in `bytes` from `start` to `end`, or null where it is not a row of elements. */
const rowOf = (bytes: Uint8Array, from: number, end: number, depth: number): Node[] | null => {
  const row: Node[] = [];
  for (let i = from; i < end; ) {
    const start = i;
    const tag = bytes[i] as number;
    let length = bytes[i + 1];
    if (length === undefined || (tag & 0x1f) === 0x1f) return null;
    i += 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 3 || i + count > end) return null;
      length = 0;
      for (let k = 0; k < count; k++) length = length * 256 + (bytes[i++] as number);
    }
    if (i + length > end) return null;
    const constructed = (tag & 0x20) !== 0;
    // What stands inside an OCTET STRING is often DER again: extensions, OCSP answers.
    const inner = depth > 0 && (constructed || (tag === 0x04 && length > 4)) ? rowOf(bytes, i, i + length, depth - 1) : null;
    row.push({
      tag,
      children: inner,
      bytes: inner === null ? bytes.subarray(i, i + length) : EMPTY,
      der: bytes.subarray(start, i + length),
    });
    i += length;
  }
  return row;
};

const EMPTY = new Uint8Array(0);

export const treeOf = (bytes: Uint8Array): Node | null => {
  const row = rowOf(bytes, 0, bytes.length, 24);
  return row?.length === 1 ? (row[0] as Node) : null;
};

/** Any node of the tree: a walk down that ends by chance. */
export const someNode = (root: Node, random: Random): Node => {
  let node = root;
  while (node.children !== null && node.children.length > 0 && random.below(5) > 0) node = random.pick(node.children);
  return node;
};

/** The tree with one node changed. Only the way down to it is new; the rest is shared, and so is its encoding. */
export const withChange = (node: Node, random: Random, change: (node: Node) => Node): Node => {
  const { children } = node;
  if (children === null || children.length === 0 || random.below(5) === 0) return change(node);
  const i = random.below(children.length);
  const row = children.slice();
  row[i] = withChange(row[i] as Node, random, change);
  return { ...node, children: row, der: null };
};

/** DER with lengths that are right. */
export const derOf = (node: Node): Uint8Array => {
  if (node.der !== null) return node.der;
  const parts = node.children === null ? [node.bytes] : node.children.map(derOf);
  const n = parts.reduce((sum, part) => sum + part.length, 0);
  const head = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : n < 0x10000 ? [0x82, n >> 8, n & 255] : [0x83, n >> 16, (n >> 8) & 255, n & 255];
  const out = new Uint8Array(1 + head.length + n);
  out[0] = node.tag;
  out.set(head, 1);
  let at = 1 + head.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};
