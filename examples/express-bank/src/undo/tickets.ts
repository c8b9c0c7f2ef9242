/** "I did not do this", one click from a mail: a secret that works once and not for ever. Only its hash is kept. */
import { createHash, randomBytes } from 'node:crypto';

/** What the person may take back. */
export interface Undoable {
  readonly account: string;
  readonly what: { readonly kind: 'link'; readonly link: string } | { readonly kind: 'certificate'; readonly ref: string };
}

/** As long as a new smartphone may make no large transfer by itself. */
export const TICKET_DAYS = 7;

export interface UndoTickets {
  /** 256 random bits as base64url. */
  issue(undoable: Undoable): string;
  /** Looks without using it: mail scanners follow links too. */
  read(ticket: string): Undoable | null;
  /** Uses it up. `run` that throws, or answers false, has undone nothing: the ticket works again. */
  redeem(ticket: string, run: (undoable: Undoable) => Promise<boolean>): Promise<boolean>;
}

const hashOf = (ticket: string): string => createHash('sha256').update(`undo\0${ticket}`).digest('base64url');

export function createUndoTickets(now: () => Date): UndoTickets {
  const tickets = new Map<string, { readonly undoable: Undoable; readonly expiresAt: number }>();
  const valid = (hash: string): { readonly undoable: Undoable; readonly expiresAt: number } | null => {
    const found = tickets.get(hash);
    return found !== undefined && found.expiresAt > now().getTime() ? found : null;
  };
  return {
    issue(undoable) {
      for (const [hash] of tickets) if (valid(hash) === null) tickets.delete(hash);
      const ticket = randomBytes(32).toString('base64url');
      tickets.set(hashOf(ticket), { undoable, expiresAt: now().getTime() + TICKET_DAYS * 86_400_000 });
      return ticket;
    },
    read: (ticket) => valid(hashOf(ticket))?.undoable ?? null,
    async redeem(ticket, run) {
      const hash = hashOf(ticket);
      const found = valid(hash);
      if (found === null) return false;
      // Gone before anything is awaited: of two clicks at once, one counts.
      tickets.delete(hash);
      let done = false;
      try {
        done = await run(found.undoable);
      } finally {
        if (!done) tickets.set(hash, found);
      }
      return done;
    },
  };
}
