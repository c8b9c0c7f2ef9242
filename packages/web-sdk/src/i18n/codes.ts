import type { PublicOutcome } from '@jpki-rp/node-sdk/wire';
import { ACTORS, CODE_TEXTS, PLACES } from './codes.generated.ts';

export interface CodeText {
  readonly actor: string;
  readonly place: NonNullable<PublicOutcome['place']>;
  readonly retryable: boolean;
  readonly ja: string;
  readonly en: string;
}

/** What the registry says about a code, or `null` for one it does not know. */
export function codeEntry(code: string): CodeText | null {
  for (const [codes, actor, place, retryable, ja, en] of CODE_TEXTS) {
    if (codes.split(' ').includes(code)) {
      return { actor: ACTORS[actor] ?? 'developer', place: PLACES[place] ?? 'relying-party', retryable: retryable === 1, ja, en };
    }
  }
  return null;
}
