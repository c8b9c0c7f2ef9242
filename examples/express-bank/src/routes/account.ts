/** A customer's own pages: account, certificates and links, identifications and their evidence. */
import type { KeyObject } from 'node:crypto';
import { randomBytes } from 'node:crypto';
import type { Environment } from '@jpki-rp/verifier';
import { verifyEvidence } from '@jpki-rp/verifier/evidence';
import type { Express, Request } from 'express';
import type { Account } from '../accounts/account.ts';
import { param, type Visits } from '../http/visit.ts';
import { accountPage } from '../pages/account.ts';
import { certificatesPage } from '../pages/certificates.ts';
import { linkPage } from '../pages/link.ts';
import { registerPage } from '../pages/login.ts';
import { identificationPage } from '../pages/verified.ts';

export interface EvidenceParts {
  readonly environment: Environment;
  readonly evidenceKey: KeyObject;
}

export function accountRoutes(app: Express, visits: Visits, { environment, evidenceKey }: EvidenceParts): void {
  const { desk, withAccount, notFound } = visits;
  app.get(
    '/account',
    withAccount(async (page, account) => {
      const history = await desk.ledger.history(account.id);
      return accountPage(page, account, history.ok ? history.links : []);
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
        ? { tone: 'good', ja: 'つながりを終了しました。', en: 'The link has ended.' }
        : { tone: 'bad', ja: 'つながりを終了できませんでした。', en: 'The link could not be ended.' };
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
}
