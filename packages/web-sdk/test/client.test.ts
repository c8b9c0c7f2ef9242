import { describe, expect, it } from 'vitest';
import { ConnectionError, createClient, RefusalError, resolveEndpoint } from '../src/channel/client.ts';
import { AnswerError } from '../src/channel/guard.ts';

const never = new AbortController().signal;
const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** A client whose server gives one answer, and what it was asked. */
function answering(answer: () => Response | Promise<Response>): {
  client: ReturnType<typeof createClient>;
  asked: { url: string; init: RequestInit }[];
} {
  const asked: { url: string; init: RequestInit }[] = [];
  const client = createClient('https://bank.test/jpki', async (url, init) => {
    asked.push({ url: String(url), init: init ?? {} });
    return answer();
  });
  return { client, asked };
}

const status = { v: 1, transactionId: 'transaction-1', state: 'pending', expiresAt: '2026-11-22T01:00:00Z' };

describe('the endpoint', () => {
  it.each([
    ['/jpki', 'https://bank.test/jpki'],
    ['/jpki/', 'https://bank.test/jpki'],
    ['jpki', 'https://bank.test/account/jpki'],
    ['https://bank.test/a/b', 'https://bank.test/a/b'],
  ])('%s is %s', (endpoint, expected) => {
    expect(resolveEndpoint(endpoint, 'https://bank.test/account/open')).toBe(expected);
  });
  it.each(['https://evil.test/jpki', '//evil.test/jpki', 'http://bank.test/jpki', 'javascript:1'])(
    '%s of another origin is refused',
    (endpoint) => {
      expect(() => resolveEndpoint(endpoint, 'https://bank.test/')).toThrow(TypeError);
    },
  );
});

it('asks its own origin only, follows no redirect and stores nothing', async () => {
  const { client, asked } = answering(() => json(200, status));
  await client.status('transaction-1', 25, never);
  expect(asked[0]?.url).toBe('https://bank.test/jpki/transactions/transaction-1?wait=25');
  expect(asked[0]?.init).toMatchObject({ credentials: 'same-origin', mode: 'same-origin', redirect: 'error', cache: 'no-store' });
});

it('tells the server’s clock where the server does', async () => {
  const descriptor = {
    v: 1,
    transactionId: 'transaction-1',
    expiresAt: '2026-11-22T01:00:00Z',
    start: { kind: 'app-link', href: 'https://app.test/' },
    show: { relyingParty: 'b', operation: 'o', purpose: 'user-authentication', carriers: ['card'] },
  };
  const { client } = answering(() => json(201, descriptor, { date: 'Sun, 22 Nov 2026 00:45:00 GMT' }));
  expect((await client.begin({ v: 1, operation: 'o' }, never)).serverTime).toBe(Date.UTC(2026, 10, 22, 0, 45));
});

describe('an answer', () => {
  it('of the wire’s errors is a refusal with its code', async () => {
    const { client } = answering(() => json(503, { v: 1, code: 'store-full', messageKey: 'store-full', retryable: true }));
    await expect(client.begin({ v: 1, operation: 'o' }, never)).rejects.toMatchObject({
      name: 'RefusalError',
      status: 503,
      error: { code: 'store-full' },
    });
  });
  it('of a gateway is a lost connection, worth another try', async () => {
    const { client } = answering(() => new Response('<h1>502</h1>', { status: 502, headers: { 'content-type': 'text/html' } }));
    await expect(client.status('transaction-1', 0, never)).rejects.toBeInstanceOf(ConnectionError);
  });
  it('in HTML with status 200 is unreadable', async () => {
    const { client } = answering(() => new Response('<h1>login</h1>', { status: 200, headers: { 'content-type': 'text/html' } }));
    await expect(client.complete('transaction-1', undefined, never)).rejects.toBeInstanceOf(AnswerError);
  });
  it('that is not JSON is unreadable', async () => {
    const { client } = answering(() => new Response('{', { status: 200, headers: { 'content-type': 'application/json' } }));
    await expect(client.complete('transaction-1', undefined, never)).rejects.toBeInstanceOf(AnswerError);
  });
  it('of more than 64 KiB is unreadable', async () => {
    const { client } = answering(() => json(200, { v: 1, result: 'identified', next: 'x'.repeat(70_000) }));
    await expect(client.complete('transaction-1', undefined, never)).rejects.toBeInstanceOf(AnswerError);
  });
  it('that never comes ends with the caller’s abort and its reason', async () => {
    const controller = new AbortController();
    const client = createClient('https://bank.test/jpki', (_url, init) => {
      return new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));
    });
    const asked = client.status('transaction-1', 25, controller.signal);
    controller.abort(new Error('left'));
    await expect(asked).rejects.toThrow('left');
  });
});

it('removing never throws', async () => {
  const { client, asked } = answering(() => Promise.reject(new TypeError('offline')));
  await expect(client.remove('transaction-1')).resolves.toBeUndefined();
  expect(asked[0]?.init).toMatchObject({ method: 'DELETE', keepalive: true });
});

it('a refusal carries the code and nothing of the request', () => {
  expect(String(new RefusalError({ v: 1, code: 'match-wrong', messageKey: 'match-wrong', retryable: true }, 409))).toBe(
    'RefusalError: match-wrong',
  );
});
