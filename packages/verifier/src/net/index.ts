export type { BreakerOptions } from './breaker.ts';
export type { ClosableFetcher, FetcherOptions, ProxyOptions, TlsOptions } from './fetcher.ts';
export { createFetcher } from './fetcher.ts';
export type { Fetcher, FetchRequest, FetchResponse } from './fetcher.types.ts';
export { FetchError } from './fetcher.types.ts';
export { environmentHosts } from './hosts.ts';
