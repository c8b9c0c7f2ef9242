/** Asks the relying party so many times a second, whatever it is busy with, and judges every answer. */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Changes } from './changes.ts';
import type { FaultLog } from './faults.ts';
import type { IndexWatch } from './indexes.ts';
import { judge, MODES, type Mode } from './judge.ts';
import type { Forgery, Population } from './population.ts';
import type { Random } from './random.ts';
import { type Bucket, count, type SoakReport } from './report.ts';
import type { Truth } from './truth.ts';
import type { Answered, FromParty, PartyOrders, Question, ToParty } from './wire.ts';

export interface LoadOptions {
  readonly script: string;
  readonly population: Population;
  readonly truth: Truth;
  readonly watch: IndexWatch;
  readonly faults: FaultLog;
  readonly changes: Pick<Changes, 'recent'>;
  readonly report: SoakReport;
  readonly perSecond: number;
  readonly shiftMs: number;
  readonly random: Random;
}

interface Asked {
  readonly at: number;
  readonly certificate: number | null;
  readonly forgery: Forgery | null;
  readonly mode: Mode;
}

const FORGED_SHARE = 0.02;
const RECENT_SHARE = 0.3;
const LATE_MS = 50;
const MOST_UNANSWERED = 2_000;
const TICK_MS = 5;
/** So long before a verification began the request that it shares with others may have been sent. */
const SHARED_MS = 5_000;
/** For so long a responder's answer is used again. */
export const REUSE_SECONDS = 5;
const REUSED_MS = REUSE_SECONDS * 1_000;
/** From the moment the judge has read a new index until whoever verifies must not go by the old one. */
const REOPEN_MS = 250;
const BUCKET_SECONDS = 10;

export class Load {
  readonly #options: LoadOptions;
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;
  readonly #unanswered = new Map<number, Asked>();
  #times: number[] = [];
  #startedAt = 0;
  #closing = false;
  readonly #latencies = new Uint32Array(400);

  constructor(options: LoadOptions, orders: PartyOrders) {
    this.#options = options;
    this.#child = fork(options.script, {
      serialization: 'advanced',
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#ready = new Promise((resolve, reject) => {
      this.#child.on('message', (message: FromParty) => {
        if (message.type === 'ready') resolve();
        else this.#hear(message);
      });
      this.#child.once('error', reject);
      this.#child.once('exit', (code, signal) => {
        if (!this.#closing) reject(new Error(`the relying party ended: ${code ?? signal}`));
      });
    });
    this.#tell({ type: 'orders', orders });
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  async run(startedAt: number, until: number, signal: AbortSignal): Promise<void> {
    const { perSecond, report } = this.#options;
    this.#startedAt = startedAt;
    let number = 0;
    let last = startedAt;
    for (let now = Date.now(); now < until; now = Date.now()) {
      if (now - last > 300) this.#options.faults.stalled(last, now);
      last = now;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error('the relying party ended');
      const questions: Question[] = [];
      for (; startedAt + (number * 1000) / perSecond <= now; number++) {
        if (this.#unanswered.size >= MOST_UNANSWERED) {
          report.verifications.shed += 1;
          continue;
        }
        if (now - (startedAt + (number * 1000) / perSecond) > LATE_MS) report.verifications.late += 1;
        questions.push(this.#question(number, now));
      }
      report.verifications.asked += questions.length;
      if (questions.length > 0) this.#tell({ type: 'questions', questions });
      await delay(TICK_MS, undefined, { signal });
    }
  }

  /** Waits for what is still unanswered, but not for ever. */
  async drained(): Promise<void> {
    for (let i = 0; i < 200 && this.#unanswered.size > 0; i++) await delay(100);
    if (this.#unanswered.size > 0) this.#wrong(`${this.#unanswered.size} never answered`);
  }

  /** Brings the report up to date. */
  settle(): void {
    const { report } = this.#options;
    const { verifications, verdicts } = report;
    verifications.perSecond = report.elapsedSeconds === 0 ? 0 : verifications.answered / report.elapsedSeconds;
    report.indeterminateShare = verifications.answered === 0 ? 0 : verdicts.indeterminate / verifications.answered;
    report.latencyMs.p50 = this.#quantile(0.5);
    report.latencyMs.p99 = this.#quantile(0.99);
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }

  #question(number: number, at: number): Question {
    const { population, random, changes, report } = this.#options;
    const mode = MODES[number % MODES.length] as Mode;
    if (random.next() < FORGED_SHARE) {
      const { exhibit, forgery } = random.pick(population.forged);
      report.forged.asked += 1;
      this.#unanswered.set(number, { at, certificate: null, forgery, mode });
      return [number, exhibit, mode];
    }
    const recent = changes.recent.length > 0 && random.next() < RECENT_SHARE;
    const certificate = recent ? random.pick(changes.recent) : random.below(population.held.length);
    this.#unanswered.set(number, { at, certificate, forgery: null, mode });
    return [number, random.pick(population.genuine[certificate] ?? []), mode];
  }

  #hear(message: Exclude<FromParty, { type: 'ready' }>): void {
    const { report, faults } = this.#options;
    if (message.type === 'sample') report.samples.party.push(message.sample);
    else if (message.type === 'stall') faults.stalled(message.from, message.until);
    else for (const answer of message.answers) this.#judge(answer);
  }

  #judge(answer: Answered): void {
    const { report, truth, watch, faults, population, shiftMs } = this.#options;
    const asked = this.#unanswered.get(answer.number);
    if (asked === undefined) {
      this.#wrong('answered twice');
      return;
    }
    this.#unanswered.delete(answer.number);
    const now = Date.now();
    const { certificate, forgery, mode, at } = asked;
    // A request that it shared with others may have taken as long as it did, and longer.
    const since = at - SHARED_MS - (now - at);
    const partition = certificate === null ? '' : (population.held[certificate]?.partition ?? '');
    const judgement = judge(answer, {
      mode,
      forgery,
      crl:
        certificate === null
          ? []
          : truth.inEditions(certificate, Math.max(0, watch.pickedUp(partition, at - REOPEN_MS)), truth.editionAt(now + shiftMs)),
      ocsp: certificate === null ? [] : truth.between(certificate, since + shiftMs - REUSED_MS, now + shiftMs),
      excuse: (one) => faults.excuse(one, since, now),
    });
    report.verifications.answered += 1;
    if (answer.result !== 'thrown') {
      report.verdicts[answer.result] += 1;
      count(report.codes, answer.code === null ? answer.result : `${answer.result} ${answer.code}`);
      report.byMode[mode] ??= { valid: 0, invalid: 0, indeterminate: 0 };
      report.byMode[mode][answer.result] += 1;
    }
    if (forgery !== null && judgement.kind === 'right') report.forged.refused += 1;
    if (judgement.kind === 'wrong') this.#wrong(judgement.why);
    if (judgement.kind === 'excused') for (const by of judgement.by) count(report.excused, by);
    this.#time(answer, judgement.kind === 'wrong', now);
  }

  #wrong(why: string): void {
    const { wrong } = this.#options.report;
    wrong.count += 1;
    count(wrong.why, why);
  }

  #time({ ms, result }: Answered, wrong: boolean, now: number): void {
    const { report } = this.#options;
    report.latencyMs.max = Math.max(report.latencyMs.max, ms);
    const slot = this.#slot(ms);
    this.#latencies[slot] = (this.#latencies[slot] ?? 0) + 1;
    const at = Math.floor((now - this.#startedAt) / 1000 / BUCKET_SECONDS) * BUCKET_SECONDS;
    let bucket = report.buckets.at(-1);
    if (bucket === undefined || bucket.at < at) {
      bucket = { at, valid: 0, invalid: 0, indeterminate: 0, wrong: 0, p50: 0, p99: 0 } satisfies Bucket;
      report.buckets.push(bucket);
      this.#times = [];
    }
    if (result !== 'thrown') bucket[result] += 1;
    if (wrong) bucket.wrong += 1;
    this.#times.push(ms);
    if (this.#times.length % 500 === 0) {
      const sorted = this.#times.toSorted((a, b) => a - b);
      bucket.p50 = sorted[Math.floor(sorted.length * 0.5)] ?? 0;
      bucket.p99 = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
    }
  }

  /** Twenty slots to a factor of e: within 5 %. */
  #slot(ms: number): number {
    return Math.min(this.#latencies.length - 1, Math.max(0, Math.round(Math.log(Math.max(ms, 0.01) * 100) * 20)));
  }

  #quantile(share: number): number {
    const all = this.#latencies.reduce((sum, n) => sum + n, 0);
    let seen = 0;
    for (const [slot, n] of this.#latencies.entries()) {
      seen += n;
      if (all > 0 && seen >= all * share) return Math.exp(slot / 20) / 100;
    }
    return 0;
  }

  #tell(message: ToParty): void {
    this.#child.send(message);
  }
}
