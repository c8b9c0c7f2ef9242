/** Verdicts of real DER, not minted for the test: what the verifier says reaches the ledger. */
import { describe, expect, test } from 'vitest';
import { createVerifier, loadEnvironment, type Verdict } from '../../src/index.ts';
import { openVerdict, sealVerdict } from '../../src/links/index.ts';
import { factsOfVerdict, isProven } from '../../src/proven.ts';
import { bytes, environmentJson, vector } from '../vectors.ts';
import { testLedger } from './ledgers.ts';

const environment = loadEnvironment(environmentJson());
const verdictOf = async (id: string, revocation: 'crl' | 'ocsp'): Promise<Verdict> => {
  const { input, revocation: data, at } = vector(id);
  return await createVerifier({ environment, role: 'verifier', revocation }).verify({
    ...input,
    certificate: bytes(input.certificate),
    message: bytes(input.message),
    signature: bytes(input.signature),
    at: new Date(at),
    crls: data.crls.map(bytes),
    ocspResponses: data.ocspResponses.map(bytes),
    ocspNonce: data.ocspNonce === null ? null : bytes(data.ocspNonce),
  });
};

describe('a verdict of the verifier', () => {
  test('that is valid is proven, survives sealing, and is taken by the ledger', async () => {
    const verdict = await verdictOf('happy/smartphone-user-authentication-g3-ocsp', 'ocsp');
    if (verdict.result !== 'valid') throw new Error(verdict.code);
    const key = new Uint8Array(32).fill(3);
    const opened = openVerdict(sealVerdict(verdict, key), key);
    expect(isProven(opened)).toBe(true);
    const { evidence: _, ...rest } = opened;
    const { evidence: __, ...original } = verdict;
    expect(rest).toEqual({ ...original, certificate: { ...original.certificate } });
    const { ledger, now } = testLedger();
    now(verdict.at);
    expect(await ledger.find({ verdict: opened })).toEqual({ ok: false, code: 'link-not-found' });
  });

  test.each([
    ['ocsp/revoked', 'ocsp'],
    ['crl/revoked-first-entry', 'crl'],
  ] as const)('that is revoked (%s) names the genuine certificate to the ledger', async (id, mode) => {
    const verdict = await verdictOf(id, mode);
    expect(verdict).toMatchObject({ result: 'invalid', code: 'revoked' });
    expect(factsOfVerdict(verdict)).toMatchObject({ revocation: 'revoked', certificate: { serialNumber: expect.any(String) } });
    expect(await testLedger().ledger.observe(verdict)).toEqual({ ok: true, changed: [] });
  });
});
