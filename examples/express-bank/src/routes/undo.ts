/** "I did not do this": from the mail, without logging in; or from the account's own page. Looking changes nothing, only the form does. */
import type { Express, Request, Response } from 'express';
import { field, param, type Visits } from '../http/visit.ts';
import { confirmUndoPage, ticketGonePage, undoneDonePage, undoneFailedPage } from '../pages/undo.ts';
import { expiredCookie } from '../session/session.ts';
import type { Undoable } from '../undo/tickets.ts';
import { undo } from '../undo/undo.ts';

export function undoRoutes(app: Express, visits: Visits): void {
  const { desk, withAccount } = visits;
  const gone = (request: Request, response: Response): void => {
    response
      .status(410)
      .type('html')
      .send(ticketGonePage(visits.page(request)));
  };
  const failed = (request: Request, response: Response): void => {
    response
      .status(503)
      .type('html')
      .send(undoneFailedPage(visits.page(request)));
  };
  /** Every session of the account has ended, this browser's too where it was one: the result is told to a new one that stands for nobody. */
  const tell = (response: Response, what: 'link' | 'certificate', replaced: boolean): void => {
    const session = desk.sessions.start();
    session.undone = { what, replaced };
    response.append('Set-Cookie', desk.sessions.cookie(session)).redirect(303, '/undo');
  };

  app.get('/undo', (request, response) => {
    const session = visits.session(request);
    if (session?.undone == null) return response.redirect(303, '/');
    visits.send(response, session, undoneDonePage(visits.page(request, session), session.undone));
  });
  app.get('/undo/:ticket', (request, response) => {
    const ticket = param(request, 'ticket');
    const undoable = desk.tickets.read(ticket);
    if (undoable === null) return gone(request, response);
    response.type('html').send(confirmUndoPage({ ...visits.page(request), session: null, account: null }, undoable.what.kind, ticket));
  });
  app.post('/undo', async (request, response) => {
    const ticket = String(field(request, 'ticket') ?? '');
    const undoable = desk.tickets.read(ticket);
    if (undoable === null) return gone(request, response);
    let replaced = false;
    const done = await desk.tickets.redeem(ticket, async (found) => {
      const result = await undo(desk, found);
      if (result.ok) replaced = result.replaced;
      return result.ok;
    });
    if (done) tell(response, undoable.what.kind, replaced);
    else if (desk.tickets.read(ticket) === null) gone(request, response);
    else failed(request, response);
  });
  app.post(
    '/account/links/:link/undo',
    withAccount(async (_page, account, _session, request, response) => {
      const undoable: Undoable = { account: account.id, what: { kind: 'link', link: param(request, 'link') } };
      const result = await undo(desk, undoable);
      if (!result.ok) return result.again ? failed(request, response) : visits.notFound(request, response);
      response.append('Set-Cookie', expiredCookie);
      tell(response, 'link', result.replaced);
    }),
  );
}
