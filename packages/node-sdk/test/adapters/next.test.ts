/** Route handlers take Web requests. Who calls them here is a plain server in the place of Next.js. */
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { jpki } from '../../src/next.ts';
import { listening } from './listening.ts';
import { adapterSuite, type Mountable, type Served } from './suite.ts';

const serve =
  (options?: { readonly basePath: string }) =>
  (rp: Mountable): Promise<Served> => {
    const handlers: Readonly<Record<string, (request: Request) => Promise<Response>>> = { ...jpki(rp, options) };
    const refuse = async (): Promise<Response> => Response.json({ code: 'request-invalid' }, { status: 405 });
    return listening(createServer(getRequestListener((request) => (handlers[request.method] ?? refuse)(request))));
  };

adapterSuite('Next.js', {
  header: (request, name) => (request as Request).headers.get(name) ?? undefined,
  mounts: {
    'under the usual path': { base: '/jpki', serve: serve() },
    'in another folder': { base: '/api/v2/identify', serve: serve({ basePath: '/api/v2/identify' }) },
  },
});
