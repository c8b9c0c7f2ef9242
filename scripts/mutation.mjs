/**
 * `npm run mutation [-- place…]`: plants faults in a room of the verifier (`path`) or in one file of it (`revocation/ocsp/check.ts`), and counts those that no
 * test notices. Without a place: profile, signature, revocation, path.
 */
import { bin } from './process.mjs';

const ROOMS = ['profile', 'signature', 'revocation', 'path'];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((place) => !ROOMS.includes(place.split('/')[0]));
if (unknown.length > 0) throw new Error(`no such room: ${unknown.join(', ')} (rooms: ${ROOMS.join(', ')})`);
for (const place of wanted.length > 0 ? wanted : ROOMS) {
  process.env.MUTATION_PLACE = place;
  process.exitCode ||= await bin('@stryker-mutator/core/bin/stryker.js', ['run']);
}
