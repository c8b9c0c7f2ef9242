import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { diffCrlIndexes, verifyCrlIndex } from '../../src/crl/index.ts';
import { AT, akiOf, CA, crlNumber, DAY, deltaOf, fullName, HOME, HOME_IDP, HOUR, idp, mintCrl } from '../revocation/mint.ts';
import { bytesOf, contentOf, entryOf, folder, ISSUER, indexed, ingest, type Listed, SCOPE } from './reference.ts';

vi.setConfig({ testTimeout: 180_000 });

const full = (number: number, listed: readonly Listed[], thisUpdate = AT - 6 * HOUR): Uint8Array =>
  mintCrl({
    thisUpdate,
    entries: listed.length === 0 ? null : listed.map((one) => entryOf(one)),
    extensions: [akiOf(CA), crlNumber(number), HOME_IDP],
  });
const delta = (number: number, base: number, listed: readonly Listed[], thisUpdate = AT - 3 * HOUR): Uint8Array =>
  mintCrl({
    thisUpdate,
    entries: listed.length === 0 ? null : listed.map((one) => entryOf(one)),
    extensions: [akiOf(CA), crlNumber(number), deltaOf(base), HOME_IDP],
  });

const serial = fc.oneof(
  fc.integer({ min: 1, max: 0x7f }).map((n) => n.toString(16).padStart(2, '0')),
  fc.integer({ min: 0, max: 30 }).map((n) => `4${n.toString(16).padStart(19, '0')}`),
);
const date = fc.oneof(
  fc.integer({ min: 1, max: 2000 }).map((days) => AT - days * DAY),
  fc.constant(Date.UTC(1998, 5, 5)),
);
const state = fc.dictionary(serial, fc.record({ date, reason: fc.constantFrom(0, 1, 4, 5, 6) }), { maxKeys: 40 });
const listOf = (of: Readonly<Record<string, { date: number; reason: number }>>): Listed[] =>
  Object.entries(of).map(([own, rest]) => ({ serial: own, ...rest }));

describe('base and delta are exactly the index of the next complete CRL', () => {
  test('whatever was revoked, changed and removed', async () => {
    await fc.assert(
      fc.asyncProperty(
        state,
        state,
        fc.array(serial, { maxLength: 10 }),
        fc.option(fc.constant(new Uint8Array(16).fill(1)), { nil: undefined }),
        async (before, changes, gone, key) => {
          const after = { ...before, ...changes };
          for (const own of gone) delete after[own];
          const said = [
            ...Object.keys(changes)
              .filter((own) => own in after)
              .map((own) => ({ serial: own, ...(after[own] as { date: number; reason: number }) })),
            ...Object.keys(before)
              .filter((own) => !(own in after))
              .map((own) => ({ serial: own, date: AT - DAY, reason: 8 })),
          ];
          const where = folder();
          const keyed = key === undefined ? {} : { key };
          (await indexed(full(5, listOf(before)), join(where, 'index'), keyed)).close();
          const merged = await indexed(delta(6, 5, said), join(where, 'index'), keyed);
          const next = await indexed(full(6, listOf(after), AT - 3 * HOUR), join(where, 'next'), keyed);
          expect(contentOf(merged)).toEqual(contentOf(next));
          expect([...diffCrlIndexes(merged, next)]).toEqual([]);
          const { sha256, bytes, base, removedRevoked, ...rest } = merged.info;
          expect(next.info).toMatchObject(rest);
          expect(base).toMatchObject({ crlNumber: '5', thisUpdate: new Date(AT - 6 * HOUR) });
          expect([sha256, bytes, removedRevoked]).toEqual([expect.any(String), expect.any(Number), expect.any(Number)]);
          expect(
            await verifyCrlIndex(join(where, 'index'), full(6, listOf(after), AT - 3 * HOUR), { issuer: ISSUER, scope: SCOPE, ...keyed }),
          ).toEqual({ ok: true });
          merged.close();
          next.close();
          expect(readdirSync(where).sort()).toEqual(['index', 'next']);
        },
      ),
      { numRuns: 25, seed: 11 },
    );
  });
  const held: Listed = { serial: '11', date: AT - 9 * DAY, reason: 6 };
  const revoked: Listed = { serial: '12', date: AT - 9 * DAY, reason: 1 };
  const removal = ({ serial: own }: Listed): Listed => ({ serial: own, date: AT - DAY, reason: 8 });

  test('a removal that releases no hold is counted', async () => {
    const into = join(folder(), 'index');
    (await indexed(full(5, [held, revoked]), into)).close();
    const index = await indexed(delta(6, 5, [removal(held), removal(revoked)]), into);
    expect(index.info).toMatchObject({ entries: 0, removedRevoked: 1 });
    index.close();
  });
  test('a revocation and a removal in one delta: the revocation stands', async () => {
    const into = join(folder(), 'index');
    (await indexed(full(5, [held]), into)).close();
    const index = await indexed(delta(6, 5, [removal(held), { ...held, reason: 5 }]), into);
    expect(index.lookup(bytesOf('11'))).toEqual({ revokedAt: new Date(held.date), reason: 'cessationOfOperation' });
    index.close();
  });
  test('deltas one after another, and over a gap they bridge', async () => {
    const into = join(folder(), 'index');
    (await indexed(full(5, [held]), into)).close();
    (await indexed(delta(6, 5, [revoked]), into)).close();
    const index = await indexed(delta(9, 5, [revoked, removal(held)], AT - HOUR), into);
    expect(contentOf(index)).toEqual(new Map([['12', { date: revoked.date, reason: 'keyCompromise' }]]));
    index.close();
  });
  test('the same delta again changes nothing', async () => {
    const into = join(folder(), 'index');
    (await indexed(full(5, [held]), into)).close();
    const once = await indexed(delta(6, 5, [revoked]), into);
    const again = await indexed(delta(6, 5, [revoked]), into);
    expect(again.info).toEqual(once.info);
    once.close();
    again.close();
  });
});

describe('a delta that does not belong to the index is refused', () => {
  test.each<[string, Uint8Array, string, string]>([
    ['made for a later base', delta(8, 6, [{ serial: '11', date: AT - DAY }]), 'crl-unsupported', 'delta-base'],
    [
      'of another scope',
      mintCrl({ thisUpdate: AT - HOUR, extensions: [crlNumber(6), deltaOf(5), idp(fullName(HOME), ...[Uint8Array.of(0x81, 1, 0xff)])] }),
      'crl-unsupported',
      'delta-scope',
    ],
    ['without a number', mintCrl({ thisUpdate: AT - HOUR, extensions: [akiOf(CA), deltaOf(5), HOME_IDP] }), 'crl-rollback', 'crl-number'],
    ['older than the base', delta(4, 3, [{ serial: '11', date: AT - DAY }]), 'crl-rollback', 'crl-number'],
  ])('%s', async (_, crl, code, detail) => {
    const into = join(folder(), 'index');
    (await indexed(full(5, []), into)).close();
    expect(await ingest(crl, into)).toEqual({ ok: false, code, detail });
    expect(readdirSync(join(into, '..'))).toEqual(['index']);
  });
});

test('a diff tells what was revoked, changed and removed', async () => {
  const where = folder();
  const [a, b, c, d] = ['11', '12', '13', '4000000000000000000d'] as const;
  const old = AT - 20 * DAY;
  const before = await indexed(
    full(5, [
      { serial: a, date: old, reason: 6 },
      { serial: b, date: old },
      { serial: d, date: old, reason: 6 },
    ]),
    join(where, 'a'),
    {},
    'memory',
  );
  const after = await indexed(
    full(6, [
      { serial: a, date: old, reason: 1 },
      { serial: b, date: old },
      { serial: c, date: AT - DAY },
    ]),
    join(where, 'b'),
  );
  expect([...diffCrlIndexes(before, after)]).toEqual(
    expect.arrayContaining([
      {
        change: 'changed',
        serialNumber: bytesOf(a),
        revokedAt: new Date(old),
        reason: 'keyCompromise',
        before: { revokedAt: new Date(old), reason: 'certificateHold' },
      },
      { change: 'revoked', serialNumber: bytesOf(c), revokedAt: new Date(AT - DAY), reason: 'unspecified' },
      { change: 'removed', serialNumber: bytesOf(d), revokedAt: new Date(old), reason: 'certificateHold' },
    ]),
  );
  expect([...diffCrlIndexes(before, after)]).toHaveLength(3);
  expect([...diffCrlIndexes(after, after)]).toEqual([]);
  before.close();
  after.close();
});
