/** Mutations of octets and of DER trees. */
import type { Random } from './random.ts';
import { derOf, type Node, someNode, treeOf, withChange } from './tree.ts';

export interface Seed {
  readonly bytes: Uint8Array;
  readonly tree: Node | null;
}

export const seedOf = (bytes: Uint8Array): Seed => ({ bytes, tree: treeOf(bytes) });

const MAX_BYTES = 48_000;
const TAGS = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x30, 0x31, 0x80, 0x81, 0x82, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4,
] as const;
const OCTETS = [0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xff, 0x30, 0x31, 0x1f, 0x24] as const;

/** One to three changes of a seed; others lend parts. */
export const mutate = (seed: Seed, others: readonly Seed[], random: Random): Uint8Array => {
  const rounds = 1 + random.below(3);
  if (seed.tree !== null && random.below(3) > 0) {
    let { tree } = seed;
    for (let i = 0; i < rounds; i++) {
      const other = random.pick(others).tree;
      tree = withChange(tree, random, (node) => bent(node, other, random));
    }
    const bytes = derOf(tree);
    return random.below(4) === 0 ? scratch(bytes, seed.bytes, random) : bytes;
  }
  let bytes = seed.bytes;
  for (let i = 0; i < rounds; i++) bytes = scratch(bytes, random.pick(others).bytes, random);
  return bytes;
};

/** One change of the octets, lengths left as they are. */
const scratch = (bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array => {
  if (bytes.length === 0) return Uint8Array.of(random.pick(OCTETS));
  const at = random.below(bytes.length);
  const span = 1 + random.below(Math.min(64, bytes.length - at));
  const copy = Uint8Array.from(bytes);
  switch (random.below(7)) {
    case 0:
      copy[at] = (copy[at] as number) ^ (1 << random.below(8));
      return copy;
    case 1:
      copy[at] = random.pick(OCTETS);
      return copy;
    case 2:
      copy.fill(random.pick(OCTETS), at, at + span);
      return copy;
    case 3:
      return bytes.subarray(0, at);
    case 4:
      return joined(bytes.subarray(0, at), bytes.subarray(at + span));
    case 5:
      return joined(bytes.subarray(0, at), bytes.subarray(Math.max(0, at - span)));
    default: {
      const from = random.below(Math.max(1, other.length));
      return joined(bytes.subarray(0, at), other.subarray(from, from + span), bytes.subarray(at));
    }
  }
};

const joined = (...parts: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(
    Math.min(
      MAX_BYTES,
      parts.reduce((n, part) => n + part.length, 0),
    ),
  );
  let at = 0;
  for (const part of parts) {
    const room = part.subarray(0, out.length - at);
    out.set(room, at);
    at += room.length;
  }
  return out;
};

const leaf = (tag: number, bytes: Uint8Array): Node => ({ tag, children: null, bytes, der: null });

/** One change of one node. */
const bent = (node: Node, other: Node | null, random: Random): Node => {
  const { children } = node;
  const row = children === null ? [] : children.slice();
  const i = row.length === 0 ? 0 : random.below(row.length);
  const among = (changed: readonly Node[]): Node => ({ ...node, children: changed, bytes: NONE, der: null });
  switch (random.below(9)) {
    case 0:
      return { ...node, tag: random.below(4) === 0 ? random.below(256) : random.pick(TAGS), der: null };
    case 1:
      return children === null ? leaf(node.tag, NONE) : among(row.toSpliced(i, 1));
    case 2:
      return row.length === 0 ? node : among([...row, row[i] as Node]);
    case 3:
      return row.length < 2 ? node : among([...row.slice(1), row[0] as Node]);
    case 4:
      // A part of another seed in its place.
      return other === null ? node : someNode(other, random);
    case 5: {
      // Wrapped, now and then many times.
      let wrapped = node;
      for (let depth = random.below(8) === 0 ? 400 : 1; depth > 0; depth--)
        wrapped = { tag: random.below(2) === 0 ? 0x30 : node.tag | 0x20, children: [wrapped], bytes: NONE, der: null };
      return wrapped;
    }
    case 6:
      return children === null ? leaf(node.tag, scratch(node.bytes, node.bytes, random)) : node;
    case 7: {
      if (children !== null || node.bytes.length === 0) return node;
      const copy = Uint8Array.from(node.bytes);
      copy[random.below(copy.length)] = random.below(256);
      return leaf(node.tag, copy);
    }
    default:
      // An element nobody asked for.
      return children === null
        ? node
        : among(row.toSpliced(i, 0, leaf(random.pick(TAGS), new Uint8Array(random.below(5)).fill(random.pick(OCTETS)))));
  }
};

const NONE = new Uint8Array(0);
