/** A transfer: written down, confirmed with a certificate, done. */
import { randomBytes } from 'node:crypto';
import type { Express } from 'express';
import { PAYEES, type PayeeId } from '../accounts/account.ts';
import type { Visits } from '../http/visit.ts';
import { confirmTransferPage, transferDonePage, transferForm } from '../pages/transfer.ts';
import type { TransferOrder } from '../session/session.ts';

export function transferRoutes(app: Express, { withAccount }: Visits): void {
  app.get(
    '/transfer',
    withAccount((page, account) => transferForm(page, account)),
  );
  app.post(
    '/transfer',
    withAccount((_page, account, session, request, response) => {
      const order = orderOf(request.body, account.balance);
      session.stepUp = null;
      session.transfer = order;
      if (order === null) {
        session.notice = {
          tone: 'bad',
          ja: '振込先と、残高までの金額(円)をご指定ください。',
          en: 'Choose a payee and an amount in yen, up to your balance.',
        };
      }
      response.redirect(303, order === null ? '/transfer' : '/transfer/confirm');
    }),
  );
  app.get(
    '/transfer/confirm',
    withAccount((page, _account, session, _request, response) =>
      session.transfer === null ? response.redirect(303, '/transfer') : confirmTransferPage(page, session.transfer),
    ),
  );
  app.get(
    '/transfer/done',
    withAccount((page, account, _session, _request, response) => {
      const [last] = account.transfers;
      return last === undefined ? response.redirect(303, '/transfer') : transferDonePage(page, account, last);
    }),
  );
}

function orderOf(form: unknown, balance: number): TransferOrder | null {
  const { payee, amount } = (form ?? {}) as Readonly<Record<string, unknown>>;
  const isPayee = (id: unknown): id is PayeeId => typeof id === 'string' && Object.hasOwn(PAYEES, id);
  if (!isPayee(payee) || typeof amount !== 'string' || !/^[1-9]\d{0,8}$/.test(amount) || Number(amount) > balance) return null;
  return { id: randomBytes(16).toString('base64url'), payee, amount: Number(amount) };
}
