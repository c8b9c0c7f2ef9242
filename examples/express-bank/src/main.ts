/** `node dist/main.js [--port N] [--host H] [--public-host H] [--tls-key FILE --tls-cert FILE] [--data FOLDER]`; DATABASE_URL for a PostgreSQL server */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Bank, startBank } from './bank.ts';
import { chooseStores } from './stores/choose.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3000' },
    host: { type: 'string', default: '127.0.0.1' },
    'public-host': { type: 'string', default: 'localhost' },
    'tls-key': { type: 'string' },
    'tls-cert': { type: 'string' },
    data: { type: 'string' },
  },
});
const key = values['tls-key'];
const cert = values['tls-cert'];

const tell = (message: { readonly opening: 'pglite' | 'postgres' } | { readonly ready: Readonly<Record<string, string>> }): void => {
  // Whoever started this process is told; started by hand, it says so itself.
  if (process.send !== undefined) process.send(message);
  else if ('ready' in message) console.log(Object.values(message.ready).join('\n'));
};

const start = async (): Promise<Bank> => {
  const { kind, open } = chooseStores({ databaseUrl: process.env['DATABASE_URL'], folder: values.data });
  tell({ opening: kind });
  return startBank({
    port: Number(values.port),
    host: values.host,
    publicHost: values['public-host'],
    stores: open,
    ...(key === undefined || cert === undefined ? {} : { tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') } }),
  });
};

const bank = await start().catch((error: unknown) => {
  // The message alone: an error of a driver may carry its configuration.
  const { message = '', code = '' } = error as { readonly message?: string; readonly code?: string };
  console.error(`✗ ${message === '' ? code : message}`);
  process.exit(1);
});
tell({ ready: { bank: bank.origin, app: bank.simulator.urls.app, database: bank.database } });

const end = (): void => {
  bank.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.once('SIGINT', end);
process.once('SIGTERM', end);
