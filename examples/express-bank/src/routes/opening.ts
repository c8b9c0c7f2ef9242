/** From the home page to an account, and back in. */
import { randomBytes } from 'node:crypto';
import type { Express } from 'express';
import { type Application, BRANCHES, type BranchId, PURPOSES, type PurposeId } from '../accounts/account.ts';
import { param, type Visits } from '../http/visit.ts';
import { declarationOf } from '../operations/declaration.ts';
import { openedPage } from '../pages/done.ts';
import { home } from '../pages/home.ts';
import { loginPage } from '../pages/login.ts';
import { applicationForm, signApplication } from '../pages/open.ts';
import { stepUpPage } from '../pages/step-up.ts';
import { expiredCookie } from '../session/session.ts';

const ownPath = (value: unknown): string => (typeof value === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(value) ? value : '/');

export function openingRoutes(app: Express, visits: Visits): void {
  const { desk } = visits;
  app.get('/', (request, response) => visits.send(response, visits.session(request), home(visits.page(request))));
  app.get('/language/:lang', (request, response) => {
    const lang = param(request, 'lang') === 'en' ? 'en' : 'ja';
    response.append('Set-Cookie', `lang=${lang}; Path=/; SameSite=Lax; Max-Age=31536000`).redirect(303, ownPath(request.query['to']));
  });

  app.get('/open', (request, response) => visits.send(response, visits.session(request), applicationForm(visits.page(request))));
  app.post('/open', (request, response) => {
    const application = applicationOf(request.body);
    if (application === null) return response.redirect(303, '/open');
    const session = visits.session(request) ?? desk.sessions.start();
    session.application = { ...application, id: randomBytes(16).toString('base64url') };
    response.append('Set-Cookie', desk.sessions.cookie(session)).redirect(303, '/open/sign');
  });
  app.get('/open/sign', (request, response) => {
    const session = visits.session(request);
    if (session?.application == null) return response.redirect(303, session?.account == null ? '/open' : '/open/done');
    visits.send(response, session, signApplication(visits.page(request, session), declarationOf(session.application, desk.now())));
  });
  app.get(
    '/open/done',
    visits.withAccount((page, account, _session, _request, response) => {
      const opening = account.identifications.find(({ operation }) => operation === 'open-account');
      return opening === undefined ? response.redirect(303, '/account') : openedPage(page, account, opening);
    }),
  );

  app.get('/login', (request, response) => visits.begin(request, response, (page) => loginPage(page)));
  app.get('/step-up', (request, response) => {
    const session = visits.session(request);
    if (session?.stepUp == null) return response.redirect(303, '/account');
    visits.send(response, session, stepUpPage(visits.page(request, session), session.stepUp, session.transfer));
  });
  app.post('/logout', (request, response) => {
    const session = visits.session(request);
    if (session !== null) desk.sessions.end(session);
    response.append('Set-Cookie', expiredCookie).redirect(303, '/');
  });
}

function applicationOf(form: unknown): Application | null {
  const { branch, purpose } = (form ?? {}) as Readonly<Record<string, unknown>>;
  const isBranch = (id: unknown): id is BranchId => typeof id === 'string' && Object.hasOwn(BRANCHES, id);
  const isPurpose = (id: unknown): id is PurposeId => typeof id === 'string' && Object.hasOwn(PURPOSES, id);
  return isBranch(branch) && isPurpose(purpose) ? { branch, purpose } : null;
}
