import { describe, expect, test } from 'vitest';
import { CA_KEY_USAGE, type Keyed, mintCertificate } from '../revocation/mint.ts';
import {
  AT,
  basicConstraints,
  DAY,
  int,
  keyed,
  mintPerson,
  mintRoot,
  mintSub,
  name,
  outcome,
  ROOT,
  ROOT_CERTIFICATE,
  ROOT_NAME,
  STRANGER,
  SUB,
  SUB_CERTIFICATE,
  SUB_NAME,
  validate,
} from './mint.ts';

const middle = (n: number): Uint8Array => name(['CN', `Middle ${n}`]);

test('intermediates may come in any order, with others among them', () => {
  const keys = Array.from({ length: 5 }, keyed);
  const chain = keys.map((key, i) =>
    mintSub({
      serial: int(i + 1),
      issuer: i === 0 ? ROOT_NAME : middle(i - 1),
      subject: middle(i),
      key,
      signer: i === 0 ? ROOT : (keys[i - 1] as Keyed),
    }),
  );
  const target = mintPerson({ issuer: middle(4), signer: keys[4] as Keyed });
  const result = validate({ target, intermediates: [...chain.slice(2), SUB_CERTIFICATE, ...chain.slice(0, 2)] });
  expect(result.result).toBe('valid');
  expect(result.path).toHaveLength(7);
});

describe('a loop', () => {
  const a = keyed();
  const b = keyed();
  const A = name(['CN', 'A']);
  const B = name(['CN', 'B']);
  const aByB = mintSub({ subject: A, key: a, issuer: B, signer: b });
  const bByA = mintSub({ subject: B, key: b, issuer: A, signer: a });
  const target = mintPerson({ issuer: A, signer: a });

  test('without a way out ends', () => {
    expect(outcome({ target, intermediates: [aByB, bByA] })).toBe('path-not-found');
  });

  test('with a way out is left by it', () => {
    expect(outcome({ target, intermediates: [aByB, bByA, mintSub({ subject: B, key: b })] })).toBe('valid');
  });
});

test('a dead end does not hide the way beside it', () => {
  const dead = mintSub({ issuer: name(['CN', 'Unknown root']), signer: STRANGER });
  expect(outcome({ intermediates: [dead, SUB_CERTIFICATE] })).toBe('valid');
  expect(outcome({ intermediates: [SUB_CERTIFICATE, dead] })).toBe('valid');
});

test('a path that fails does not hide the one that holds', () => {
  const expired = mintSub({ serial: int(7), notAfter: AT - DAY });
  expect(outcome({ intermediates: [expired, SUB_CERTIFICATE] })).toBe('valid');
  expect(outcome({ intermediates: [expired] })).toBe('path-expired');
});

test('an intermediate without a key identifier is a candidate among others', () => {
  const silent = mintCertificate({
    serial: int(7),
    issuer: ROOT_NAME,
    subject: SUB_NAME,
    key: SUB,
    signer: ROOT,
    extensions: [basicConstraints(), CA_KEY_USAGE],
  });
  const other = mintSub({ serial: int(8), key: STRANGER });
  expect(outcome({ intermediates: [silent, other] })).toBe('valid');
  expect(outcome({ intermediates: [other, silent] })).toBe('valid');
});

describe('100 intermediates of one name', () => {
  const others = Array.from({ length: 99 }, (_, i) => mintSub({ serial: int(1, i), key: keyed() }));

  test.each([
    ['with', mintPerson()],
    ['without', mintPerson({ issuer: SUB_NAME, plain: true })],
  ])('are told apart by their keys, %s a key identifier to go by', (_, target) => {
    expect(outcome({ target, intermediates: [...others, SUB_CERTIFICATE] })).toBe('valid');
    expect(outcome({ target, intermediates: others })).toBe('path-signature');
  });

  test('cost one signature where a key identifier says which', () => {
    expect(outcome({ intermediates: [...others, SUB_CERTIFICATE], budget: { signatures: 2 } })).toBe('valid');
    expect(outcome({ intermediates: [...others, SUB_CERTIFICATE], budget: { signatures: 1 } })).toBe('budget-signatures');
  });

  test('and of one key end within the budget', () => {
    const twins = Array.from({ length: 100 }, (_, i) => mintSub({ serial: int(1, i), issuer: SUB_NAME, signer: SUB }));
    expect(outcome({ intermediates: twins })).toBe('path-not-found');
    expect(outcome({ intermediates: [...twins, SUB_CERTIFICATE] })).toBe('valid');
  });

  test('that all certify each other end within the budget', () => {
    const keys = Array.from({ length: 10 }, keyed);
    const mesh = keys.flatMap((key, i) =>
      keys.flatMap((signer, j) => (i === j ? [] : [mintSub({ serial: int(i + 1, j), issuer: SUB_NAME, key, signer })])),
    );
    const target = mintPerson({ signer: keys[0] as Keyed });
    expect(outcome({ target, intermediates: mesh })).toBe('path-not-found');
    expect(outcome({ target, intermediates: [...mesh, mintSub({ key: keys[9] as Keyed })] })).toBe('valid');
    // With a way to the anchor by name but by no signature, every walk through the mesh would have to be tried.
    expect(outcome({ target, intermediates: [...mesh, SUB_CERTIFICATE] })).toBe('budget-path');
  });
});

test('layers of doubled certificates, each path of which fails, end within the budget', () => {
  const layers = 12;
  const keys = Array.from({ length: layers }, keyed);
  const doubled = keys.flatMap((key, i) =>
    [0, 1].map((twin) =>
      mintSub({
        serial: int(i + 1, twin),
        issuer: i === 0 ? ROOT_NAME : middle(i - 1),
        subject: middle(i),
        key,
        signer: i === 0 ? ROOT : (keys[i - 1] as Keyed),
      }),
    ),
  );
  const target = mintPerson({ issuer: middle(layers - 1), signer: keys[layers - 1] as Keyed });
  expect(outcome({ target, intermediates: doubled })).toBe('valid');
  expect(outcome({ target, intermediates: doubled, anchors: [mintRoot({ notAfter: AT - DAY })] })).toBe('budget-path');
});

describe('key rollover', () => {
  const NEW = keyed();

  test('a new key certified by the old one continues the path', () => {
    const newWithOld = mintSub({ serial: int(8), issuer: SUB_NAME, key: NEW, signer: SUB });
    expect(outcome({ target: mintPerson({ signer: NEW }), intermediates: [newWithOld, SUB_CERTIFICATE] })).toBe('valid');
  });

  test('an anchor with the old key reaches what the new one signed', () => {
    const rootNewWithOld = mintRoot({ serial: int(9), key: NEW, signer: ROOT });
    const sub = mintSub({ signer: NEW });
    expect(outcome({ intermediates: [sub, rootNewWithOld], anchors: [ROOT_CERTIFICATE] })).toBe('valid');
  });
});

test('a path longer than the budget is not walked', () => {
  const keys = Array.from({ length: 4 }, keyed);
  const chain = keys.map((key, i) =>
    mintSub({ issuer: i === 0 ? ROOT_NAME : middle(i - 1), subject: middle(i), key, signer: i === 0 ? ROOT : (keys[i - 1] as Keyed) }),
  );
  const target = mintPerson({ issuer: middle(3), signer: keys[3] as Keyed });
  expect(outcome({ target, intermediates: chain, budget: { depth: 5 } })).toBe('valid');
  expect(outcome({ target, intermediates: chain, budget: { depth: 4 } })).toBe('budget-path/depth');
});

test('more intermediates than the budget are not read', () => {
  expect(outcome({ intermediates: [SUB_CERTIFICATE, SUB_CERTIFICATE], budget: { intermediates: 1 } })).toBe('budget-path');
});

test('a target that is the anchor itself holds where its own signature does', () => {
  expect(outcome({ target: ROOT_CERTIFICATE, intermediates: [] })).toBe('valid');
  expect(outcome({ target: mintRoot({ key: ROOT, signer: STRANGER }), intermediates: [] })).toBe('path-signature');
});
