/** What can be begun at this bank, and under which policy. Anything not named here is closed. */
import { randomBytes } from 'node:crypto';
import type { Operation, Prepared } from '@jpki-rp/node-sdk';
import type { Session } from '../session/session.ts';
import { login, stepUp, transfer } from './counter.ts';
import { declarationOf } from './declaration.ts';
import { type Desk, handled, linkCard, linkSmartphone, openAccount, registerLogin } from './desk.ts';

export const OPERATION_NAMES = {
  'open-account': { ja: '口座開設の申込み', en: 'Open an account' },
  'register-login': { ja: 'ログイン方法の登録', en: 'Register for logging in' },
  login: { ja: 'ログイン', en: 'Log in' },
  transfer: { ja: 'お振込み', en: 'Transfer' },
  'step-up': { ja: 'カードによる確認', en: 'Confirm with the card' },
  'link-card': { ja: 'スマートフォンの登録(1/2 カード)', en: 'Add your smartphone (1/2: card)' },
  'link-smartphone': { ja: 'スマートフォンの登録(2/2 スマートフォン)', en: 'Add your smartphone (2/2: smartphone)' },
} as const;
export type OperationName = keyof typeof OPERATION_NAMES;

export function operationsOf(desk: Desk): Readonly<Record<OperationName, Operation>> {
  /** Everything comes from the server's own session; a request without one begins nothing. */
  const from = (preparation: (session: Session) => Prepared | null) => (request: Request) => {
    const session = desk.sessions.read(request.headers.get('cookie'));
    return session === null ? null : preparation(session);
  };
  const signedIn = (session: Session): Prepared | null => (session.account === null ? null : { account: session.owner });
  const ceremonyStep = (step: 'card' | 'smartphone') => (session: Session) =>
    session.account === null || session.ceremony?.step !== step
      ? null
      : { account: session.owner, ceremony: { id: session.ceremony.id, step } };
  return {
    'open-account': {
      policy: { name: OPERATION_NAMES['open-account'], purpose: 'digital-signature', carriers: ['smartphone', 'card'] },
      prepare: from((session) =>
        session.application === null
          ? null
          : {
              account: session.owner,
              document: { text: declarationOf(session.application, desk.now()) },
              ceremony: { id: session.application.id, step: 'sign' },
            },
      ),
      onOutcome: handled(desk, openAccount),
    },
    'register-login': {
      policy: { name: OPERATION_NAMES['register-login'], purpose: 'user-authentication', carriers: ['smartphone', 'card'] },
      prepare: from(signedIn),
      onOutcome: handled(desk, registerLogin),
    },
    login: {
      policy: { name: OPERATION_NAMES.login, purpose: 'user-authentication', carriers: ['smartphone', 'card'] },
      // A ceremony of its own, in case the smartphone's verdict has to wait for the card.
      prepare: from((session) => ({ account: session.owner, ceremony: { id: randomBytes(16).toString('base64url'), step: 'login' } })),
      onOutcome: handled(desk, login),
    },
    transfer: {
      policy: { name: OPERATION_NAMES.transfer, purpose: 'user-authentication', carriers: ['smartphone', 'card'] },
      prepare: from((session) =>
        session.account === null || session.transfer === null
          ? null
          : { account: session.owner, ceremony: { id: session.transfer.id, step: 'transfer' } },
      ),
      onOutcome: handled(desk, transfer),
    },
    'step-up': {
      policy: { name: OPERATION_NAMES['step-up'], purpose: 'user-authentication', carriers: ['card'] },
      prepare: from((session) =>
        session.stepUp === null ? null : { account: session.owner, ceremony: { id: session.stepUp.id, step: 'step-up' } },
      ),
      onOutcome: handled(desk, stepUp),
    },
    'link-card': {
      policy: { name: OPERATION_NAMES['link-card'], purpose: 'user-authentication', carriers: ['card'] },
      prepare: from(ceremonyStep('card')),
      onOutcome: handled(desk, linkCard),
    },
    'link-smartphone': {
      policy: { name: OPERATION_NAMES['link-smartphone'], purpose: 'user-authentication', carriers: ['smartphone'] },
      prepare: from(ceremonyStep('smartphone')),
      onOutcome: handled(desk, linkSmartphone),
    },
  };
}
