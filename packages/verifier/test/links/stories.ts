/** What may happen in a story about links. */
import fc from 'fast-check';

/** Cards are 1–5, smartphones 11–16. */
export const accounts = [1, 2, 3];
export const CARDS = [1, 2, 3, 4, 5];
export const PHONES = [11, 12, 13, 14, 15, 16];
const certificate = fc.constantFrom(...CARDS, ...PHONES);
/** Which link of an account; now and then one that there is not. */
const link = fc.oneof({ weight: 9, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.constant(99) });
const account = fc.constantFrom(...accounts);
const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('establish' as const),
      account,
      card: fc.constantFrom(...CARDS),
      phone: fc.constantFrom(...PHONES),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('present' as const), certificate }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), certificate }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hold' as const), certificate }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), certificate }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('suspend' as const, 'resume' as const),
      account,
      link,
      by: fc.constantFrom('operator' as const, 'person' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('prove' as const),
      account,
      link,
      side: fc.constantFrom('card' as const, 'phone' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'undo' as const), account, link }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('renew' as const), account, link, card: fc.constantFrom(...CARDS) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sweep' as const), batch: fc.constantFrom(1, 2, 1_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('erase' as const), account }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rotate' as const) }) },
);
export type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;
/** What happens, and where it crashes. */
export const step = fc.record({ command, crash: fc.constantFrom('none', 'none', 'none', 'before', 'after') });
