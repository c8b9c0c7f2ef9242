/** The bank's pages and forms. Identifications run under `/jpki`; everything personal is behind a session. */
import type { KeyObject } from 'node:crypto';
import { randomBytes } from 'node:crypto';
import type { RelyingParty } from '@jpki-rp/node-sdk';
import { jpki } from '@jpki-rp/node-sdk/express';
import type { Simulator } from '@jpki-rp/simulator';
import type { Environment } from '@jpki-rp/verifier';
import { verifyEvidence } from '@jpki-rp/verifier/evidence';
import express, { type Express, type Request, type Response } from 'express';
import { type Account, type Application, BRANCHES, type BranchId, PURPOSES, type PurposeId } from './accounts/account.ts';
import { pullLever } from './backstage.ts';
import { serveAssets } from './http/assets.ts';
import { ownFormsOnly, securityHeaders } from './http/headers.ts';
import { declarationOf } from './operations/declaration.ts';
import type { Desk } from './operations/desk.ts';
import { accountPage } from './pages/account.ts';
import { backstagePage } from './pages/backstage.ts';
import { certificatesPage } from './pages/certificates.ts';
import { openedPage } from './pages/done.ts';
import { errorPage } from './pages/error.ts';
import { home } from './pages/home.ts';
import { linkPage } from './pages/link.ts';
import { loginPage, registerPage } from './pages/login.ts';
import { applicationForm, signApplication } from './pages/open.ts';
import type { Lang, Page } from './pages/page.ts';
import { identificationPage } from './pages/verified.ts';
import { expiredCookie, type Session } from './session/session.ts';

export interface AppParts {
  readonly origin: string;
  readonly rp: RelyingParty;
  readonly desk: Desk;
  readonly simulator: Simulator;
  readonly environment: Environment;
  readonly evidenceKey: KeyObject;
}

const langOf = (request: Request): Lang => (/(?:^|;\s*)lang=en(?:;|$)/.test(request.get('cookie') ?? '') ? 'en' : 'ja');
const ownPath = (value: unknown): string => (typeof value === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(value) ? value : '/');
const param = (request: Request, name: string): string => String(request.params[name] ?? '');

export function createApp({ origin, rp, desk, simulator, environment, evidenceKey }: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use('/jpki', jpki(rp));
  app.use(securityHeaders(origin.startsWith('https:')));
  const assets = serveAssets(app);
  app.use(ownFormsOnly(origin), express.urlencoded({ extended: false, limit: '8kb', parameterLimit: 20 }));
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });

  const sessionOf = (request: Request): Session | null => desk.sessions.read(request.get('cookie'));
  const accountOf = (session: Session | null): Account | null => desk.accounts.byId(session?.account);
  const pageOf = (request: Request, session: Session | null = sessionOf(request)): Page => {
    const lang = langOf(request);
    return {
      lang,
      t: (ja, en) => (lang === 'ja' ? ja : en),
      path: request.originalUrl,
      session,
      account: accountOf(session),
      assets,
      simulatorApp: simulator.urls.app,
    };
  };
  const send = (response: Response, session: Session | null, body: string): void => {
    if (session !== null) response.append('Set-Cookie', desk.sessions.cookie(session));
    response.type('html').send(body);
  };
  /** A page for anyone, with a session from here on: what is begun on it belongs to this browser. */
  const begin = (request: Request, response: Response, render: (page: Page, session: Session) => string): void => {
    const session = sessionOf(request) ?? desk.sessions.start();
    send(response, session, render(pageOf(request, session), session));
  };
  const withAccount =
    (render: (page: Page, account: Account, session: Session, request: Request, response: Response) => unknown) =>
    async (request: Request, response: Response): Promise<void> => {
      const page = pageOf(request);
      const { session, account } = page;
      if (session === null || account === null) return response.redirect(303, '/login');
      const body = await render(page, account, session, request, response);
      if (typeof body === 'string') send(response, session, body);
    };

  app.get('/', (request, response) => send(response, sessionOf(request), home(pageOf(request))));
  app.get('/language/:lang', (request, response) => {
    const lang = param(request, 'lang') === 'en' ? 'en' : 'ja';
    response.append('Set-Cookie', `lang=${lang}; Path=/; SameSite=Lax; Max-Age=31536000`).redirect(303, ownPath(request.query['to']));
  });

  app.get('/open', (request, response) => send(response, sessionOf(request), applicationForm(pageOf(request))));
  app.post('/open', (request, response) => {
    const application = applicationOf(request.body);
    if (application === null) return response.redirect(303, '/open');
    const session = sessionOf(request) ?? desk.sessions.start();
    session.application = { ...application, id: randomBytes(16).toString('base64url') };
    response.append('Set-Cookie', desk.sessions.cookie(session)).redirect(303, '/open/sign');
  });
  app.get('/open/sign', (request, response) => {
    const session = sessionOf(request);
    if (session?.application == null) return response.redirect(303, accountOf(session) === null ? '/open' : '/open/done');
    send(response, session, signApplication(pageOf(request, session), declarationOf(session.application, desk.now())));
  });
  app.get(
    '/open/done',
    withAccount((page, account, _session, _request, response) => {
      const opening = account.identifications.find(({ operation }) => operation === 'open-account');
      return opening === undefined ? response.redirect(303, '/account') : openedPage(page, account, opening);
    }),
  );

  app.get('/login', (request, response) => begin(request, response, (page) => loginPage(page)));
  app.post('/logout', (request, response) => {
    const session = sessionOf(request);
    if (session !== null) desk.sessions.end(session);
    response.append('Set-Cookie', expiredCookie).redirect(303, '/');
  });

  app.get(
    '/account',
    withAccount(async (page, account) => {
      const history = await desk.ledger.history(account.id);
      return accountPage(page, account, history.ok && history.links.some(({ state }) => state === 'active'));
    }),
  );
  app.get(
    '/register',
    withAccount((page) => registerPage(page)),
  );
  app.get(
    '/account/certificates',
    withAccount(async (page, account) => {
      const history = await desk.ledger.history(account.id);
      return certificatesPage(page, account, history.ok ? history : null);
    }),
  );
  app.post(
    '/account/links/:link/end',
    withAccount(async (_page, account, session, request, response) => {
      const ended = await desk.ledger.end({ account: account.id, link: param(request, 'link') }, { by: 'person', reason: 'withdrawn' });
      session.notice = ended.ok
        ? { tone: 'good', ja: 'つながりを取り消しました。', en: 'The link is undone.' }
        : { tone: 'bad', ja: 'つながりを取り消せませんでした。', en: 'The link could not be undone.' };
      response.redirect(303, '/account/certificates');
    }),
  );

  const identificationOf = (account: Account, request: Request) => account.identifications.find(({ id }) => id === param(request, 'id'));
  app.get(
    '/account/identifications/:id',
    withAccount((page, account, _session, request, response) => {
      const found = identificationOf(account, request);
      return found === undefined ? notFound(request, response) : identificationPage(page, account, found, null);
    }),
  );
  app.post(
    '/account/identifications/:id/verify',
    withAccount(async (page, account, _session, request, response) => {
      const found = identificationOf(account, request);
      if (found === undefined) return notFound(request, response);
      const again = await verifyEvidence(found.evidence, { environment, keys: [evidenceKey] });
      return identificationPage(page, account, found, again.ok ? { ok: true } : { ok: false, code: again.code });
    }),
  );
  app.get(
    '/account/identifications/:id/evidence.jws',
    withAccount((_page, account, _session, request, response) => {
      const found = identificationOf(account, request);
      if (found === undefined) return notFound(request, response);
      response.type('application/jose').attachment('evidence.jws').send(found.evidence);
    }),
  );

  app.get(
    '/link',
    withAccount((page) => linkPage(page)),
  );
  app.post(
    '/link',
    withAccount((_page, _account, session, _request, response) => {
      session.ceremony = { id: randomBytes(16).toString('base64url'), step: 'card' };
      response.redirect(303, '/link');
    }),
  );

  app.get('/backstage', (request, response) =>
    send(response, sessionOf(request), backstagePage(pageOf(request), simulator, request.query['done'])),
  );
  app.post('/backstage/:lever', async (request, response) => {
    const done = await pullLever(simulator, param(request, 'lever'), request.body ?? {});
    if (done) response.redirect(303, `/backstage?done=${param(request, 'lever')}`);
    else notFound(request, response);
  });

  const notFound = (request: Request, response: Response): void => {
    response
      .status(404)
      .type('html')
      .send(errorPage(pageOf(request), 404));
  };
  app.use(notFound);
  app.use((error: unknown, request: Request, response: Response, next: (error: unknown) => void) => {
    if (response.headersSent) return next(error);
    const status = typeof error === 'object' && error !== null && 'status' in error && Number(error.status) < 500 ? 400 : 500;
    response
      .status(status)
      .type('html')
      .send(errorPage(pageOf(request), status));
  });
  return app;
}

function applicationOf(form: unknown): Application | null {
  const { branch, purpose } = (form ?? {}) as Readonly<Record<string, unknown>>;
  const isBranch = (id: unknown): id is BranchId => typeof id === 'string' && Object.hasOwn(BRANCHES, id);
  const isPurpose = (id: unknown): id is PurposeId => typeof id === 'string' && Object.hasOwn(PURPOSES, id);
  return isBranch(branch) && isPurpose(purpose) ? { branch, purpose } : null;
}
