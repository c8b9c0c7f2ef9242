/** A process that keeps until it is killed. Transpiled by the test that starts it. */
import { loadEnvironment } from '@jpki-rp/verifier';
import { createFetcher, environmentHosts } from '@jpki-rp/verifier/net';
import { createCrlKeeper, crlTargets } from '../../src/keeper/index.ts';

const [directory, json, everySeconds] = process.argv.slice(2) as [string, string, string];
const environment = loadEnvironment(JSON.parse(json));
const tell = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
const keeper = createCrlKeeper({
  directory,
  targets: crlTargets(environment),
  download: createFetcher({ allowedHosts: environmentHosts(environment) }).download,
  schedule: { everySeconds: Number(everySeconds), jitterSeconds: 0, backoff: { baseMs: 1, capMs: 10 } },
  // The lists of the tests are of a day long past: only their order counts here.
  ports: { now: () => new Date(Date.UTC(2026, 8, 15, 3, 0, 0) + performance.now()) },
  onEvent: tell,
});
tell({ type: 'ready' });
await keeper.run({ signal: new AbortController().signal });
