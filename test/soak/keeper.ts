/** The keeper of the CRLs: a process that is killed once a minute, at whatever it does. */
import { createCrlKeeper, crlTargets, type KeeperEvent } from '@jpki-rp/node-sdk/keeper';
import { loadEnvironment } from '@jpki-rp/verifier';
import { createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import { sampleNow } from './sampling.ts';
import type { FromKeeper, KeeperOrders } from './wire.ts';

const tell = (message: FromKeeper): void => {
  process.send?.(message);
};

const SAMPLE_MS = 2_000;

process.once('message', (orders: KeeperOrders) => {
  const environment = loadEnvironment(orders.environment);
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment) });
  const keeper = createCrlKeeper({
    directory: orders.directory,
    targets: crlTargets(environment),
    download: fetcher.download,
    schedule: {
      everySeconds: orders.everySeconds,
      pollSeconds: orders.everySeconds,
      jitterSeconds: 1,
      backoff: { baseMs: 250, capMs: 2_000 },
    },
    timeoutMs: orders.timeoutMs,
    retention: { count: 3 },
    ports: { now: () => new Date(Date.now() + orders.shiftMs) },
    onEvent: (event) => tell({ type: 'event', what: nameOf(event) }),
  });
  // A keeper that ends by itself has crashed.
  void keeper.run({ signal: new AbortController().signal }).finally(() => process.exit(1));
});
process.on('disconnect', () => process.exit(0));
setInterval(() => tell({ type: 'sample', sample: sampleNow(false) }), SAMPLE_MS);

const nameOf = (event: KeeperEvent): string => {
  switch (event.type) {
    case 'refreshed':
      return `refreshed ${event.outcome}`;
    case 'refresh-failed':
      return `refresh-failed ${event.code} ${event.detail ?? ''}`.trim();
    case 'alarm':
      return `alarm ${event.code}`;
    case 'alarm-cleared':
      return `alarm-cleared ${event.code}`;
    case 'leadership':
      return `leadership ${event.state}`;
    default:
      return event.type;
  }
};
