/** What else decided about a status (freshness, the meaning of unknown) is part of the evidence, and decides again. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sealEvidence, verifyEvidence } from '../../src/evidence/index.ts';
import { createVerifier, type Freshness, loadEnvironment, type RevocationConfiguration } from '../../src/index.ts';
import { bytes, environmentJson, vector } from '../vectors.ts';

const environment = loadEnvironment(environmentJson());
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const GOOD_CRL = 'happy/card-digital-signature-g3-crl';

const recordUnder = async (revocation: RevocationConfiguration, freshness?: Freshness) => {
  const { input, revocation: data, at } = vector(GOOD_CRL);
  const verdict = await createVerifier({ environment, role: 'verifier', revocation }).verify({
    certificate: bytes(input.certificate),
    message: bytes(input.message),
    signature: bytes(input.signature),
    scheme: input.scheme,
    purpose: input.purpose,
    acceptCarriers: input.acceptCarriers,
    at: new Date(at),
    crls: data.crls.map(bytes),
    ...(freshness === undefined ? {} : { freshness }),
  });
  return verdict.evidence();
};
const again = async (record: Awaited<ReturnType<typeof recordUnder>>) =>
  verifyEvidence(await sealEvidence(record, privateKey), { environment, keys: [publicKey] });

describe('a demand that was not met', () => {
  test.each<[string, RevocationConfiguration, Freshness | undefined]>([
    ['of the operation', 'crl', { crlSeconds: 1 }],
    ['of the policy', { sources: [], policy: { mode: 'crlcheck', freshness: { crlSeconds: 1 } } }, undefined],
  ])('%s refuses again years later', async (_, revocation, freshness) => {
    const record = await recordUnder(revocation, freshness);
    expect(record).toMatchObject({
      revocation: { freshness: { crlSeconds: 1 } },
      verdict: { result: 'indeterminate', code: 'crl-stale', detail: 'max-age' },
    });
    expect(await again(record)).toMatchObject({ ok: true, verdict: { code: 'crl-stale', detail: 'max-age' } });
  });

  test('cannot be taken out of the record', async () => {
    const record = await recordUnder('crl', { crlSeconds: 1 });
    const { freshness: _, ...rest } = record.revocation;
    expect(await again({ ...record, revocation: rest })).toMatchObject({ ok: false, code: 'evidence-differs' });
  });
});

test('what is the default is not written down', async () => {
  const { revocation } = await recordUnder({ sources: [], policy: { mode: 'crlcheck', onUnknown: 'other-source' } });
  expect([Object.hasOwn(revocation, 'freshness'), Object.hasOwn(revocation, 'onUnknown')]).toEqual([false, false]);
});

test('that a responder’s unknown outweighs any good is written down, and repeated', async () => {
  const record = await recordUnder({ sources: [], policy: { mode: 'crlcheck', onUnknown: 'refuse' } });
  expect(record).toMatchObject({ revocation: { onUnknown: 'refuse' }, verdict: { result: 'valid' } });
  expect(await again(record)).toMatchObject({ ok: true, verdict: { result: 'valid' } });
});
