/** The person says that it was not them. Fail closed: what is barred first stays barred, whatever comes after. */
import type { Account } from '../accounts/account.ts';
import type { Desk } from '../operations/desk.ts';
import type { Undoable } from './tickets.ts';

/** `again`: nothing is wrong with the wish, only with the moment. */
export type Undone =
  | { readonly ok: true; readonly account: Account; readonly replaced: boolean }
  | { readonly ok: false; readonly again: boolean };

/** The link or the certificate is gone, its smartphone does not come back by itself, and nobody is logged in any more, the thief included. */
export async function undo(desk: Desk, { account: id, what }: Undoable): Promise<Undone> {
  const account = desk.accounts.byId(id);
  if (account === null) return { ok: false, again: false };
  let replaced = false;
  if (what.kind === 'link') {
    desk.accounts.disownLink(account, what.link);
    // The ledger ends the sessions (`endSessions`) once the link has ended, and not before.
    const undone = await desk.ledger.undo({ account: id, link: what.link });
    if (!undone.ok) return { ok: false, again: undone.code === 'link-busy' };
    replaced = undone.replaced.length > 0;
  } else {
    desk.accounts.disownCertificate(account, what.ref);
    desk.sessions.endAll(id);
  }
  desk.accounts.tell(account, {
    at: desk.now(),
    ja: '「心当たりがない」とのお申出により取り消し、すべての端末からログアウトしました。',
    en: 'You said that it was not you: it is undone, and you are logged out everywhere.',
  });
  return { ok: true, account, replaced };
}
