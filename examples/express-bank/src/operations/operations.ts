/** What can be begun at this bank, and under which policy. Anything not named here is closed. */
import type { Operation, Prepared } from '@jpki-rp/node-sdk';
import type { Session } from '../session/session.ts';
import { declarationOf } from './declaration.ts';
import { type Desk, handled, linkCard, linkSmartphone, login, openAccount, registerLogin } from './desk.ts';

export const OPERATION_NAMES = {
  'open-account': { ja: '口座開設の申込み', en: 'Open an account' },
  'register-login': { ja: 'ログイン方法の登録', en: 'Register for logging in' },
  login: { ja: 'ログイン', en: 'Log in' },
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
      prepare: from((session) => ({ account: session.owner })),
      onOutcome: handled(desk, login),
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
