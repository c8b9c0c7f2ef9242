import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { jpki } from '../../src/fastify.ts';
import { adapterSuite, type Mountable, raw, type Served } from './suite.ts';

const serve =
  (mount: (app: FastifyInstance, rp: Mountable) => void) =>
  async (rp: Mountable): Promise<Served> => {
    const app = Fastify({ forceCloseConnections: true });
    mount(app, rp);
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
  };

adapterSuite('Fastify', {
  header: (request, name) => (request as FastifyRequest).headers[name]?.toString(),
  mounts: {
    'under the usual path': { base: '/jpki', serve: serve((app, rp) => app.register(jpki(rp), { prefix: '/jpki' })) },
    'in a plugin under a parameter, beside parsers of one’s own': {
      base: '/bank-1/identify',
      serve: serve((app, rp) => {
        app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => done(null, body));
        app.register(async (scope) => scope.register(jpki(rp), { prefix: '/identify' }), { prefix: '/:tenant' });
      }),
    },
  },
});

it('Fastify: hooks of one’s own see the answers, and routes beside keep their parsers', async () => {
  const app = Fastify({ forceCloseConnections: true });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-frame-options', 'DENY');
  });
  const handler = async (request: Request): Promise<Response> =>
    new Response('{}', {
      status: new URL(request.url).pathname === '/jpki/x' ? 418 : 404,
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    });
  app.register(jpki({ origin: 'http://127.0.0.1', basePath: '/jpki', handler }), { prefix: '/jpki' });
  app.post('/beside', async (request) => request.body);
  await app.listen({ port: 0, host: '127.0.0.1' });
  try {
    const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const answered = await fetch(`${origin}/jpki/x`);
    expect([answered.status, answered.headers.get('x-frame-options'), answered.headers.getSetCookie()]).toEqual([
      418,
      'DENY',
      ['a=1', 'b=2'],
    ]);
    const beside = await fetch(`${origin}/beside`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' });
    expect(await beside.json()).toEqual({ a: 1 });
    expect(await raw(origin, 'GET http://evil.example/jpki/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 404 /,
    );
  } finally {
    await app.close();
  }
});
