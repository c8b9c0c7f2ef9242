/** An index against the CRL it says it came from. */
import { rmSync } from 'node:fs';
import type { CrlSource } from './chunks.ts';
import { diffCrlIndexes } from './diff.ts';
import { unfinishedName } from './file-writer.ts';
import { openIndex } from './index-file.ts';
import { type IngestCode, type IngestCrlOptions, ingestCrl } from './ingest.ts';

export type VerifyIndexOptions = Pick<
  IngestCrlOptions,
  'issuer' | 'scope' | 'key' | 'algorithms' | 'maxBytes' | 'threads' | 'onProgress' | 'signal'
>;

export type VerifyIndexResult = { readonly ok: true } | { readonly ok: false; readonly code: IngestCode; readonly detail?: string };

/**
 * Ingests the archived CRL again, beside the index, and compares: `ok` proves that the index lists exactly what the CRL lists, every page of it readable.
 * `index-differs` otherwise. An index that a delta CRL was applied to is compared with the complete CRL of the same number.
 *
 * @throws CrlIndexError where the index itself cannot be opened or read
 */
export const verifyCrlIndex = async (file: string, crl: CrlSource, options: VerifyIndexOptions): Promise<VerifyIndexResult> => {
  const keyed = options.key === undefined ? {} : { key: options.key };
  const rebuilt = unfinishedName(file);
  const index = openIndex(file, keyed);
  try {
    const result = await ingestCrl(crl, { ...options, into: rebuilt });
    if (!result.ok) return result;
    const { info } = index;
    const sameList = info.base === null ? info.sha256 === result.info.sha256 : info.crlNumber === result.info.crlNumber;
    if (!sameList) return { ok: false, code: 'index-differs', detail: 'other-crl' };
    const again = openIndex(rebuilt, keyed);
    try {
      const { done } = diffCrlIndexes(index, again).next();
      return done === true && info.entries === again.info.entries ? { ok: true } : { ok: false, code: 'index-differs', detail: 'entries' };
    } finally {
      again.close();
    }
  } finally {
    index.close();
    rmSync(rebuilt, { force: true });
  }
};
