import { CODES } from '@jpki-rp/verifier';

/** The text of a code for the person, naming who has to act and where. Null for a key that is no code. */
export const messageFor = (messageKey: string, lang: 'ja' | 'en'): string | null =>
  Object.hasOwn(CODES, messageKey) ? CODES[messageKey as keyof typeof CODES][lang] : null;
