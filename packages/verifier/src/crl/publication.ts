/** What stands at the place where an index is to be published, and whether the new one may take it. */
import type { OperationCode } from '../codes.ts';
import { CrlIndexError } from './index-error.ts';
import { openIndex } from './index-file.ts';
import type { CrlIndexInfo, CrlOverride } from './info.ts';

export type Published =
  | { readonly state: 'absent' }
  | { readonly state: 'index'; readonly info: CrlIndexInfo }
  /** Something is there and cannot be believed: what it was, and so whether the new one is older, cannot be told. */
  | { readonly state: 'unreadable'; readonly error: CrlIndexError };

export const publishedAt = (path: string, key: Uint8Array | undefined): Published => {
  try {
    const index = openIndex(path, key === undefined ? {} : { key });
    index.close();
    return { state: 'index', info: index.info };
  } catch (error) {
    if (!(error instanceof CrlIndexError)) throw error;
    if (error.code === 'index-missing' && (error.cause as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'absent' };
    return { state: 'unreadable', error };
  }
};

export interface Refusal {
  readonly code: Extract<OperationCode, 'crl-rollback' | `index-${string}`>;
  readonly detail?: string;
}

type Identity = Pick<CrlIndexInfo, 'class' | 'distributionPoint' | 'issuerKeySha256'>;

/** An index of another key, class or distribution point is never replaced, by whomsoever. */
export const foreign = (published: Published, own: Identity): Refusal | null => {
  if (published.state !== 'index') return null;
  const { info } = published;
  for (const member of ['class', 'distributionPoint', 'issuerKeySha256'] as const) {
    if (info[member] !== own[member]) return { code: 'index-scope', detail: DETAIL[member] };
  }
  return null;
};

const DETAIL = { class: 'class', distributionPoint: 'distribution-point', issuerKeySha256: 'issuer-key' } as const;

/** What only an operator's override lets pass: an older CRL, or one whose age relative to what is there cannot be told. */
export const rollback = (published: Published, next: Pick<CrlIndexInfo, 'crlNumber' | 'thisUpdate'>): Refusal | null => {
  if (published.state === 'absent') return null;
  if (published.state === 'unreadable') return { code: published.error.code, detail: 'published' };
  const { crlNumber, thisUpdate } = published.info;
  if (crlNumber !== null && (next.crlNumber === null || BigInt(next.crlNumber) < BigInt(crlNumber))) {
    return { code: 'crl-rollback', detail: 'crl-number' };
  }
  return next.thisUpdate.getTime() < thisUpdate.getTime() ? { code: 'crl-rollback', detail: 'this-update' } : null;
};

/** For the record of the index that replaces it. */
export const overrideRecord = (override: CrlOverride, published: Published): CrlIndexInfo['override'] => ({
  operator: override.operator,
  reason: override.reason,
  replaced: published.state === 'index' ? { crlNumber: published.info.crlNumber, thisUpdate: published.info.thisUpdate } : null,
});
