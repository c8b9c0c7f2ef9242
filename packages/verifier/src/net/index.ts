export type { ClosableFetcher, FetcherOptions, TlsOptions } from './fetcher.ts';
export { createFetcher } from './fetcher.ts';
export type { Fetcher, FetchRequest, FetchResponse } from './fetcher.types.ts';
export { FetchError } from './fetcher.types.ts';
export { environmentHosts } from './hosts.ts';
