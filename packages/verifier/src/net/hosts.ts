/** Which hosts an environment sends a verifier to: nothing else is a network target. */
import type { Environment } from '../environment.types.ts';

/** `host:port` of an http(s) URL without credentials, port spelled out; null for anything else. */
export const hostOf = (url: string): string | null => {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return null;
  }
  if ((parsed.protocol !== 'http:' && parsed.protocol !== 'https:') || parsed.username !== '' || parsed.password !== '') return null;
  return `${parsed.hostname}:${parsed.port === '' ? (parsed.protocol === 'https:' ? '443' : '80') : parsed.port}`;
};

/** The `host:port` of every OCSP and CRL URL of the environment, each once, for `createFetcher({ allowedHosts })`. */
export const environmentHosts = (environment: Pick<Environment, 'classes'>): readonly string[] => {
  const urls = Object.values(environment.classes).flatMap(({ ocsp, crl }) => [...ocsp.urls, ...crl.sources.map(({ url }) => url)]);
  return [...new Set(urls.flatMap((url) => hostOf(url) ?? []))].sort();
};
