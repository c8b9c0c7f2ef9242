export type { Backoff } from './backoff.ts';
export { pause, pauseBefore, systemRandom } from './backoff.ts';
export type { BreakerOptions } from './breaker.ts';
export type { ClosableFetcher, DownloadOptions, FetcherOptions, ProxyOptions, TlsOptions } from './fetcher.ts';
export { createFetcher } from './fetcher.ts';
export type { Download, Downloader, DownloadRequest, Fetcher, FetchRequest, FetchResponse } from './fetcher.types.ts';
export { FetchError } from './fetcher.types.ts';
export { environmentHosts, hostOf } from './hosts.ts';
