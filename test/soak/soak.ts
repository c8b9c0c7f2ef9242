/** The run: a JPKI that changes and misbehaves, a keeper that is killed, a relying party that is asked without pause, and the one who knows. */
import { setMaxListeners } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Simulator, startSimulator } from '@jpki-rp/simulator';
import type { CertificateClass } from '@jpki-rp/verifier';
import { Changes } from './changes.ts';
import { morning } from './clock.ts';
import { FAULT_TARGETS, FaultLog, faultsOf, misbehave } from './faults.ts';
import { crlAddresses, Editions, IndexWatch } from './indexes.ts';
import { KeeperProcess } from './keeper-process.ts';
import { Load, REUSE_SECONDS } from './load.ts';
import { memoryVerdict } from './memory.ts';
import { populate } from './population.ts';
import { type Random, randomOf } from './random.ts';
import { count, machine, type SoakReport } from './report.ts';
import { Truth } from './truth.ts';
import type { Plant } from './wire.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly perSecond: number;
  readonly plants: readonly Plant[];
  /** Beside this module: the two child processes, ready to run. */
  readonly childOf: (name: 'keeper' | 'party') => string;
  /** Every half minute. */
  readonly onProgress: (report: SoakReport) => void;
  /** Every half minute too, and at the end. */
  readonly onReport: (report: SoakReport) => void;
}

const LINKED_DELAY_SECONDS = 20;
const OCSP_TIMEOUT_MS = 1_000;
const OPEN_MS = 1_000;
/** Until then every index has to be new after a swap, however often the keeper was killed and the server down. */
const PICKUP_MS = 55_000;
const SCAN_MS = 500;
const KEEPER_EVERY_SECONDS = 5;

export const soak = async (options: SoakOptions): Promise<SoakReport> => {
  const { minutes, seed, perSecond, plants } = options;
  const durationMs = minutes * 60_000;
  const clock = morning(Date.now());
  const { shiftMs } = clock;
  const directory = mkdtempSync(join(tmpdir(), 'jpki-soak-'));
  const simulator = await startSimulator({
    seed,
    clock: () => new Date(clock.now()),
    crlPublication: 'on-demand',
    linkedRevocationDelaySeconds: LINKED_DELAY_SECONDS,
    secondResponder: true,
  });
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const report = emptyReport(options);
  const endings: (() => Promise<unknown>)[] = [() => simulator.close()];
  try {
    const people = Math.min(400, Math.round(40 + 6 * minutes));
    const population = await populate(simulator, people, randomOf(seed, 'people'));
    const truth = new Truth(population.followers, LINKED_DELAY_SECONDS * 1000);
    const editions = new Editions();
    const addresses = crlAddresses(simulator);
    const watch = new IndexWatch(join(directory, 'indexes'), editions);
    const faults = new FaultLog({ simulator, openMs: OPEN_MS });
    const changes = new Changes({ simulator, population, truth, random: randomOf(seed, 'changes'), report, clock });
    const publish = (): void =>
      clock.still((now) => {
        simulator.publishCrls();
        const edition = truth.publish(now);
        for (const address of addresses) editions.add(edition, address, simulatorCrl(simulator, address));
      });
    report.certificates = population.held.length;
    changes.before();
    publish();

    const keeper = new KeeperProcess({
      script: options.childOf('keeper'),
      orders: {
        environment: simulator.environment,
        directory,
        shiftMs,
        timeoutMs: OCSP_TIMEOUT_MS,
        everySeconds: KEEPER_EVERY_SECONDS,
      },
      onEvent: (what) => count(report.keeper.events, what),
      onCrash: () => {
        report.keeper.crashes += 1;
      },
      onSample: (sample) => report.samples.keeper.push(sample),
    });
    endings.unshift(() => keeper.kill());
    keeper.start();
    for (const until = Date.now() + 60_000; watch.published < addresses.length; await delay(100)) {
      if (Date.now() > until) throw new Error(`the keeper published ${watch.published} of ${addresses.length} indexes in a minute`);
      await watch.scan();
    }

    const load = new Load(
      {
        script: options.childOf('party'),
        population,
        truth,
        watch,
        faults,
        changes,
        report,
        perSecond,
        shiftMs,
        random: randomOf(seed, 'load'),
      },
      {
        environment: simulator.environment,
        directory,
        shiftMs,
        exhibits: population.exhibits,
        timeoutMs: OCSP_TIMEOUT_MS,
        openMs: OPEN_MS,
        reuseSeconds: REUSE_SECONDS,
        // An hour has enough of them.
        sampleMs: minutes <= 5 ? 1_000 : 2_000,
        collectEvery: minutes <= 5 ? 1 : 5,
        plants,
      },
    );
    endings.unshift(() => load.close());
    await load.ready();

    const startedAt = Date.now();
    const until = startedAt + durationMs;
    const elapsed = (): number => (Date.now() - startedAt) / 1000;
    const settle = (): void => {
      report.elapsedSeconds = Math.min(elapsed(), durationMs / 1000);
      load.settle();
      settlePickups(report, truth, watch, addresses, { startedAt, shiftMs });
      report.keeper.lost = [...watch.lost];
      report.keeper.audits = watch.audits;
      report.keeper.indexes = watch.published;
      report.keeper.leftovers = watch.leftovers;
      report.stalls = faults.stalls();
      for (const target of FAULT_TARGETS)
        for (const fault of faultsOf(target)) report.faults[`${target} ${fault}`] = simulator.faults.met(target, fault);
      report.memory = memoryVerdict(report.samples.party, startedAt, durationMs);
    };
    const at = async (ms: number, what: () => unknown): Promise<void> => {
      await delay(Math.max(0, startedAt + ms - Date.now()), undefined, { signal: ending.signal });
      await what();
    };
    const every = async (ms: number, what: () => unknown): Promise<void> => {
      for (let i = 1; i * ms < durationMs; i++) await at(i * ms, what);
    };

    const swap = (): void => {
      report.swaps.at.push(elapsed());
      publish();
    };
    const kill = async (): Promise<void> => {
      report.keeper.kills.push(elapsed());
      await keeper.kill();
      // Before anybody else may touch them.
      if (plants.includes('lost')) loseOne(join(directory, 'indexes'));
      await watch.audit();
      keeper.start();
    };
    const script: Promise<unknown>[] = [
      load.run(startedAt, until, ending.signal),
      every(SCAN_MS, () => watch.scan()),
      every(30_000, () => {
        settle();
        options.onProgress(report);
        options.onReport(report);
      }),
      every(60_000, () => {
        watch.forget(Date.now() - 120_000);
        faults.forget(Date.now());
      }),
      ...timesOf(minutes, randomOf(seed, 'times')).flatMap(({ swapAt, killAt, changesAt }) => [
        at(swapAt, swap),
        at(killAt, kill),
        ...changesAt.map((time) => at(time, () => changes.one())),
      ]),
      ...FAULT_TARGETS.map((target) =>
        misbehave({ target, log: faults, random: randomOf(seed, target), durationMs, signal: ending.signal }),
      ),
    ];
    await Promise.all(script);
    await load.drained();
    await watch.scan();
    await watch.audit();
    settle();
    report.finished = true;
    options.onReport(report);
    return report;
  } finally {
    ending.abort();
    for (const end of endings) await end();
    rmSync(directory, { recursive: true, force: true });
  }
};

interface Slot {
  readonly swapAt: number;
  readonly killAt: number;
  readonly changesAt: readonly number[];
}

/** One swap and one kill a minute; half of the kills when the keeper has just begun to fetch what is new. */
const timesOf = (minutes: number, random: Random): readonly Slot[] => {
  const slots = Math.ceil(minutes);
  const length = (minutes * 60_000) / slots;
  return Array.from({ length: slots }, (_, slot) => {
    const from = slot * length;
    const swapAt = from + length * 0.3;
    const soon = slot % 2 === 0;
    const killAt = soon ? swapAt + random.between(0, KEEPER_EVERY_SECONDS * 1000) : from + random.between(0.02, 0.98) * length;
    const changesAt = Array.from({ length: Math.max(4, Math.round(length / 5_000)) }, () => from + random.next() * length);
    return { swapAt, killAt: Math.min(killAt, from + length * 0.98), changesAt: changesAt.toSorted((a, b) => a - b) };
  });
};

const simulatorCrl = (simulator: Simulator, address: string): Uint8Array => {
  const [, of = '', generation = '', municipality = ''] = /\/crl\/([a-z-]+)\/(\d)\/([a-z-]+)\.crl$/.exec(address) ?? [];
  return simulator.crl(of as CertificateClass, Number(generation), municipality);
};

/** How long it took from each swap until the last index was new. */
const settlePickups = (
  report: SoakReport,
  truth: Truth,
  watch: IndexWatch,
  addresses: readonly string[],
  { startedAt, shiftMs }: { readonly startedAt: number; readonly shiftMs: number },
): void => {
  const { swaps } = report;
  swaps.slow = 0;
  swaps.at.forEach((_, index) => {
    const edition = index + 1;
    const published = truth.publishedAt(edition) - shiftMs;
    const last = watch.completedAt(edition, addresses);
    swaps.pickupSeconds[index] = last === null ? null : (last - published) / 1000;
    // The end of the run may come first.
    const due = Math.min(Date.now(), last ?? Date.now()) - published;
    if (due > PICKUP_MS) swaps.slow += 1;
    if (published < startedAt) throw new RangeError('a swap before the start');
  });
};

const loseOne = (folder: string): void => {
  const [name] = readdirSync(folder).filter((file) => file.endsWith('.idx'));
  if (name !== undefined) rmSync(join(folder, name));
};

const emptyReport = ({ minutes, seed, perSecond, plants }: SoakOptions): SoakReport => ({
  format: 'soak/1',
  startedAt: new Date().toISOString(),
  finished: false,
  minutes,
  seed,
  perSecond,
  machine: machine(),
  certificates: 0,
  plants,
  elapsedSeconds: 0,
  verifications: { planned: Math.round(minutes * 60 * perSecond), asked: 0, answered: 0, late: 0, shed: 0, perSecond: 0 },
  verdicts: { valid: 0, invalid: 0, indeterminate: 0 },
  codes: {},
  byMode: {},
  forged: { asked: 0, refused: 0 },
  wrong: { count: 0, why: {} },
  excused: {},
  indeterminateShare: 0,
  latencyMs: { p50: 0, p99: 0, max: 0 },
  keeper: { kills: [], crashes: 0, events: {}, lost: [], audits: 0, indexes: 0, leftovers: 0 },
  swaps: { at: [], revocations: 0, holds: 0, releases: 0, pickupSeconds: [], slow: 0 },
  faults: {},
  stalls: 0,
  memory: null,
  samples: { party: [], keeper: [] },
  buckets: [],
});
