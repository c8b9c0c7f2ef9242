/** `node dist/main.js [--port N] [--host H] [--public-host H] [--tls-key FILE --tls-cert FILE]` */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startBank } from './bank.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3000' },
    host: { type: 'string', default: '127.0.0.1' },
    'public-host': { type: 'string', default: 'localhost' },
    'tls-key': { type: 'string' },
    'tls-cert': { type: 'string' },
  },
});
const key = values['tls-key'];
const cert = values['tls-cert'];

const bank = await startBank({
  port: Number(values.port),
  host: values.host,
  publicHost: values['public-host'],
  ...(key === undefined || cert === undefined ? {} : { tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') } }),
});

// Whoever started this process is told; started by hand, it says so itself.
if (process.send === undefined) console.log(`${bank.origin}\n${bank.simulator.urls.app}`);
else process.send({ ready: { bank: bank.origin, app: bank.simulator.urls.app } });

const end = (): void => {
  bank.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.once('SIGINT', end);
process.once('SIGTERM', end);
