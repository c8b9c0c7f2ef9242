/** The virtual Myna app: one piece of code for the page, the control interface and the headless driver. */
import type { Carrier } from '@jpki-rp/verifier';
import { HOLDER, RESULT } from '../door-profile.ts';
import type { AppOutcome, AppSession, IssuedCertificate, Person, VirtualApp } from '../surface.ts';
import { AppFailure } from './failure.ts';
import type { Locks } from './locks.ts';
import type { PostJson } from './network.ts';
import { type AppRequest, type RedeemOptions, redeem } from './request.ts';
import { signMessage } from './sign.ts';

export interface PhoneOptions extends RedeemOptions {
  readonly locks: Locks;
}

type Answer = Parameters<AppSession['answer']>[0];
type Decision =
  | { readonly result: typeof RESULT.ok; readonly certificate: IssuedCertificate }
  | { readonly result: Exclude<(typeof RESULT)[keyof typeof RESULT], typeof RESULT.ok>; readonly tries?: number }
  | { readonly result: null };

export function createPhone(options: PhoneOptions): VirtualApp {
  return {
    open: async (link) => {
      const request = await redeem(link, options);
      return {
        request: request.shown,
        callbackUrl: request.callbackUrl.href,
        answer: async (answer) => answerRequest(request, answer, decide(request, answer, options.locks), options.post),
      };
    },
  };
}

const FIXED: Readonly<Partial<Record<AppOutcome, Decision>>> = {
  cancel: { result: RESULT.cancelled },
  'pin-locked': { result: RESULT.pinLocked, tries: 0 },
  'no-certificate': { result: RESULT.noCertificate },
  'app-outdated': { result: RESULT.appOutdated },
  'rp-not-allowed': { result: RESULT.notAllowed },
  timeout: { result: null },
};

function decide(request: AppRequest, { person, carrier, unlock, outcome = 'success' }: Answer, locks: Locks): Decision {
  const fixed = FIXED[outcome];
  if (fixed !== undefined) return fixed;
  const { purpose } = request.shown;
  const certificate = person.certificate(carrier, purpose);
  if (certificate === null) return { result: RESULT.noCertificate };
  const right = outcome !== 'pin-wrong' && isRight(request, person, carrier, unlock);
  const unlocked = locks.attempt(person.id, carrier, purpose, right);
  if (unlocked.is === 'open') return { result: RESULT.ok, certificate };
  return unlocked.is === 'wrong' ? { result: RESULT.pinWrong, tries: unlocked.tries } : { result: RESULT.pinLocked, tries: 0 };
}

/** Nothing entered means the right PIN: headless callers need not know it. */
function isRight({ shown }: AppRequest, { pins }: Person, carrier: Carrier, unlock: string | undefined): boolean {
  if (unlock === 'biometrics') {
    if (carrier !== 'smartphone' || shown.purpose !== 'user-authentication') {
      throw new AppFailure('biometrics-not-allowed', 'biometrics stand in for the PIN of a smartphone’s user authentication only');
    }
    return true;
  }
  return unlock === undefined || unlock === (shown.purpose === 'user-authentication' ? pins.authentication : pins.signing);
}

async function answerRequest(
  request: AppRequest,
  { carrier, tamper, signInstead }: Answer,
  decision: Decision,
  post: PostJson,
): Promise<{ readonly status: number; readonly message: Record<string, unknown>; readonly returnUrl: string }> {
  const { returnUrl } = request.shown;
  // A phone that never answers: the relying party learns of it by its own clock.
  if (decision.result === null) return { status: 0, message: {}, returnUrl };
  const base = { tx: request.transactionId, result: decision.result };
  const message =
    decision.result === RESULT.ok
      ? {
          ...base,
          holder: HOLDER[carrier],
          cert: Buffer.from(decision.certificate.der).toString('base64'),
          sig: Buffer.from(signMessage(request.scheme, signInstead ?? request.message, decision.certificate.privateKey)).toString('base64'),
        }
      : { ...base, holder: HOLDER[carrier], ...(decision.tries === undefined ? {} : { tries: decision.tries }) };
  const sent = tamper?.({ ...message }) ?? message;
  const { status } = await post(request.callbackUrl, sent);
  return { status, message: sent, returnUrl };
}
