/** What a platform operator can make a delegating relying party believe, and what not. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FetchError, type Fetcher, type FetchRequest, type FetchResponse } from '../../../src/net/fetcher.types.ts';
import { httpPlatformOperator } from '../../../src/revocation/platform/http.ts';
import { type PlatformAnswer, PlatformFault } from '../../../src/revocation/platform/operator.ts';
import {
  type PlatformProfile,
  parsePlatformProfile,
  platformContractV1,
  pocketSignStyle,
} from '../../../src/revocation/platform/profile.ts';
import { platformSource } from '../../../src/revocation/platform/source.ts';
import { establishStatus } from '../../../src/revocation/status.ts';
import { AT, contextOf, DAY, MINUTE } from '../mint.ts';

const CONTEXT = contextOf();
const SHA256 = createHash('sha256').update(CONTEXT.certificate.der).digest('hex');
const SIGNED = { scheme: 'rsa-pkcs1-sha256', digest: new Uint8Array(32).fill(1), signature: new Uint8Array(256).fill(2) } as const;
const URL_V1 = 'https://operator.example/v1/determinations';

const statusFrom = async (source: ReturnType<typeof platformSource>) => {
  const { result, used } = await establishStatus({
    context: CONTEXT,
    configuration: { sources: [source], policy: { mode: 'ocspcheck' } },
    handedIn: { crls: [], ocspResponses: [], ocspNonce: null },
    signed: SIGNED,
  });
  expect(used).toEqual({ crls: [], ocspResponses: [], ocspNonce: null });
  return 'code' in result
    ? [result.status, result.code, 'detail' in result ? result.detail : undefined].filter(Boolean).join(' ')
    : result.status;
};

const ANSWER: PlatformAnswer = {
  status: 'good',
  class: 'card-digital-signature',
  certificateSha256: SHA256,
  signature: 'valid',
  checkedAt: new Date(AT),
  currentAsOf: new Date(AT - 10 * MINUTE),
};
const statusOf = (answer: PlatformAnswer | Error) =>
  statusFrom(
    platformSource({ operator: { determine: () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)) } }),
  );

describe('the answer of an operator', () => {
  const { certificateSha256: _1, signature: _2, currentAsOf: _3, ...least } = ANSWER;
  test.each<[string, PlatformAnswer | Error, string]>([
    ['that is good', ANSWER, 'good'],
    ['with the least it may tell', least, 'good'],
    ['about another class', { ...ANSWER, class: 'smartphone-digital-signature' }, 'unknown revocation-not-checked class-differs'],
    [
      'revoked, about another class',
      { ...ANSWER, status: 'revoked', class: 'smartphone-digital-signature' },
      'unknown revocation-not-checked class-differs',
    ],
    ['about another certificate', { ...ANSWER, certificateSha256: '0'.repeat(64) }, 'unknown revocation-not-checked certificate-differs'],
    [
      'revoked, about another certificate',
      { ...ANSWER, status: 'revoked', certificateSha256: '' },
      'unknown revocation-not-checked certificate-differs',
    ],
    ['that finds the signature false', { ...ANSWER, signature: 'invalid' }, 'unknown revocation-not-checked signature-refused'],
    ['at the end of its time', { ...ANSWER, checkedAt: new Date(AT - 5 * MINUTE) }, 'good'],
    ['past its time', { ...ANSWER, checkedAt: new Date(AT - 5 * MINUTE - 1) }, 'unknown revocation-not-checked checked-earlier'],
    ['from the future', { ...ANSWER, checkedAt: new Date(AT + 5 * MINUTE + 1) }, 'unknown revocation-not-checked checked-later'],
    ['at no time', { ...ANSWER, checkedAt: new Date(Number.NaN) }, 'unknown revocation-not-checked checked-later'],
    ['past its own nextUpdate', { ...ANSWER, nextUpdate: new Date(AT - 1) }, 'unknown ocsp-stale next-update'],
    ['that the certificate has expired', { ...ANSWER, status: 'expired' }, 'unknown revocation-not-checked platform-expired'],
    ['that it does not know', { ...ANSWER, status: 'unknown' }, 'unknown revocation-not-checked platform-unknown'],
    ['revoked', { ...ANSWER, status: 'revoked', reason: 'superseded' }, 'revoked revoked'],
    ['revoked, found long ago', { ...ANSWER, status: 'revoked', checkedAt: new Date(AT - DAY) }, 'revoked revoked'],
    ['that never comes', new PlatformFault('timeout'), 'unknown revocation-not-checked timeout'],
    ['from an adapter that breaks', new Error('secret'), 'unknown revocation-not-checked operator-failed'],
  ])('%s', async (_, answer, expected) => {
    expect(await statusOf(answer)).toBe(expected);
  });

  test('an age that is none is misuse', () => {
    for (const maxAnswerAgeSeconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => platformSource({ operator: { determine: async () => ANSWER }, maxAnswerAgeSeconds })).toThrowError(
        expect.objectContaining({ code: 'argument-invalid' }),
      );
    }
  });

  test('whoever gives up hears its own reason', async () => {
    const controller = new AbortController();
    const reason = new Error('gone');
    const source = platformSource({
      operator: {
        determine: async () => {
          controller.abort(reason);
          throw new PlatformFault('aborted');
        },
      },
    });
    await expect(
      source.check({ ...CONTEXT, class: 'card-digital-signature' }, { at: new Date(AT), signal: controller.signal }),
    ).rejects.toBe(reason);
  });
});

const BODY = {
  requestId: '',
  certificateSha256: SHA256,
  certificateClass: 'card-digital-signature',
  status: 'good',
  signature: 'valid',
  checkedAt: new Date(AT).toISOString(),
};
/** An operator over HTTP that echoes the request's id and answers with `change`d members. */
const httpStatus = async (
  change: (body: Record<string, unknown>) => unknown,
  response: Partial<FetchResponse> = {},
  profile: PlatformProfile = platformContractV1(URL_V1),
) => {
  const asked: FetchRequest[] = [];
  const fetcher: Fetcher = async (request) => {
    asked.push(request);
    const { requestId } = JSON.parse(Buffer.from(request.body ?? []).toString()) as { requestId: string };
    const text = JSON.stringify(change({ ...BODY, requestId }));
    return { status: 200, contentType: 'application/json', body: new Uint8Array(Buffer.from(text)), ...response };
  };
  const operator = httpPlatformOperator({ fetcher, profile, authorization: async () => 'Bearer token' });
  return { status: await statusFrom(platformSource({ operator })), asked };
};
const short = async (...parameters: Parameters<typeof httpStatus>) =>
  (await httpStatus(...parameters)).status.replace('unknown revocation-not-checked ', '');

describe('the HTTP contract', () => {
  test('sends certificate, class, digest, signature and scheme, once', async () => {
    const { status, asked } = await httpStatus((body) => body);
    expect(status).toBe('good');
    expect(asked).toHaveLength(1);
    const [request] = asked;
    expect(request).toMatchObject({
      url: URL_V1,
      method: 'POST',
      headers: { authorization: 'Bearer token', 'content-type': 'application/json', accept: 'application/json' },
    });
    expect(JSON.parse(Buffer.from(request?.body ?? []).toString())).toEqual({
      v: 1,
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
      certificate: Buffer.from(CONTEXT.certificate.der).toString('base64'),
      certificateClass: 'card-digital-signature',
      digest: Buffer.from(SIGNED.digest).toString('base64'),
      signature: Buffer.from(SIGNED.signature).toString('base64'),
      scheme: 'rsa-pkcs1-sha256',
    });
  });

  test.each<[string, (body: Record<string, unknown>) => unknown, string]>([
    ['another request’s answer', (body) => ({ ...body, requestId: '0'.repeat(32) }), 'request-differs'],
    ['no request id', ({ requestId: _, ...body }) => body, 'request-differs'],
    ['no certificate named', ({ certificateSha256: _, ...body }) => body, 'certificate-differs'],
    ['no class', ({ certificateClass: _, ...body }) => body, 'answer-malformed'],
    ['a class of its own', (body) => ({ ...body, certificateClass: 'toString' }), 'answer-malformed'],
    ['no status', ({ status: _, ...body }) => body, 'answer-malformed'],
    ['a status of its own', (body) => ({ ...body, status: 'constructor' }), 'answer-malformed'],
    ['a status that is no text', (body) => ({ ...body, status: true }), 'answer-malformed'],
    ['no time', ({ checkedAt: _, ...body }) => body, 'answer-malformed'],
    ['a local time', (body) => ({ ...body, checkedAt: '2026-09-15T03:00:00' }), 'answer-malformed'],
    ['a time that does not exist', (body) => ({ ...body, checkedAt: '2026-13-15T03:00:00Z' }), 'answer-malformed'],
    ['a signature word of its own', (body) => ({ ...body, signature: 'probably' }), 'answer-malformed'],
    ['a list', (body) => [body], 'request-differs'],
    ['nothing', () => null, 'request-differs'],
  ])('an answer with %s is none', async (_, change, expected) => {
    expect(await short(change)).toBe(expected);
  });

  test.each<[string, Partial<FetchResponse>, string]>([
    ['another status', { status: 201 }, 'http-status'],
    ['another content type', { contentType: 'text/html' }, 'content-type'],
    ['no JSON', { body: Uint8Array.of(0x7b) }, 'answer-malformed'],
    ['no UTF-8', { body: Uint8Array.of(0x22, 0xff, 0x22) }, 'answer-malformed'],
  ])('an answer with %s is none', async (_, response, expected) => {
    expect(await short((body) => body, response)).toBe(expected);
  });

  test('a reason nobody knows is a revocation all the same', async () => {
    expect(await short((body) => ({ ...body, status: 'revoked', reason: 'moved-to-the-moon' }))).toBe('revoked revoked');
  });

  test('a network fault is named by kind, and its target by nobody', async () => {
    const fetcher: Fetcher = () => Promise.reject(new FetchError('connection', 'https://operator.example'));
    const operator = httpPlatformOperator({ fetcher, profile: platformContractV1(URL_V1), authorization: () => 'Bearer token' });
    expect(await statusFrom(platformSource({ operator }))).toBe('unknown revocation-not-checked connection');
  });
});

describe('a profile in the style of PocketSign', () => {
  const profile = pocketSignStyle({
    url: 'https://operator.example/verify',
    request: { members: { certificate: 'certificate', digest: 'digest', signature: 'signature' }, constants: { check_method: 'OCSP' } },
    response: { status: '/result/status', class: '/result/certificate~1type', checkedAt: '/result/checked_at', times: 'unix-seconds' },
  });
  const result =
    (status: string, type = 'JPKI_CARD_DIGITAL_SIGNATURE') =>
    () => ({
      result: { status, 'certificate/type': type, checked_at: AT / 1000 },
    });
  test.each([
    ['GOOD', 'JPKI_CARD_DIGITAL_SIGNATURE', 'good'],
    ['REVOKED', 'JPKI_CARD_DIGITAL_SIGNATURE', 'revoked revoked'],
    ['EXPIRED', 'JPKI_CARD_DIGITAL_SIGNATURE', 'platform-expired'],
    ['UNKNOWN', 'JPKI_CARD_DIGITAL_SIGNATURE', 'platform-unknown'],
    ['good', 'JPKI_CARD_DIGITAL_SIGNATURE', 'answer-malformed'],
    ['GOOD', 'JPKI_MOBILE_DIGITAL_SIGNATURE', 'class-differs'],
    ['GOOD', 'JPKI_CARD', 'answer-malformed'],
  ])('%s for %s is %s', async (status, type, expected) => {
    expect(await short(result(status, type), {}, profile)).toBe(expected);
  });
  test('sends the members and constants it is configured with, and no others', async () => {
    const { asked } = await httpStatus(result('GOOD'), {}, profile);
    expect(Object.keys(JSON.parse(Buffer.from(asked[0]?.body ?? []).toString()) as object).sort()).toEqual([
      'certificate',
      'check_method',
      'digest',
      'signature',
    ]);
  });
});

describe('a profile that is none', () => {
  const good = platformContractV1(URL_V1);
  test.each<[string, unknown, string]>([
    ['plain http', { ...good, url: 'http://operator.example/' }, '/url'],
    ['no member for the certificate', { ...good, request: { members: { digest: 'digest' } } }, '/request/members'],
    [
      'two classes of one spelling',
      { ...good, classes: { ...good.classes, 'card-digital-signature': 'card-user-authentication' } },
      '/classes',
    ],
    ['a class missing', { ...good, classes: { 'card-digital-signature': 'x' } }, '/classes/card-user-authentication'],
    ['a state taken for more than it is', { ...good, response: { ...good.response, states: { OK: 'fine' } } }, '/response/states/OK'],
    ['a place that is no pointer', { ...good, response: { ...good.response, status: 'status' } }, '/response/status'],
    ['a word nobody knows', { ...good, trustAll: true }, ''],
  ])('%s is refused where it stands', (_, profile, pointer) => {
    expect(() => parsePlatformProfile(profile)).toThrowError(expect.objectContaining({ code: 'argument-invalid', pointer }));
  });
  test('loopback may speak plain http', () => {
    expect(parsePlatformProfile({ ...good, url: 'http://127.0.0.1:8080/x' }).url).toBe('http://127.0.0.1:8080/x');
  });
});
