/** Every vector's verdict, good or refused, sealed and repeated: what was decided once is decided the same way from the record alone. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sealEvidence, verifyEvidence } from '../../src/evidence/index.ts';
import { createVerifier, type Environment, loadEnvironment } from '../../src/index.ts';
import { isProven } from '../../src/proven.ts';
import { environmentJson, type VectorCase, verifyInput } from '../vectors.ts';

type Case = VectorCase & { readonly revocation: { readonly mode: 'crl' | 'ocsp' | 'none' } };
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../../../test/vectors/${name}`, import.meta.url), 'utf8'));
const environments = new Map<string, Environment>(
  ['card-oids', 'nextgen', 'pinned', 'synthetic'].map((name) => {
    const environment = loadEnvironment(environmentJson(name));
    return [environment.id, environment];
  }),
);
const cases = (read('cases.json') as Case[]).filter(({ environment }) => environments.has(environment));
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

test('the evidence of every vector leads to the same verdict again', async () => {
  expect(cases.length).toBeGreaterThan(300);
  const differing: string[] = [];
  for (const { id, environment: name, input, revocation, at } of cases) {
    const environment = environments.get(name) as Environment;
    const verdict = await createVerifier({ environment, role: 'verifier', revocation: revocation.mode }).verify(
      verifyInput({ input, revocation, at }),
    );
    const result = await verifyEvidence(await sealEvidence(verdict.evidence(), privateKey), { environment, keys: [publicKey] });
    if (!result.ok) differing.push(`${id}: ${result.code} ${result.detail}`);
    else if (isProven(result.verdict) !== isProven(verdict)) differing.push(`${id}: proven`);
  }
  expect(differing).toEqual([]);
});
