/** Bounds how many requests are held open, in all and per transaction. */
export interface Turnstile {
  /** A function that lets go, or null at the bound. */
  enter(key: string): (() => void) | null;
}

export function turnstile(max: number, maxPerKey: number): Turnstile {
  const inside = new Map<string, number>();
  let total = 0;
  return {
    enter(key) {
      const mine = inside.get(key) ?? 0;
      if (total >= max || mine >= maxPerKey) return null;
      total += 1;
      inside.set(key, mine + 1);
      let open = true;
      return () => {
        if (!open) return;
        open = false;
        total -= 1;
        const left = (inside.get(key) ?? 1) - 1;
        if (left > 0) inside.set(key, left);
        else inside.delete(key);
      };
    },
  };
}
