import { describe, expect, test } from 'vitest';
import { assertRoleAllows } from '../../src/revocation/policy.ts';
import { establishStatus, type StatusRequest } from '../../src/revocation/status.ts';
import type { RevocationAnswer, RevocationConfiguration, RevocationMode, RevocationSource } from '../../src/revocation/types.ts';
import { CERTIFICATE_CLASSES } from '../../src/verdict.ts';
import { AT, CA, contextOf, entry, HOUR, int, mintCrl, mintOcsp, OTHER_CA, OTHERS, revoked, single, UNKNOWN } from './mint.ts';

const CONTEXT = contextOf();
const GOOD_CRL = mintCrl();
const BAD_CRL = mintCrl({ entries: [...OTHERS, entry({ reason: 5 })] });
const STALE_CRL = mintCrl({ nextUpdate: AT - HOUR });
const GOOD_OCSP = mintOcsp();
const BAD_OCSP = mintOcsp({ singles: [single({ status: revoked(1) })] });
const UNKNOWN_OCSP = mintOcsp({ singles: [single({ status: UNKNOWN })] });

const establish = (configuration: RevocationConfiguration, handedIn: Partial<StatusRequest['handedIn']> = {}, signal?: AbortSignal) =>
  establishStatus({
    context: CONTEXT,
    configuration,
    handedIn: { crls: [], ocspResponses: [], ocspNonce: null, ...handedIn },
    ...(signal === undefined ? {} : { signal }),
  });
const told = async (configuration: RevocationConfiguration, handedIn: Partial<StatusRequest['handedIn']> = {}): Promise<string> => {
  const { result } = await establish(configuration, handedIn);
  return result.status === 'unknown' || result.status === 'not-checked' ? result.code : result.status;
};

const source = (
  kind: RevocationSource['kind'],
  answer: RevocationAnswer | Error,
  asked: string[] = [],
  classes: RevocationSource['classes'] = CERTIFICATE_CLASSES,
): RevocationSource => ({
  kind,
  classes,
  check: async () => {
    asked.push(kind);
    if (answer instanceof Error) throw answer;
    return answer;
  },
});
const crls = (...list: readonly Uint8Array[]): RevocationAnswer => ({ kind: 'data', crls: list });
const ocsp = (...list: readonly Uint8Array[]): RevocationAnswer => ({ kind: 'data', ocspResponses: list });
const policy = (mode: RevocationMode, ...sources: readonly RevocationSource[]): RevocationConfiguration => ({ sources, policy: { mode } });

describe('only what is handed in', () => {
  test('none looks at nothing, not even at what is handed in', async () => {
    expect(await establish('none', { crls: [BAD_CRL], ocspResponses: [BAD_OCSP] })).toMatchObject({
      result: { status: 'not-checked', code: 'revocation-not-checked', sources: [] },
      used: { crls: [], ocspResponses: [], ocspNonce: null },
      mode: 'none',
    });
  });
  test.each<[RevocationConfiguration, Partial<StatusRequest['handedIn']>, string]>([
    ['crl', {}, 'crl-missing'],
    ['crl', { crls: [GOOD_CRL] }, 'good'],
    ['crl', { crls: [BAD_CRL] }, 'revoked'],
    ['crl', { ocspResponses: [GOOD_OCSP] }, 'crl-missing'],
    ['ocsp', {}, 'ocsp-missing'],
    ['ocsp', { ocspResponses: [GOOD_OCSP] }, 'good'],
    ['ocsp', { ocspResponses: [BAD_OCSP] }, 'revoked'],
    ['ocsp', { crls: [GOOD_CRL] }, 'ocsp-missing'],
  ])('%s of %o', async (configuration, handedIn, outcome) => {
    expect(await told(configuration, handedIn)).toBe(outcome);
  });
  test('the same octets twice are one piece of data', async () => {
    const { result, used } = await establish('crl', { crls: [GOOD_CRL, Uint8Array.from(GOOD_CRL)] });
    expect(result.sources).toHaveLength(1);
    expect(used.crls).toEqual([GOOD_CRL]);
  });
});

test('against an instant that is none nothing is judged', async () => {
  const request = {
    context: { ...CONTEXT, at: Number.NaN },
    configuration: 'crl',
    handedIn: { crls: [GOOD_CRL], ocspResponses: [], ocspNonce: null },
  } as const;
  await expect(establishStatus(request)).rejects.toMatchObject({ code: 'argument-invalid' });
});

test.each(['crls', 'ocspResponses'] as const)('%s that are not octets are misuse', async (member) => {
  await expect(establish('crl', { [member]: ['MIIB'] } as never)).rejects.toMatchObject({ code: 'argument-invalid' });
});

test.each([
  ['thirty', null],
  [{ ocspSeconds: 0 }, null],
  [{ crlSeconds: 1.5 }, null],
  [{ seconds: 1 }, null],
  [null, null],
])('a freshness of %o is misuse', async (freshness) => {
  const request = {
    context: CONTEXT,
    configuration: 'none',
    handedIn: { crls: [], ocspResponses: [], ocspNonce: null },
    freshness,
  } as never;
  await expect(establishStatus(request)).rejects.toMatchObject({ code: 'argument-invalid' });
});

test('a list that is good but older than demanded is reported as unusable, and one that was unusable stays what it was', async () => {
  const foreign = mintCrl({ signer: OTHER_CA });
  const { result } = await establishStatus({
    context: CONTEXT,
    configuration: 'crl',
    handedIn: { crls: [GOOD_CRL, foreign], ocspResponses: [], ocspNonce: null },
    freshness: { crlSeconds: 60 },
  });
  expect(result).toMatchObject({ status: 'unknown', code: 'crl-stale', detail: 'max-age' });
  expect(result.sources.map(({ status, code, detail }) => [status, code, detail])).toEqual([
    ['unusable', 'crl-stale', 'max-age'],
    ['unusable', 'crl-signature', 'signature-invalid'],
  ]);
});

test('a nonce that is no octets is misuse', async () => {
  await expect(establish('ocsp', { ocspNonce: 'AAAA' } as never)).rejects.toMatchObject({ code: 'argument-invalid' });
});

describe('modes', () => {
  // Rows: what the CRL says × what OCSP says; columns: the four modes.
  const crlSays = { good: [GOOD_CRL], revoked: [BAD_CRL], stale: [STALE_CRL], missing: [] } as const;
  const ocspSays = { good: [GOOD_OCSP], revoked: [BAD_OCSP], unknown: [UNKNOWN_OCSP], missing: [] } as const;
  test.each<[keyof typeof crlSays, keyof typeof ocspSays, string, string, string, string]>([
    ['good', 'good', 'good', 'good', 'good', 'good'],
    ['good', 'revoked', 'revoked', 'revoked', 'revoked', 'revoked'],
    ['good', 'unknown', 'good', 'ocsp-unknown', 'ocsp-unknown', 'good'],
    ['good', 'missing', 'good', 'ocsp-missing', 'ocsp-missing', 'good'],
    ['revoked', 'good', 'revoked', 'revoked', 'revoked', 'revoked'],
    ['revoked', 'missing', 'revoked', 'revoked', 'revoked', 'revoked'],
    ['stale', 'good', 'crl-stale', 'good', 'crl-stale', 'good'],
    ['stale', 'revoked', 'revoked', 'revoked', 'revoked', 'revoked'],
    ['stale', 'unknown', 'crl-stale', 'ocsp-unknown', 'crl-stale', 'crl-stale'],
    ['stale', 'missing', 'crl-stale', 'ocsp-missing', 'crl-stale', 'crl-stale'],
    ['missing', 'good', 'crl-missing', 'good', 'crl-missing', 'good'],
    ['missing', 'revoked', 'revoked', 'revoked', 'revoked', 'revoked'],
    ['missing', 'unknown', 'crl-missing', 'ocsp-unknown', 'crl-missing', 'ocsp-unknown'],
    ['missing', 'missing', 'crl-missing', 'ocsp-missing', 'crl-missing', 'ocsp-missing'],
  ])('CRL %s, OCSP %s', async (crl, response, ...outcomes) => {
    const handedIn = { crls: crlSays[crl], ocspResponses: ocspSays[response] };
    const modes = ['crlcheck', 'ocspcheck', 'bothcheck', 'eithercheck'] as const;
    expect(await Promise.all(modes.map((mode) => told(policy(mode), handedIn)))).toEqual(outcomes);
    const sources = [source('crl', crls(...handedIn.crls)), source('ocsp', ocsp(...handedIn.ocspResponses))];
    const fetched = await Promise.all(modes.map((mode) => told(policy(mode, ...sources))));
    // A source that the mode does not need is not asked: then its revocation is not known either.
    const spared = (mode: number): boolean =>
      (mode === 0 && response === 'revoked') || (mode === 1 && crl === 'revoked') || (mode === 3 && crl === 'good');
    fetched.forEach((outcome, mode) => {
      if (!spared(mode)) expect(outcome).toBe(outcomes[mode]);
    });
  });

  test('the class may have a mode of its own', async () => {
    const configuration: RevocationConfiguration = {
      sources: [],
      policy: { mode: 'crlcheck', byClass: { 'card-digital-signature': 'ocspcheck' } },
    };
    expect((await establish(configuration)).mode).toBe('ocspcheck');
    expect(await told(configuration, { crls: [GOOD_CRL] })).toBe('ocsp-missing');
  });
});

describe('sources', () => {
  test.each<[RevocationMode, Partial<StatusRequest['handedIn']>, readonly string[]]>([
    ['crlcheck', {}, ['crl']],
    ['ocspcheck', {}, ['ocsp']],
    ['bothcheck', {}, ['crl', 'ocsp']],
    ['eithercheck', {}, ['crl']],
    ['crlcheck', { crls: [GOOD_CRL] }, []],
    ['bothcheck', { crls: [GOOD_CRL] }, ['ocsp']],
    ['eithercheck', { ocspResponses: [GOOD_OCSP] }, []],
    ['bothcheck', { crls: [BAD_CRL] }, []],
    ['crlcheck', { crls: [STALE_CRL] }, ['crl']],
    ['crlcheck', { ocspResponses: [BAD_OCSP] }, []],
  ])('%s with %o asks only what is still open', async (mode, handedIn, expected) => {
    const asked: string[] = [];
    await establish(policy(mode, source('crl', crls(GOOD_CRL), asked), source('ocsp', ocsp(GOOD_OCSP), asked)), handedIn);
    expect(asked).toEqual(expected);
  });
  test('a source of another class is not asked', async () => {
    const asked: string[] = [];
    const mobile = source('crl', crls(GOOD_CRL), asked, ['smartphone-digital-signature']);
    expect(await told(policy('crlcheck', mobile))).toBe('crl-missing');
    expect(asked).toEqual([]);
  });
  test('a second source of a kind is asked where the first did not settle it', async () => {
    const asked: string[] = [];
    const sources = [source('crl', crls(STALE_CRL), asked), source('crl', crls(GOOD_CRL), asked), source('crl', crls(BAD_CRL), asked)];
    expect(await told(policy('crlcheck', ...sources))).toBe('good');
    expect(asked).toHaveLength(2);
  });
  test('evidence is the union of what was handed in and what was fetched', async () => {
    const { used, result } = await establish(policy('crlcheck', source('crl', crls(GOOD_CRL))), { crls: [STALE_CRL] });
    expect(used.crls).toEqual([STALE_CRL, GOOD_CRL]);
    expect(result.sources.map(({ origin, status }) => [origin, status])).toEqual(
      expect.arrayContaining([
        ['handed-in', 'unusable'],
        ['fetched', 'good'],
      ]),
    );
  });
  test('a fetched response is held against the nonce of its own request, a handed-in one against its own', async () => {
    const nonce = (octet: number): Uint8Array => new Uint8Array(32).fill(octet);
    const asked = source('ocsp', { kind: 'data', ocspResponses: [mintOcsp({ nonce: nonce(2) })], ocspNonce: nonce(2) });
    const { result, used } = await establish(policy('ocspcheck', asked), {
      ocspResponses: [mintOcsp({ nonce: nonce(1) })],
      ocspNonce: nonce(9),
    });
    expect(result).toMatchObject({ status: 'good' });
    expect(result.sources.map(({ code }) => code)).toContain('ocsp-nonce-mismatch');
    expect(used.ocspNonce).toEqual(nonce(2));
    const replayed = source('ocsp', { kind: 'data', ocspResponses: [mintOcsp({ nonce: nonce(1) })], ocspNonce: nonce(2) });
    expect(await told(policy('ocspcheck', replayed))).toBe('ocsp-nonce-mismatch');
  });
  test.each<[string, RevocationAnswer | Error, string, string | undefined]>([
    ['fails', { kind: 'failed', code: 'ocsp-missing', detail: 'timeout' }, 'ocsp-missing', 'timeout'],
    ['throws', new Error('surprise'), 'ocsp-missing', 'source-threw'],
    ['fails with a code that is no reason for doubt', { kind: 'failed', code: 'malformed', detail: 'odd' }, 'ocsp-missing', 'odd'],
    ['answers with nothing', ocsp(), 'ocsp-missing', undefined],
    ['answers with the other kind', crls(GOOD_CRL), 'ocsp-missing', undefined],
  ])('a source that %s is never good', async (_, answer, code, detail) => {
    const { result } = await establish(policy('ocspcheck', source('ocsp', answer)));
    expect(result).toMatchObject({ status: 'unknown', code, ...(detail === undefined ? {} : { detail }) });
  });
  test('a failure is reported beside what was handed in, whose own fault names the code', async () => {
    const { result } = await establish(policy('crlcheck', source('crl', { kind: 'failed', code: 'crl-missing', detail: 'timeout' })), {
      crls: [STALE_CRL],
    });
    expect(result).toMatchObject({ code: 'crl-stale' });
    expect(result.sources.map(({ code, detail }) => [code, detail])).toContainEqual(['crl-missing', 'timeout']);
  });
  test('a responder that a CRL at hand revokes answers for nobody', async () => {
    const listsResponder = mintCrl({ entries: [entry({ serial: int(0x22) })] });
    expect(await told(policy('ocspcheck'), { crls: [listsResponder], ocspResponses: [GOOD_OCSP] })).toBe('ocsp-responder-unauthorized');
    expect(await told(policy('ocspcheck'), { crls: [listsResponder], ocspResponses: [mintOcsp({ signer: CA, certificates: null })] })).toBe(
      'good',
    );
  });
  test('a source is asked for the class, with the instant and the signal of the verification', async () => {
    const asked: unknown[][] = [];
    const curious: RevocationSource = {
      ...source('crl', crls(GOOD_CRL)),
      check: async (...parts) => {
        asked.push(parts);
        return crls(GOOD_CRL);
      },
    };
    const { signal } = new AbortController();
    await establish(policy('crlcheck', curious), {}, signal);
    await establish(policy('crlcheck', curious));
    expect(asked.map(([question]) => question)).toEqual([
      { ...CONTEXT, class: 'card-digital-signature' },
      { ...CONTEXT, class: 'card-digital-signature' },
    ]);
    expect(asked.map(([, options]) => options)).toEqual([{ at: new Date(AT), signal }, { at: new Date(AT) }]);
  });
  test('what came without a nonce leaves the handed-in one as it is, and is itself evidence', async () => {
    const nonce = new Uint8Array(32).fill(7);
    const { used } = await establish(policy('bothcheck', source('crl', crls(GOOD_CRL)), source('ocsp', ocsp(GOOD_OCSP))), {
      ocspNonce: nonce,
    });
    expect(used).toEqual({ crls: [GOOD_CRL], ocspResponses: [GOOD_OCSP], ocspNonce: nonce });
  });
  test('octets that were handed in stay that when they are fetched again, with the nonce they were handed in for', async () => {
    const nonce = new Uint8Array(32).fill(7);
    const response = mintOcsp({ nonce });
    const again = source('ocsp', { kind: 'data', ocspResponses: [response], ocspNonce: new Uint8Array(32).fill(8) });
    const { result } = await establish(policy('bothcheck', again, source('crl', crls(STALE_CRL))), {
      crls: [STALE_CRL],
      ocspResponses: [response],
      ocspNonce: nonce,
    });
    expect(result.sources.map(({ kind, origin, status }) => [kind, origin, status])).toEqual([
      ['crl', 'handed-in', 'unusable'],
      ['ocsp', 'handed-in', 'good'],
    ]);
  });
  test('a platform that hands out data has failed, and the report says so', async () => {
    const { result } = await establish(policy('crlcheck', source('platform', crls(GOOD_CRL))));
    expect(result.sources).toContainEqual(
      expect.objectContaining({ kind: 'platform', code: 'revocation-not-checked', detail: 'data-from-platform' }),
    );
  });
  test('an aborted verification rejects with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('gone');
    controller.abort(reason);
    const asked: string[] = [];
    await expect(establish(policy('crlcheck', source('crl', crls(GOOD_CRL), asked)), {}, controller.signal)).rejects.toBe(reason);
    expect(asked).toEqual([]);
  });
});

describe('determinations', () => {
  const CURRENT = { thisUpdate: new Date(AT - 60_000), nextUpdate: new Date(AT + 60_000) };
  const determined = (
    kind: 'crl' | 'ocsp' | 'platform',
    status: 'good' | 'revoked' | 'unknown',
    changes: Partial<Record<'thisUpdate' | 'nextUpdate' | 'code', unknown>> = {},
  ): RevocationSource =>
    source(kind, {
      kind: 'determination',
      report: { kind, status, origin: 'fetched', ...(kind === 'platform' ? {} : CURRENT), ...changes },
    } as RevocationAnswer);
  test.each<[RevocationMode, RevocationSource, string]>([
    ['crlcheck', determined('crl', 'good'), 'good'],
    ['crlcheck', determined('crl', 'good', { nextUpdate: new Date(AT - 1000) }), 'crl-stale'],
    ['crlcheck', determined('crl', 'good', { thisUpdate: new Date(AT + 301_000) }), 'crl-not-yet-valid'],
    ['crlcheck', determined('crl', 'good', { nextUpdate: undefined }), 'crl-stale'],
    ['crlcheck', determined('crl', 'good', { thisUpdate: undefined }), 'crl-stale'],
    ['crlcheck', determined('crl', 'good', { nextUpdate: new Date(Number.NaN) }), 'crl-stale'],
    ['crlcheck', determined('crl', 'good', { nextUpdate: '2099-01-01' }), 'crl-stale'],
    ['crlcheck', determined('crl', 'revoked', { nextUpdate: undefined }), 'revoked'],
    ['ocspcheck', determined('ocsp', 'good'), 'good'],
    ['ocspcheck', determined('ocsp', 'good', { nextUpdate: undefined }), 'good'],
    ['ocspcheck', determined('ocsp', 'good', { thisUpdate: undefined }), 'ocsp-stale'],
    ['ocspcheck', determined('ocsp', 'good', { thisUpdate: new Date(AT - 901_000) }), 'ocsp-stale'],
    ['ocspcheck', determined('ocsp', 'good', { thisUpdate: new Date(Number.NaN) }), 'ocsp-stale'],
    ['ocspcheck', determined('platform', 'good', { thisUpdate: new Date(Number.NaN) }), 'revocation-not-checked'],
    ['crlcheck', determined('crl', 'revoked', { nextUpdate: new Date(AT - 1000) }), 'revoked'],
    ['crlcheck', determined('crl', 'unknown', { code: 'crl-scope-mismatch' }), 'crl-scope-mismatch'],
    ['ocspcheck', determined('crl', 'good'), 'ocsp-missing'],
    ['crlcheck', determined('platform', 'good'), 'good'],
    ['ocspcheck', determined('platform', 'good'), 'good'],
    ['eithercheck', determined('platform', 'good'), 'good'],
    ['bothcheck', determined('platform', 'good'), 'crl-missing'],
    ['ocspcheck', determined('platform', 'revoked'), 'revoked'],
    ['ocspcheck', determined('platform', 'unknown', { code: 'ocsp-unknown' }), 'ocsp-unknown'],
    ['ocspcheck', determined('platform', 'unknown'), 'revocation-not-checked'],
    ['crlcheck', source('platform', crls(GOOD_CRL)), 'revocation-not-checked'],
    ['ocspcheck', source('platform', ocsp(GOOD_OCSP)), 'revocation-not-checked'],
    ['ocspcheck', source('platform', { kind: 'failed', code: 'ocsp-missing', detail: 'timeout' }), 'ocsp-missing'],
  ])('%s with %o', async (mode, asked, outcome) => {
    expect(await told(policy(mode, asked))).toBe(outcome);
  });

  test('a time that is none is named, and not passed on', async () => {
    const broken = determined('platform', 'good', { thisUpdate: new Date(Number.NaN) });
    const { result } = await establish(policy('ocspcheck', broken));
    expect(result.sources).toEqual([
      { kind: 'platform', status: 'unusable', code: 'revocation-not-checked', detail: 'no-time', origin: 'fetched' },
    ]);
  });
});

describe('what a source determined', () => {
  const CURRENT = { thisUpdate: new Date(AT - 60_000), nextUpdate: new Date(AT + 60_000) };
  const determining = (kind: 'crl' | 'ocsp', report: object, more: object = {}): RevocationSource =>
    source(kind, { kind: 'determination', report: { kind, origin: 'fetched', ...CURRENT, ...report }, ...more } as RevocationAnswer);
  const resultOf = async (mode: RevocationMode, asked: RevocationSource) => (await establish(policy(mode, asked))).result;

  test('revoked is reported with its reason and time, or without', async () => {
    const revokedAt = new Date(AT - 5 * HOUR);
    expect(await resultOf('crlcheck', determining('crl', { status: 'revoked' }, { reason: 'keyCompromise', revokedAt }))).toEqual({
      status: 'revoked',
      code: 'revoked',
      reason: 'keyCompromise',
      revokedAt,
      sources: [{ kind: 'crl', origin: 'fetched', status: 'revoked', ...CURRENT }],
    });
    expect(await resultOf('ocspcheck', determining('ocsp', { status: 'revoked' }))).toMatchObject({
      status: 'revoked',
      reason: 'unspecified',
      revokedAt: null,
    });
  });

  test.each<['crl' | 'ocsp', object, string, string | undefined]>([
    ['crl', { thisUpdate: new Date(AT + 301_000) }, 'crl-not-yet-valid', 'this-update'],
    ['ocsp', { thisUpdate: new Date(AT + 301_000) }, 'ocsp-not-yet-valid', 'this-update'],
    ['crl', { thisUpdate: undefined }, 'crl-stale', 'no-this-update'],
    ['crl', { nextUpdate: undefined }, 'crl-stale', 'no-next-update'],
    ['ocsp', { thisUpdate: new Date(AT - 901_000) }, 'ocsp-stale', 'max-age'],
    ['crl', { nextUpdate: new Date(AT - 1) }, 'crl-stale', 'next-update'],
    ['ocsp', { nextUpdate: new Date(AT - 1) }, 'ocsp-stale', 'next-update'],
    ['crl', { status: 'unknown', code: 'crl-scope-mismatch' }, 'crl-scope-mismatch', undefined],
  ])('by %s with %o is unusable, and the report says why', async (kind, report, code, detail) => {
    const result = await resultOf(`${kind}check`, determining(kind, { status: 'good', ...report }));
    const said = { code, ...(detail === undefined ? {} : { detail }) };
    expect(result).toMatchObject({ status: 'unknown', ...said });
    expect(result.sources).toEqual([expect.objectContaining({ kind, status: 'unusable', ...said })]);
    if (detail === undefined) expect(result.sources[0]).not.toHaveProperty('detail');
  });

  test.each<['crl' | 'ocsp', object]>([
    ['crl', { thisUpdate: new Date(AT + 300_000) }],
    ['crl', { thisUpdate: new Date(AT - 30 * 24 * HOUR) }],
    ['ocsp', { thisUpdate: new Date(AT - 900_000) }],
    ['crl', { nextUpdate: new Date(AT) }],
  ])('by %s with %o is good, at the very bound', async (kind, report) => {
    expect((await resultOf(`${kind}check`, determining(kind, { status: 'good', ...report }))).status).toBe('good');
  });
});

test.each<[string, unknown]>([
  ['an unknown word', 'off'],
  ['nothing', undefined],
  ['null', null],
  ['no policy', { sources: [] }],
  ['an unknown mode', { sources: [], policy: { mode: 'nocheck' } }],
  ['an unknown mode for a class', { sources: [], policy: { mode: 'crlcheck', byClass: { 'card-digital-signature': 'nocheck' } } }],
  ['an unknown class', { sources: [], policy: { mode: 'crlcheck', byClass: { card: 'crlcheck' } } }],
  ['no sources', { policy: { mode: 'crlcheck' } }],
  ['a source of an unknown kind', { sources: [{ ...source('crl', crls()), kind: 'file' }], policy: { mode: 'crlcheck' } }],
  ['a source that cannot be asked', { sources: [{ kind: 'crl', classes: [] }], policy: { mode: 'crlcheck' } }],
])('%s is no configuration', (_, configuration) => {
  expect(() => assertRoleAllows('verifier', configuration as RevocationConfiguration)).toThrowError(
    expect.objectContaining({ code: 'argument-invalid' }),
  );
});

describe('role', () => {
  const platform = source('platform', crls());
  test.each<[RevocationConfiguration, object]>([
    ['crl', {}],
    ['ocsp', {}],
    [policy('crlcheck', source('crl', crls())), {}],
    [policy('crlcheck', platform, source('ocsp', ocsp())), {}],
    ['none', { crls: [GOOD_CRL] }],
    ['none', { ocspResponses: [GOOD_OCSP] }],
    [policy('crlcheck', platform), { crls: [GOOD_CRL] }],
  ])('delegating may not handle status data: %o, %o', (configuration, handedIn) => {
    expect(() => assertRoleAllows('delegating', configuration, handedIn)).toThrowError(
      expect.objectContaining({ code: 'role-forbids-revocation-data' }),
    );
    expect(() => assertRoleAllows('verifier', configuration, handedIn)).not.toThrow();
  });
  test('delegating may ask a platform, or nobody', () => {
    expect(() => assertRoleAllows('delegating', 'none')).not.toThrow();
    expect(() => assertRoleAllows('delegating', policy('ocspcheck', platform), { crls: [], ocspResponses: [] })).not.toThrow();
  });
});
