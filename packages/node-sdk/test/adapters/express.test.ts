import { createServer } from 'node:http';
import express from 'express';
import { jpki } from '../../src/express.ts';
import { listening } from './listening.ts';
import { adapterSuite, type Mountable, type Served } from './suite.ts';

const serve =
  (mount: (app: express.Express, rp: Mountable) => void) =>
  (rp: Mountable): Promise<Served> => {
    const app = express();
    mount(app, rp);
    return listening(createServer(app));
  };

adapterSuite('Express', {
  header: (raw, name) => (raw as express.Request).get(name),
  mounts: {
    'under the usual path': { base: '/jpki', serve: serve((app, rp) => app.use('/jpki', jpki(rp))) },
    'in a router under a parameter': {
      base: '/bank-1/identify',
      serve: serve((app, rp) => app.use('/:tenant', express.Router().use('/identify', jpki(rp)))),
    },
  },
});
