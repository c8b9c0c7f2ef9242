/** Answers of responders, kept while they would still be believed: within nextUpdate, the class's maximum age, and what the operator allows. */
import { SKEW_MS } from '../budget.ts';
import type { RevocationQuery } from '../types.ts';
import { checkOcspResponses } from './check.ts';

export interface KeptAnswer {
  readonly der: Uint8Array;
  /** Of the request it answers. */
  readonly nonce: Uint8Array;
}

interface Kept extends KeptAnswer {
  /** Milliseconds since 1970, both inclusive. */
  readonly from: number;
  readonly until: number;
  readonly thisUpdate: number;
  readonly askedFor: number;
}

/** Least recently used goes first. In memory only: the keys name certificates. */
export class OcspAnswerCache {
  readonly #kept = new Map<string, Kept>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** What may stand in for a question at `query.at`, asked at most `reuseSeconds` before. */
  get(key: string, { at, profile }: RevocationQuery, reuseSeconds: number): KeptAnswer | null {
    const kept = this.#kept.get(key);
    if (kept === undefined) return null;
    const usable =
      at >= kept.from &&
      at <= kept.until &&
      at - kept.thisUpdate <= profile.ocsp.maxAgeSeconds * 1000 &&
      Math.abs(at - kept.askedFor) <= reuseSeconds * 1000;
    if (!usable) return null;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  /** Only what passes every rule, and says good or revoked, is kept: who can put bytes on the wire must not be able to fill it. */
  offer(key: string, answer: KeptAnswer, query: RevocationQuery): void {
    const [report] = checkOcspResponses([{ der: answer.der, origin: 'fetched', nonce: answer.nonce }], answer.nonce, query).sources;
    if (report === undefined || (report.status !== 'good' && report.status !== 'revoked')) return;
    const { thisUpdate, nextUpdate } = report;
    if (thisUpdate === undefined) return;
    this.#kept.delete(key);
    this.#kept.set(key, {
      der: new Uint8Array(answer.der),
      nonce: answer.nonce,
      thisUpdate: thisUpdate.getTime(),
      from: thisUpdate.getTime() - SKEW_MS,
      until: nextUpdate?.getTime() ?? Number.POSITIVE_INFINITY,
      askedFor: query.at,
    });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#capacity) return;
      this.#kept.delete(oldest);
    }
  }

  drop(key: string): void {
    this.#kept.delete(key);
  }
}
