/** The keeper of the CRLs: a process that is killed once a minute, at whatever it does. */
import { loadEnvironment } from '@jpki-rp/verifier';
import { createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import { sampleNow } from './sampling.ts';
import { keep } from './stand-in.ts';
import type { FromKeeper, KeeperOrders } from './wire.ts';

const tell = (message: FromKeeper): void => {
  process.send?.(message);
};

process.once('message', (orders: KeeperOrders) => {
  const environment = loadEnvironment(orders.environment);
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment) });
  void keep({ environment, json: orders.environment, fetcher, orders, onEvent: (what) => tell({ type: 'event', what }) });
});
process.on('disconnect', () => process.exit(0));
setInterval(() => tell({ type: 'sample', sample: sampleNow(false) }), 2_000);
