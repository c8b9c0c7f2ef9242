import {
  createLinkLedger,
  hmacIdentifier,
  type LinkLedger,
  type LinkLedgerOptions,
  type LinkNotice,
  type LinkStore,
  memoryLinkStore,
} from '../../src/links/index.ts';
import { NOW } from './verdicts.ts';

export const KEY = new Uint8Array(32).fill(7);
export const NEW_KEY = new Uint8Array(32).fill(8);

export interface TestLedger {
  readonly ledger: LinkLedger;
  readonly store: LinkStore;
  readonly notices: LinkNotice[];
  /** Sets the ledger's clock. */
  now(at: Date): void;
  /** Another ledger over the same store. */
  also(options: Partial<LinkLedgerOptions>): LinkLedger;
}

export const testLedger = (options: Partial<LinkLedgerOptions> = {}): TestLedger => {
  const store = options.store ?? memoryLinkStore();
  const notices: LinkNotice[] = [];
  let at = NOW;
  const also = (more: Partial<LinkLedgerOptions>): LinkLedger =>
    createLinkLedger({
      store,
      identifier: hmacIdentifier({ keyId: 'k1', key: KEY }),
      clock: () => at,
      notify: (notice) => {
        notices.push(notice);
      },
      ...options,
      ...more,
    });
  return {
    ledger: also({}),
    store,
    notices,
    now: (instant) => {
      at = instant;
    },
    also,
  };
};

export const CEREMONY = { id: 'ceremony-1' };
