import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { jpki } from '../../src/hono.ts';
import { listening } from './listening.ts';
import { adapterSuite, type Mountable, type Served } from './suite.ts';

const serve =
  (mount: (app: Hono, rp: Mountable) => void) =>
  (rp: Mountable): Promise<Served> => {
    const app = new Hono();
    mount(app, rp);
    return listening(createServer(getRequestListener(app.fetch)));
  };

adapterSuite('Hono', {
  header: (context, name) => (context as Context).req.header(name),
  mounts: {
    'under the usual path': { base: '/jpki', serve: serve((app, rp) => app.all('/jpki/*', jpki(rp))) },
    'in an app under a parameter, after middleware that reads bodies': {
      base: '/bank-1/identify',
      serve: serve((app, rp) => {
        app.use(async (context, next) => {
          await context.req.text();
          await next();
        });
        app.route('/:tenant', new Hono().all('/identify/*', jpki(rp)));
      }),
    },
  },
});
