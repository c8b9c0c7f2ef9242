/** `npm run mutation [-- room…]`: plants faults in profile, signature, revocation and path, one room after the other, and counts those that no test notices. */
import { bin } from './process.mjs';

const ROOMS = ['profile', 'signature', 'revocation', 'path'];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((room) => !ROOMS.includes(room));
if (unknown.length > 0) throw new Error(`no such room: ${unknown.join(', ')} (rooms: ${ROOMS.join(', ')})`);
for (const room of wanted.length > 0 ? wanted : ROOMS) {
  process.env.MUTATION_ROOM = room;
  process.exitCode ||= await bin('@stryker-mutator/core/bin/stryker.js', ['run']);
}
