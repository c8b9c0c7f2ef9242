import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { jpki } from '../src/express.ts';
import type { HttpLimits } from '../src/http/handler.ts';
import type { RelyingParty } from '../src/relying-party.ts';
import { bodyOf, linkOf, stage, ticketOf } from './stage.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(
  mount: (app: express.Express, rp: RelyingParty) => void,
  seen: unknown[] = [],
  limits: Partial<HttpLimits> = {},
): Promise<string> {
  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const prepare = (_request: Request, context: { raw?: unknown }): object => {
    seen.push((context.raw as express.Request | undefined)?.get('x-session'));
    return {};
  };
  mount(app, stage({ origin, limits, operations: { login: { prepare } } }).rp);
  return origin;
}

const begin = (origin: string, base: string, more: object = {}): Promise<Response> =>
  fetch(`${origin}${base}/transactions`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json', 'x-session': 'alice' },
    body: JSON.stringify({ v: 1, operation: 'login', ...more }),
  });

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('Express', () => {
  it.each<[string, string, (app: express.Express, rp: RelyingParty) => void]>([
    ['under the usual path', '/jpki', (app, rp) => app.use('/jpki', jpki(rp))],
    ['after express.json()', '/jpki', (app, rp) => app.use(express.json()).use('/jpki', jpki(rp))],
    ['after express.text()', '/jpki', (app, rp) => app.use(express.text({ type: '*/*' })).use('/jpki', jpki(rp))],
    ['after express.raw()', '/jpki', (app, rp) => app.use(express.raw({ type: '*/*' })).use('/jpki', jpki(rp))],
    ['under another path', '/api/v2/identify', (app, rp) => app.use('/api/v2/identify', jpki(rp))],
    ['in a router', '/a/b', (app, rp) => app.use('/a', express.Router().use('/b', jpki(rp)))],
    ['without a mount path', '/jpki', (app, rp) => app.use(jpki(rp))],
  ])('%s: one identification over real sockets', async (_case, base, mount) => {
    const seen: unknown[] = [];
    const origin = await serve(mount, seen);
    const begun = await begin(origin, base);
    expect(begun.status).toBe(201);
    expect(seen).toEqual(['alice']);
    const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const descriptor = (await begun.json()) as Parameters<typeof linkOf>[0];
    const { requestUrl, ticket } = ticketOf(linkOf(descriptor));
    expect(requestUrl).toBe(`${origin}${base}/request/test-door`);
    const request = await bodyOf(await post(requestUrl, { ticket }));
    expect((await post(String(request['answerTo']), { tx: String(request['tx']), result: 'stop' })).status).toBe(204);
    const back = await fetch(String(request['backTo']), { headers: { cookie }, redirect: 'manual' });
    expect([back.status, back.headers.get('location')]).toEqual([303, `${origin}/`]);
    const at = `${origin}${base}/transactions/${descriptor.transactionId}`;
    const done = await fetch(`${at}/complete`, {
      method: 'POST',
      headers: { origin, cookie, 'content-type': 'application/json' },
      body: '{"v":1}',
    });
    expect(await bodyOf(done)).toMatchObject({ result: 'try-again', code: 'cancelled' });
  });

  it('streams events while they happen, and lets go when the browser leaves', async () => {
    const origin = await serve((app, rp) => app.use('/jpki', jpki(rp)));
    const begun = await begin(origin, '/jpki');
    const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const descriptor = (await begun.json()) as Parameters<typeof linkOf>[0];
    const leave = new AbortController();
    const url = `${origin}/jpki/transactions/${descriptor.transactionId}/events`;
    const events = await fetch(url, { headers: { cookie }, signal: leave.signal });
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain('"state":"pending"');
    const { requestUrl, ticket } = ticketOf(linkOf(descriptor));
    await post(requestUrl, { ticket });
    expect((await reader?.read())?.value).toContain('"state":"opened"');
    leave.abort();
    await expect(reader?.read()).rejects.toThrow();
    expect((await fetch(`${origin}/jpki/transactions/${descriptor.transactionId}`, { headers: { cookie } })).status).toBe(200);
  });

  it('leaves a body that is too large at 413', async () => {
    const origin = await serve((app, rp) => app.use('/jpki', jpki(rp)));
    const response = await post(`${origin}/jpki/callback/test-door`, { tx: 'x', filler: 'x'.repeat(70_000) });
    expect([response.status, (await bodyOf(response))['code']]).toEqual([413, 'request-too-large']);
  });

  it('tells a client whose body grows too large or does not come that it is refused, then closes', async () => {
    const origin = await serve((app, rp) => app.use('/jpki', jpki(rp)), [], { bodySeconds: 0.1 });
    const { port } = new URL(origin);
    const raw = async (...parts: string[]): Promise<string> => {
      const socket = connect(Number(port), '127.0.0.1');
      let received = '';
      socket.setEncoding('utf8').on('data', (text) => {
        received += text;
      });
      const head =
        'POST /jpki/callback/test-door HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
      for (const part of [head, ...parts]) socket.write(part);
      await new Promise((resolve) => socket.once('close', resolve));
      return received;
    };
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
    expect(await raw(chunk, chunk, chunk, chunk, chunk)).toMatch(/^HTTP\/1\.1 413 [\s\S]*request-too-large/);
    expect(await raw('1\r\n{\r\n')).toMatch(/^HTTP\/1\.1 408 [\s\S]*request-timeout/);
  });

  it('answers 404 to request targets that are no path, and under a mount path that is no plain one', async () => {
    const origin = await serve((app, rp) => app.use(jpki(rp)));
    for (const target of ['http://evil.example/jpki/transactions', '*']) {
      const socket = connect(Number(new URL(origin).port), '127.0.0.1');
      let received = '';
      socket.setEncoding('utf8').on('data', (text) => {
        received += text;
      });
      socket.end(`OPTIONS ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      await new Promise((resolve) => socket.once('close', resolve));
      expect(received).toMatch(/^HTTP\/1\.1 404 /);
    }
    const tenants = await serve((app, rp) => app.use('/:tenant/jpki', jpki(rp)));
    expect((await begin(tenants, '/bank-1/jpki')).status).toBe(201);
    expect((await begin(tenants, '/..%2fadmin/jpki')).status).toBe(404);
  });

  it('does not take the Host header for the origin', async () => {
    const origin = await serve((app, rp) => app.use('/jpki', jpki(rp)));
    const begun = await begin(origin, '/jpki');
    const descriptor = (await begun.json()) as Parameters<typeof linkOf>[0];
    expect(ticketOf(linkOf(descriptor)).requestUrl.startsWith(`${origin}/`)).toBe(true);
    const foreign = await fetch(`${origin}/jpki/transactions`, {
      method: 'POST',
      headers: { origin: 'http://evil.example', host: 'evil.example', 'content-type': 'application/json' },
      body: '{"v":1,"operation":"login"}',
    });
    expect(foreign.status).toBe(403);
  });
});
