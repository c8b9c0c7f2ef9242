/** The person says that it was not them. Fail closed: what is barred first stays barred, whatever comes after. */
import type { LinkState } from '@jpki-rp/verifier/links';
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
  if (what.kind === 'certificate') {
    desk.accounts.disownCertificate(account, what.ref);
    desk.sessions.endAll(id);
  }
  const links = what.kind === 'link' ? [what.link] : await liveLinksOf(desk, account, what.ref);
  if (links === null) return { ok: false, again: false };
  for (const link of links) desk.accounts.disownLink(account, link);
  let replaced = false;
  for (const link of links) {
    // The ledger ends the sessions (`endSessions`) once the link has ended, and not before.
    const undone = await desk.ledger.undo({ account: id, link });
    if (!undone.ok) return { ok: false, again: undone.code === 'link-busy' };
    replaced ||= undone.replaced.length > 0;
  }
  desk.accounts.tell(account, {
    at: desk.now(),
    ja: '「心当たりがない」とのお申出により取り消し、すべての端末からログアウトしました。',
    en: 'You said that it was not you: it is undone, and you are logged out everywhere.',
  });
  return { ok: true, account, replaced };
}

const OVER: readonly LinkState[] = ['superseded', 'ended'];

/** A certificate that was registered may have been linked as well, before or after: it logs in by either. Null where the ledger's own record is not genuine. */
async function liveLinksOf(desk: Desk, account: Account, ref: string): Promise<readonly string[] | null> {
  const history = await desk.ledger.history(account.id);
  if (!history.ok) return history.code === 'link-not-found' ? [] : null;
  const isOf = (link: string): boolean => {
    const refs = account.links.get(link);
    return refs !== undefined && (refs.card === ref || refs.smartphone === ref);
  };
  return history.links.filter(({ id, state }) => !OVER.includes(state) && isOf(id)).map(({ id }) => id);
}
