import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CrlIndex, crlIndexSource, openCrlIndex } from '../../src/crl/index.ts';
import { establishStatus } from '../../src/revocation/status.ts';
import type { StatusContext } from '../../src/revocation/types.ts';
import {
  AT,
  akiOf,
  BASE,
  CA,
  contextOf,
  crlNumber,
  DAY,
  entry,
  extension,
  fullName,
  HOME_IDP,
  HOUR,
  idp,
  MINUTE,
  mintAnchor,
  mintCrl,
  mintLeaf,
  OTHER_CA,
  OTHERS,
  partition,
} from '../revocation/mint.ts';
import { folder, HOME_TEXT, indexed, SCOPE } from './reference.ts';

const indexOf = (crl: Uint8Array, changes: Parameters<typeof indexed>[2] = {}): Promise<CrlIndex> =>
  indexed(crl, join(folder(), 'index'), changes);
const GOOD = await indexOf(mintCrl());
const BAD = await indexOf(mintCrl({ entries: [...OTHERS, entry({ reason: 5 })] }));

const statusOf = async (indexes: readonly CrlIndex[] | (() => readonly CrlIndex[]), context: StatusContext = contextOf()) => {
  const configuration = { sources: [crlIndexSource({ indexes })], policy: { mode: 'crlcheck' } } as const;
  const { result } = await establishStatus({ context, configuration, handedIn: { crls: [], ocspResponses: [], ocspNonce: null } });
  return result;
};

test('good where a fresh index of this key, class and distribution point does not list the certificate', async () => {
  expect(await statusOf([GOOD])).toEqual({
    status: 'good',
    sources: [
      {
        kind: 'crl',
        status: 'good',
        thisUpdate: new Date(AT - 6 * HOUR),
        nextUpdate: new Date(AT + 30 * HOUR),
        sha256: GOOD.info.sha256,
        origin: 'fetched',
      },
    ],
  });
});

test('revoked with date and reason where one lists it', async () => {
  expect(await statusOf([GOOD, BAD])).toMatchObject({
    status: 'revoked',
    reason: 'cessationOfOperation',
    revokedAt: new Date(AT - 3 * DAY),
  });
});

const OTHER_POINT = partition('Other-shi CRLDP');
const OTHER_TEXT = HOME_TEXT.replace('Mihon', 'Other');
const SMARTPHONE = { ...SCOPE, class: 'smartphone-digital-signature' } as const;

describe('what does not show good', () => {
  test.each<[string, () => Promise<readonly CrlIndex[]>, string, string, StatusContext?]>([
    ['no index', async () => [], 'crl-missing', 'no-index'],
    ['an index of another class', async () => [await indexOf(mintCrl(), { scope: SMARTPHONE })], 'crl-scope-mismatch', 'no-scope'],
    [
      'an index of another partition',
      async () => [
        await indexOf(mintCrl({ extensions: [akiOf(CA), crlNumber(5), idp(fullName(OTHER_POINT))] }), {
          scope: { ...SCOPE, distributionPoint: OTHER_TEXT },
        }),
      ],
      'crl-scope-mismatch',
      'no-scope',
    ],
    [
      'an index of another key under the same name',
      async () => [
        await indexOf(mintCrl({ signer: OTHER_CA, extensions: [akiOf(OTHER_CA), crlNumber(5), HOME_IDP] }), {
          issuer: mintAnchor(OTHER_CA),
        }),
      ],
      'crl-missing',
      'no-index',
    ],
    ['an index past its nextUpdate', async () => [GOOD], 'crl-stale', 'next-update', contextOf({ at: AT + 31 * HOUR })],
    ['an index without nextUpdate', async () => [await indexOf(mintCrl({ nextUpdate: null }))], 'crl-stale', 'no-next-update'],
    ['an index of the future', async () => [GOOD], 'crl-not-yet-valid', 'this-update', contextOf({ at: AT - 6 * HOUR - 6 * MINUTE })],
    [
      'an asserted scope that the class does not accept',
      async () => [await indexOf(mintCrl({ extensions: [crlNumber(5)] }), { scope: { ...SCOPE, coverage: 'asserted' } })],
      'crl-scope-mismatch',
      'no-scope',
    ],
    [
      'a certificate whose distribution point is of another class',
      async () => [GOOD],
      'crl-scope-mismatch',
      'no-scope',
      contextOf({ leaf: mintLeaf(CA, { extensions: [akiOf(CA), extension('2.5.29.31', Uint8Array.of(0x30, 0))].slice(0, 1) }) }),
    ],
  ])('%s', async (_, indexes, code, detail, context) => {
    expect(await statusOf(await indexes(), context)).toMatchObject({ status: 'unknown', code, detail });
  });
  test('a closed index', async () => {
    const index = await indexOf(mintCrl());
    index.close();
    expect(await statusOf([index])).toMatchObject({ status: 'unknown', code: 'crl-missing', detail: 'source-threw' });
  });
  test('a damaged index, even beside one that shows good', async () => {
    const into = join(folder(), 'index');
    (await indexed(mintCrl({ entries: [entry({ reason: 1 })] }), into)).close();
    const octets = readFileSync(into);
    octets[4096] = (octets[4096] as number) ^ 1;
    writeFileSync(into, octets);
    expect(await statusOf([await openCrlIndex(into), GOOD])).toMatchObject({
      status: 'unknown',
      code: 'crl-missing',
      detail: 'index-corrupt',
    });
  });
});

describe('revoked needs neither age nor coverage', () => {
  const listing = [...OTHERS, entry({ reason: 1 })];
  test.each<[string, () => Promise<CrlIndex>, StatusContext?]>([
    ['past its nextUpdate', () => indexOf(mintCrl({ entries: listing })), contextOf({ at: AT + 31 * HOUR })],
    ['of another class', () => indexOf(mintCrl({ entries: listing }), { scope: SMARTPHONE })],
  ])('%s', async (_, index, context) => {
    expect(await statusOf([await index(), GOOD], context)).toMatchObject({ status: 'revoked', reason: 'keyCompromise' });
  });
  test('but a list of the future proves nothing', async () => {
    const at = AT - 6 * HOUR - 6 * MINUTE;
    const older = await indexOf(mintCrl({ thisUpdate: AT - 9 * HOUR }));
    const future = await indexOf(mintCrl({ entries: listing }));
    expect(await statusOf([future, older], contextOf({ at }))).toMatchObject({ status: 'good' });
  });
});

test('of several indexes of one scope the newest that had been issued by then is the one that counts', async () => {
  const stale = await indexOf(mintCrl({ thisUpdate: AT - 40 * HOUR, nextUpdate: AT - 10 * HOUR }));
  expect(await statusOf([stale, GOOD])).toMatchObject({ status: 'good', sources: [{ sha256: GOOD.info.sha256 }] });
  expect(await statusOf([stale])).toMatchObject({ status: 'unknown', code: 'crl-stale' });
});

test('an operator’s assertion and an override are named in what is reported', async () => {
  const asserted = await indexOf(mintCrl({ extensions: [crlNumber(5)] }), { scope: { ...SCOPE, coverage: 'asserted' } });
  expect(await statusOf([asserted], contextOf({ coverage: 'asserted' }))).toMatchObject({
    status: 'good',
    sources: [{ coverage: 'asserted' }],
  });
  const into = join(folder(), 'index');
  (await indexed(mintCrl({ extensions: [akiOf(CA), crlNumber(9), HOME_IDP] }), into)).close();
  const overridden = await indexed(mintCrl(), into, { override: { operator: 'night shift', reason: 'withdrawn' } });
  expect(await statusOf([overridden])).toMatchObject({ status: 'good', sources: [{ detail: 'operator-override' }] });
});

test('a keeper can swap the indexes between two checks', async () => {
  let current: readonly CrlIndex[] = [GOOD];
  const source = () => current;
  expect((await statusOf(source)).status).toBe('good');
  current = [BAD];
  expect((await statusOf(source)).status).toBe('revoked');
});

test('the base of the class’s distribution points is the environment’s', () => {
  expect(HOME_TEXT.endsWith(BASE)).toBe(true);
});
