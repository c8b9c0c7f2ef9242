/** The browser's way back from the app. */
import { type Binding, hashBinding } from '../http/binding.ts';
import { equalInConstantTime, hashSecret } from '../transaction/secrets.ts';
import type { Rooms } from './rooms.ts';

/**
 * Where to send the browser that began: the path fixed at begin, nothing of the request. Null for any other browser and for an unknown return
 * token alike; a return says nothing about the outcome.
 */
export async function ownReturn(rooms: Rooms, returnToken: string | null, binding: Binding | null): Promise<string | null> {
  const at = rooms.clock().getTime();
  const found =
    returnToken === null || returnToken.length > 128 ? null : await rooms.store.findByReturn(hashSecret('return', returnToken), at);
  if (found === null || binding === null || !equalInConstantTime(found.binding, hashBinding(binding))) {
    rooms.audit({ type: 'refused', code: 'wrong-browser' }, found?.id);
    return null;
  }
  await rooms.store.markReturned(found.id, at);
  rooms.audit({ type: 'returned', operation: found.operation }, found.id);
  return found.returnTo;
}
