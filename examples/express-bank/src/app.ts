/** The bank's pages and forms. Identifications run under `/jpki`; everything personal is behind a session. */
import type { RelyingParty } from '@jpki-rp/node-sdk';
import { jpki } from '@jpki-rp/node-sdk/express';
import type { Simulator } from '@jpki-rp/simulator';
import express, { type Express, type Request, type Response } from 'express';
import type { Sweeper } from './backstage/sweep.ts';
import { serveAssets } from './http/assets.ts';
import { ownFormsOnly, securityHeaders } from './http/headers.ts';
import { createVisits } from './http/visit.ts';
import type { Desk } from './operations/desk.ts';
import { errorPage } from './pages/error.ts';
import { accountRoutes, type EvidenceParts } from './routes/account.ts';
import { backstageRoutes } from './routes/backstage.ts';
import { openingRoutes } from './routes/opening.ts';
import { transferRoutes } from './routes/transfer.ts';
import { undoRoutes } from './routes/undo.ts';

export interface AppParts extends EvidenceParts {
  readonly origin: string;
  readonly rp: RelyingParty;
  readonly desk: Desk;
  readonly simulator: Simulator;
  readonly sweep: Sweeper;
}

export function createApp({ origin, rp, desk, simulator, sweep, ...evidence }: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use('/jpki', jpki(rp));
  app.use(securityHeaders(origin.startsWith('https:')));
  const visits = createVisits(desk, serveAssets(app), simulator);
  app.use(ownFormsOnly(origin), express.urlencoded({ extended: false, limit: '8kb', parameterLimit: 20 }));
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  openingRoutes(app, visits);
  accountRoutes(app, visits, evidence);
  transferRoutes(app, visits);
  undoRoutes(app, visits);
  backstageRoutes(app, visits, simulator, sweep);
  app.use((request: Request, response: Response) => visits.notFound(request, response));
  app.use((error: unknown, request: Request, response: Response, next: (error: unknown) => void) => {
    if (response.headersSent) return next(error);
    const status = typeof error === 'object' && error !== null && 'status' in error && Number(error.status) < 500 ? 400 : 500;
    response
      .status(status)
      .type('html')
      .send(errorPage(visits.page(request), status));
  });
  return app;
}
