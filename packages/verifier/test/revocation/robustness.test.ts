/** Broken, cut, spliced and random status data: never an exception, never good by accident. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkCrls } from '../../src/revocation/crl/check.ts';
import { checkOcspResponses } from '../../src/revocation/ocsp/check.ts';
import type { StatusResult } from '../../src/revocation/types.ts';
import {
  AT,
  CA,
  CA_NAME,
  contextOf,
  crlNumber,
  ctx,
  deltaOf,
  entry,
  extension,
  fullName,
  HOME,
  HOME_IDP,
  idp,
  int,
  mintCrl,
  mintOcsp,
  OTHERS,
  revoked,
  seq,
  single,
  yes,
} from './mint.ts';

const CONTEXT = contextOf();
const SEED = { seed: 20260915, numRuns: 1_500 };

const crl = (der: Uint8Array): StatusResult => checkCrls([{ der, origin: 'handed-in' }], CONTEXT);
const ocsp = (der: Uint8Array): StatusResult => checkOcspResponses([{ der, origin: 'handed-in' }], null, CONTEXT);

const certificateIssuer = extension('2.5.29.29', seq(ctx(4, CA_NAME)), true);
const CRLS: readonly Uint8Array[] = [
  mintCrl(),
  mintCrl({ entries: null }),
  mintCrl({ entries: [...OTHERS, entry({ reason: 6 })] }),
  mintCrl({ extensions: [crlNumber(6), deltaOf(5), HOME_IDP], entries: [entry({ reason: 8 })] }),
  mintCrl({ extensions: [idp(fullName(HOME), yes(0x84))], entries: [entry({ serial: int(3), extensions: [certificateIssuer] })] }),
];
const RESPONSES: readonly Uint8Array[] = [
  mintOcsp(),
  mintOcsp({ signer: CA, certificates: null, nonce: new Uint8Array(32) }),
  mintOcsp({ singles: [single({ status: revoked(1) })] }),
];

type Change = readonly [at: number, remove: number, insert: Uint8Array];
const change: fc.Arbitrary<Change> = fc.tuple(fc.nat(1 << 16), fc.nat(4), fc.uint8Array({ maxLength: 6 }));
const changed = (der: Uint8Array, changes: readonly Change[]): Uint8Array =>
  changes.reduce((bytes, [at, remove, insert]) => {
    const from = at % bytes.length;
    return Uint8Array.of(...bytes.subarray(0, from), ...insert, ...bytes.subarray(from + remove));
  }, der);
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

describe.each([
  ['a CRL', CRLS, crl, /^(crl-|budget-crl)/],
  ['an OCSP response', RESPONSES, ocsp, /^(ocsp-|budget-ocsp)/],
] as const)('%s', (_, seeds, check, codes) => {
  test('that was changed after signing proves nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 4 }), (der, changes) => {
        const broken = changed(der, changes);
        fc.pre(!seeds.some((seed) => same(seed, broken)));
        const result = check(broken);
        if (result.status === 'unknown') return codes.test(result.code);
        // The certificates sent along with a response are not signed: what is changed there may leave the answer itself whole.
        return check === ocsp && result.status === check(der).status;
      }),
      SEED,
    );
  });
  test('that was cut anywhere is malformed', () => {
    for (const der of seeds) {
      for (let length = 0; length < der.length; length++)
        expect(check(der.subarray(0, length))).toMatchObject({ status: 'unknown', code: expect.stringMatching(/-malformed$/) });
    }
  });
  test('of random octets is malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (der) => check(der).status === 'unknown'),
      SEED,
    );
  });
  test.each([
    [
      '6 000 nested SEQUENCEs',
      () => Array.from({ length: 6_000 }).reduce<Uint8Array>((inner) => seq(inner.subarray(0, 60_000)), new Uint8Array(0)),
    ],
    ['a length of 4 GiB', () => Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30)],
    ['a length of lengths', () => Uint8Array.of(0x30, 0xff, ...new Uint8Array(127))],
    ['an indefinite length', () => Uint8Array.of(0x30, 0x80, 0x00, 0x00)],
  ])('of %s is malformed', (_name, make) => {
    expect(check(make())).toMatchObject({ status: 'unknown', code: expect.stringMatching(/-malformed$/) });
  });
});

test('the seeds say what they are meant to say', () => {
  expect(CRLS.map((der) => crl(der).status)).toEqual(['good', 'good', 'revoked', 'unknown', 'unknown']);
  expect(RESPONSES.map((der) => ocsp(der).status)).toEqual(['good', 'good', 'revoked']);
  expect(CONTEXT.at).toBe(AT);
});
