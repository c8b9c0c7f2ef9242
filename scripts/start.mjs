#!/usr/bin/env node
// `npm start [-- --https] [-- --port 3000] [-- --data FOLDER]`: installs, builds, starts the sample bank with a simulator, and says where it is.
import './node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build, install } from './prepare.mjs';
import { root } from './process.mjs';
import { selfSigned } from './self-signed.mjs';

const USAGE = `npm start -- [--port 3000] [--https] [--data FOLDER]

  --port   待ち受けるポート / port to listen on (default: 3000, or the next free one)
  --https  同じLANのスマートフォンから開く(自己署名証明書) / reachable from a phone on the same LAN, with a self-signed certificate
  --data   組み込みのデータベースをメモリではなくこのフォルダーに / the embedded database in this folder, not in memory

  DATABASE_URL=postgres://…  組み込みではなくこの PostgreSQL を使う / this PostgreSQL in place of the embedded one
`;

let options;
try {
  ({ values: options } = parseArgs({
    options: {
      port: { type: 'string' },
      https: { type: 'boolean', default: false },
      data: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }));
  if (options.port !== undefined && !(Number(options.port) > 0 && Number(options.port) < 65_536)) throw new Error(`--port ${options.port}`);
} catch (error) {
  console.error(`${error.message}\n\n${USAGE}`);
  process.exit(2);
}
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}

const isFree = (port, host) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });

async function choosePort(host) {
  if (options.port !== undefined) {
    const port = Number(options.port);
    if (await isFree(port, host)) return port;
    console.error(`✗ ポート ${port} は使用中です / port ${port} is in use`);
    process.exit(1);
  }
  for (let port = 3000; port < 3020; port += 1) if (await isFree(port, host)) return port;
  return 0;
}

/** The first IPv4 address that other devices of the network can reach. */
const lanAddress = () =>
  Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

await install();
await build();

const main = join(root, 'examples/express-bank/dist/main.js');
if (!existsSync(main)) {
  console.error('✗ examples/express-bank/dist/main.js がありません / is missing');
  process.exit(1);
}

// Plain http stays on loopback: cookies of the binding are `Secure`, and browsers grant that to loopback only.
const host = options.https ? '0.0.0.0' : '127.0.0.1';
const publicHost = options.https ? (lanAddress() ?? '127.0.0.1') : 'localhost';
const args = ['--port', String(await choosePort(host)), '--host', host, '--public-host', publicHost];
// As seen from where npm was called.
if (options.data !== undefined) args.push('--data', resolve(process.env.INIT_CWD ?? process.cwd(), options.data));
const env = { ...process.env };
if (options.https) {
  const { keyFile, certificateFile } = await selfSigned(publicHost);
  args.push('--tls-key', keyFile, '--tls-cert', certificateFile);
  // Bank and virtual app call each other under this certificate too.
  env.NODE_EXTRA_CA_CERTS = certificateFile;
}

const bank = spawn(process.execPath, ['--enable-source-maps', main, ...args], {
  cwd: root,
  env,
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});

const OPENING = {
  pglite: [
    '組み込みのデータベース(PGlite)を開いています。数秒かかります',
    'opening the embedded database (PGlite), which takes some seconds',
  ],
  postgres: ['データベース(DATABASE_URL)に接続しています', 'connecting to the database (DATABASE_URL)'],
};

bank.on('message', (message) => {
  const opening = OPENING[message?.opening];
  if (opening !== undefined) console.log(`\n▸ ${opening.join(' / ')}`);
  const { bank: bankUrl, app, database } = message?.ready ?? {};
  if (bankUrl === undefined) return;
  const lines = [
    '',
    '  ┌──────────────────────────────────────────────────────────────',
    `  │  サンプル銀行 / sample bank      ${bankUrl}`,
    ...(app === undefined ? [] : [`  │  仮想マイナアプリ / virtual app  ${app}`]),
    ...(database === undefined ? [] : [`  │  データベース / database         ${database}`]),
    '  └──────────────────────────────────────────────────────────────',
    ...(options.https
      ? [
          '  スマートフォンで開き、自己署名証明書の警告を進んでください。アプリ側のURLも一度開いて許可してください。',
          '  Open it on the phone and accept the self-signed certificate; open the app’s URL once and accept it there too.',
        ]
      : []),
    '  登場する人物はすべて架空です。終了は Ctrl-C。 / All people are fictional. Ctrl-C ends it.',
    '',
  ];
  console.log(lines.join('\n'));
});

const RUNNING = ['SIGINT', 'SIGTERM', 'SIGHUP'];
let ending = false;
for (const signal of RUNNING) {
  process.on(signal, () => {
    // A terminal sends Ctrl-C to the child as well; a supervisor's signal reaches only us.
    if (signal !== 'SIGINT' || ending) bank.kill('SIGTERM');
    ending = true;
    setTimeout(() => bank.kill('SIGTERM'), 300).unref();
    setTimeout(() => bank.kill('SIGKILL'), 3_000).unref();
  });
}
// npm may be ended without telling us; a bank nobody can stop must not stay behind.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, 1_000).unref();
bank.on('error', (error) => {
  console.error(`✗ ${error.message}`);
  process.exit(1);
});
bank.on('exit', (code) => process.exit(ending ? 0 : (code ?? 1)));
