/**
 * Writes `keys/rsa-2048.json`: the pool of PUBLIC test keys the simulator draws from. Key generation cannot be seeded and costs about 0.4 s
 * each, so the pool is generated once and committed; running this again changes every certificate that the simulator mints.
 */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const COUNT = 96;
const keys = Array.from({ length: COUNT }, () =>
  generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 65537 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
);
writeFileSync(
  new URL('../keys/rsa-2048.json', import.meta.url),
  `${JSON.stringify({ warning: 'PUBLIC TEST KEYS. Everybody knows them. Never use them for anything but this simulator.', keys }, null, 1)}\n`,
);
