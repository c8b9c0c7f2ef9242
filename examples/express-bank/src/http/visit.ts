/** What every route needs of a visit: whose session it is, the page it gets, and the way back out. */
import type { Simulator } from '@jpki-rp/simulator';
import type { Request, Response } from 'express';
import type { Account } from '../accounts/account.ts';
import type { Desk } from '../operations/desk.ts';
import { errorPage } from '../pages/error.ts';
import type { Lang, Page } from '../pages/page.ts';
import type { Session } from '../session/session.ts';
import type { Assets } from './assets.ts';

type Render = (page: Page, account: Account, session: Session, request: Request, response: Response) => unknown;

export interface Visits {
  readonly desk: Desk;
  session(request: Request): Session | null;
  page(request: Request, session?: Session | null): Page;
  send(response: Response, session: Session | null, body: string): void;
  /** A page for anyone, with a session from here on: what is begun on it belongs to this browser. */
  begin(request: Request, response: Response, render: (page: Page, session: Session) => string): void;
  /** For customers only. Text that comes back is sent as the page. */
  withAccount(render: Render): (request: Request, response: Response) => Promise<void>;
  notFound(request: Request, response: Response): void;
}

export const langOf = (request: Request): Lang => (/(?:^|;\s*)lang=en(?:;|$)/.test(request.get('cookie') ?? '') ? 'en' : 'ja');
export const param = (request: Request, name: string): string => String(request.params[name] ?? '');
export const field = (request: Request, name: string): unknown => ((request.body ?? {}) as Readonly<Record<string, unknown>>)[name];

export function createVisits(desk: Desk, assets: Assets, simulator: Simulator): Visits {
  const visits: Visits = {
    desk,
    session: (request) => desk.sessions.read(request.get('cookie')),
    page(request, session = visits.session(request)) {
      const lang = langOf(request);
      return {
        lang,
        t: (ja, en) => (lang === 'ja' ? ja : en),
        path: request.method === 'GET' ? request.originalUrl : '/',
        session,
        account: desk.accounts.byId(session?.account),
        now: desk.now(),
        assets,
        simulatorApp: simulator.urls.app,
      };
    },
    send(response, session, body) {
      if (session !== null) response.append('Set-Cookie', desk.sessions.cookie(session));
      response.type('html').send(body);
    },
    begin(request, response, render) {
      const session = visits.session(request) ?? desk.sessions.start();
      visits.send(response, session, render(visits.page(request, session), session));
    },
    withAccount: (render) => async (request, response) => {
      const page = visits.page(request);
      const { session, account } = page;
      if (session === null || account === null) return response.redirect(303, '/login');
      const body = await render(page, account, session, request, response);
      if (typeof body === 'string') visits.send(response, session, body);
    },
    notFound(request, response) {
      response
        .status(404)
        .type('html')
        .send(errorPage(visits.page(request), 404));
    },
  };
  return visits;
}
