/** Behind the scenes: the simulated authority, the bank's night batch, and everybody's mail. */
import type { Simulator } from '@jpki-rp/simulator';
import type { Express } from 'express';
import { pullLever } from '../backstage/levers.ts';
import type { Sweeper } from '../backstage/sweep.ts';
import { param, type Visits } from '../http/visit.ts';
import { backstagePage } from '../pages/backstage.ts';
import { mailPage } from '../pages/mail.ts';

export function backstageRoutes(app: Express, visits: Visits, simulator: Simulator, sweep: Sweeper): void {
  app.get('/backstage', (request, response) =>
    visits.send(response, visits.session(request), backstagePage(visits.page(request), simulator, request.query['done'])),
  );
  app.get('/backstage/mail', (request, response) =>
    visits.send(response, visits.session(request), mailPage(visits.page(request), visits.desk)),
  );
  app.post('/backstage/:lever', async (request, response) => {
    const lever = param(request, 'lever');
    const pulled = await pullLever({ simulator, sweep }, lever, request.body ?? {});
    if (pulled === 'unknown') visits.notFound(request, response);
    else response.redirect(303, `/backstage?done=${pulled === 'done' ? lever : 'impossible'}`);
  });
}
