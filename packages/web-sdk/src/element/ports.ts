import { createClient, resolveEndpoint } from '../channel/client.ts';
import type { EventStream } from '../channel/watch.ts';
import type { FlowPorts } from '../flow/controller.ts';
import { createPending, type Pending } from '../flow/pending.ts';

const now = (): number => performance.now();
const wallClock = (): number => Date.now();

/** "The person is back, or the network is": the moments at which asking again is worth it. */
function onWake(listener: () => void): () => void {
  const visible = (): void => {
    if (document.visibilityState === 'visible') listener();
  };
  const shown = (event: PageTransitionEvent): void => {
    if (event.persisted) listener();
  };
  document.addEventListener('visibilitychange', visible);
  addEventListener('pageshow', shown);
  addEventListener('online', listener);
  return () => {
    document.removeEventListener('visibilitychange', visible);
    removeEventListener('pageshow', shown);
    removeEventListener('online', listener);
  };
}

function whenVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.visibilityState !== 'visible' && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      signal.removeEventListener('abort', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look);
    look();
  });
}

/** @throws TypeError when the endpoint is of another origin. */
export function browserPending(endpoint: string, operation: string): Pending {
  return createPending({
    endpoint: resolveEndpoint(endpoint, document.baseURI),
    operation,
    wallClock,
    now,
    session: () => globalThis.sessionStorage,
    local: () => globalThis.localStorage,
  });
}

/** @throws TypeError when the endpoint is of another origin. */
export function browserPorts(endpoint: string, operation: string): FlowPorts {
  return {
    client: createClient(resolveEndpoint(endpoint, document.baseURI)),
    pending: browserPending(endpoint, operation),
    now,
    wallClock,
    openStream: typeof EventSource === 'function' ? (url): EventStream => new EventSource(url) : null,
    onWake,
    whenVisible,
  };
}
