/** Seeded choice: the same seed and label give the same sequence on every machine. Not for secrets. */
import { createHash } from 'node:crypto';

export interface Random {
  /** 0 ≤ n < bound. */
  integer(bound: number): number;
  pick<T>(list: readonly [T, ...T[]]): T;
  pick<T>(list: readonly T[]): T;
  text(alphabet: string, length: number): string;
  shuffle<T>(list: readonly T[]): T[];
}

export function seededRandom(seed: number, label: string): Random {
  let state = createHash('sha256').update(`${seed}/${label}`).digest().readUInt32BE(0);
  // mulberry32: 32 bits of state are plenty for picking names.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (bound: number): number => Math.floor(next() * bound);
  const pick = <T>(list: readonly T[]): T => {
    const chosen = list[integer(list.length)];
    if (chosen === undefined) throw new RangeError('nothing to pick from');
    return chosen;
  };
  return {
    integer,
    pick,
    text: (alphabet, length) => Array.from({ length }, () => alphabet.charAt(integer(alphabet.length))).join(''),
    shuffle: (list) => {
      const out = [...list];
      for (let i = out.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        const [a, b] = [out[i], out[j]];
        if (a === undefined || b === undefined) continue;
        out[i] = b;
        out[j] = a;
      }
      return out;
    },
  };
}
