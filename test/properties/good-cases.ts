/** The vectors that are valid: where a mutation starts from. */
import { readFileSync } from 'node:fs';
import { createVerifier, type Environment, loadEnvironment, type Verdict, type VerifyInput } from '@jpki-rp/verifier';

interface VectorCase {
  readonly id: string;
  readonly environment: string;
  readonly at: string;
  readonly input: {
    readonly certificate: string;
    readonly message: string;
    readonly signature: string;
    readonly scheme: VerifyInput['scheme'];
    readonly purpose: VerifyInput['purpose'];
    readonly acceptCarriers: VerifyInput['acceptCarriers'];
    readonly reportedCarrier: 'card' | 'smartphone' | null;
  };
  readonly revocation: {
    readonly mode: 'crl' | 'ocsp' | 'none';
    readonly crls: readonly string[];
    readonly ocspResponses: readonly string[];
    readonly ocspNonce: string | null;
  };
  readonly expected: { readonly result: Verdict['result'] };
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

const environments = new Map<string, Environment>(
  ['card-oids', 'nextgen', 'pinned', 'synthetic'].map((name) => {
    const environment = loadEnvironment(read(`environment-${name}`));
    return [environment.id, environment];
  }),
);

export interface GoodCase {
  readonly id: string;
  readonly input: VerifyInput & { readonly message: Uint8Array };
  readonly verify: (input: VerifyInput) => Promise<Verdict>;
}

export const goodCases = (): readonly GoodCase[] =>
  (read('cases') as VectorCase[])
    .filter(({ expected }) => expected.result === 'valid')
    .map(({ id, environment: name, at, input, revocation }) => {
      const environment = environments.get(name);
      if (environment === undefined) throw new Error(`no environment ${name}`);
      const verifier = createVerifier({ environment, role: 'verifier', revocation: revocation.mode });
      return {
        id,
        verify: (given) => verifier.verify(given),
        input: {
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
        },
      };
    });
