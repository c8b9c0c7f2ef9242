/** Log in, and transfer: what a smartphone may do alone, and when its card is asked for. */
import type { CeremonyContext, IdentifiedOutcome } from '@jpki-rp/node-sdk';
import { CODES, type ProvenVerdict } from '@jpki-rp/verifier';
import { openVerdict, sealVerdict } from '@jpki-rp/verifier/links';
import type { Account } from '../accounts/account.ts';
import type { Words } from '../notices/texts.ts';
import type { Session, StepUp, Through, TransferOrder } from '../session/session.ts';
import { DEMANDS, demandOfTransfer, LARGE_AMOUNT } from '../trust/demand.ts';
import { type Code, recognise } from '../trust/recognise.ts';
import { renewedCard } from '../trust/renewal.ts';
import { type Desk, type Handler, record, say } from './desk.ts';

export const login: Handler = async (desk, outcome, session, { ceremony }) => {
  const known = await recognise(desk, outcome.verdict, DEMANDS.login);
  if (known.ok) {
    await record(desk, known.account, outcome);
    return enter(desk, session, known.account, known.through);
  }
  if (known.ask === 'card' && ceremony !== undefined) return setAside(desk, outcome, session, ceremony, { of: 'login', why: known.why });
  const renewed = known.why === 'link-not-found' && ceremony !== undefined ? await renewedCard(desk, outcome.verdict, ceremony) : null;
  if (renewed !== null) {
    await record(desk, renewed, outcome);
    say(session, 'good', 'カードの更新を確かめ、新しいカードに引き継ぎました。', 'Your card was renewed; the new one has taken its place.');
    return enter(desk, session, renewed, { carriers: ['card'], link: null, cardStatusAsOf: null });
  }
  refuse(session, known.why);
  return '/login';
};

export const transfer: Handler = async (desk, outcome, session, { ceremony }) => {
  const order = session.transfer;
  if (session.account === null || ceremony === undefined) return '/login';
  // What is confirmed is the order as it was when the confirmation began.
  if (order?.id !== ceremony.id) return changed(session);
  const known = await recognise(desk, outcome.verdict, demandOfTransfer(order.amount));
  if (known.ok && known.account.id === session.account) {
    await record(desk, known.account, outcome);
    return pay(desk, session, order, known.account, known.through);
  }
  if (!known.ok && known.ask === 'card') {
    const why = known.why === 'link-cooling-off' && order.amount > LARGE_AMOUNT ? 'large-amount' : known.why;
    return setAside(desk, outcome, session, ceremony, { of: 'transfer', why });
  }
  refuse(session, known.ok ? 'link-other-account' : known.why);
  return '/transfer/confirm';
};

/** The card, beside the smartphone whose verdict waits: both together are judged as one. */
export const stepUp: Handler = async (desk, outcome, session, { ceremony }) => {
  const waiting = session.stepUp;
  if (waiting === null || ceremony === undefined || waiting.id !== ceremony.id) return '/login';
  const back = waiting.of === 'login' ? '/login' : '/transfer/confirm';
  session.stepUp = null;
  const sealed = await ceremony.take();
  if (sealed === null) {
    say(session, 'bad', '時間が経ったため、はじめからやり直してください。', 'That took too long. Please start again.');
    return back;
  }
  const smartphone = openVerdict(sealed, desk.verdictKey, { context: contextOf(waiting) });
  const order = waiting.of === 'transfer' ? session.transfer : null;
  if (waiting.of === 'transfer' && order?.id !== waiting.id) return changed(session);
  const demand = order === null ? DEMANDS.login : demandOfTransfer(order.amount);
  const known = await recognise(desk, smartphone, demand, outcome.verdict);
  if (!known.ok) {
    refuse(session, known.why);
    return back;
  }
  if (waiting.of === 'transfer' && known.account.id !== session.account) {
    refuse(session, 'link-other-account');
    return back;
  }
  await record(desk, known.account, { verdict: smartphone, operation: waiting.of, carrierWitnesses: waiting.carrierWitnesses });
  await record(desk, known.account, outcome);
  return order === null ? enter(desk, session, known.account, known.through) : pay(desk, session, order, known.account, known.through);
};

const contextOf = ({ of, id }: Pick<StepUp, 'of' | 'id'>): string => `step-up/${of}/${id}`;

/** The smartphone's verdict waits, sealed, where only this browser's card confirmation takes it out again. */
async function setAside(
  desk: Desk,
  { verdict, carrierWitnesses }: IdentifiedOutcome & { readonly verdict: ProvenVerdict },
  session: Session,
  ceremony: CeremonyContext,
  { of, why }: Pick<StepUp, 'of' | 'why'>,
): Promise<string> {
  const waiting: StepUp = { id: ceremony.id, of, why, carrierWitnesses };
  await ceremony.keep(sealVerdict(verdict, desk.verdictKey, { context: contextOf(waiting) }));
  session.stepUp = waiting;
  return '/step-up';
}

function enter(desk: Desk, session: Session, account: Account, through: Through): string {
  desk.sessions.signIn(session, account.id, through);
  return '/account';
}

/**
 * Pays the order that was confirmed, and only while it is still the session's: another may have been placed meanwhile, which nobody confirmed.
 * Nothing is awaited between looking and paying: of two confirmations of one order, one pays.
 */
function pay(desk: Desk, session: Session, order: TransferOrder, account: Account, { carriers }: Through): string {
  if (session.transfer !== order) return changed(session);
  session.transfer = null;
  session.stepUp = null;
  if (order.amount > account.balance) {
    say(session, 'bad', '残高が足りないため、お振込みできませんでした。', 'There is not enough in the account for this transfer.');
    return '/transfer';
  }
  account.balance -= order.amount;
  account.transfers.unshift({ ...order, at: desk.now(), shown: carriers });
  return '/transfer/done';
}

function changed(session: Session): string {
  say(
    session,
    'bad',
    'お振込みの内容が変わったか、すでに済んでいます。もう一度ご確認ください。',
    'The transfer has changed or is already done. Please check it again.',
  );
  return '/transfer';
}

/** What the person is told where neither their smartphone nor their card leads on. */
const REFUSALS: Partial<Record<Code, Words>> = {
  'link-not-found': {
    ja: '本人確認はできましたが、この電子証明書で使える口座が見つかりません。カードでログインするか、口座を開設してください。',
    en: 'You were identified, but no account knows this certificate. Log in with your card, or open an account.',
  },
  'link-suspended': {
    ja: '電子証明書の一時停止が届いているため、このスマートフォンはいまお使いいただけません。一時停止を解除のうえ、カードでログインしてください。',
    en: 'A certificate is on hold, so this smartphone cannot be used for now. Have the hold lifted, then log in with your card.',
  },
  'link-step-up': {
    ja: 'このスマートフォンと結び付いたカードではありません。登録したときのカードをお使いください。',
    en: 'This is not the card that belongs to this smartphone. Use the card that you added it with.',
  },
};

function refuse(session: Session, why: Code): void {
  const { ja, en } = REFUSALS[why] ?? CODES[why];
  say(session, 'bad', ja, en);
}
