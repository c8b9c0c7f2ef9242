/** Shows that two verdicts are the two steps of one ceremony: the person's keys have signed ceremony id and step. */
import { fromBase64 } from '../der/bytes.ts';
import type { EvidenceRecord } from '../evidence/record.ts';
import type { VerdictFacts } from '../proven.ts';
import type { Side } from './link.ts';

export interface CeremonyClaim {
  readonly id: string;
  /** The names of the two steps as they were signed. Default: those of the relation. */
  readonly steps?: Readonly<Record<Side, string>>;
}

interface SignedStep {
  readonly id: string;
  readonly step: string;
  readonly transactionId: string;
  readonly origin: string;
}

/**
 * True where both signed messages are `jpki-rp/v1`, name this ceremony and their own step, come from one origin and two transactions, and the
 * steps were taken in order, in one environment. A message the record does not hold (only its digest was verified) shows nothing.
 */
export const isOneCeremony = (from: VerdictFacts, to: VerdictFacts, claim: Required<CeremonyClaim>): boolean => {
  const [record, other] = [from.evidence(), to.evidence()];
  const [first, second] = [signedStep(record), signedStep(other)];
  if (first === null || second === null || claim.id === '') return false;
  return (
    first.id === claim.id &&
    second.id === claim.id &&
    claim.steps.from !== claim.steps.to &&
    first.step === claim.steps.from &&
    second.step === claim.steps.to &&
    first.origin === second.origin &&
    first.transactionId !== second.transactionId &&
    from.at <= to.at &&
    record.environment.kind === other.environment.kind &&
    record.environment.id === other.environment.id &&
    record.environment.digest === other.environment.digest
  );
};

/** The same for a step on its own: the verdict's certificate has signed this ceremony and this step. */
export const isStepOf = (facts: VerdictFacts, id: string, step: string): boolean => {
  const signed = signedStep(facts.evidence());
  return signed !== null && id !== '' && step !== '' && signed.id === id && signed.step === step;
};

const signedStep = ({ input }: EvidenceRecord): SignedStep | null => {
  const { message, purpose } = input;
  const bytes = message === undefined ? null : fromBase64(message);
  if (bytes === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
  const { v, type, transactionId, origin, ceremony } = membersOf(value);
  const { id, step } = membersOf(ceremony);
  if (v !== 'jpki-rp/v1' || type !== `jpki-rp/v1/${purpose}`) return null;
  if (typeof id !== 'string' || typeof step !== 'string' || typeof transactionId !== 'string' || typeof origin !== 'string') return null;
  return { id, step, transactionId, origin };
};

/** Own members only: what a prototype lends was not signed. */
const membersOf = (value: unknown): Partial<Record<'v' | 'type' | 'transactionId' | 'origin' | 'ceremony' | 'id' | 'step', unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
