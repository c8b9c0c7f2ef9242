/** Everything between the simulated JPKI and a verifier: environment, the one way out to the network, the sources of status. */

import type { Simulator } from '@jpki-rp/simulator';
import {
  createVerifier,
  crlSource,
  type Environment,
  loadEnvironment,
  ocspSource,
  type Verifier,
  type VerifierEvent,
} from '@jpki-rp/verifier';
import { type ClosableFetcher, createFetcher } from '@jpki-rp/verifier/net';

export interface Jpki {
  readonly environment: Environment;
  readonly verifier: Verifier;
  readonly fetcher: ClosableFetcher;
  close(): Promise<void>;
}

export function connect(simulator: Simulator, onEvent?: (event: VerifierEvent) => void): Jpki {
  const environment = loadEnvironment(simulator.environment);
  // Nothing else is ever contacted, whatever a certificate says.
  const fetcher = createFetcher({ allowedHosts: [new URL(simulator.urls.origin).host] });
  const verifier = createVerifier({
    environment,
    role: 'verifier',
    // The JPKI's clock can be moved; certificates and status data have to be judged by the same one.
    clock: () => simulator.now(),
    revocation: {
      sources: [ocspSource({ fetcher }), crlSource({ fetcher })],
      policy: { mode: 'eithercheck', byClass: { 'card-digital-signature': 'bothcheck', 'smartphone-digital-signature': 'bothcheck' } },
    },
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  return { environment, verifier, fetcher, close: () => fetcher.close() };
}
