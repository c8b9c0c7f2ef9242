/** What may be recorded of every step: codes and hashed identifiers, nothing about the person. */
import type { OutcomeCode, VerdictCode } from '@jpki-rp/verifier';
import { hashSecret } from '../transaction/secrets.ts';

export interface AuditEvent {
  readonly type: 'begun' | 'opened' | 'answered' | 'answer-ignored' | 'returned' | 'completed' | 'cancelled' | 'refused';
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Names the transaction without being it: a hash, the same in every event. */
  readonly transaction?: string;
  readonly operation?: string;
  readonly result?: 'identified' | 'refused' | 'try-again';
  readonly code?: OutcomeCode | VerdictCode;
}

export type Audit = (event: AuditEvent) => void;

export const auditIdentifier = (transactionId: string): string => hashSecret('audit', transactionId).slice(0, 22);
