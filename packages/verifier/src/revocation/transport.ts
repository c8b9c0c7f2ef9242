/** What went wrong on the way, in words that name no target. */
import { JpkiError } from '../errors.ts';
import { FetchError, type FetchResponse } from '../net/fetcher.types.ts';

/** Kebab-case detail of a failed fetch. */
export const detailOf = (error: unknown): string =>
  error instanceof FetchError ? error.kind : error instanceof JpkiError ? error.code : 'fetch-failed';

/** The media type without parameters, lower-case; empty where there is none. */
export const mediaTypeOf = ({ contentType }: Pick<FetchResponse, 'contentType'>): string =>
  (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
