import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPersonalAttributes } from '../packages/verifier/src/certificate/attributes.ts';
import { readCertificate } from '../packages/verifier/src/certificate/certificate.ts';
import { inRounds, ratio, type Timed } from './hot/rounds.ts';

const [root = ''] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(join(root, 'test/vectors/cases.json'), 'utf8')) as { id: string; input: { certificate: string } }[];
const ders = cases
  .filter(({ id }) => /digital-signature/.test(id) && id.startsWith('happy/') && !id.includes('p384'))
  .map(({ input }) => Buffer.from(input.certificate, 'base64'));
const user = cases
  .filter(({ id }) => /user-authentication-g/.test(id) && id.startsWith('happy/'))
  .map(({ input }) => Buffer.from(input.certificate, 'base64'));
const t = await inRounds(
  [
    { name: 'X509Certificate', calls: 50, run: (n) => new X509Certificate(ders[n % ders.length] as Buffer) },
    {
      name: 'ours',
      calls: 2000,
      run: (n) => {
        const c = readCertificate(ders[n % ders.length] as Buffer);
        return [c, readPersonalAttributes(c.subjectAltName ?? [])];
      },
    },
    { name: 'ours no attrs', calls: 2000, run: (n) => readCertificate(ders[n % ders.length] as Buffer) },
    { name: 'ours userauth', calls: 2000, run: (n) => readCertificate(user[n % user.length] as Buffer) },
  ],
  Number(process.env['ROUNDS'] ?? 31),
);
for (const x of t.values()) console.log(x.name.padEnd(30), x.cpu.toFixed(2), 'µs', ratio(x, t.get('X509Certificate') as Timed).toFixed(1));
