/** Cases of the vectors, for tests that start from a good one and change exactly one thing. */
import { readFileSync } from 'node:fs';
import type { VerifyInput } from '../src/index.ts';

export interface VectorCase {
  readonly id: string;
  readonly environment: string;
  readonly at: string;
  readonly input: {
    readonly certificate: string;
    readonly message: string;
    readonly scheme: 'rsa-pkcs1-sha256' | 'rsa-pkcs1-bare-sha256' | 'ecdsa-p256-sha256' | 'ecdsa-p384-sha384';
    readonly signature: string;
    readonly purpose: 'digital-signature' | 'user-authentication';
    readonly acceptCarriers: readonly ('card' | 'smartphone')[];
    readonly reportedCarrier: 'card' | 'smartphone' | null;
  };
  readonly revocation: { readonly crls: readonly string[]; readonly ocspResponses: readonly string[]; readonly ocspNonce: string | null };
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}`, import.meta.url), 'utf8'));
const cases = read('cases.json') as VectorCase[];

export const vector = (id: string): VectorCase => {
  const found = cases.find((c) => c.id === id);
  if (found === undefined) throw new Error(`no vector ${id}`);
  return found;
};

export const environmentJson = (name = 'synthetic'): Record<string, unknown> => read(`environment-${name}.json`) as Record<string, unknown>;

export const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

/** What `verify()` is given for a case: everything, so that a test changes exactly one thing. */
export const verifyInput = ({ input, revocation, at }: Pick<VectorCase, 'input' | 'revocation' | 'at'>): VerifyInput => ({
  certificate: bytes(input.certificate),
  message: bytes(input.message),
  signature: bytes(input.signature),
  scheme: input.scheme,
  purpose: input.purpose,
  acceptCarriers: input.acceptCarriers,
  reportedCarrier: input.reportedCarrier,
  at: new Date(at),
  crls: revocation.crls.map(bytes),
  ocspResponses: revocation.ocspResponses.map(bytes),
  ocspNonce: revocation.ocspNonce === null ? null : bytes(revocation.ocspNonce),
});
