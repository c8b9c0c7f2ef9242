/** Every case through the public `verifier.verify`: result and reason as expected or as an alternative allows, and what the verdict says of it. */
import { readFileSync } from 'node:fs';
import { createVerifier, type Environment, EnvironmentError, loadEnvironment, type Verdict, type VerifyInput } from '@jpki-rp/verifier';
import { describe, expect, test } from 'vitest';

interface VectorCase {
  id: string;
  environment: string;
  at: string;
  input: {
    certificate: string;
    message: string;
    scheme: VerifyInput['scheme'];
    signature: string;
    purpose: VerifyInput['purpose'];
    acceptCarriers: ('card' | 'smartphone')[];
    reportedCarrier: 'card' | 'smartphone' | null;
  };
  revocation: { mode: 'crl' | 'ocsp' | 'none'; crls: string[]; ocspResponses: string[]; ocspNonce: string | null };
  expected: {
    result: Verdict['result'];
    class: string | null;
    reason: string | null;
    alternatives: string[];
    attributes?: Record<string, string>;
    derived?: { dateOfBirth: string | null };
    revocationReason?: string;
    revokedAt?: string;
  };
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const cases = read('cases.json') as VectorCase[];
const environments = new Map<string, unknown>(
  ['card-oids', 'nextgen', 'no-anchors', 'pinned', 'synthetic'].map((name) => {
    const json = read(`environment-${name}.json`) as { id: string };
    return [json.id, json];
  }),
);
const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

const loaded = new Map<string, Environment | EnvironmentError>();
const environmentOf = (id: string): Environment | EnvironmentError => {
  let environment = loaded.get(id);
  if (environment === undefined) {
    try {
      environment = loadEnvironment(environments.get(id));
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      environment = error;
    }
    loaded.set(id, environment);
  }
  return environment;
};

interface Got {
  result: string;
  reason: string | null;
  verdict: Verdict | null;
}

const judge = async (vector: VectorCase): Promise<Got> => {
  const environment = environmentOf(vector.environment);
  if (environment instanceof EnvironmentError) return { result: 'invalid', reason: environment.code, verdict: null };
  const verifier = createVerifier({ environment, role: 'verifier', revocation: vector.revocation.mode });
  const verdict = await verifier.verify({
    certificate: bytes(vector.input.certificate),
    message: bytes(vector.input.message),
    signature: bytes(vector.input.signature),
    scheme: vector.input.scheme,
    purpose: vector.input.purpose,
    acceptCarriers: vector.input.acceptCarriers,
    reportedCarrier: vector.input.reportedCarrier,
    at: new Date(vector.at),
    crls: vector.revocation.crls.map(bytes),
    ocspResponses: vector.revocation.ocspResponses.map(bytes),
    ocspNonce: vector.revocation.ocspNonce === null ? null : bytes(vector.revocation.ocspNonce),
  });
  return { result: verdict.result, reason: verdict.result === 'valid' ? null : verdict.code, verdict };
};

/** The table of reasons in README.md: the result that an alternative reason belongs to. */
const resultOfReason = (reason: string): string => (/^(crl|ocsp)-/.test(reason) ? 'indeterminate' : 'invalid');

const agrees = ({ expected }: VectorCase, got: Got): boolean =>
  (got.result === expected.result && got.reason === expected.reason) ||
  (got.reason !== null && expected.alternatives.includes(got.reason) && got.result === resultOfReason(got.reason));

describe('vectors', () => {
  test('are all here', () => {
    expect(cases.length).toBe(322);
  });

  test.each(cases.map((c) => [c.id, c] as const))('%s', async (_, vector) => {
    const got = await judge(vector);
    if (vector.expected.result !== 'valid') expect(got.result, 'wrong accept').not.toBe('valid');
    expect(agrees(vector, got) ? 'agrees' : `${got.result}/${got.reason}`).toBe('agrees');

    const { expected } = vector;
    if (expected.result === 'valid') expect(got.verdict?.class).toBe(expected.class);
    if (got.verdict?.result === 'valid') {
      for (const [member, value] of Object.entries(expected.attributes ?? {})) expect(got.verdict.attributes).toHaveProperty(member, value);
      if (expected.derived !== undefined) expect(got.verdict.attributes?.derived.dateOfBirth).toBe(expected.derived.dateOfBirth);
    }
    if (got.reason === 'revoked' && expected.reason === 'revoked') {
      if (expected.revocationReason !== undefined) expect(got.verdict?.revocation.reason).toBe(expected.revocationReason);
      if (expected.revokedAt !== undefined) expect(got.verdict?.revocation.revokedAt?.toISOString()).toBe(new Date(expected.revokedAt).toISOString());
    }
  });
});
