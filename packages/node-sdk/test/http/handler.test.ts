import { describe, expect, it } from 'vitest';
import { memoryTransactionStore } from '../../src/transaction/memory.ts';
import { answered, bodyOf, linkOf, ORIGIN, stage } from '../stage.ts';

const LOGIN = { v: 1, operation: 'login' } as const;

describe('a request that changes something must come from the own page', () => {
  it.each([
    ['a foreign Origin', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a foreign Origin that claims the same site', { origin: 'https://evil.example' }],
    ['the own host on another port', { origin: 'https://bank.example:8443' }],
    ['the own host without TLS', { origin: 'http://bank.example' }],
    ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['an opaque origin alone', { origin: 'null', 'sec-fetch-site': '' }],
    ['a sibling site', { origin: '', 'sec-fetch-site': 'same-site' }],
    ['neither header', { origin: '', 'sec-fetch-site': '' }],
    ['the own Origin from another site', { origin: ORIGIN, 'sec-fetch-site': 'cross-site' }],
  ])('%s is refused on begin, complete and cancel', async (_case, headers) => {
    const on = stage();
    const browser = on.browser();
    const { id } = await answered(on, browser);
    for (const response of [
      await browser.send('POST', '/transactions', LOGIN, headers),
      await browser.send('POST', `/transactions/${id}/complete`, { v: 1 }, headers),
      await browser.send('DELETE', `/transactions/${id}`, undefined, headers),
    ]) {
      expect([response.status, (await bodyOf(response))['code']]).toEqual([403, 'request-invalid']);
    }
    expect(await bodyOf(await browser.complete(id))).toMatchObject({ result: 'identified' });
  });

  it.each([
    ['Origin alone', { 'sec-fetch-site': '' }],
    ['Sec-Fetch-Site alone', { origin: '' }],
    ['Origin withheld by Referrer-Policy: no-referrer', { origin: 'null' }],
  ])('%s is enough', async (_case, headers) => {
    expect((await stage().browser().send('POST', '/transactions', LOGIN, headers)).status).toBe(201);
  });

  it('a native app sends no Origin, and must not send another’s', async () => {
    const on = stage();
    expect((await on.native().send('POST', '/transactions', LOGIN)).status).toBe(201);
    expect((await on.native().send('POST', '/transactions', LOGIN, { origin: 'https://evil.example' })).status).toBe(403);
  });
});

describe('bodies are read strictly', () => {
  it.each([
    ['an unknown member', { ...LOGIN, account: 'someone else' }],
    ['a member of prepare', { ...LOGIN, document: { text: 'x' } }],
    ['another version', { v: 2, operation: 'login' }],
    ['no version', { operation: 'login' }],
    ['an unknown carrier', { ...LOGIN, carrier: 'both' }],
    ['an unknown way to start', { ...LOGIN, start: 'redirect' }],
    ['an unknown language', { ...LOGIN, lang: 'fr' }],
    ['a list', [LOGIN]],
    ['a null member', { ...LOGIN, returnTo: null }],
  ])('%s is request-invalid', async (_case, body) => {
    const response = await stage()
      .browser()
      .send('POST', '/transactions', JSON.parse(JSON.stringify(body)));
    expect([response.status, await bodyOf(response)]).toEqual([
      400,
      { v: 1, code: 'request-invalid', messageKey: 'request-invalid', retryable: false },
    ]);
  });

  it.each([
    ['a name twice', '{"v":1,"operation":"login","operation":"open-account"}'],
    ['a name twice, once escaped', '{"v":1,"operation":"login","\\u006fperation":"open-account"}'],
    ['a name twice behind blanks', `{"v":1,"operation":"login","operation"${' '.repeat(50)}:"open-account"}`],
    ['a deep nest', `{"v":1,"operation":${'['.repeat(17)}${']'.repeat(17)}}`],
    ['a very deep nest', '['.repeat(60_000)],
    ['no JSON', 'v=1&operation=login'],
    ['trailing text', '{"v":1,"operation":"login"} x'],
    ['nothing', ''],
  ])('%s is request-invalid', async (_case, text) => {
    expect((await stage().browser().send('POST', '/transactions', text)).status).toBe(400);
  });

  it('bytes that are no UTF-8 are request-invalid', async () => {
    const bytes = Uint8Array.of(...new TextEncoder().encode('{"v":1,"operation":"lo'), 0xff, ...new TextEncoder().encode('gin"}'));
    expect((await stage().browser().send('POST', '/transactions', bytes)).status).toBe(400);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json5'])(
    '%s is no JSON',
    async (type) => {
      expect((await stage().browser().send('POST', '/transactions', LOGIN, { 'content-type': type })).status).toBe(400);
    },
  );

  it('64 KiB from the app is parked, one byte more is request-too-large', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    const sized = (size: number): string => {
      const text = JSON.stringify({ ...phone.genuine(), filler: '' });
      return `${text.slice(0, -2)}${'x'.repeat(size - text.length)}"}`;
    };
    const large = await browser.send('POST', '/callback/test-door', sized(65_537));
    expect([large.status, (await bodyOf(large))['code']]).toEqual([413, 'request-too-large']);
    expect((await browser.send('POST', '/callback/test-door', sized(65_536))).status).toBe(204);
    expect(await bodyOf(await browser.complete(descriptor.transactionId))).toMatchObject({ result: 'identified' });
    await expect(on.rp.receive(new Uint8Array(65_537))).rejects.toMatchObject({ code: 'request-too-large' });
  });

  it('a body that claims to be small and is not is counted as it comes', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(16_384).fill(0x20));
      },
    });
    const headers = { 'content-type': 'application/json', 'content-length': '10' };
    const request = new Request(`${ORIGIN}/jpki/callback/test-door`, { method: 'POST', headers, body: endless, duplex: 'half' });
    expect((await stage().rp.handler(request)).status).toBe(413);
    expect(sent).toBeLessThan(10);
  });

  it('a body that does not arrive in time is request-timeout', async () => {
    const never = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(Uint8Array.of(0x7b)) });
    const headers = { 'content-type': 'application/json' };
    const request = new Request(`${ORIGIN}/jpki/callback/test-door`, { method: 'POST', headers, body: never, duplex: 'half' });
    const response = await stage({ limits: { bodySeconds: 0.05 } }).rp.handler(request);
    expect([response.status, (await bodyOf(response))['code']]).toEqual([408, 'request-timeout']);
  });

  it('a body that breaks off is request-invalid', async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('reset')) });
    const headers = { 'content-type': 'application/json' };
    const request = new Request(`${ORIGIN}/jpki/callback/test-door`, { method: 'POST', headers, body: broken, duplex: 'half' });
    expect((await stage().rp.handler(request)).status).toBe(400);
  });

  it.each([
    ['names no transaction', { result: 'ok' }],
    ['names it by a number', { tx: 1, result: 'ok' }],
    ['is a list', []],
  ])('an app message that %s is app-message-invalid at the door', async (_case, message) => {
    const response = await stage()
      .browser()
      .send('POST', '/callback/test-door', JSON.parse(JSON.stringify(message)));
    expect([response.status, (await bodyOf(response))['code']]).toEqual([400, 'app-message-invalid']);
  });
});

describe('routes', () => {
  it.each([
    ['GET', '/'],
    ['GET', ''],
    ['POST', '/transactions/'],
    ['GET', '/transactions/a/b'],
    ['POST', '/callback/other-door'],
    ['POST', '/request/other-door'],
    ['GET', '/callback/other-door'],
    ['POST', '/callback/../../etc/passwd'],
    ['POST', '/callback/..%2ftest-door'],
    ['POST', '/callback/test-door%00'],
    ['POST', '/request/TEST-DOOR'],
    ['GET', '/transactions/..%2f..%2fadmin'],
    ['GET', '/transactions/__proto__/constructor'],
  ])('%s %s does not exist', async (method, path) => {
    expect(
      (
        await stage()
          .browser()
          .send(method, path, method === 'POST' ? {} : undefined)
      ).status,
    ).toBe(404);
  });

  it.each([
    ['GET', '/transactions', 'POST'],
    ['PUT', '/transactions/abcdefgh', 'GET, DELETE'],
    ['HEAD', '/callback/test-door', 'POST, GET'],
    ['OPTIONS', '/transactions', 'POST'],
  ])('%s %s is not a method there', async (method, path, allow) => {
    const response = await stage().browser().send(method, path);
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('every answer forbids caching, sniffing, framing and referrers', async () => {
    const on = stage();
    const browser = on.browser();
    for (const response of [
      await browser.send('POST', '/transactions', LOGIN),
      await browser.send('POST', '/transactions', { v: 9 }),
      await browser.send('GET', '/callback/test-door'),
      await browser.send('GET', '/nothing'),
    ]) {
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
      expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    }
  });

  it('an operation that does not exist, or that every object has, is closed', async () => {
    for (const operation of ['transfer', 'constructor', '__proto__', 'toString']) {
      const response = await stage().browser().send('POST', '/transactions', { v: 1, operation });
      expect([response.status, (await bodyOf(response))['code']]).toEqual([403, 'operation-closed']);
    }
  });

  it('an operation that prepare closes to this request is closed', async () => {
    const on = stage({ operations: { login: { prepare: () => null } } });
    const response = await on.browser().send('POST', '/transactions', LOGIN);
    expect([response.status, (await bodyOf(response))['code']]).toEqual([403, 'operation-closed']);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('secret of the bank'))],
    ['gives a document to a login', () => ({ document: { text: 'sign this too' } })],
    ['gives an account that is no text', () => ({ account: '' })],
  ])('prepare that %s is handler-failed, and says no more', async (_case, prepare) => {
    const on = stage({ operations: { login: { prepare } } });
    const response = await on.browser().send('POST', '/transactions', LOGIN);
    const text = await response.text();
    expect([response.status, JSON.parse(text).code]).toEqual([500, 'handler-failed']);
    expect(text).not.toContain('secret');
    expect(on.errors).toHaveLength(1);
  });

  it('a signature without a declaration is not begun', async () => {
    const on = stage({ operations: { 'open-account': { prepare: () => ({}) } } });
    expect((await on.browser().send('POST', '/transactions', { v: 1, operation: 'open-account' })).status).toBe(500);
    expect(on.errors).toMatchObject([{ code: 'relying-party-invalid', pointer: '/document/text' }]);
  });

  it('a full store is 503 with Retry-After, and what lives goes on living', async () => {
    const on = stage({ transactions: memoryTransactionStore({ maxTransactions: 1 }) });
    const browser = on.browser();
    const { id } = await answered(on, browser);
    const response = await browser.send('POST', '/transactions', LOGIN);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await bodyOf(response)).toMatchObject({ code: 'store-full', retryable: true });
    expect(await bodyOf(await browser.complete(id))).toMatchObject({ result: 'identified' });
  });

  it('no text of a request stands in a header of the answer', async () => {
    const on = stage();
    const response = await on.browser().send('POST', '/transactions', { ...LOGIN, returnTo: '/a%0d%0aset-cookie:%20x=1' });
    expect(response.status).toBe(201);
    const { start } = (await bodyOf(response)) as { start: { href: string } };
    expect(start.href).not.toContain('set-cookie');
  });
});

describe('waiting', () => {
  it('a long poll answers as soon as the app has answered', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const phone = await on.open(linkOf(descriptor));
    const poll = browser.status(descriptor.transactionId, '?wait=25');
    await phone.send(phone.genuine());
    expect(await bodyOf(await poll)).toMatchObject({ state: 'arrived' });
  });

  it('a long poll on what has already happened answers at once', async () => {
    const on = stage();
    const browser = on.browser();
    const { id } = await answered(on, browser);
    expect(await bodyOf(await browser.status(id, '?wait=25'))).toMatchObject({ state: 'arrived' });
    expect(await bodyOf(await browser.status(id, '?wait=25&seen=opened'))).toMatchObject({ state: 'arrived' });
  });

  it('a long poll ends when the browser leaves', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const leave = new AbortController();
    const request = new Request(`${ORIGIN}/jpki/transactions/${descriptor.transactionId}?wait=25`, {
      headers: { cookie: browser.cookie() ?? '' },
      signal: leave.signal,
    });
    const poll = on.rp.handler(request);
    leave.abort();
    expect(await bodyOf(await poll)).toMatchObject({ state: 'pending' });
  });

  it('the outcome of another tab arrives by long poll', async () => {
    const on = stage();
    const browser = on.browser();
    const { id } = await answered(on, browser);
    const poll = browser.status(id, '?wait=25&seen=arrived');
    await browser.complete(id);
    expect(await bodyOf(await poll)).toMatchObject({ state: 'done', outcome: { result: 'identified' } });
  });

  it.each(['?wait=-1', '?wait=1e9', '?wait=999', '?wait=x', '?seen=gone'])('%s is request-invalid', async (query) => {
    const browser = stage().browser();
    const { transactionId } = await browser.begin();
    expect((await browser.status(transactionId, query)).status).toBe(400);
  });

  it('at the bound of waiters a poll is answered at once and an event stream is refused', async () => {
    const on = stage({ limits: { maxWaitingPerTransaction: 1 } });
    const browser = on.browser();
    const { transactionId } = await browser.begin();
    const held = await browser.send('GET', `/transactions/${transactionId}/events`);
    expect(await bodyOf(await browser.status(transactionId, '?wait=25'))).toMatchObject({ state: 'pending' });
    expect((await browser.send('GET', `/transactions/${transactionId}/events`)).status).toBe(503);
    await held.body?.cancel();
    const again = await browser.send('GET', `/transactions/${transactionId}/events`);
    expect(again.status).toBe(200);
    await again.body?.cancel();
  });

  it.each(['while the answer is on its way', 'before it is read'])('a browser that leaves %s takes no place with it', async (when) => {
    const on = stage({ limits: { maxWaitingPerTransaction: 1 } });
    const browser = on.browser();
    const { transactionId } = await browser.begin();
    const leave = new AbortController();
    const headers = { cookie: browser.cookie() ?? '' };
    const url = `${ORIGIN}/jpki/transactions/${transactionId}/events`;
    if (when === 'while the answer is on its way') leave.abort();
    const unread = await on.rp.handler(new Request(url, { headers, signal: leave.signal }));
    expect(unread.status).toBe(200);
    leave.abort();
    const again = await browser.send('GET', `/transactions/${transactionId}/events`);
    expect(again.status).toBe(200);
    await again.body?.cancel();
  });

  it('the event stream tells the state now, each change, and ends with the outcome', async () => {
    const on = stage();
    const browser = on.browser();
    const descriptor = await browser.begin();
    const response = await browser.send('GET', `/transactions/${descriptor.transactionId}/events`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const next = async (): Promise<unknown> => {
      const event = (await reader?.read())?.value ?? '';
      expect(event).toMatch(/^event: status\ndata: [^\n]+\n\n$/);
      return JSON.parse(event.slice(event.indexOf('{'))).state;
    };
    expect(await next()).toBe('pending');
    const phone = await on.open(linkOf(descriptor));
    expect(await next()).toBe('opened');
    await phone.send(phone.genuine());
    expect(await next()).toBe('arrived');
    await browser.complete(descriptor.transactionId);
    expect(await next()).toBe('done');
    expect((await reader?.read())?.done).toBe(true);
  });

  it('the event stream of a cancelled transaction ends', async () => {
    const on = stage();
    const browser = on.browser();
    const { transactionId } = await browser.begin();
    const response = await browser.send('GET', `/transactions/${transactionId}/events`);
    const rest = response.text();
    await browser.send('DELETE', `/transactions/${transactionId}`);
    expect(await rest).toContain('"state":"pending"');
  });
});
