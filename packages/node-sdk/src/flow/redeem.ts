/** redeem(): the app hands in its ticket and learns what to sign, for whom and why. */
import { JpkiError } from '@jpki-rp/verifier';
import type { JsonObject } from '../json/parse.ts';
import { hashSecret, mintSecret } from '../transaction/secrets.ts';
import type { Rooms } from './rooms.ts';

export interface RedeemInput {
  readonly ticket: string;
  readonly basePath?: string;
}

/**
 * Spends the ticket and gives the request document of the DoorProfile. The `transactionId` in it is an answer token, minted here and given to
 * nobody else: who did not redeem the ticket cannot answer, so a genuine answer is neither displaced nor blocked.
 * Throws `ticket-spent` for a ticket that is unknown, expired or used.
 */
export async function redeem(rooms: Rooms, input: RedeemInput): Promise<JsonObject> {
  const answerToken = mintSecret(rooms.randomBytes);
  const returnToken = mintSecret(rooms.randomBytes);
  const hashes = { answer: hashSecret('answer', answerToken), return: hashSecret('return', returnToken) };
  const transaction = await rooms.store.open(hashSecret('ticket', input.ticket), hashes, rooms.clock().getTime());
  if (transaction === null) throw new JpkiError('ticket-spent');
  rooms.audit({ type: 'opened', operation: transaction.operation }, transaction.id);

  const name = rooms.operations.get(transaction.operation)?.policy.name;
  const callbackUrl = `${rooms.origin}${input.basePath ?? rooms.basePath}/callback/${rooms.door.profile.id}`;
  return rooms.door.request({
    transactionId: answerToken,
    relyingPartyName: rooms.name[transaction.lang],
    relyingPartyOrigin: rooms.origin,
    operationName: name?.ja,
    operationNameEn: name?.en,
    purpose: transaction.purpose,
    carriers: transaction.carriers,
    carrierHint: transaction.carrierHint,
    scheme: transaction.scheme,
    message: transaction.message,
    documentText: transaction.documentText,
    callbackUrl,
    returnUrl: `${callbackUrl}?r=${returnToken}`,
    matchNumber: transaction.matchNumber,
    expiresAt: new Date(transaction.expiresAt).toISOString(),
  });
}
