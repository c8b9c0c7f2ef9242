/** The person's mailbox, outside the bank. The sample lets everyone look into it; a real mail reaches its owner alone. */
import { randomBytes } from 'node:crypto';
import type { Words } from './texts.ts';

export interface Mail {
  readonly id: string;
  readonly account: string;
  readonly at: Date;
  readonly subject: Words;
  readonly text: Words;
  /** Of the button "I did not do this". In the mail, and nowhere else in the clear. */
  readonly undo: string | null;
}

export interface Mailbox {
  deliver(mail: Omit<Mail, 'id'>): void;
  /** Newest first. */
  all(): readonly Mail[];
}

const MAX_MAILS = 200;

export function createMailbox(): Mailbox {
  const mails: Mail[] = [];
  return {
    deliver(mail) {
      mails.unshift({ ...mail, id: randomBytes(9).toString('base64url') });
      mails.length = Math.min(mails.length, MAX_MAILS);
    },
    all: () => mails,
  };
}
