import { createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DerReader, TAG } from '../../../src/der/reader.ts';
import { JpkiError } from '../../../src/errors.ts';
import { FetchError, type Fetcher, type FetchRequest, type FetchResponse } from '../../../src/net/fetcher.types.ts';
import { buildOcspRequest, buildSignedOcspRequest, type OcspRequestSigner } from '../../../src/revocation/ocsp/request.ts';
import { ocspSource } from '../../../src/revocation/ocsp/source.ts';
import { AT, certId, contextOf, ctx, enumerated, extension, mintOcsp, mintResponder, name, octets, oid, RESPONDER, seq } from '../mint.ts';

const NONCE = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);
const URLS = ['http://one.example:8080/ocsp', 'https://two.example/ocsp'];
const QUERY = { ...contextOf({ ocsp: { urls: URLS } }), class: 'card-digital-signature' as const };
const answer = (body: Uint8Array, changes: Partial<FetchResponse> = {}): FetchResponse => ({
  status: 200,
  contentType: 'application/ocsp-response',
  body,
  ...changes,
});

/** Answers the nth request with the nth outcome and records what it was asked. */
const scripted = (...outcomes: readonly (FetchResponse | Error)[]): { fetcher: Fetcher; asked: FetchRequest[] } => {
  const asked: FetchRequest[] = [];
  const fetcher: Fetcher = async (request) => {
    const outcome = outcomes[asked.length];
    asked.push(request);
    if (outcome === undefined) throw new Error('asked too often');
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  return { fetcher, asked };
};
/** One round: what is tried again is told apart in client.test.ts. */
const ask = (fetcher: Fetcher, query = QUERY) =>
  ocspSource({ fetcher, randomBytes: () => NONCE, retry: { rounds: 1 } }).check(query, { at: new Date(AT) });

describe('the request', () => {
  const requestOf = (hash: 'sha1' | 'sha256', nonce: boolean): Uint8Array =>
    seq(seq(seq(seq(certId({ hash }))), ...(nonce ? [ctx(2, seq(extension('1.3.6.1.5.5.7.48.1.2', octets(NONCE))))] : [])));
  test.each(['sha1', 'sha256'] as const)('names the certificate by %s and carries the nonce', (certIdHash) => {
    expect(buildOcspRequest(QUERY, { certIdHash, nonce: NONCE })).toEqual(requestOf(certIdHash, true));
  });
  test('is SHA-1 unless told otherwise, and needs no nonce', () => {
    expect(buildOcspRequest(QUERY, { nonce: null })).toEqual(requestOf('sha1', false));
  });
  test.each([0, 129])('a nonce of %s octets is refused', (length) => {
    expect(() => buildOcspRequest(QUERY, { nonce: new Uint8Array(length) })).toThrowError(
      expect.objectContaining({ code: 'argument-invalid' }),
    );
  });
});

describe('the signed request', () => {
  const certificate = mintResponder({ subject: name(['C', 'JP'], ['CN', 'Relying party']), key: RESPONDER });
  const signer = (changes: Partial<OcspRequestSigner> = {}): OcspRequestSigner => ({
    algorithm: 'ecdsa-p256-sha256',
    certificates: [certificate],
    sign: async (tbs) => new Uint8Array(sign('sha256', tbs, RESPONDER.privateKey)),
    ...changes,
  });
  test('names who asks, carries certificate and signature, and verifies', async () => {
    const { fetcher, asked } = scripted(answer(mintOcsp()));
    await ocspSource({ fetcher, signer: signer(), randomBytes: () => NONCE }).check(QUERY, { at: new Date(AT) });
    const tbs = seq(
      ctx(1, ctx(4, name(['C', 'JP'], ['CN', 'Relying party']))),
      seq(seq(certId())),
      ctx(2, seq(extension('1.3.6.1.5.5.7.48.1.2', octets(NONCE)))),
    );
    const reader = new DerReader(asked[0]?.body ?? new Uint8Array(0));
    reader.enter(TAG.SEQUENCE);
    expect(reader.element()).toEqual(tbs);
    reader.enter(0xa0);
    reader.enter(TAG.SEQUENCE);
    expect(reader.element()).toEqual(seq(oid('1.2.840.10045.4.3.2')));
    expect(verify('sha256', tbs, createPublicKey(RESPONDER.privateKey), reader.octetAlignedBitString())).toBe(true);
    expect(reader.element()).toEqual(ctx(0, seq(certificate)));
    expect(reader.done).toBe(true);
  });
  test.each<[string, readonly Uint8Array[]]>([
    ['no certificate', []],
    ['something else', [Uint8Array.of(0x30, 0)]],
  ])('a signer with %s is misuse', async (_, certificates) => {
    await expect(buildSignedOcspRequest(QUERY, { nonce: null }, signer({ certificates }))).rejects.toMatchObject({
      code: 'argument-invalid',
    });
  });
  test('a signer that fails sends nothing, and its error goes through', async () => {
    const failing = signer({ sign: () => Promise.reject(new Error('no key')) });
    const { fetcher, asked } = scripted();
    await expect(ocspSource({ fetcher, signer: failing }).check(QUERY, { at: new Date(AT) })).rejects.toThrow('no key');
    expect(asked).toEqual([]);
  });
});

test('the first URL of the environment is asked by POST, and its answer comes back with the nonce', async () => {
  const response = mintOcsp({ nonce: NONCE });
  const { fetcher, asked } = scripted(answer(response));
  expect(await ask(fetcher)).toEqual({ kind: 'data', ocspResponses: [response], ocspNonce: NONCE });
  expect(asked).toMatchObject([
    {
      url: URLS[0],
      method: 'POST',
      headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
      body: buildOcspRequest(QUERY, { nonce: NONCE }),
    },
  ]);
});

test('each check draws a nonce of its own', async () => {
  const { fetcher, asked } = scripted(answer(mintOcsp()), answer(mintOcsp()));
  const source = ocspSource({ fetcher });
  const nonces = [await source.check(QUERY, { at: new Date(AT) }), await source.check(QUERY, { at: new Date(AT) })].map((a) =>
    a.kind === 'data' ? a.ocspNonce : undefined,
  );
  expect(nonces[0]).toHaveLength(32);
  expect(nonces[0]).not.toEqual(nonces[1]);
  expect(asked[0]?.body).not.toEqual(asked[1]?.body);
});

test.each<[string, FetchResponse | Error]>([
  ['another HTTP status', answer(mintOcsp(), { status: 503 })],
  ['another content type', answer(mintOcsp(), { contentType: 'text/html' })],
  ['no content type', answer(mintOcsp(), { contentType: null })],
  ['a timeout', new FetchError('timeout', 'late')],
])('%s at the first URL leads to the second', async (_, outcome) => {
  const response = mintOcsp();
  const { fetcher, asked } = scripted(outcome, answer(response));
  expect(await ask(fetcher)).toMatchObject({ kind: 'data', ocspResponses: [response] });
  expect(asked.map(({ url }) => url)).toEqual(URLS);
});

test.each<[string, Uint8Array]>([
  ['that is no response', Uint8Array.of(0x30, 0x00)],
  ['larger than a response may be', new Uint8Array(300_000)],
])('an answer %s leads to the second URL', async (_, body) => {
  const response = mintOcsp();
  const { fetcher } = scripted(answer(body), answer(response));
  expect(await ask(fetcher)).toMatchObject({ kind: 'data', ocspResponses: [body, response] });
});

test('tryLater leads to the second URL, and stays among the data', async () => {
  const later = seq(enumerated(3));
  const response = mintOcsp();
  const { fetcher } = scripted(answer(later), answer(response));
  expect(await ask(fetcher)).toMatchObject({ kind: 'data', ocspResponses: [later, response] });
});

test.each<[string, FetchResponse | Error, string]>([
  ['an HTTP error', answer(new Uint8Array(0), { status: 500 }), 'http-status'],
  ['a wrong content type', answer(mintOcsp(), { contentType: 'text/html; charset=utf-8' }), 'content-type'],
  ['an oversized answer', new FetchError('too-large', 'large'), 'too-large'],
  ['a broken connection', new FetchError('connection', 'broken'), 'connection'],
  ['a host that is not listed', new JpkiError('host-not-allowed'), 'host-not-allowed'],
  ['a fault nobody foresaw', new Error('surprise'), 'fetch-failed'],
])('%s everywhere is ocsp-missing, with the last fault as detail', async (_, outcome, detail) => {
  const { fetcher } = scripted(new FetchError('timeout', 'late'), outcome);
  expect(await ask(fetcher)).toMatchObject({ kind: 'failed', code: 'ocsp-missing', detail });
});

test('without a URL in the environment nobody is asked, whatever the certificate says', async () => {
  const { fetcher, asked } = scripted();
  const query = { ...contextOf(), class: 'card-digital-signature' as const };
  expect(await ask(fetcher, query)).toMatchObject({ kind: 'failed', code: 'ocsp-missing', detail: 'no-url' });
  expect(asked).toEqual([]);
});

test('an aborted check asks no further URL and rejects with the reason', async () => {
  const controller = new AbortController();
  const reason = new Error('gone');
  const asked: string[] = [];
  const fetcher: Fetcher = async ({ url }) => {
    asked.push(url);
    controller.abort(reason);
    throw new FetchError('aborted', 'aborted');
  };
  await expect(ocspSource({ fetcher }).check(QUERY, { at: new Date(AT), signal: controller.signal })).rejects.toBe(reason);
  expect(asked).toEqual([URLS[0]]);
});
