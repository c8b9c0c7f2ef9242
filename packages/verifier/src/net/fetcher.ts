/** The one way out to the network, over undici: listed hosts only, no redirects, bounded in time and size. */
import { Agent, type Dispatcher, ProxyAgent, request as undiciRequest } from 'undici';
import { JpkiError } from '../errors.ts';
import { FetchError, type Fetcher, type FetchRequest, type FetchResponse } from './fetcher.types.ts';
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
  /** Every request goes through it, plain http included; there is no way around it when it is down. */
  readonly proxy?: ProxyOptions;
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
  /** Lets what is underway end first. */
  readonly close: () => Promise<void>;
  /** Ends what is underway as well. */
  readonly destroy: () => Promise<void>;
};

const DEFAULTS = { timeoutMs: 10_000, maxBytes: 64 * 1024 * 1024, connections: 8 } as const;

/**
 * Every answer that arrives whole is returned, whatever its status below 300 or from 400 on. Rejects with `JpkiError('host-not-allowed')` where the target is
 * not an http(s) URL of a listed host, and with `FetchError` for everything the network does: `timeout`, `too-large`, `redirect`, `connection`, `aborted`,
 * `content` (an encoded body). Messages name no URL.
 */
export const createFetcher = (options: FetcherOptions): ClosableFetcher => {
  const { allowedHosts, timeoutMs, maxBytes, connections, tls, proxy } = { ...DEFAULTS, ...options };
  for (const [name, value] of Object.entries({ timeoutMs, maxBytes, connections })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new JpkiError('argument-invalid', `${name} must be a positive integer`);
  }
  const allowed = new Set(allowedHosts.map(normalised));
  const agent = dispatcherFor(connections, tls, proxy);

  const fetcher = async (request: FetchRequest): Promise<FetchResponse> => {
    const host = hostOf(request.url);
    if (host === null || !allowed.has(host)) throw new JpkiError('host-not-allowed');
    const timeout = AbortSignal.timeout(Math.min(request.timeoutMs, timeoutMs));
    const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
    try {
      return await exchange(agent, request, Math.min(request.maxBytes, maxBytes), signal);
    } catch (error) {
      if (error instanceof FetchError) throw error;
      if (request.signal?.aborted === true) throw new FetchError('aborted', 'the request was aborted', { cause: request.signal.reason });
      if (timeout.aborted) throw new FetchError('timeout', 'no whole answer in time', { cause: error });
      throw new FetchError('connection', 'the connection failed', { cause: error });
    }
  };
  return Object.assign(fetcher, { close: () => agent.close(), destroy: () => agent.destroy() });
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
