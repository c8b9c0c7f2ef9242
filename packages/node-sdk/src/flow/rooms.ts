/** What every step of the flow needs. */
import type { OutcomeCode, Verifier } from '@jpki-rp/verifier';
import type { LinkLedger } from '@jpki-rp/verifier/links';
import { type Audit, type AuditEvent, auditIdentifier } from '../audit/audit.ts';
import type { Door } from '../door/app-link.ts';
import { type Binding, hashBinding, isBinding } from '../http/binding.ts';
import type { Operation } from '../operation/operation.ts';
import type { Transaction } from '../transaction/record.ts';
import { equalInConstantTime, type RandomBytes } from '../transaction/secrets.ts';
import type { TransactionStore } from '../transaction/store.ts';

/** Whatever of the verifier the relying party needs; the real one and a remote one look alike. */
export interface VerifierPort {
  readonly role: Verifier['role'];
  readonly environment: { readonly kind: Verifier['environment']['kind'] };
  verify: Verifier['verify'];
}

/** Whatever of the link ledger the relying party needs. */
export type LinksPort = Pick<LinkLedger, 'observe'>;

export interface Rooms {
  readonly origin: string;
  readonly basePath: string;
  readonly name: { readonly ja: string; readonly en: string };
  readonly verifier: VerifierPort;
  readonly door: Door;
  readonly store: TransactionStore;
  readonly links: LinksPort | null;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly appLinkCompletion: 'after-return' | 'without-return';
  readonly clock: () => Date;
  readonly randomBytes: RandomBytes;
  readonly audit: (event: Omit<AuditEvent, 'at' | 'transaction'>, transactionId?: string) => void;
  /** Gets what the relying party's own code threw. May hold anything that code put in; never ours. */
  readonly onError: (error: unknown, code: OutcomeCode) => void;
}

export const auditor =
  (audit: Audit | undefined, clock: () => Date, onError: Rooms['onError']): Rooms['audit'] =>
  (event, transactionId) => {
    try {
      audit?.({
        ...event,
        at: clock().toISOString(),
        ...(transactionId === undefined ? {} : { transaction: auditIdentifier(transactionId) }),
      });
    } catch (error) {
      // An audit sink that is down must not decide an identification; whoever listens is told.
      onError(error, 'handler-failed');
    }
  };

const TRANSACTION_ID = /^[A-Za-z0-9_-]{22}$/;

/** The transaction, for whoever began it. Null for anyone else, just as if it did not exist. */
export async function ownTransaction(rooms: Rooms, id: string, binding: Binding): Promise<Transaction | null> {
  if (!TRANSACTION_ID.test(id) || !isBinding(binding)) return null;
  const found = await rooms.store.get(id);
  return found !== null && equalInConstantTime(found.binding, hashBinding(binding)) ? found : null;
}

/** Whether the answer may be completed: it is here and, where the operator asks for it, the person came back to the browser that began. */
export const isReady = (rooms: Rooms, transaction: Transaction): boolean =>
  transaction.state === 'arrived' && (transaction.channel === 'qr' || transaction.returned || rooms.appLinkCompletion === 'without-return');
