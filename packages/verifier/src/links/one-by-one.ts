/** Sweeping certificate by certificate (OCSP, or a platform's answer): for mode `sealed`, within what the service allows and what it may cost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { JpkiError } from '../errors.ts';
import type { CertificateClass, RevocationReason } from '../verdict.ts';
import type { CertificateName } from './identifier.ts';
import type { HeldCertificate, LinkLedger, StoreRefusal } from './ledger.types.ts';

/** A trusted answer: signature, issuer and freshness have been checked by whoever gives it. */
export type StatusAnswer =
  | { readonly status: 'good'; readonly asOf: Date }
  | { readonly status: 'revoked'; readonly asOf: Date; readonly reason: RevocationReason }
  | { readonly status: 'unknown' };

export interface OneByOne {
  /** `ledger.certificates()`, or a selection of them in the order of a plan. In the same order again when a sweep is resumed. */
  readonly certificates: Iterable<HeldCertificate> | AsyncIterable<HeldCertificate>;
  readonly ask: (
    certificate: CertificateName & { readonly der: Uint8Array; readonly class: CertificateClass },
    signal?: AbortSignal,
  ) => Promise<StatusAnswer>;
  /** At most so many questions within a second; one at a time. */
  readonly perSecond: number;
  /** What a question costs, answered or not, in the smallest unit of any one currency. Default 0. */
  readonly price?: number;
  /** What the sweep may cost. Default: no bound. */
  readonly budget?: number;
  /** How many questions the sweep may ask. Default: no bound. */
  readonly limit?: number;
  /** Not asked about: certificates known good as of then or later. Default: all are asked about. */
  readonly knownSince?: Date;
  /** After so many failures in a row the service is down, and the sweep stops. Default 10. */
  readonly patience?: number;
  /** Certificates that an earlier run has settled. Default 0. */
  readonly cursor?: number;
  readonly onProgress?: (report: OneByOneReport) => void | Promise<void>;
  /** How to wait. Default: a timer. */
  readonly wait?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface OneByOneReport {
  /** Give it back as `cursor` to go on. */
  readonly cursor: number;
  readonly asked: number;
  readonly good: number;
  readonly revoked: number;
  readonly unknown: number;
  /** Questions without an answer. They are behind the cursor: run the sweep again for them. */
  readonly failed: number;
  /** Known well enough, or not kept sealed. */
  readonly skipped: number;
  readonly spent: number;
  /** Links whose state changed. */
  readonly changed: number;
  readonly refused: Readonly<Record<StoreRefusal, number>>;
  readonly stopped: 'done' | 'budget' | 'limit' | 'service-down';
}

type Counts = { -readonly [K in Exclude<keyof OneByOneReport, 'stopped' | 'refused'>]: number };

/**
 * Asks about one certificate after the other and lets the ledger act on each answer at once. Throws `argument-invalid` for a rate or price out of
 * range; rejects with the signal's reason. What was settled before stays settled.
 */
export const sweepOneByOne = async (ledger: Pick<LinkLedger, 'confirm' | 'reconcile'>, sweep: OneByOne): Promise<OneByOneReport> => {
  const {
    perSecond,
    price = 0,
    budget = Number.POSITIVE_INFINITY,
    limit = Number.POSITIVE_INFINITY,
    patience = 10,
    cursor = 0,
    signal,
  } = sweep;
  const wait =
    sweep.wait ?? (async (milliseconds, stop) => await sleep(milliseconds, undefined, stop === undefined ? {} : { signal: stop }));
  if (!(perSecond > 0) || !(price >= 0) || !(budget >= 0) || !(limit >= 0) || !(patience >= 1) || !(cursor >= 0))
    throw new JpkiError('argument-invalid', 'a sweep one by one has a rate, a price and bounds');
  const counts: Counts = { cursor: 0, asked: 0, good: 0, revoked: 0, unknown: 0, failed: 0, skipped: 0, spent: 0, changed: 0 };
  const refused: Record<StoreRefusal, number> = { 'link-busy': 0, 'link-integrity': 0 };
  const report = (stopped: OneByOneReport['stopped']): OneByOneReport => ({ ...counts, refused: { ...refused }, stopped });
  let inARow = 0;

  for await (const held of sweep.certificates) {
    signal?.throwIfAborted();
    if (counts.cursor < cursor) {
      counts.cursor += 1;
      continue;
    }
    if (!held.ok) refused[held.code] += 1;
    if (!held.ok || held.certificate === null || isKnown(held, sweep.knownSince)) {
      counts.cursor += 1;
      counts.skipped += 1;
      continue;
    }
    if (counts.asked >= limit) return report('limit');
    if (counts.spent + price > budget) return report('budget');
    if (inARow >= patience) return report('service-down');
    if (counts.asked > 0) await wait(1000 / perSecond, signal);
    counts.asked += 1;
    counts.spent += price;
    const answer = await answerTo(sweep, held.certificate, held.class);
    signal?.throwIfAborted();
    if (answer === null) {
      counts.failed += 1;
      inARow += 1;
    } else {
      inARow = 0;
      counts[answer.status] += 1;
      const settled = await settle(ledger, held.certificate, answer);
      counts.changed += settled?.changed ?? 0;
      refused['link-busy'] += settled?.failures['link-busy'] ?? 0;
      refused['link-integrity'] += settled?.failures['link-integrity'] ?? 0;
    }
    counts.cursor += 1;
    await sweep.onProgress?.(report('done'));
  }
  return report(inARow >= patience ? 'service-down' : 'done');
};

const isKnown = (held: Extract<HeldCertificate, { ok: true }>, since: Date | undefined): boolean =>
  since !== undefined && held.state === 'active' && held.statusAsOf >= since;

const answerTo = async (
  { ask, signal }: OneByOne,
  { issuerKeyId, serialNumber, der }: CertificateName & { readonly der: Uint8Array },
  certificateClass: CertificateClass,
): Promise<StatusAnswer | null> => {
  try {
    return await ask({ issuerKeyId, serialNumber, der, class: certificateClass }, signal);
  } catch {
    // One question without an answer says nothing about the certificate; many in a row say something about the service.
    return null;
  }
};

const settle = async (
  ledger: Pick<LinkLedger, 'confirm' | 'reconcile'>,
  { issuerKeyId, serialNumber }: CertificateName,
  answer: StatusAnswer,
) => {
  if (answer.status === 'unknown') return null;
  const name = { issuerKeyId, serialNumber };
  return answer.status === 'good'
    ? await ledger.confirm([name], answer.asOf)
    : await ledger.reconcile({ revocations: [{ ...name, reason: answer.reason }], asOf: answer.asOf });
};
