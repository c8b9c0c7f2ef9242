import { describe, expect, test } from 'vitest';
import type { ValidatePathInput } from '../../src/path/types.ts';
import type { Keyed } from '../revocation/mint.ts';
import {
  extension,
  inhibitAnyPolicy,
  int,
  keyed,
  mappings,
  mintPerson,
  mintRoot,
  mintSub,
  name,
  oid,
  outcome,
  policies,
  policyConstraints,
  ROOT,
  ROOT_NAME,
  SUB,
  SUB_NAME,
  seq,
  validate,
} from './mint.ts';

const P1 = '2.999.1';
const P2 = '2.999.2';
const P3 = '2.999.3';
const ANY = '2.5.29.32.0';

/** Sub and person with these extensions, under these inputs. */
const judged = (sub: readonly Uint8Array[], person: readonly Uint8Array[], policy: ValidatePathInput['policy'] = {}): string =>
  outcome({ intermediates: [mintSub({ more: sub })], target: mintPerson({ more: person }), policy });

describe('certificate policies', () => {
  test.each([
    ['the same policy all the way', [policies(P1)], [policies(P1)], { requireExplicit: true }, 'valid'],
    ['no policy anywhere, none required', [], [], {}, 'valid'],
    ['no policy in the target, one required', [policies(P1)], [], { requireExplicit: true }, 'path-policy/no-policy'],
    ['no policy in the authority, one required', [], [policies(P1)], { requireExplicit: true }, 'path-policy/no-policy'],
    ['another policy than the authority’s', [policies(P1)], [policies(P2)], { requireExplicit: true }, 'path-policy/no-policy'],
    ['another policy than the authority’s, none required', [policies(P1)], [policies(P2)], {}, 'valid'],
    ['the policy asked for', [policies(P1, P2)], [policies(P2)], { requireExplicit: true, initial: [P2] }, 'valid'],
    ['not the policy asked for', [policies(P1, P2)], [policies(P2)], { requireExplicit: true, initial: [P1] }, 'path-policy/no-policy'],
    ['any policy in the authority', [policies(ANY)], [policies(P1)], { requireExplicit: true, initial: [P1] }, 'valid'],
    ['any policy in the target', [policies(P1)], [policies(ANY)], { requireExplicit: true, initial: [P1] }, 'valid'],
    ['any policy inhibited', [policies(ANY)], [policies(P1)], { requireExplicit: true, inhibitAnyPolicy: true }, 'path-policy/no-policy'],
    ['any policy everywhere', [policies(ANY)], [policies(ANY)], { requireExplicit: true, initial: [P3] }, 'valid'],
    [
      'any policy in the authority, and not the policy asked for in the target',
      [policies(ANY)],
      [policies(P1)],
      { requireExplicit: true, initial: [P3] },
      'path-policy/no-policy',
    ],
  ] as const)('%s', (_, sub, person, policy, expected) => {
    expect(judged(sub, person, policy)).toBe(expected);
  });

  test('a policy twice in one certificate is refused', () => {
    expect(judged([policies(P1)], [policies(P1, P1)])).toBe('path-policy/duplicate-policy');
  });
});

describe('what an authority says about policies', () => {
  test.each([
    ['requires one at once', [policyConstraints(0)], [], 'path-policy/no-policy'],
    ['requires one at once, and there is one', [policies(P1), policyConstraints(0)], [policies(P1)], 'valid'],
    ['requires one later than the path is long', [policyConstraints(2)], [], 'valid'],
    ['inhibits any policy at once', [policies(P1), policyConstraints(0), inhibitAnyPolicy(0)], [policies(ANY)], 'path-policy/no-policy'],
    ['inhibits any policy after the next', [policies(P1), policyConstraints(0), inhibitAnyPolicy(1)], [policies(ANY)], 'valid'],
  ] as const)('%s', (_, sub, person, expected) => {
    expect(judged(sub, person)).toBe(expected);
  });

  test('holds from the anchor’s certificate as well', () => {
    expect(outcome({ anchors: [mintRoot({ more: [policyConstraints(0)] })] })).toBe('path-policy/no-policy');
    expect(outcome({ anchors: [mintRoot({ more: [policyConstraints(3)] })] })).toBe('valid');
  });

  test('of a target that requires one itself', () => {
    expect(judged([], [policyConstraints(0)])).toBe('path-policy/no-policy');
    expect(judged([], [policyConstraints(1)])).toBe('valid');
  });
});

describe('policy mappings', () => {
  const mapped = [policies(P1), mappings([P1, P2])];

  test.each([
    ['lead from the authority’s policy to its subject’s', mapped, [policies(P2)], { initial: [P1] }, 'valid'],
    ['leave the unmapped name behind', mapped, [policies(P1)], { initial: [P1] }, 'path-policy/no-policy'],
    ['do not make the subject’s name the user’s', mapped, [policies(P2)], { initial: [P2] }, 'path-policy/no-policy'],
    [
      'count for nothing where they are inhibited',
      mapped,
      [policies(P2)],
      { initial: [P1], inhibitMapping: true },
      'path-policy/no-policy',
    ],
    ['of a policy that any policy stands for', [policies(ANY), mappings([P1, P2])], [policies(P2)], { initial: [P1] }, 'valid'],
    [
      'take the mapped policy away where they are inhibited',
      mapped,
      [policies(P1)],
      { initial: [P1], inhibitMapping: true },
      'path-policy/no-policy',
    ],
    ['of anyPolicy are refused', [policies(P1), mappings([ANY, P2])], [policies(P2)], {}, 'path-policy/any-policy-mapped'],
    [
      'of anyPolicy among others are refused',
      [policies(P1), mappings([P1, P2], [ANY, P2])],
      [policies(P2)],
      {},
      'path-policy/any-policy-mapped',
    ],
    ['of a policy that is not there change nothing', [policies(P1), mappings([P3, P2])], [policies(P1)], {}, 'valid'],
    [
      'of a policy that is not there change nothing where they are inhibited',
      [policies(P1), mappings([P3, P2])],
      [policies(P1)],
      { inhibitMapping: true },
      'valid',
    ],
    ['without a policy change nothing', [mappings([P1, P2])], [policies(P1)], { requireExplicit: false }, 'valid'],
    ['to anyPolicy are refused', [policies(P1), mappings([P1, ANY])], [policies(P2)], {}, 'path-policy/any-policy-mapped'],
    ['fan out', [policies(P1), mappings([P1, P2], [P1, P3])], [policies(P3)], { initial: [P1] }, 'valid'],
    ['join', [policies(P1, P2), mappings([P1, P3], [P2, P3])], [policies(P3)], { initial: [P2] }, 'valid'],
  ] as const)('%s', (_, sub, person, policy, expected) => {
    expect(judged(sub, person, { requireExplicit: true, ...policy })).toBe(expected);
  });

  test('inhibited by an authority above', () => {
    const low = keyed();
    const LOW = name(['CN', 'Low']);
    const chain = (more: readonly Uint8Array[]): string =>
      outcome({
        intermediates: [
          mintSub({ more: [policies(P1), ...more] }),
          mintSub({ serial: int(5), issuer: SUB_NAME, subject: LOW, key: low, signer: SUB, more: mapped }),
        ],
        target: mintPerson({ issuer: LOW, signer: low, more: [policies(P2)] }),
        policy: { requireExplicit: true },
      });
    expect(chain([])).toBe('valid');
    expect(chain([policyConstraints(null, 0)])).toBe('path-policy/no-policy');
    expect(chain([policyConstraints(null, 1)])).toBe('valid');
  });
});

describe('through two authorities', () => {
  const LOW = name(['CN', 'Low']);
  const LOWER = name(['CN', 'Lower']);
  const low = keyed();
  const lower = keyed();
  /** What the upper authority says, the second (a name of its own, or the first one's), the third if any, and the target. */
  const chain = (
    upper: readonly Uint8Array[],
    second: readonly Uint8Array[],
    target: readonly Uint8Array[],
    {
      selfIssued = false,
      third,
      policy,
    }: { selfIssued?: boolean; third?: readonly Uint8Array[]; policy?: ValidatePathInput['policy'] } = {},
  ): string => {
    const subject = selfIssued ? SUB_NAME : LOW;
    const last = third === undefined ? { issuer: subject, signer: low } : { issuer: LOWER, signer: lower };
    return outcome({
      intermediates: [
        mintSub({ more: upper }),
        mintSub({ serial: int(5), issuer: SUB_NAME, subject, key: low, signer: SUB, more: second }),
        ...(third === undefined
          ? []
          : [mintSub({ serial: int(6), issuer: subject, subject: LOWER, key: lower, signer: low, more: third })]),
      ],
      target: mintPerson({ ...last, more: target }),
      ...(policy === undefined ? {} : { policy }),
    });
  };

  test('a policy is required after as many certificates as were said, self-issued ones not counted', () => {
    expect(chain([policyConstraints(2)], [], [])).toBe('path-policy/no-policy');
    expect(chain([policyConstraints(3)], [], [])).toBe('valid');
    expect(chain([policyConstraints(2)], [], [], { selfIssued: true })).toBe('valid');
  });

  test('any policy is inhibited after as many certificates as were said, self-issued ones not counted', () => {
    const upper = [policies(P1), policyConstraints(0), inhibitAnyPolicy(1)];
    expect(chain(upper, [policies(P1)], [policies(ANY)])).toBe('path-policy/no-policy');
    expect(chain(upper, [policies(P1)], [policies(ANY)], { selfIssued: true })).toBe('valid');
  });

  test('any policy counts in a self-issued authority though it is inhibited, in a self-issued target it does not', () => {
    const upper = [policies(P1), policyConstraints(0), inhibitAnyPolicy(0)];
    expect(chain(upper, [policies(ANY)], [policies(P1)], { selfIssued: true })).toBe('valid');
    expect(chain(upper, [policies(ANY)], [policies(P1)])).toBe('path-policy/no-policy');
    const target = mintSub({ serial: int(5), issuer: SUB_NAME, subject: SUB_NAME, key: low, signer: SUB, more: [policies(ANY)] });
    expect(outcome({ target, intermediates: [mintSub({ more: upper })] })).toBe('path-policy/no-policy');
  });

  test('mapping is inhibited after as many certificates as were said', () => {
    const third = [policies(P1), mappings([P1, P2])];
    const policy = { requireExplicit: true };
    const run = (skip: number): string =>
      chain([policies(P1), policyConstraints(null, skip)], [policies(P1)], [policies(P2)], { third, policy });
    expect(run(1)).toBe('path-policy/no-policy');
    expect(run(2)).toBe('valid');
  });

  test('a policy whose last use a forbidden mapping took away is no policy of the path', () => {
    const second = [policies(P1, P3, ANY), mappings([P1, P2])];
    const asked = (initial: string): string =>
      chain([policies(P1, P3), policyConstraints(null, 0)], second, [policies(P3)], {
        policy: { requireExplicit: true, initial: [initial] },
      });
    expect(asked(P3)).toBe('valid');
    expect(asked(P1)).toBe('path-policy/no-policy');
  });
});

test('each node, edge and mapping is paid for', () => {
  const parts = {
    intermediates: [mintSub({ more: [policies(P1), mappings([P1, P2])] })],
    target: mintPerson({ more: [policies(P2)] }),
  };
  // Per certificate one expectation above, one node and one edge; and the mapping.
  expect(outcome({ ...parts, budget: { policyNodes: 7 } })).toBe('valid');
  expect(outcome({ ...parts, budget: { policyNodes: 6 } })).toBe('budget-policy');
});

describe('a path made to blow up a policy tree', () => {
  const WIDTH = 20;
  const oids = (set: number): string[] => Array.from({ length: WIDTH }, (_, i) => `2.999.${set}.${i}`);
  const complete = (from: readonly string[], to: readonly string[]): [string, string][] =>
    from.flatMap((a) => to.map((b): [string, string] => [a, b]));
  const depth = 8;
  const keys = Array.from({ length: depth }, keyed);
  const level = (i: number): Uint8Array => name(['CN', `Level ${i}`]);
  // Every policy of one level maps to every policy of the next: 20^8 ways in a tree.
  const chain = keys.map((key, i) =>
    mintSub({
      serial: int(i + 1),
      issuer: i === 0 ? ROOT_NAME : level(i - 1),
      subject: level(i),
      key,
      signer: i === 0 ? ROOT : (keys[i - 1] as Keyed),
      more: [policies(...oids(i)), mappings(...complete(oids(i), oids(i + 1)))],
    }),
  );
  const target = mintPerson({ issuer: level(depth - 1), signer: keys[depth - 1] as Keyed, more: [policies(`2.999.${depth}.7`)] });
  const policy = { requireExplicit: true, initial: ['2.999.0.3'] };

  test('is answered in full by the graph', () => {
    expect(outcome({ target, intermediates: chain, policy, budget: { policyNodes: 20_000 } })).toBe('valid');
    expect(outcome({ target, intermediates: chain, policy: { ...policy, initial: ['2.999.9'] }, budget: { policyNodes: 20_000 } })).toBe(
      'path-policy/no-policy',
    );
  });

  test('is refused where the budget is smaller', () => {
    expect(outcome({ target, intermediates: chain, policy, budget: { policyNodes: 2_000 } })).toBe('budget-policy');
  });
});

test('a qualifier changes nothing', () => {
  const qualified = extension('2.5.29.32', seq(seq(oid(P1), seq(seq(oid('1.3.6.1.5.5.7.2.1'), new Uint8Array([0x16, 1, 0x61]))))));
  expect(judged([policies(P1)], [qualified], { requireExplicit: true })).toBe('valid');
});

test('a refusal names code and rule apart', () => {
  expect(validate({ policy: { requireExplicit: true } })).toMatchObject({ result: 'invalid', code: 'path-policy', detail: 'no-policy' });
});
