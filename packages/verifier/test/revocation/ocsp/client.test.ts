/** How often a responder is asked: shared, repeated, spared, remembered. Counted, never timed. */
import { describe, expect, test, vi } from 'vitest';
import { pauseBefore } from '../../../src/net/backoff.ts';
import { CircuitBreaker } from '../../../src/net/breaker.ts';
import { FetchError, type Fetcher, type FetchRequest, type FetchResponse } from '../../../src/net/fetcher.types.ts';
import { type OcspSourceOptions, ocspSource } from '../../../src/revocation/ocsp/source.ts';
import { establishStatus } from '../../../src/revocation/status.ts';
import type { RevocationQuery } from '../../../src/revocation/types.ts';
import { AT, CA, contextOf, enumerated, int, keyed, MINUTE, mintLeaf, mintOcsp, revoked, seq, single, UNKNOWN } from '../mint.ts';

const NONCE = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);
const ONE = 'http://one.example:8080/ocsp';
const TWO = 'https://two.example/ocsp';
const GOOD = mintOcsp({ nonce: NONCE });
const REVOKED = mintOcsp({ nonce: NONCE, singles: [single({ status: revoked(6) })] });
const LATER = seq(enumerated(3));

const queryOf = (changes: Parameters<typeof contextOf>[0] = {}): RevocationQuery => ({
  ...contextOf({ ...changes, ocsp: { urls: [ONE], ...changes.ocsp } }),
  class: 'card-digital-signature',
});
const ok = (body: Uint8Array, changes: Partial<FetchResponse> = {}): FetchResponse => ({
  status: 200,
  contentType: 'application/ocsp-response',
  body,
  ...changes,
});
const LATE = new FetchError('timeout', 'late');

/** Each outcome in turn, the last one for ever. */
const scripted = (...outcomes: readonly (FetchResponse | Error)[]) => {
  const asked: FetchRequest[] = [];
  const fetcher: Fetcher = async (request) => {
    const outcome = outcomes[Math.min(asked.length, outcomes.length - 1)];
    asked.push(request);
    if (outcome === undefined || outcome instanceof Error) throw outcome ?? new Error('test');
    return outcome;
  };
  return { fetcher, asked };
};
const sourceOf = (fetcher: Fetcher, options: Partial<OcspSourceOptions> = {}) =>
  ocspSource({ fetcher, randomBytes: () => NONCE, random: () => 0, ...options });
const at = (query: RevocationQuery) => ({ at: new Date(query.at) });

describe('faults that may pass', () => {
  test.each<[string, FetchResponse | Error]>([
    ['a timeout', LATE],
    ['a broken connection', new FetchError('connection', 'broken')],
    ['HTTP 503', ok(GOOD, { status: 503 })],
    ['HTTP 429', ok(GOOD, { status: 429 })],
    ['tryLater', ok(LATER)],
    ['internalError', ok(seq(enumerated(2)))],
  ])('%s is tried again once', async (_, fault) => {
    const { fetcher, asked } = scripted(fault, ok(GOOD));
    const answer = await sourceOf(fetcher).check(queryOf(), at(queryOf()));
    expect(answer).toMatchObject({ kind: 'data' });
    expect(asked).toHaveLength(2);
  });

  test.each<[string, FetchResponse | Error]>([
    ['a redirect', new FetchError('redirect', 'redirect')],
    ['an oversized answer', new FetchError('too-large', 'large')],
    ['HTTP 404', ok(GOOD, { status: 404 })],
    ['a wrong content type', ok(GOOD, { contentType: 'text/html' })],
    ['garbage', ok(Uint8Array.of(0x30, 0))],
    ['sigRequired', ok(seq(enumerated(5)))],
    ['unauthorized', ok(seq(enumerated(6)))],
  ])('%s is not: the same question would bring the same', async (_, fault) => {
    const { fetcher, asked } = scripted(fault, ok(GOOD));
    await sourceOf(fetcher).check(queryOf(), at(queryOf()));
    expect(asked).toHaveLength(1);
  });

  test('the second responder comes before the second round, and every attempt is told', async () => {
    const { fetcher, asked } = scripted(LATE, new FetchError('connection', 'broken'), ok(GOOD, { status: 500 }), LATE);
    const query = queryOf({ ocsp: { urls: [ONE, TWO] } });
    expect(await sourceOf(fetcher).check(query, at(query))).toEqual({
      kind: 'failed',
      code: 'ocsp-missing',
      detail: 'timeout',
      attempts: ['timeout', 'connection', 'http-status', 'timeout'].map((detail) => ({ code: 'ocsp-missing', detail })),
    });
    expect(asked.map(({ url }) => url)).toEqual([ONE, TWO, ONE, TWO]);
  });

  test('what is tried again is the very same request', async () => {
    const { fetcher, asked } = scripted(LATE, ok(GOOD));
    await ocspSource({ fetcher, random: () => 0 }).check(queryOf(), at(queryOf()));
    expect(asked[0]?.body).toEqual(asked[1]?.body);
  });

  test('rounds are bounded', async () => {
    const { fetcher, asked } = scripted(LATE);
    await sourceOf(fetcher, { retry: { rounds: 3, baseMs: 1, capMs: 1 } }).check(queryOf(), at(queryOf()));
    expect(asked).toHaveLength(3);
  });

  test.each([0, 6, 1.5])('%s rounds are misuse', (rounds) => {
    expect(() => sourceOf(scripted(LATE).fetcher, { retry: { rounds } })).toThrowError(
      expect.objectContaining({ code: 'argument-invalid' }),
    );
  });

  test('an abort during the pause ends it', async () => {
    const controller = new AbortController();
    const { fetcher, asked } = scripted(LATE);
    const check = sourceOf(fetcher, { random: () => 0.999, retry: { rounds: 2, baseMs: 60_000, capMs: 60_000 } }).check(queryOf(), {
      ...at(queryOf()),
      signal: controller.signal,
    });
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    controller.abort(new Error('gone'));
    await expect(check).rejects.toThrow('gone');
    expect(asked).toHaveLength(1);
  });
});

test('pauses double, are capped, and are anywhere below their bound', () => {
  const bounds = [1, 2, 3, 4, 5, 6].map((attempt) => pauseBefore(attempt, { baseMs: 100, capMs: 1_000 }, () => 0.999_999));
  expect(bounds).toEqual([99, 199, 399, 799, 999, 999]);
  expect(pauseBefore(3, { baseMs: 100, capMs: 1_000 }, () => 0)).toBe(0);
});

describe('answers that settle nothing', () => {
  test.each<[string, Uint8Array]>([
    ['by a stranger', mintOcsp({ nonce: NONCE, signer: keyed() })],
    ['that is stale', mintOcsp({ nonce: NONCE, singles: [single({ thisUpdate: AT - 60 * MINUTE })] })],
    ['with another nonce', mintOcsp({ nonce: new Uint8Array(32) })],
  ])('an answer %s leads to the second responder', async (_, body) => {
    const { fetcher, asked } = scripted(ok(body), ok(GOOD));
    const query = queryOf({ ocsp: { urls: [ONE, TWO] } });
    await sourceOf(fetcher).check(query, at(query));
    expect(asked.map(({ url }) => url)).toEqual([ONE, TWO]);
  });

  test.each<[string, Uint8Array]>([
    ['good', GOOD],
    ['revoked', REVOKED],
    ['unknown', mintOcsp({ nonce: NONCE, singles: [single({ status: UNKNOWN })] })],
  ])('a trusted %s is not asked about again elsewhere', async (_, body) => {
    const { fetcher, asked } = scripted(ok(body), ok(GOOD));
    const query = queryOf({ ocsp: { urls: [ONE, TWO] } });
    await sourceOf(fetcher).check(query, at(query));
    expect(asked).toHaveLength(1);
  });
});

describe('many at once', () => {
  /** A responder that answers when told to. */
  const gated = () => {
    const waiting: ((answer: FetchResponse) => void)[] = [];
    const signals: (AbortSignal | undefined)[] = [];
    const fetcher: Fetcher = ({ signal }) => {
      signals.push(signal);
      return new Promise((resolve, reject) => {
        waiting.push(resolve);
        signal?.addEventListener('abort', () => reject(new FetchError('aborted', 'aborted')), { once: true });
      });
    };
    return { fetcher, waiting, signals };
  };

  test('the same question is asked once, and all get the answer', async () => {
    const { fetcher, waiting } = gated();
    const source = sourceOf(fetcher);
    const checks = Array.from({ length: 32 }, () => source.check(queryOf(), at(queryOf())));
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting[0]?.(ok(GOOD));
    expect(new Set((await Promise.all(checks)).map(({ kind }) => kind))).toEqual(new Set(['data']));
    expect(waiting).toHaveLength(1);
  });

  test('the next question after the answer is a new one', async () => {
    const { fetcher, asked } = scripted(ok(GOOD));
    const source = sourceOf(fetcher);
    await source.check(queryOf(), at(queryOf()));
    await source.check(queryOf(), at(queryOf()));
    expect(asked).toHaveLength(2);
  });

  test('another certificate is another question', async () => {
    const { fetcher, waiting } = gated();
    const source = sourceOf(fetcher);
    const other = queryOf({ leaf: mintLeaf(CA, { serial: int(0x51) }) });
    const checks = [source.check(queryOf(), at(queryOf())), source.check(other, at(other))];
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    for (const answer of waiting) answer(ok(GOOD));
    await Promise.all(checks);
  });

  test('where the class requires a nonce each asks for itself', async () => {
    const { fetcher, waiting } = gated();
    const source = sourceOf(fetcher, { reuseSeconds: 900 });
    const query = queryOf({ ocsp: { nonce: 'required' } });
    const checks = [source.check(query, at(query)), source.check(query, at(query))];
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    for (const answer of waiting) answer(ok(GOOD));
    await Promise.all(checks);
    void source.check(query, at(query));
    await vi.waitFor(() => expect(waiting).toHaveLength(3));
  });

  test('one who gives up leaves the request to the others; the last one ends it', async () => {
    const { fetcher, waiting, signals } = gated();
    const source = sourceOf(fetcher);
    const [first, second] = [new AbortController(), new AbortController()];
    const checks = [first, second].map(({ signal }) => source.check(queryOf(), { ...at(queryOf()), signal }));
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    first.abort(new Error('first gone'));
    await expect(checks[0]).rejects.toThrow('first gone');
    expect(signals[0]?.aborted).toBe(false);
    second.abort(new Error('second gone'));
    await expect(checks[1]).rejects.toThrow('second gone');
    expect(signals[0]?.aborted).toBe(true);
  });

  test('whoever comes after the last has gone begins anew', async () => {
    const { fetcher, waiting } = gated();
    const source = sourceOf(fetcher);
    const controller = new AbortController();
    const gone = source.check(queryOf(), { ...at(queryOf()), signal: controller.signal });
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    controller.abort(new Error('gone'));
    const next = source.check(queryOf(), at(queryOf()));
    await expect(gone).rejects.toThrow('gone');
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    waiting[1]?.(ok(GOOD));
    expect(await next).toMatchObject({ kind: 'data' });
  });
});

describe('answers that are kept', () => {
  const REUSE = { reuseSeconds: 600 } as const;
  const askedAfter = async (body: Uint8Array, then: RevocationQuery, options: Partial<OcspSourceOptions> = REUSE): Promise<number> => {
    const { fetcher, asked } = scripted(ok(body));
    const source = sourceOf(fetcher, options);
    await source.check(queryOf(), at(queryOf()));
    await source.check(then, at(then));
    return asked.length;
  };
  test.each<[string, Uint8Array]>([
    ['good', GOOD],
    ['revoked', REVOKED],
  ])('%s serves again', async (_, body) => {
    expect(await askedAfter(body, queryOf({ at: AT + 5 * MINUTE }))).toBe(1);
  });
  test.each<[string, Uint8Array, RevocationQuery, Partial<OcspSourceOptions>?]>([
    ['past what the operator allows', GOOD, queryOf({ at: AT + 10 * MINUTE + 1 })],
    ['past nextUpdate', GOOD, queryOf({ at: AT + 12 * MINUTE }), { reuseSeconds: 86_400 }],
    ['past the maximum age of the class', GOOD, queryOf({ at: AT + MINUTE, ocsp: { maxAgeSeconds: 120 } })],
    ['for another class', GOOD, { ...queryOf(), class: 'smartphone-digital-signature' }, { reuseSeconds: 600 }],
    ['for a time before it was made', GOOD, queryOf({ at: AT - 10 * MINUTE }), { reuseSeconds: 86_400 }],
    ['by default', GOOD, queryOf(), {}],
    ['for a class that is to be asked each time', GOOD, queryOf(), { reuseSeconds: { 'smartphone-digital-signature': 600 } }],
    ['of unknown', mintOcsp({ nonce: NONCE, singles: [single({ status: UNKNOWN })] }), queryOf()],
    ['that proves nothing', mintOcsp({ nonce: new Uint8Array(32) }), queryOf()],
    ['by tryLater', LATER, queryOf(), { ...REUSE, retry: { rounds: 1 } }],
  ])('nothing is served %s', async (_, body, then, options) => {
    expect(await askedAfter(body, then, options)).toBe(2);
  });

  test('the nonce that was sent with it stays with it, and the answer is judged again', async () => {
    const { fetcher, asked } = scripted(ok(GOOD));
    let drawn = 0;
    const source = ocspSource({ fetcher, randomBytes: () => (drawn++ === 0 ? NONCE : new Uint8Array(32)), reuseSeconds: 600 });
    const statusAt = async (time: number) => {
      const { certificate, anchor, profile } = queryOf();
      const { result } = await establishStatus({
        context: { certificate, anchor, profile, at: time },
        configuration: { sources: [source], policy: { mode: 'ocspcheck' } },
        handedIn: { crls: [], ocspResponses: [], ocspNonce: null },
      });
      return result.status;
    };
    expect([await statusAt(AT), await statusAt(AT + MINUTE)]).toEqual(['good', 'good']);
    expect(asked).toHaveLength(1);
  });

  test('what is not about the certificate asked for is not kept for it, and pushes nothing out', async () => {
    const leafs = [0x51, 0x52, 0x53].map((serial) => queryOf({ leaf: mintLeaf(CA, { serial: int(serial) }) }));
    const { fetcher, asked } = scripted(ok(GOOD));
    const source = sourceOf(fetcher, { ...REUSE, cacheEntries: 1 });
    await source.check(queryOf(), at(queryOf()));
    for (const query of leafs) await source.check(query, at(query));
    await source.check(queryOf(), at(queryOf()));
    expect(asked).toHaveLength(4);
  });

  test.each([-1, 0.5, Number.NaN])('%s seconds are misuse', (reuseSeconds) => {
    const { fetcher } = scripted(LATE);
    for (const value of [reuseSeconds, { 'card-digital-signature': reuseSeconds }]) {
      expect(() => sourceOf(fetcher, { reuseSeconds: value })).toThrowError(expect.objectContaining({ code: 'argument-invalid' }));
    }
  });
});

describe('a responder that keeps failing', () => {
  const broken = (now: () => number, ...outcomes: readonly (FetchResponse | Error)[]) => {
    const { fetcher, asked } = scripted(...outcomes);
    return { asked, source: sourceOf(fetcher, { retry: { rounds: 1 }, breaker: { failures: 3, openMs: 1_000 }, monotonic: now }) };
  };
  const detailOf = async (source: ReturnType<typeof sourceOf>, query = queryOf()) => {
    const answer = await source.check(query, at(query));
    return answer.kind === 'failed' ? answer.detail : answer.kind;
  };

  test('is left alone, tried once after a while, and trusted again when it answers', async () => {
    let now = 0;
    const { source, asked } = broken(() => now, LATE, LATE, LATE, LATE, ok(GOOD));
    for (let i = 0; i < 3; i++) expect(await detailOf(source)).toBe('timeout');
    expect([await detailOf(source), await detailOf(source), asked.length]).toEqual(['circuit-open', 'circuit-open', 3]);
    now = 1_000;
    expect([await detailOf(source), await detailOf(source), asked.length]).toEqual(['timeout', 'circuit-open', 4]);
    now = 2_000;
    expect([await detailOf(source), await detailOf(source), asked.length]).toEqual(['data', 'data', 6]);
  });

  test('is not the other one: each host has its own circuit', async () => {
    const { source, asked } = broken(() => 0, LATE, ok(GOOD), LATE, ok(GOOD), LATE, ok(GOOD), ok(GOOD));
    const query = queryOf({ ocsp: { urls: [ONE, TWO] } });
    for (let i = 0; i < 4; i++) expect(await detailOf(source, query)).toBe('data');
    expect(asked.map(({ url }) => (url === ONE ? 1 : 2))).toEqual([1, 2, 1, 2, 1, 2, 2]);
  });

  test('an answer about a certificate is an answer, whatever it says', async () => {
    const { source, asked } = broken(() => 0, ok(seq(enumerated(6))));
    for (let i = 0; i < 5; i++) expect(await detailOf(source)).toBe('data');
    expect(asked).toHaveLength(5);
  });
});

describe('the breaker', () => {
  test('lets one probe through at a time, and a caller who goes away proves nothing', () => {
    let now = 0;
    const breaker = new CircuitBreaker({ failures: 1, openMs: 10 }, () => now);
    breaker.enter('a')?.('failed');
    expect(breaker.enter('a')).toBeNull();
    now = 10;
    const probe = breaker.enter('a');
    expect(breaker.enter('a')).toBeNull();
    probe?.('abandoned');
    const second = breaker.enter('a');
    expect(second).not.toBeNull();
    second?.('answered');
    expect(breaker.enter('a')).not.toBeNull();
  });
  test.each([{ failures: 0 }, { openMs: -1 }, { targets: 1.5 }])('%o is misuse', (options) => {
    expect(() => new CircuitBreaker(options, () => 0)).toThrowError(expect.objectContaining({ code: 'argument-invalid' }));
  });
});
