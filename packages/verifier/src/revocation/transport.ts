/** What went wrong on the way, in words that name no target. */
import { JpkiError } from '../errors.ts';
import { FetchError } from '../net/fetcher.types.ts';

/** Kebab-case detail of a failed fetch. */
export const detailOf = (error: unknown): string =>
  error instanceof FetchError ? error.kind : error instanceof JpkiError ? error.code : 'fetch-failed';

/** The media type without parameters, lower-case; empty where there is none. */
export const mediaTypeOf = ({ contentType }: { readonly contentType: string | null }): string =>
  (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** RFC 2585 §4.2, and what file servers make of it. */
export const CRL_MEDIA_TYPES: ReadonlySet<string> = new Set([
  'application/pkix-crl',
  'application/x-pkcs7-crl',
  'application/octet-stream',
]);
