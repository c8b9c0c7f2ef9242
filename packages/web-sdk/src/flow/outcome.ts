import type { PublicOutcome } from '@jpki-rp/node-sdk/wire';
import { RefusalError } from '../channel/client.ts';
import { AnswerError } from '../channel/guard.ts';
import { codeEntry } from '../i18n/codes.ts';

/** An outcome that the page itself has to state: there was no answer, or the person stopped here. */
export function outcomeOf(code: string, retryable?: boolean): PublicOutcome {
  const entry = codeEntry(code);
  const again = retryable ?? entry?.retryable ?? false;
  return {
    v: 1,
    result: again ? 'try-again' : 'refused',
    code,
    messageKey: code,
    ...(entry ? { actor: entry.actor, place: entry.place } : {}),
    retryable: again,
  };
}

export function outcomeOfError(error: unknown): PublicOutcome {
  if (error instanceof RefusalError) return { ...outcomeOf(error.error.code, error.error.retryable), messageKey: error.error.messageKey };
  return outcomeOf(error instanceof AnswerError ? 'answer-unknown' : 'network-failed');
}
