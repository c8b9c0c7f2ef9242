/** What one call of `validatePath` works on: the certificates at hand, the instant, the allowed algorithms, the account. */
import type { Certificate } from '../certificate/certificate.ts';
import type { Name } from '../certificate/name.ts';
import type { PublicKeyInfo } from '../certificate/public-key.ts';
import { toBase64 } from '../der/bytes.ts';
import { type AlgorithmPolicy, type SignedData, verifySignedData } from '../signature/signed-data.ts';
import type { Account } from './budget.ts';

export type SignatureOutcome = ReturnType<typeof verifySignedData>;

export class Session {
  readonly anchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly skewMs: number;
  readonly algorithms: AlgorithmPolicy;
  readonly account: Account;
  readonly #bySubject = new Map<string, Certificate[]>();
  readonly #anchorsBySubject = new Map<string, Certificate[]>();
  readonly #verified = new WeakMap<object, Map<string, SignatureOutcome>>();

  constructor(options: {
    readonly anchors: readonly Certificate[];
    readonly intermediates: readonly Certificate[];
    readonly at: number;
    readonly skewMs: number;
    readonly algorithms: AlgorithmPolicy;
    readonly account: Account;
  }) {
    this.anchors = options.anchors;
    this.intermediates = options.intermediates;
    this.at = options.at;
    this.skewMs = options.skewMs;
    this.algorithms = options.algorithms;
    this.account = options.account;
    for (const anchor of options.anchors) push(this.#anchorsBySubject, subjectKey(anchor), anchor);
    for (const certificate of options.intermediates) push(this.#bySubject, subjectKey(certificate), certificate);
  }

  anchorsNamed(name: string): readonly Certificate[] {
    return this.#anchorsBySubject.get(name) ?? [];
  }

  intermediatesNamed(name: string): readonly Certificate[] {
    return this.#bySubject.get(name) ?? [];
  }

  /** Verifies once per pair of signed object and key, at the expense of the account. */
  verify(owner: object, signed: SignedData, key: PublicKeyInfo): SignatureOutcome {
    const outcomes = this.#verified.get(owner) ?? new Map<string, SignatureOutcome>();
    this.#verified.set(owner, outcomes);
    const keyText = toBase64(key.der);
    let outcome = outcomes.get(keyText);
    if (outcome === undefined) {
      this.account.spend('signatures');
      outcome = verifySignedData(signed, key, this.algorithms);
      outcomes.set(keyText, outcome);
    }
    return outcome;
  }

  verifyCertificate(certificate: Certificate, issuerKey: PublicKeyInfo): SignatureOutcome {
    const { tbs, signatureAlgorithm, signatureValue } = certificate;
    return this.verify(certificate, { tbs, algorithm: signatureAlgorithm, signature: signatureValue }, issuerKey);
  }
}

const push = (map: Map<string, Certificate[]>, key: string, certificate: Certificate): void => {
  const list = map.get(key);
  if (list === undefined) map.set(key, [certificate]);
  else list.push(certificate);
};

/** A name as a key for comparison (RFC 5280 §7.1). */
export const nameKey = (name: Name): string => JSON.stringify(name.canonicalRdns);
export const subjectKey = (certificate: Certificate): string => nameKey(certificate.subject);
export const issuerKey = (certificate: Certificate): string => nameKey(certificate.issuer);
