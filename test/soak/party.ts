/** The relying party: a process that verifies what it is shown, and knows nothing of what is right. */
import { keptCrlSource } from '@jpki-rp/node-sdk/keeper';
import { createVerifier, loadEnvironment, ocspSource, type RevocationSourceReport, type Verdict, type Verifier } from '@jpki-rp/verifier';
import { createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import { MODES, type Mode, type Report } from './judge.ts';
import { sampleNow, watchStalls } from './sampling.ts';

import type { Answered, FromParty, PartyOrders, Question, ToParty } from './wire.ts';

const tell = (message: FromParty): void => {
  process.send?.(message);
};

/** One in so many verdicts is asked for its evidence too. */
const EVIDENCE_EVERY = 20;
const LEAK_BYTES = 16_384;

const serve = (orders: PartyOrders): ((question: Question) => Promise<Answered>) => {
  const environment = loadEnvironment(orders.environment);
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment), connections: 16 });
  const clock = (): Date => new Date(Date.now() + orders.shiftMs);
  const crl = keptCrlSource({ directory: orders.directory });
  const ocsp = ocspSource({
    fetcher,
    timeoutMs: orders.timeoutMs,
    retry: { rounds: 2, baseMs: 50, capMs: 200 },
    breaker: { failures: 5, openMs: orders.openMs },
    // One class lives with answers that are a little old.
    reuseSeconds: { 'smartphone-user-authentication': orders.reuseSeconds },
    cacheEntries: 200,
  });
  const verifierOf = (mode: Mode): Verifier =>
    createVerifier({
      environment,
      role: 'verifier',
      clock,
      revocation: {
        sources: [crl, ocsp],
        policy:
          mode === 'eithercheck-freshest'
            ? { mode: 'eithercheck', choice: { order: 'freshest' } }
            : { mode, choice: { order: 'configured' } },
      },
    });
  const verifiers = Object.fromEntries(MODES.map((mode) => [mode, verifierOf(mode)])) as Record<Mode, Verifier>;
  const hoard: unknown[] = [];

  return async ([number, exhibit, mode]) => {
    const began = performance.now();
    const shown = orders.exhibits[exhibit];
    if (shown === undefined) throw new RangeError('no such exhibit');
    try {
      const verdict = await verifiers[mode].verify(shown);
      const ms = performance.now() - began;
      if (number % EVIDENCE_EVERY === 0) verdict.evidence();
      if (orders.plants.includes('leak')) hoard.push(new Uint8Array(LEAK_BYTES).fill(number), `${number}`.padEnd(LEAK_BYTES, '-'));
      if (orders.plants.includes('wrong') && verdict.result === 'invalid' && number % 97 === 0) {
        return { number, ms, result: 'valid', code: null, reason: null, revokedAt: null, reports: [] };
      }
      return { number, ms, ...told(verdict) };
    } catch (error) {
      const code = error instanceof Error ? `${error.name} ${error.message}` : 'not an error';
      return { number, ms: performance.now() - began, result: 'thrown', code, reason: null, revokedAt: null, reports: [] };
    }
  };
};

const told = (verdict: Verdict): Omit<Answered, 'number' | 'ms'> => {
  const { result, revocation } = verdict;
  return {
    result,
    code: 'code' in verdict ? verdict.code : null,
    reason: revocation.reason ?? null,
    revokedAt: revocation.revokedAt?.getTime() ?? null,
    reports: result === 'indeterminate' ? revocation.sources.map(reportOf) : [],
  };
};

const reportOf = ({ kind, status, code, detail }: RevocationSourceReport): Report => ({
  kind,
  status,
  code: code ?? null,
  detail: detail ?? null,
});

let answer: ((question: Question) => Promise<Answered>) | null = null;
let answered: Answered[] = [];
const flush = (): void => {
  tell({ type: 'answers', answers: answered });
  answered = [];
};

process.on('message', (message: ToParty) => {
  if (message.type === 'orders') {
    answer = serve(message.orders);
    sample(message.orders);
    tell({ type: 'ready' });
    return;
  }
  for (const question of message.questions) {
    void answer?.(question).then((one) => {
      if (answered.push(one) === 1) setTimeout(flush, 5);
    });
  }
});
process.on('disconnect', () => process.exit(0));

const sample = ({ sampleMs, collectEvery }: PartyOrders): void => {
  let samples = 0;
  setInterval(() => tell({ type: 'sample', sample: sampleNow(samples++ % collectEvery === 0) }), sampleMs);
};
watchStalls((from, until) => tell({ type: 'stall', from, until }));
