/** A CA, a file server on loopback that does what a test tells it, a clock that only a test moves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, loadEnvironment } from '@jpki-rp/verifier';
import { createFetcher, environmentHosts, type FetcherOptions } from '@jpki-rp/verifier/net';
import { afterEach } from 'vitest';
import {
  AT,
  akiOf,
  BASE,
  CA,
  type CrlParts,
  crlNumber,
  deltaOf,
  fullName,
  HOUR,
  idp,
  mintAnchor,
  mintCrl,
  partition,
} from '../../../verifier/test/revocation/mint.ts';
import {
  type CrlKeeper,
  type CrlKeeperOptions,
  type CrlTargetsOptions,
  createCrlKeeper,
  crlTargets,
  type KeeperEvent,
  type KeeperPorts,
} from '../../src/keeper/index.ts';

export { AT, HOUR };
export const ISSUER: Uint8Array = mintAnchor(CA);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
export const later = (close: () => unknown): void => void closing.push(close);

export const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'crl-keeper-'));
  later(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

/** Resolves as soon as it holds; real time passes only as long as sockets and disks need. */
export const until = async (holds: () => boolean | Promise<boolean>, what = 'condition'): Promise<void> => {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

export interface TestClock extends KeeperPorts {
  readonly set: (at: number) => void;
  readonly advance: (ms: number) => void;
  /** What is being slept, milliseconds from now. */
  readonly sleeping: () => readonly number[];
  chance: number;
}

export const testClock = (start: number = AT): TestClock => {
  let at = start;
  const sleepers = new Set<{ readonly due: number; readonly wake: () => void }>();
  const set = (to: number): void => {
    at = to;
    for (const sleeper of [...sleepers]) if (sleeper.due <= at) sleeper.wake();
  };
  const clock: TestClock = {
    chance: 0,
    now: () => new Date(at),
    random: () => clock.chance,
    sleep: (ms, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const sleeper = {
          due: at + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal.removeEventListener('abort', stop);
            resolve();
          },
        };
        const stop = (): void => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        };
        sleepers.add(sleeper);
        signal.addEventListener('abort', stop, { once: true });
      }),
    set,
    advance: (ms) => set(at + ms),
    sleeping: () => [...sleepers].map(({ due }) => due - at),
  };
  return clock;
};

/** Number `n` of a town's list, valid from `thisUpdate`. */
export const listOf = (n: number, parts: CrlParts & { readonly town?: string; readonly base?: number } = {}): Uint8Array => {
  const point = partition(`${parts.town ?? 'Mihon-shi'} CRLDP`);
  const delta = parts.base === undefined ? [] : [deltaOf(parts.base)];
  return mintCrl({ extensions: [akiOf(CA), crlNumber(n), ...delta, idp(fullName(point))], ...parts });
};

export interface Asked {
  readonly path: string;
  readonly etag: string | undefined;
  readonly since: string | undefined;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface FileServer {
  readonly host: string;
  readonly asked: Asked[];
  /** Most requests answered at one time. */
  readonly most: () => number;
  /** Serves these octets, with conditional requests honoured by ETag. */
  publish(path: string, crl: Uint8Array, headers?: Readonly<Record<string, string>>): void;
  answer(path: string, answer: Answer): void;
  readonly close: () => Promise<void>;
}

export const fileServer = async (): Promise<FileServer> => {
  const asked: Asked[] = [];
  const answers = new Map<string, Answer>();
  let [open, most] = [0, 0];
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? '';
    asked.push({ path, etag: request.headers['if-none-match'], since: request.headers['if-modified-since'] });
    open += 1;
    most = Math.max(most, open);
    response.once('close', () => {
      open -= 1;
    });
    (answers.get(path) ?? ((_, missing) => missing.writeHead(404).end()))(request, response);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  later(close);
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    most: () => most,
    answer: (path, answer) => void answers.set(path, answer),
    publish: (path, crl, headers = {}) =>
      void answers.set(path, (request, response) => {
        const { etag } = headers;
        if (etag !== undefined && request.headers['if-none-match'] === etag) return void response.writeHead(304, headers).end();
        response.writeHead(200, { 'content-type': 'application/pkix-crl', 'content-length': crl.length, ...headers }).end(crl);
      }),
    close,
  };
};

export interface PlaceOptions {
  readonly towns?: readonly string[];
  /** Full path of each town's list. */
  readonly path?: (town: string) => string;
  readonly algorithms?: readonly string[];
}

const classJson = (policy: string, towns: readonly string[], url: (town: string) => string) => ({
  policyOids: [policy],
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: [],
  personalAttributes: false,
  algorithms: ['ecdsa-p256-sha256'],
  minimumRsaBits: 2048,
  crl: {
    distributionPointBase: BASE,
    sources: towns.map((town) => ({ anchor: 'minted', distributionPoint: `CN=${town} CRLDP,${BASE}`, url: url(town) })),
  },
  ocsp: { url: 'http://127.0.0.1:1/ocsp', responders: 'issuer-delegated', maxAgeSeconds: 900, nonce: 'optional' },
});

export const environmentJson = (host: string, { towns = ['Mihon-shi'], path = (town) => `/${town}.crl` }: PlaceOptions = {}): unknown => ({
  id: 'keeper-tests',
  anchors: [{ id: 'minted', purpose: 'digital-signature', certificate: Buffer.from(ISSUER).toString('base64') }],
  classes: { 'card-digital-signature': classJson('2.999.1', towns, (town) => `http://${host}${path(town)}`) },
});

export const environmentOf = (host: string, options: PlaceOptions = {}): Environment => loadEnvironment(environmentJson(host, options));

export interface Kept {
  readonly keeper: CrlKeeper;
  readonly events: KeeperEvent[];
  readonly directory: string;
  readonly clock: TestClock;
  readonly environment: Environment;
  /** Starts it; it ends with the test. */
  readonly start: () => { readonly stop: () => Promise<void> };
  readonly of: <T extends KeeperEvent['type']>(type: T) => readonly Extract<KeeperEvent, { type: T }>[];
  /** Moves the clock and resolves once that many events of the type are there. */
  readonly seen: (type: KeeperEvent['type'], count: number) => Promise<void>;
}

export interface KeptOptions extends Partial<CrlKeeperOptions>, PlaceOptions {
  readonly clock?: TestClock;
  readonly deltas?: CrlTargetsOptions['deltas'];
  readonly fetcher?: Partial<FetcherOptions>;
}

export const kept = (server: FileServer, options: KeptOptions = {}): Kept => {
  const { clock = testClock(), deltas = [], fetcher: limits = {}, towns, path, ...changes } = options;
  const environment = environmentOf(server.host, { ...(towns === undefined ? {} : { towns }), ...(path === undefined ? {} : { path }) });
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment), ...limits });
  later(() => fetcher.destroy());
  const events: KeeperEvent[] = [];
  const directory = changes.directory ?? folder();
  const keeper = createCrlKeeper({
    directory,
    targets: crlTargets(environment, { deltas }),
    download: fetcher.download,
    ports: clock,
    onEvent: (event) => void events.push(event),
    ...changes,
  });
  const of = <T extends KeeperEvent['type']>(type: T): readonly Extract<KeeperEvent, { type: T }>[] =>
    events.filter((event): event is Extract<KeeperEvent, { type: T }> => event.type === type);
  return {
    keeper,
    events,
    directory,
    clock,
    environment,
    start: () => {
      const ending = new AbortController();
      const running = keeper.run({ signal: ending.signal });
      running.catch(() => undefined);
      const stop = async (): Promise<void> => {
        ending.abort();
        await running;
      };
      later(stop);
      return { stop };
    },
    of,
    seen: (type, count) => until(() => of(type).length >= count, `${count} × ${type}`),
  };
};
