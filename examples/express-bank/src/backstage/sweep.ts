/** The bank's night batch: every revocation list of the user-authentication classes, held against every link. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '@jpki-rp/verifier';
import { type CrlIndex, ingestCrl, openCrlIndex } from '@jpki-rp/verifier/crl';
import { type LinkLedger, revocationsIn } from '@jpki-rp/verifier/links';
import type { ClosableFetcher } from '@jpki-rp/verifier/net';

export interface SweepParts {
  readonly environment: Environment;
  readonly fetcher: ClosableFetcher;
  readonly ledger: LinkLedger;
  readonly now: () => Date;
}

/** False where a list could not be had: nothing is concluded from a class that was not seen whole. */
export type Sweeper = () => Promise<boolean>;

const CLASSES = ['card-user-authentication', 'smartphone-user-authentication'] as const;
const MAX_BYTES = 64 * 1024 * 1024;

export const createSweeper =
  ({ environment, fetcher, ledger, now }: SweepParts): Sweeper =>
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'komorebi-crl-'));
    const open: CrlIndex[] = [];
    try {
      for (const certificateClass of CLASSES) {
        const lists: CrlIndex[] = [];
        for (const { anchor, distributionPoint, url } of environment.classes[certificateClass]?.crl.sources ?? []) {
          const issuer = environment.anchors.find(({ id }) => id === anchor);
          const { status, body } = await fetcher({ url, method: 'GET', headers: {}, maxBytes: MAX_BYTES, timeoutMs: 10_000 });
          if (issuer === undefined || status !== 200) return false;
          const into = join(folder, `${open.length}`);
          const ingested = await ingestCrl(body, { issuer, scope: { class: certificateClass, distributionPoint }, into, at: now() });
          if (!ingested.ok) return false;
          const index = await openCrlIndex(into);
          open.push(index);
          lists.push(index);
        }
        const asOf = new Date(Math.min(...lists.map(({ info }) => info.thisUpdate.getTime())));
        if (lists.length > 0) await ledger.reconcile({ revocations: revocationsIn(lists), asOf, complete: certificateClass });
      }
      return true;
    } finally {
      for (const index of open) index.close();
      await rm(folder, { recursive: true, force: true });
    }
  };
