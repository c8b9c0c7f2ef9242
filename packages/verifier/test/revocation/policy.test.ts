/** Policies are data: which ones exist, what they let pass, whom they ask first, and what they say of themselves. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainRevocationPolicy } from '../../src/revocation/explain.ts';
import { type Freshness, strictest } from '../../src/revocation/freshness.ts';
import { inOrder, parseRevocationPolicy } from '../../src/revocation/policy-data.ts';
import { establishStatus } from '../../src/revocation/status.ts';
import type {
  RevocationAnswer,
  RevocationConfiguration,
  RevocationPolicy,
  RevocationQuery,
  RevocationSource,
} from '../../src/revocation/types.ts';
import { CERTIFICATE_CLASSES, type CertificateClass } from '../../src/verdict.ts';
import { AT, akiOf, CA, contextOf, DAY, entry, HOUR, MINUTE, mintCrl, mintLeaf, mintOcsp, revoked, single, UNKNOWN } from './mint.ts';

const MODES = ['crlcheck', 'ocspcheck', 'bothcheck', 'eithercheck'] as const;
const seconds = fc.integer({ min: 1, max: 10_000_000 });
const byKind = <T>(value: fc.Arbitrary<T>) => fc.record({ crl: value, ocsp: value, platform: value }, { requiredKeys: [] });
const freshness: fc.Arbitrary<Freshness> = fc.record(
  { crlSeconds: seconds, ocspSeconds: seconds, platformSeconds: seconds },
  { requiredKeys: [] },
);
const classes = Object.fromEntries(CERTIFICATE_CLASSES.map((name) => [name, fc.constantFrom(...MODES)])) as Record<
  CertificateClass,
  fc.Arbitrary<(typeof MODES)[number]>
>;
/** Every policy there is. */
const policies: fc.Arbitrary<RevocationPolicy> = fc.record(
  {
    mode: fc.constantFrom(...MODES),
    byClass: fc.record(classes, { requiredKeys: [] }),
    freshness,
    onUnknown: fc.constantFrom('other-source' as const, 'refuse' as const),
    choice: fc.record(
      {
        order: fc.constantFrom('configured' as const, 'cheapest' as const, 'freshest' as const),
        price: byKind(fc.integer({ min: 0, max: 100 })),
        publishedEverySeconds: byKind(seconds),
      },
      { requiredKeys: ['order'] },
    ),
  },
  { requiredKeys: ['mode'] },
);

const NOTHING = { crls: [], ocspResponses: [], ocspNonce: null };
const GOOD_CRL = mintCrl();
const GOOD_OCSP = mintOcsp();
const REVOKED_CRL = mintCrl({ entries: [entry({ reason: 1 })] });
const REVOKED_OCSP = mintOcsp({ singles: [single({ status: revoked(1) })] });
const LEAF = contextOf();
/** The same person's certificate as it would look to whoever lets it decide: no distribution points at all. */
const SILENT_LEAF = contextOf({ leaf: mintLeaf(CA, { extensions: [akiOf(CA)] }) });

const source = (kind: RevocationSource['kind'], answer: RevocationAnswer | Error, asked: string[] = []): RevocationSource => ({
  kind,
  classes: CERTIFICATE_CLASSES,
  check: async () => {
    asked.push(kind);
    if (answer instanceof Error) throw answer;
    return answer;
  },
});
const FAILED: RevocationAnswer = { kind: 'failed', code: 'ocsp-missing', detail: 'timeout' };
const platform = (status: 'good' | 'revoked' | 'unknown', thisUpdate: number | null = AT - MINUTE): RevocationAnswer => ({
  kind: 'determination',
  report: { kind: 'platform', status, origin: 'fetched', ...(thisUpdate === null ? {} : { thisUpdate: new Date(thisUpdate) }) },
});
const statusOf = async (
  policy: RevocationPolicy,
  sources: readonly RevocationSource[],
  more: { handedIn?: Partial<typeof NOTHING> | object; context?: typeof LEAF; freshness?: Freshness } = {},
) =>
  await establishStatus({
    context: more.context ?? LEAF,
    configuration: { sources, policy },
    handedIn: { ...NOTHING, ...more.handedIn },
    ...(more.freshness === undefined ? {} : { freshness: more.freshness }),
  });

describe('under every policy', () => {
  const everywhere = (check: (policy: RevocationPolicy) => Promise<void>) => fc.assert(fc.asyncProperty(policies, check), { numRuns: 150 });

  test('no source, a failing one and a broken one never pass', async () => {
    await everywhere(async (policy) => {
      const kinds = ['crl', 'ocsp', 'platform'] as const;
      for (const sources of [[], kinds.map((kind) => source(kind, FAILED)), kinds.map((kind) => source(kind, new Error('broken')))]) {
        expect((await statusOf(policy, sources)).result.status).toBe('unknown');
      }
    });
  });

  test('where one kind is good and the other missing, only a mode that needs no other passes', async () => {
    await everywhere(async ({ mode, byClass, ...rest }) => {
      const policy = { ...rest, mode, ...(byClass === undefined ? {} : { byClass }) };
      const effective = byClass?.['card-digital-signature'] ?? mode;
      const crl = await statusOf(policy, [source('ocsp', FAILED)], { handedIn: { crls: [GOOD_CRL] } });
      const ocsp = await statusOf(policy, [source('crl', FAILED)], { handedIn: { ocspResponses: [GOOD_OCSP] } });
      if (effective === 'ocspcheck' || effective === 'bothcheck') expect(crl.result.status).toBe('unknown');
      if (effective === 'crlcheck' || effective === 'bothcheck') expect(ocsp.result.status).toBe('unknown');
    });
  });

  test('one trusted revoked outweighs any good', async () => {
    await everywhere(async (policy) => {
      for (const handedIn of [
        { crls: [REVOKED_CRL], ocspResponses: [GOOD_OCSP] },
        { crls: [GOOD_CRL, REVOKED_CRL], ocspResponses: [GOOD_OCSP] },
      ]) {
        expect((await statusOf(policy, [source('platform', platform('good'))], { handedIn })).result.status).toBe('revoked');
      }
      const answered = await statusOf({ ...policy, freshness: {} }, [], { handedIn: { crls: [GOOD_CRL], ocspResponses: [REVOKED_OCSP] } });
      expect(answered.result.status).toBe('revoked');
    });
  });

  test('the certificate has no say in whether it is checked', async () => {
    await everywhere(async (policy) => {
      const asked: string[] = [];
      const sources = (['crl', 'ocsp', 'platform'] as const).map((kind) => source(kind, FAILED, asked));
      await statusOf(policy, sources);
      const usual = asked.splice(0);
      const silent = await statusOf(policy, sources, { context: SILENT_LEAF });
      expect([asked, silent.result.status]).toEqual([usual, 'unknown']);
      expect(usual.length).toBeGreaterThan(0);
    });
  });

  test('what passes under it passes without its freshness and doubts, and never the other way round', async () => {
    await everywhere(async (policy) => {
      const handedIn = { crls: [GOOD_CRL], ocspResponses: [GOOD_OCSP] };
      const strict = await statusOf(policy, [], { handedIn });
      const lenient = await statusOf({ mode: policy.mode, ...(policy.byClass === undefined ? {} : { byClass: policy.byClass }) }, [], {
        handedIn,
      });
      if (strict.result.status === 'good') expect(lenient.result.status).toBe('good');
    });
  });

  test('the order in which sources are asked changes no result', async () => {
    await everywhere(async ({ choice: _, ...policy }) => {
      const sources = [source('crl', { kind: 'data', crls: [GOOD_CRL] }), source('ocsp', FAILED), source('platform', platform('good'))];
      const results = await Promise.all(
        (['configured', 'cheapest', 'freshest'] as const).map(
          async (order) => (await statusOf({ ...policy, choice: { order } }, sources)).result.status,
        ),
      );
      expect(new Set(results).size).toBe(1);
    });
  });

  test('JSON and back is the same policy, and it explains itself in two languages', () => {
    fc.assert(
      fc.property(policies, freshness, (policy, demanded) => {
        expect(parseRevocationPolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
        const { ja, en } = explainRevocationPolicy(policy, { freshness: demanded });
        expect(ja).toHaveLength(en.length);
        expect(ja.every((sentence) => sentence.endsWith('。') && !sentence.includes('undefined'))).toBe(true);
        expect(en.every((sentence) => sentence.endsWith('.') && !sentence.includes('undefined'))).toBe(true);
      }),
    );
  });
});

describe('a policy that is none', () => {
  test.each<[string, unknown, string]>([
    ['no mode', {}, '/mode'],
    ['an unknown mode', { mode: 'nocheck' }, '/mode'],
    ['an unknown class', { mode: 'crlcheck', byClass: { 'watch-digital-signature': 'crlcheck' } }, '/byClass'],
    ['a class without checks', { mode: 'crlcheck', byClass: { 'card-digital-signature': 'none' } }, '/byClass/card-digital-signature'],
    ['a word nobody knows', { mode: 'crlcheck', softFail: true }, ''],
    ['an age that is no number', { mode: 'crlcheck', freshness: { crlSeconds: Number.NaN } }, '/freshness/crlSeconds'],
    ['an age without end', { mode: 'crlcheck', freshness: { crlSeconds: Number.POSITIVE_INFINITY } }, '/freshness/crlSeconds'],
    ['an age of nothing', { mode: 'crlcheck', freshness: { crlSeconds: 0 } }, '/freshness/crlSeconds'],
    ['unknown as good', { mode: 'crlcheck', onUnknown: 'accept' }, '/onUnknown'],
    ['an order nobody knows', { mode: 'crlcheck', choice: { order: 'random' } }, '/choice/order'],
    ['a negative price', { mode: 'crlcheck', choice: { order: 'cheapest', price: { ocsp: -1 } } }, '/choice/price/ocsp'],
  ])('%s is refused where it stands', async (_, policy, pointer) => {
    expect(() => parseRevocationPolicy(policy)).toThrowError(expect.objectContaining({ code: 'argument-invalid', pointer }));
  });

  test.each([{ crlSeconds: -1 }, { ocspSeconds: 1.5 }, { other: 1 }, { crlSeconds: Number.NaN }])(
    'an operation cannot demand %o',
    async (demanded) => {
      await expect(statusOf({ mode: 'crlcheck' }, [], { freshness: demanded as Freshness })).rejects.toMatchObject({
        code: 'argument-invalid',
      });
    },
  );
});

describe('freshness', () => {
  test('is the strictest of what anybody demands', () => {
    fc.assert(
      fc.property(fc.array(fc.option(freshness, { nil: undefined })), (demands) => {
        const result = strictest(...demands);
        for (const demand of demands) {
          for (const member of ['crlSeconds', 'ocspSeconds', 'platformSeconds'] as const) {
            if (demand?.[member] !== undefined) expect(result[member]).toBeLessThanOrEqual(demand[member]);
          }
        }
      }),
    );
  });

  /** The CRL is 6 hours old, the OCSP answer 4 minutes. */
  const CASES: readonly [string, Freshness, 'crl' | 'ocsp', string][] = [
    ['a CRL just young enough', { crlSeconds: (6 * HOUR) / 1000 }, 'crl', 'good'],
    ['a CRL a second too old', { crlSeconds: (6 * HOUR) / 1000 - 1 }, 'crl', 'crl-stale max-age'],
    ['an OCSP answer just young enough', { ocspSeconds: (4 * MINUTE) / 1000 }, 'ocsp', 'good'],
    ['an OCSP answer a second too old', { ocspSeconds: (4 * MINUTE) / 1000 - 1 }, 'ocsp', 'ocsp-stale max-age'],
    ['demands on the other kind', { ocspSeconds: 1 }, 'crl', 'good'],
  ];
  const data = { crl: { crls: [GOOD_CRL] }, ocsp: { ocspResponses: [GOOD_OCSP] } };
  const short = ({ result }: Awaited<ReturnType<typeof statusOf>>): string =>
    'code' in result ? [result.code, ...('detail' in result ? [result.detail] : [])].join(' ') : result.status;

  test.each(CASES)('%s, demanded by the policy', async (_, limit, kind, expected) => {
    expect(short(await statusOf({ mode: `${kind}check`, freshness: limit }, [], { handedIn: data[kind] }))).toBe(expected);
  });
  test.each(CASES)('%s, demanded by the operation', async (_, limit, kind, expected) => {
    expect(short(await statusOf({ mode: `${kind}check` }, [], { handedIn: data[kind], freshness: limit }))).toBe(expected);
  });
  test.each(CASES)('%s, demanded by the operation of data handed in alone', async (_, limit, kind, expected) => {
    const configuration: RevocationConfiguration = kind;
    const established = await establishStatus({ context: LEAF, configuration, handedIn: { ...NOTHING, ...data[kind] }, freshness: limit });
    expect(short(established)).toBe(expected);
  });

  test('nobody can loosen what the environment demands', async () => {
    const context = contextOf({ ocsp: { maxAgeSeconds: 60 } });
    const policy = { mode: 'ocspcheck', freshness: { ocspSeconds: 86_400 } } as const;
    expect(short(await statusOf(policy, [], { context, handedIn: data.ocsp }))).toBe('ocsp-stale max-age');
  });

  test('revoked needs no freshness', async () => {
    const established = await statusOf({ mode: 'crlcheck', freshness: { crlSeconds: 1 } }, [], { handedIn: { crls: [REVOKED_CRL] } });
    expect(established.result.status).toBe('revoked');
  });

  test.each<[string, number | null, string]>([
    ['young enough', AT - 5 * MINUTE, 'good'],
    ['too old', AT - 5 * MINUTE - 1000, 'revocation-not-checked max-age'],
    ['of no known time', null, 'revocation-not-checked max-age'],
  ])('a platform’s answer that is %s', async (_, thisUpdate, expected) => {
    const sources = [source('platform', platform('good', thisUpdate))];
    expect(short(await statusOf({ mode: 'eithercheck', freshness: { platformSeconds: 300 } }, sources))).toBe(expected);
  });

  test('what is too old spares no fetch', async () => {
    const asked: string[] = [];
    const younger = mintCrl({ thisUpdate: AT - MINUTE });
    const sources = [source('crl', { kind: 'data', crls: [younger] }, asked)];
    const established = await statusOf({ mode: 'crlcheck', freshness: { crlSeconds: 3_600 } }, sources, { handedIn: { crls: [GOOD_CRL] } });
    expect([established.result.status, asked]).toEqual(['good', ['crl']]);
  });
});

describe('unknown', () => {
  const handedIn = { crls: [GOOD_CRL], ocspResponses: [mintOcsp({ singles: [single({ status: UNKNOWN })] })] };
  test.each<[RevocationPolicy, string]>([
    [{ mode: 'eithercheck' }, 'good'],
    [{ mode: 'eithercheck', onUnknown: 'other-source' }, 'good'],
    [{ mode: 'eithercheck', onUnknown: 'refuse' }, 'ocsp-unknown'],
    [{ mode: 'crlcheck', onUnknown: 'refuse' }, 'ocsp-unknown'],
    [{ mode: 'bothcheck', onUnknown: 'other-source' }, 'ocsp-unknown'],
    [{ mode: 'ocspcheck', onUnknown: 'other-source' }, 'ocsp-unknown'],
  ])('of a responder, beside a good CRL, under %o', async (policy, expected) => {
    const { result } = await statusOf(policy, [], { handedIn });
    expect('code' in result ? result.code : result.status).toBe(expected);
  });
  test('refusing is no veto for a responder that cannot be reached or trusted', async () => {
    const policy = { mode: 'eithercheck', onUnknown: 'refuse' } as const;
    const stale = mintOcsp({ singles: [single({ status: UNKNOWN, thisUpdate: AT - DAY })] });
    expect((await statusOf(policy, [source('ocsp', FAILED)], { handedIn: { crls: [GOOD_CRL] } })).result.status).toBe('good');
    expect((await statusOf(policy, [], { handedIn: { crls: [GOOD_CRL], ocspResponses: [stale] } })).result.status).toBe('good');
  });
});

describe('the choice', () => {
  const SOURCES = (['platform', 'ocsp', 'crl'] as const).map((kind) => source(kind, FAILED));
  const order = (choice: RevocationPolicy['choice'], demanded: Freshness = {}) =>
    inOrder(SOURCES, choice === undefined ? {} : { choice }, demanded).map(({ kind }) => kind);
  test.each<[string, RevocationPolicy['choice'], Freshness, string[]]>([
    ['without a choice: as configured', undefined, {}, ['platform', 'ocsp', 'crl']],
    ['as configured', { order: 'configured', price: { platform: 9 } }, {}, ['platform', 'ocsp', 'crl']],
    ['the daily CRL is free, OCSP is paid', { order: 'cheapest', price: { ocsp: 2, platform: 20 } }, {}, ['crl', 'ocsp', 'platform']],
    [
      'free but too slow for what is demanded',
      { order: 'cheapest', price: { ocsp: 2, platform: 20 } },
      { crlSeconds: 3_600 },
      ['ocsp', 'platform', 'crl'],
    ],
    ['the freshest first, the cheaper of two alike', { order: 'freshest', price: { platform: 20 } }, {}, ['ocsp', 'platform', 'crl']],
    ['a CRL every five minutes', { order: 'freshest', publishedEverySeconds: { crl: 300 } }, {}, ['crl', 'platform', 'ocsp']],
  ])('%s', (_, choice, demanded, expected) => {
    expect(order(choice, demanded)).toEqual(expected);
  });

  test('who is asked first and satisfies the policy spares the others their price', async () => {
    const asked: string[] = [];
    const sources = [
      source('ocsp', { kind: 'data', ocspResponses: [GOOD_OCSP] }, asked),
      source('crl', { kind: 'data', crls: [GOOD_CRL] }, asked),
    ];
    await statusOf({ mode: 'eithercheck', choice: { order: 'cheapest', price: { ocsp: 2 } } }, sources);
    expect(asked).toEqual(['crl']);
  });
});

test('platforms alone are told what was signed', async () => {
  const seen: Record<string, unknown> = {};
  const listening = (kind: RevocationSource['kind']): RevocationSource => ({
    kind,
    classes: CERTIFICATE_CLASSES,
    check: async (query: RevocationQuery) => {
      seen[kind] = query.signed;
      return FAILED;
    },
  });
  const signed = { scheme: 'rsa-pkcs1-sha256', digest: new Uint8Array(32), signature: new Uint8Array(256) } as const;
  const configuration = { sources: (['crl', 'ocsp', 'platform'] as const).map(listening), policy: { mode: 'eithercheck' } } as const;
  await establishStatus({ context: LEAF, configuration, handedIn: NOTHING, signed });
  expect(seen).toEqual({ crl: undefined, ocsp: undefined, platform: signed });
});

test('an explanation names classes, ages, prices and what never changes', () => {
  const { ja, en } = explainRevocationPolicy(
    {
      mode: 'eithercheck',
      byClass: { 'smartphone-digital-signature': 'bothcheck' },
      freshness: { crlSeconds: 86_400, ocspSeconds: 900 },
      onUnknown: 'refuse',
      choice: { order: 'cheapest', price: { ocsp: 2 } },
    },
    {
      environment: { classes: { 'smartphone-digital-signature': contextOf({ ocsp: { maxAgeSeconds: 3_600 } }).profile } },
      freshness: { ocspSeconds: 300 },
    },
  );
  expect(en).toEqual([
    'Smartphone digital-signature certificates: both a CRL and an OCSP responder of that very class have to show good.',
    'CRLs show good for 1 day at most.',
    'OCSP answers show good for 5 minutes at most.',
    'A certificate that a responder does not know is not good, whatever other data show.',
    'Sources that can be fresh enough are asked first, among them the cheapest (CRLs 0 per question, renewed every 1 day; OCSP answers 2 per question, renewed every 15 minutes; answers of a platform operator 0 per question, renewed every 15 minutes).',
    'One trusted “revoked” outweighs any “good”.',
    'A source that does not answer, or is not configured, never counts as good.',
    'Whether to check and whom to ask is never decided by the certificate.',
  ]);
  expect(ja.slice(0, 4)).toEqual([
    'スマートフォンの署名用電子証明書：その区分のCRLとOCSPの両方が有効を示すことを求めます。',
    'CRLは発行から1日以内のものだけを有効の根拠とします。',
    'OCSP応答は発行から5分以内のものだけを有効の根拠とします。',
    'レスポンダが「不明」と答えた証明書は、ほかの情報が有効を示しても有効としません。',
  ]);
});
