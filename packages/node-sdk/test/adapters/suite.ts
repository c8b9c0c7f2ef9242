/** What every adapter does, over real sockets: the same cases for each, with the virtual app and a verifier that judges real certificates. */
import { connect } from 'node:net';
import { type Person, type Simulator, startSimulator } from '@jpki-rp/simulator';
import { createVerifier, loadEnvironment, ocspSource } from '@jpki-rp/verifier';
import { createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StartDescriptor } from '../../src/http/wire.ts';
import { createRelyingParty, type RelyingParty } from '../../src/relying-party.ts';
import { memoryTransactionStore } from '../../src/transaction/memory.ts';

export type Mountable = Pick<RelyingParty, 'origin' | 'basePath' | 'handler'>;

export interface Served {
  readonly port: number;
  close(): Promise<void>;
}

export interface Adapter {
  /** `serve` listens on 127.0.0.1 and a free port, and mounts the relying party, which knows its origin only then, at `base`. */
  readonly mounts: Readonly<Record<string, { readonly base: string; serve(rp: Mountable): Promise<Served> }>>;
  /** A header as the framework's own request tells it. */
  header(raw: unknown, name: string): string | undefined;
}

const CARRIERS = ['card', 'smartphone'] as const;

export function adapterSuite(name: string, { mounts, header }: Adapter): void {
  let simulator: Simulator;
  let person: Person;
  let makeRp: (origin: string, base: string, seen: unknown[]) => RelyingParty;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    simulator = await startSimulator();
    closing.push(() => simulator.close());
    person = await simulator.person();
    const environment = loadEnvironment(simulator.environment);
    const fetcher = createFetcher({ allowedHosts: environmentHosts(environment) });
    closing.push(() => fetcher.close());
    const revocation = { sources: [ocspSource({ fetcher })], policy: { mode: 'ocspcheck' } } as const;
    makeRp = (origin, _base, seen) =>
      createRelyingParty({
        origin,
        name: { ja: 'みほん銀行', en: 'Mihon Bank' },
        verifier: createVerifier({ environment, role: 'verifier', clock: simulator.now, revocation }),
        door: simulator.doorProfile,
        transactions: memoryTransactionStore(),
        clock: simulator.now,
        limits: { bodySeconds: 1 },
        operations: {
          login: {
            policy: { name: { ja: 'ログイン', en: 'Sign in' }, purpose: 'user-authentication', carriers: CARRIERS },
            prepare: (_request, { raw }) => {
              seen.push(header(raw, 'x-session'));
              return {};
            },
            onOutcome: (outcome) => ({ greeting: outcome.result }),
          },
        },
      });
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  describe.each(Object.entries(mounts))(`${name}, %s`, (_mount, { base, serve }) => {
    const seen: unknown[] = [];
    let origin: string;
    let at: string;

    beforeAll(async () => {
      let rp: RelyingParty | undefined;
      const late: Mountable = {
        get origin() {
          return origin;
        },
        basePath: '/jpki',
        handler: (request, context) => rp?.handler(request, context) ?? Promise.reject(new Error('not yet')),
      };
      const served = await serve(late);
      closing.push(() => served.close());
      origin = `http://127.0.0.1:${served.port}`;
      at = `${origin}${base}`;
      rp = makeRp(origin, base, seen);
    });

    const own = (more: Record<string, string> = {}): Record<string, string> => ({ origin, 'content-type': 'application/json', ...more });
    const begin = async (more: object = {}): Promise<{ descriptor: StartDescriptor; cookie: string; link: string; response: Response }> => {
      const body = JSON.stringify({ v: 1, operation: 'login', returnTo: '/welcome?x=1', ...more });
      const response = await fetch(`${at}/transactions`, { method: 'POST', headers: own({ 'x-session': 'alice' }), body });
      expect(response.status).toBe(201);
      const descriptor = (await response.json()) as StartDescriptor;
      const link = descriptor.start.kind === 'qr' ? descriptor.start.content : descriptor.start.href;
      return { descriptor, cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '', link, response };
    };
    const complete = async (id: string, cookie: string, match?: string): Promise<Record<string, unknown>> => {
      const body = JSON.stringify({ v: 1, ...(match === undefined ? {} : { match }) });
      const response = await fetch(`${at}/transactions/${id}/complete`, { method: 'POST', headers: own({ cookie }), body });
      return (await response.json()) as Record<string, unknown>;
    };

    it.each(CARRIERS)('an app link with the %s identifies once the person is back in the browser that began', async (carrier) => {
      const { descriptor, cookie, link, response } = await begin({ start: 'app-link' });
      expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-jpki=[\w-]{43}; .*Secure/)]);
      expect(seen.at(-1)).toBe('alice');
      const session = await simulator.app.open(link);
      expect(session.callbackUrl.startsWith(`${at}/`)).toBe(true);
      const { status, returnUrl } = await session.answer({ person, carrier });
      expect(status).toBe(204);
      expect(await complete(descriptor.transactionId, cookie)).toMatchObject({ code: 'not-ready' });
      const elsewhere = await fetch(returnUrl, { headers: { cookie: `__Host-jpki=${'x'.repeat(43)}` }, redirect: 'manual' });
      expect(elsewhere.status).toBe(200);
      expect(await complete(descriptor.transactionId, cookie)).toMatchObject({ code: 'not-ready' });
      const back = await fetch(returnUrl, { headers: { cookie }, redirect: 'manual' });
      expect([back.status, back.headers.get('location')]).toEqual([303, `${origin}/welcome?x=1`]);
      const done = await complete(descriptor.transactionId, cookie);
      expect(done).toMatchObject({ result: 'identified', next: { greeting: 'identified' } });
      expect(await complete(descriptor.transactionId, cookie)).toMatchObject({ code: 'already-completed' });
    });

    it('a QR code identifies with the number that the phone shows, and the page hears of each step', async () => {
      const { descriptor, cookie, link } = await begin({ start: 'qr' });
      const leave = new AbortController();
      const url = `${at}/transactions/${descriptor.transactionId}`;
      const events = await fetch(`${url}/events`, { headers: { cookie }, signal: leave.signal });
      expect(events.headers.get('content-type')).toMatch(/^text\/event-stream/);
      const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
      expect((await reader?.read())?.value).toContain('"state":"pending"');
      const session = await simulator.app.open(link);
      expect((await reader?.read())?.value).toContain('"state":"opened"');
      await session.answer({ person, carrier: 'smartphone' });
      expect((await reader?.read())?.value).toContain('"state":"arrived"');
      leave.abort();
      await expect(reader?.read()).rejects.toThrow();
      const wrong = session.request.matchNumber === '00' ? '01' : '00';
      expect(await complete(descriptor.transactionId, cookie, wrong)).toMatchObject({ code: 'match-wrong' });
      expect(await complete(descriptor.transactionId, cookie, session.request.matchNumber)).toMatchObject({ result: 'identified' });
      const polled = await fetch(`${url}?wait=25&seen=arrived`, { headers: { cookie } });
      expect(await polled.json()).toMatchObject({ state: 'done' });
    });

    it('a page that leaves gives its place to the next', async () => {
      const { descriptor, cookie } = await begin();
      const url = `${at}/transactions/${descriptor.transactionId}/events`;
      const open = async (): Promise<{ readonly status: number; readonly leave: () => void }> => {
        const leave = new AbortController();
        const events = await fetch(url, { headers: { cookie }, signal: leave.signal });
        await events.body?.getReader().read();
        return { status: events.status, leave: () => leave.abort() };
      };
      const all = await Promise.all(Array.from({ length: 8 }, open));
      expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
      const ninth = await open();
      expect(ninth.status).toBe(503);
      for (const { leave } of all) leave();
      await expect.poll(async () => (await open()).status, { timeout: 10_000 }).toBe(200);
    });

    it('what the app refused reaches the page as it was said', async () => {
      const { descriptor, cookie, link } = await begin();
      const session = await simulator.app.open(link);
      const { returnUrl } = await session.answer({ person, carrier: 'card', outcome: 'cancel' });
      await fetch(returnUrl, { headers: { cookie }, redirect: 'manual' });
      expect(await complete(descriptor.transactionId, cookie)).toMatchObject({ result: 'try-again', code: 'cancelled' });
    });

    it('a native app begins and ends without cookie and Origin', async () => {
      const headers = { authorization: `JPKI-Binding ${'n'.repeat(43)}`, 'content-type': 'application/json' };
      const begun = await fetch(`${at}/transactions`, { method: 'POST', headers, body: '{"v":1,"operation":"login"}' });
      expect([begun.status, begun.headers.getSetCookie()]).toEqual([201, []]);
      const { transactionId } = (await begun.json()) as StartDescriptor;
      const url = `${at}/transactions/${transactionId}`;
      expect((await fetch(url, { headers })).status).toBe(200);
      expect((await fetch(url, { method: 'DELETE', headers: { authorization: headers.authorization } })).status).toBe(204);
      expect((await fetch(url, { headers })).status).toBe(404);
    });

    it('a page of another origin begins nothing, whatever it calls itself', async () => {
      const foreign = { origin: 'http://evil.example', host: 'evil.example', 'content-type': 'application/json' };
      const body = '{"v":1,"operation":"login"}';
      expect((await fetch(`${at}/transactions`, { method: 'POST', headers: foreign, body })).status).toBe(403);
      const without = { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' };
      expect((await fetch(`${at}/transactions`, { method: 'POST', headers: without, body })).status).toBe(403);
    });

    it('the Host header is not where the app is led to', async () => {
      const body = '{"v":1,"operation":"login"}';
      const head = [
        `POST ${base}/transactions HTTP/1.1`,
        'Host: evil.example',
        `Origin: ${origin}`,
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        'Connection: close',
      ];
      const answer = await raw(origin, `${head.join('\r\n')}\r\n\r\n${body}`);
      expect(answer).toMatch(/^HTTP\/1\.1 201 /);
      expect(answer).toContain(encodeURIComponent(at));
      expect(answer).not.toContain('evil.example');
    });

    it.each<[string, number, string, string]>([
      ['GET', 404, '/nothing', 'request-invalid'],
      ['GET', 404, '/transactions/unknown', 'transaction-unknown'],
      ['PUT', 405, '/transactions', 'request-invalid'],
      ['GET', 405, '/transactions', 'request-invalid'],
    ])('%s is %i at %s', async (method, status, path, code) => {
      const response = await fetch(at + path, { method, headers: own() });
      expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ code })]);
    });

    it.each([
      ['no JSON', 'x', 'application/json', 400],
      ['JSON of the wrong shape', '{"v":1,"operation":"login","more":1}', 'application/json', 400],
      ['nothing', '', 'application/json', 400],
      ['another type', '{"v":1,"operation":"login"}', 'text/plain', 400],
      ['too much', JSON.stringify({ filler: 'x'.repeat(70_000) }), 'application/json', 413],
    ])('a body that is %s is refused', async (_what, body, type, status) => {
      const response = await fetch(`${at}/transactions`, { method: 'POST', headers: own({ 'content-type': type }), body });
      const { code } = (await response.json()) as { code: string };
      expect([response.status, code]).toEqual([status, status === 413 ? 'request-too-large' : 'request-invalid']);
    });
  });
}

/** Bytes in, text out: what no HTTP client would send. */
export async function raw(origin: string, ...parts: string[]): Promise<string> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8').on('data', (text) => {
    received += text;
  });
  for (const part of parts) socket.write(part);
  await new Promise((resolve) => socket.once('close', resolve));
  return received;
}
