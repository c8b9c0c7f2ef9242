/** receive(): parks the app's answer. It needs no cookie, believes nothing and says nothing. */
import { JpkiError } from '@jpki-rp/verifier';
import { hashSecret } from '../transaction/secrets.ts';
import type { Rooms } from './rooms.ts';

export const MAX_MESSAGE_BYTES: number = 64 * 1024;

/**
 * Keeps the first answer of the app that redeemed the ticket. Later ones, the same or others, and answers under an unknown token change nothing
 * and are told nothing else. Throws `request-too-large` (over 64 KiB), `app-message-invalid` (no JSON object that names a transaction) and
 * `store-full`.
 */
export async function receive(rooms: Rooms, message: Uint8Array): Promise<void> {
  if (message.length > MAX_MESSAGE_BYTES) throw new JpkiError('request-too-large');
  const token = rooms.door.answerToken(message);
  if (token === null) throw new JpkiError('app-message-invalid');
  const parked = await rooms.store.park(hashSecret('answer', token), message, rooms.clock().getTime());
  if (parked?.result === 'full') throw new JpkiError('store-full');
  if (parked?.result === 'parked') rooms.audit({ type: 'answered' }, parked.id);
  else rooms.audit({ type: 'answer-ignored' }, parked?.id);
}
