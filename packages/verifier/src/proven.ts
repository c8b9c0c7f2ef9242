/**
 * Which verdict objects the verifier itself has made. Nothing here is exported from the package: whoever wants a `ProvenVerdict` has to
 * verify something or to open a seal.
 */
import type { EvidenceRecord } from './evidence/record.ts';
import type { CertificateClass, CertificateIdentity, ProvenVerdict, RefusedVerdict, RevocationReason, Verdict } from './verdict.ts';

/** A proven verdict before it is minted: every member except the brand. */
export type ProvenParts = Pick<ProvenVerdict, Extract<keyof ProvenVerdict, string>>;

/**
 * What a verdict said when it was minted. Objects can be frozen, the `Date`s inside them cannot: whoever decides by a verdict reads these
 * facts, not the object that passed through other hands.
 */
export interface VerdictFacts {
  readonly result: Verdict['result'];
  readonly class: CertificateClass | null;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Null where the certificate was not shown to be genuine. */
  readonly certificate: {
    readonly issuerKeyId: string;
    readonly serialNumber: string;
    readonly notBefore: number;
    readonly notAfter: number;
  } | null;
  readonly revocation: 'good' | 'revoked' | 'unknown' | 'not-checked';
  readonly reason: RevocationReason | null;
  /** When trusted status data was last true: the newest `thisUpdate` (or `producedAt`) of a source that speaks; else the verification. */
  readonly statusAsOf: number;
  readonly evidence: () => EvidenceRecord;
}

/** Gives back the object it was given, so that a class may add private state to it. */
const Given = function (this: unknown, given: object): object {
  return given;
} as unknown as new (
  given: object,
) => object;

/** The mark of the verifier on a verdict: nothing outside this file can make, copy or read it, and a proxy does not carry it. */
class Mark extends Given {
  readonly #facts: VerdictFacts;

  constructor(verdict: object, facts: VerdictFacts) {
    super(verdict);
    this.#facts = facts;
  }

  static factsOf(object: object): VerdictFacts | null {
    return #facts in object ? object.#facts : null;
  }
}

/** Freezes and marks a valid verdict. Called by the pipeline and by `openVerdict`, nowhere else. */
export const mintProven = (parts: ProvenParts): ProvenVerdict => {
  const verdict = { ...parts } as ProvenVerdict;
  return sealed(verdict, verdict.certificate);
};

/**
 * Freezes and marks a refused verdict, so that a ledger can act on a trusted revocation.
 * `certificate` only where the certificate is genuine (its signature and class passed), else null.
 */
export const mintRefused = (parts: RefusedVerdict, certificate: CertificateIdentity | null): RefusedVerdict =>
  sealed({ ...parts }, certificate);

/** True only for an object that `mintProven` returned. */
export const isProven = (verdict: unknown): verdict is ProvenVerdict => factsOfProven(verdict) !== null;

/** The facts of a proven verdict, or null for everything else: plain objects, copies, proxies, refused verdicts. */
export const factsOfProven = (
  verdict: unknown,
): (VerdictFacts & { readonly certificate: NonNullable<VerdictFacts['certificate']>; readonly class: CertificateClass }) | null => {
  const facts = factsOfVerdict(verdict);
  if (facts === null || facts.result !== 'valid' || facts.certificate === null || facts.class === null) return null;
  return { ...facts, certificate: facts.certificate, class: facts.class };
};

/** The facts of any verdict the verifier has made, or null. */
export const factsOfVerdict = (verdict: unknown): VerdictFacts | null =>
  typeof verdict === 'object' && verdict !== null ? Mark.factsOf(verdict) : null;

const sealed = <T extends Verdict>(verdict: T, certificate: CertificateIdentity | null): T => {
  new Mark(verdict, factsOf(verdict, certificate));
  for (const name in verdict) deepFreeze(verdict[name]);
  return Object.freeze(verdict);
};

const deepFreeze = (value: unknown): void => {
  // A date cannot be frozen, nor can octets; and asking what is frozen is dearer than asking what is a date.
  if (typeof value !== 'object' || value === null || value instanceof Date) return;
  if (Object.isFrozen(value) || ArrayBuffer.isView(value)) return;
  Object.freeze(value);
  if (Array.isArray(value)) for (const member of value) deepFreeze(member);
  else for (const name in value) deepFreeze((value as Readonly<Record<string, unknown>>)[name]);
};

const factsOf = (verdict: Verdict, certificate: CertificateIdentity | null): VerdictFacts => {
  const { at, revocation } = verdict;
  let newest = Number.NEGATIVE_INFINITY;
  for (const { status, thisUpdate, producedAt } of revocation.sources) {
    const time = status === revocation.status ? (thisUpdate ?? producedAt)?.getTime() : undefined;
    if (time !== undefined) newest = Math.max(newest, time);
  }
  // Held behind the mark, where nobody else reaches it.
  return {
    result: verdict.result,
    class: verdict.class,
    at: at.getTime(),
    certificate:
      certificate === null
        ? null
        : {
            issuerKeyId: certificate.issuerKeyId,
            serialNumber: certificate.serialNumber,
            notBefore: certificate.notBefore.getTime(),
            notAfter: certificate.notAfter.getTime(),
          },
    revocation: revocation.status,
    reason: revocation.reason ?? null,
    statusAsOf: newest === Number.NEGATIVE_INFINITY ? at.getTime() : Math.min(at.getTime(), newest),
    evidence: () => verdict.evidence(),
  };
};

/**
 * True where a proven verdict still says what it said when it was minted. Whoever writes the object down, to be minted from the text again, writes down what
 * it says now.
 */
export const isAsMinted = (verdict: ProvenVerdict): boolean => {
  const facts = factsOfProven(verdict);
  if (facts === null) return false;
  const now = factsOf(verdict, verdict.certificate);
  return (
    now.at === facts.at &&
    now.statusAsOf === facts.statusAsOf &&
    now.certificate?.notBefore === facts.certificate.notBefore &&
    now.certificate.notAfter === facts.certificate.notAfter
  );
};
