/**
 * What this machine can do beyond Node.js. A test file says what it needs by its name (`*.openssl.test.ts`); where the capability is missing, the
 * file is not run and its cases are reported as skipped, by name.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

/** Capability → the word in the test file's name. */
export const SUFFIX = {
  openssl: 'openssl',
  chromium: 'browser',
  postgres: 'postgres',
  redis: 'redis',
  java: 'java',
  conformance: 'conformance',
};
export const CAPABILITIES = Object.keys(SUFFIX);

const answers = (command, ...args) => spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;

/** Sends one greeting to a server and looks at the first bytes of its answer: a port that merely accepts is not the service. */
const greets = (host, port, greeting, expected) =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (found) => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.on('connect', () => socket.write(greeting));
    socket.on('data', (data) => end(expected.test(data.toString('latin1'))));
    socket.on('error', () => end(false));
    socket.on('close', () => resolve(false));
  });

/** Path of a Chromium or Chrome, or undefined. `CHROMIUM_PATH` overrides the search. */
export function chromiumPath() {
  const candidates = [
    process.env.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    process.env.PROGRAMFILES && join(process.env.PROGRAMFILES, 'Google/Chrome/Application/chrome.exe'),
  ];
  return candidates.find((path) => path && existsSync(path));
}

/** Folder of the public conformance suites, or undefined. */
export function conformanceDir() {
  const folder = process.env.CONFORMANCE_DIR;
  return folder && existsSync(folder) && statSync(folder).isDirectory() && existsSync(join(folder, 'pkits')) ? folder : undefined;
}

export const postgresAddress = () => ({ host: process.env.PGHOST || '127.0.0.1', port: Number(process.env.PGPORT || 5432) });
export const redisAddress = () => ({ host: process.env.REDIS_HOST || '127.0.0.1', port: Number(process.env.REDIS_PORT || 6379) });

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

const PROBES = {
  openssl: () => answers('openssl', 'version'),
  chromium: () => chromiumPath() !== undefined,
  postgres: () => greets(postgresAddress().host, postgresAddress().port, SSL_REQUEST, /^[SN]/),
  redis: () => greets(redisAddress().host, redisAddress().port, 'PING\r\n', /^(\+PONG|-NOAUTH)/),
  // A runtime without a compiler cannot run a source file.
  java: () => (spawnSync('java', ['--list-modules'], { encoding: 'utf8', timeout: 20_000 }).stdout ?? '').includes('jdk.compiler'),
  conformance: () => conformanceDir() !== undefined,
};

/**
 * Probes once; `scripts/test.mjs` hands its answer down in `JPKI_CAPABILITIES` so that the runner and the configuration agree.
 * `WITHOUT=redis,java` treats capabilities as missing.
 */
export async function probe() {
  const given = process.env.JPKI_CAPABILITIES;
  if (given !== undefined) return new Set(given.split(',').filter((name) => CAPABILITIES.includes(name)));
  const without = names(process.env.WITHOUT, 'WITHOUT');
  const found = await Promise.all(CAPABILITIES.map(async (name) => [name, !without.has(name) && (await PROBES[name]())]));
  return new Set(found.filter(([, present]) => present).map(([name]) => name));
}

/** Reads `REQUIRE=all` or `REQUIRE=openssl,redis`; an unknown name is an error, never ignored. */
export function names(list, variable) {
  const given = (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  if (given.includes('all')) return new Set(CAPABILITIES);
  const unknown = given.filter((name) => !CAPABILITIES.includes(name));
  if (unknown.length > 0) throw new Error(`${variable}: unknown capability ${unknown.join(', ')} (known: ${CAPABILITIES.join(', ')}, all)`);
  return new Set(given);
}

/** Glob patterns of the test files that need a capability. */
export const patternsOf = (name) => [`**/*.${SUFFIX[name]}.test.ts`, `**/*.${SUFFIX[name]}.*.test.ts`];
export const needs = (file, name) => new RegExp(`\\.${SUFFIX[name]}\\.(?:.*\\.)?test\\.ts$`).test(file);
