/** The one way out to the network, over undici: listed hosts only, no redirects, bounded in time and size. */
import { Agent, type Dispatcher, ProxyAgent, request as undiciRequest } from 'undici';
import { JpkiError } from '../errors.ts';
import { type Dripping, startDownload } from './download.ts';
import { type Downloader, FetchError, type Fetcher, type FetchRequest, type FetchResponse } from './fetcher.types.ts';
import { hostOf } from './hosts.ts';

export interface TlsOptions {
  /** PEM certificates that are trusted instead of the system's. */
  readonly ca?: string | readonly string[];
  /** PEM: the client's own certificate and key (mTLS). */
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
}

export interface FetcherOptions {
  /** `host:port`, exactly; for an environment: `environmentHosts(environment)`. */
  readonly allowedHosts: readonly string[];
  /** Upper bound of every request, connection included. */
  readonly timeoutMs?: number;
  /** Upper bound of every answer's body, octets. */
  readonly maxBytes?: number;
  /** Connections kept open per host. */
  readonly connections?: number;
  readonly tls?: TlsOptions;
  /** Of downloads; `timeoutMs` and `maxBytes` above do not bound these. */
  readonly downloads?: DownloadOptions;
  /** Every request goes through it, plain http included; there is no way around it when it is down. */
  readonly proxy?: ProxyOptions;
}

export interface DownloadOptions {
  /** Upper bound of every download, connection and body. Default 30 minutes. */
  readonly timeoutMs?: number;
  /** Upper bound of every body, octets. Default 2 GiB. */
  readonly maxBytes?: number;
  /** While we wait for the server, `stallBytes` must arrive in every `stallMs`: a server that drips is a server that is down. Default 64 KiB in 20 s. */
  readonly stallMs?: number;
  readonly stallBytes?: number;
}

export interface ProxyOptions {
  /** http or https URL, without credentials. */
  readonly url: string;
  /** Value of Proxy-Authorization, for example `Basic …`. */
  readonly authorization?: string;
  /** TLS towards the proxy itself. */
  readonly tls?: TlsOptions;
}

/** A fetcher that holds connections open until it is closed. */
export type ClosableFetcher = Fetcher & {
  /** The same way out, for bodies that are read while they arrive; 304 is an answer to a conditional request here, no redirect. */
  readonly download: Downloader;
  /** Lets what is underway end first. */
  readonly close: () => Promise<void>;
  /** Ends what is underway as well. */
  readonly destroy: () => Promise<void>;
};

const DEFAULTS = { timeoutMs: 10_000, maxBytes: 64 * 1024 * 1024, connections: 8 } as const;
const DOWNLOADS = { timeoutMs: 1_800_000, maxBytes: 2 ** 31, stallMs: 20_000, stallBytes: 64 * 1024 } as const;

/**
 * Every answer that arrives whole is returned, whatever its status below 300 or from 400 on. Rejects with `JpkiError('host-not-allowed')` where the target is
 * not an http(s) URL of a listed host, and with `FetchError` for everything the network does: `timeout`, `too-large`, `redirect`, `connection`, `aborted`,
 * `content` (an encoded body). Messages name no URL.
 */
export const createFetcher = (options: FetcherOptions): ClosableFetcher => {
  const { allowedHosts, timeoutMs, maxBytes, connections, tls, proxy } = { ...DEFAULTS, ...options };
  const downloads = { ...DOWNLOADS, ...options.downloads };
  assertPositive('', { timeoutMs, maxBytes, connections });
  assertPositive('downloads.', downloads);
  const allowed = new Set(allowedHosts.map(normalised));
  const assertAllowed = (url: string): void => {
    const host = hostOf(url);
    if (host === null || !allowed.has(host)) throw new JpkiError('host-not-allowed');
  };
  const agent = dispatcherFor(connections, tls, proxy);

  const fetcher = async (request: FetchRequest): Promise<FetchResponse> => {
    assertAllowed(request.url);
    const { signal, explain } = bounded(request, timeoutMs);
    try {
      return await exchange(agent, request, Math.min(request.maxBytes, maxBytes), signal);
    } catch (error) {
      throw explain(error);
    }
  };
  const download: Downloader = async (request) => {
    assertAllowed(request.url);
    const bounds: Dripping = { ...bounded(request, downloads.timeoutMs), stallMs: downloads.stallMs, stallBytes: downloads.stallBytes };
    return await startDownload(agent, request, Math.min(request.maxBytes, downloads.maxBytes), bounds);
  };
  return Object.assign(fetcher, { download, close: () => agent.close(), destroy: () => agent.destroy() });
};

const assertPositive = (prefix: string, values: Readonly<Record<string, number>>): void => {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isSafeInteger(value) || value < 1) throw new JpkiError('argument-invalid', `${prefix}${name} must be a positive integer`);
  }
};

/** The caller's signal and a timeout as one, and which of them it was. */
const bounded = (
  request: Pick<FetchRequest, 'timeoutMs' | 'signal'>,
  capMs: number,
): { readonly signal: AbortSignal; readonly explain: (error: unknown) => FetchError } => {
  const timeout = AbortSignal.timeout(Math.min(request.timeoutMs, capMs));
  return {
    signal: request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]),
    explain: (error) => {
      if (error instanceof FetchError) return error;
      if (request.signal?.aborted === true) return new FetchError('aborted', 'the request was aborted', { cause: request.signal.reason });
      if (timeout.aborted) return new FetchError('timeout', 'no whole answer in time', { cause: error });
      return new FetchError('connection', 'the connection failed', { cause: error });
    },
  };
};

const dispatcherFor = (connections: number, tls: TlsOptions | undefined, proxy: ProxyOptions | undefined): Dispatcher => {
  const shared = { connections, pipelining: 1, keepAliveTimeout: 10_000 };
  if (proxy === undefined) return new Agent({ ...shared, ...(tls === undefined ? {} : { connect: connectOptions(tls) }) });
  if (hostOf(proxy.url) === null) throw new JpkiError('argument-invalid', 'proxy.url: http(s) URL without credentials expected');
  return new ProxyAgent({
    ...shared,
    uri: proxy.url,
    ...(proxy.authorization === undefined ? {} : { token: proxy.authorization }),
    ...(tls === undefined ? {} : { requestTls: connectOptions(tls) }),
    ...(proxy.tls === undefined ? {} : { proxyTls: connectOptions(proxy.tls) }),
  });
};

const connectOptions = ({ ca, cert, key, passphrase }: TlsOptions) => ({
  ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
  ...(passphrase === undefined ? {} : { passphrase }),
});

const exchange = async (agent: Dispatcher, request: FetchRequest, maxBytes: number, signal: AbortSignal): Promise<FetchResponse> => {
  const { statusCode, headers, body } = await undiciRequest(request.url, {
    dispatcher: agent,
    method: request.method,
    headers: { ...request.headers, 'accept-encoding': 'identity' },
    ...(request.body === undefined ? {} : { body: request.body }),
    signal,
  });
  const refuse = (kind: FetchError['kind'], message: string): never => {
    body.on('error', () => undefined);
    body.destroy();
    throw new FetchError(kind, message);
  };
  if (statusCode >= 300 && statusCode < 400) return refuse('redirect', 'redirects are not followed');
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return refuse('content', 'the body is encoded');
  if (Number(headers['content-length'] ?? 0) > maxBytes) return refuse('too-large', 'the body is larger than allowed');
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) return refuse('too-large', 'the body is larger than allowed');
    chunks.push(chunk);
  }
  const type = headers['content-type'];
  return { status: statusCode, contentType: typeof type === 'string' ? type : null, body: new Uint8Array(Buffer.concat(chunks, length)) };
};

const normalised = (host: string): string => {
  const known = /^[^/?#@\\\s]+:\d{1,5}$/.test(host) ? hostOf(`http://${host}/`) : null;
  if (known === null) throw new JpkiError('argument-invalid', 'allowedHosts takes "host:port"');
  return known;
};
