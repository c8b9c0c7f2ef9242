/** A transaction as a shared store keeps it: hashes and states in the open, everything else sealed. */
import type { PublicOutcome } from '../http/wire.ts';
import type { NewTransaction, Transaction, TransactionState } from '../transaction/record.ts';
import type { KeptCeremony } from '../transaction/store.ts';
import type { Sealer } from './sealing.ts';

export interface SealedTransaction {
  readonly id: string;
  readonly state: TransactionState;
  readonly version: number;
  readonly matchesLeft: number;
  readonly returned: boolean;
  /** Everything fixed at begin, but not the content. */
  readonly fixed: string;
  /** The bytes to be signed and the declaration; null once finished. */
  readonly content: string | null;
  readonly answer: string | null;
  readonly outcome: string | null;
}

type Fixed = Omit<NewTransaction, 'message' | 'documentText'>;
interface Content {
  /** base64url */
  readonly message: string;
  readonly documentText?: string;
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value), 'utf8');
/** What this process or one like it sealed: authenticated by its seal, so its shape is ours. */
const parsed = <T>(bytes: Uint8Array): T => JSON.parse(Buffer.from(bytes).toString('utf8')) as T;

export function sealNew(sealer: Sealer, transaction: NewTransaction): { readonly fixed: string; readonly content: string } {
  const { message, documentText, ...fixed } = transaction;
  const { id } = transaction;
  const content: Content = {
    message: Buffer.from(message).toString('base64url'),
    ...(documentText === undefined ? {} : { documentText }),
  };
  return { fixed: sealer.seal(json(fixed), { part: 'fixed', id }), content: sealer.seal(json(content), { part: 'content', id }) };
}

export const sealAnswer = (sealer: Sealer, id: string, message: Uint8Array): string => sealer.seal(message, { part: 'answer', id });

export const sealOutcome = (sealer: Sealer, id: string, outcome: PublicOutcome): string =>
  sealer.seal(json(outcome), { part: 'outcome', id });

export const sealCeremony = (sealer: Sealer, id: string, kept: KeptCeremony): string => sealer.seal(json(kept), { part: 'ceremony', id });

export const openCeremony = (sealer: Sealer, id: string, sealed: string): KeptCeremony =>
  parsed<KeptCeremony>(sealer.open(sealed, { part: 'ceremony', id }));

/** Throws where something of it was changed or moved in the store: such a transaction decides nothing. */
export function openTransaction(sealer: Sealer, row: SealedTransaction): Transaction {
  const { id, state, version, matchesLeft, returned } = row;
  const fixed = parsed<Fixed>(sealer.open(row.fixed, { part: 'fixed', id }));
  const content = row.content === null ? null : parsed<Content>(sealer.open(row.content, { part: 'content', id }));
  return {
    ...fixed,
    message: content === null ? new Uint8Array(0) : new Uint8Array(Buffer.from(content.message, 'base64url')),
    ...(content?.documentText === undefined ? {} : { documentText: content.documentText }),
    state,
    version,
    matchesLeft,
    returned,
    ...(row.answer === null ? {} : { unverifiedAnswer: sealer.open(row.answer, { part: 'answer', id }) }),
    ...(row.outcome === null ? {} : { outcome: parsed<PublicOutcome>(sealer.open(row.outcome, { part: 'outcome', id })) }),
  };
}
