/**
 * Learns when the app has fetched its request and when it has answered: server-sent events where they get through, long polling where they
 * do not. A page that was hidden (the person is in the app) asks again the moment it is visible.
 */
import type { TransactionStatus } from '@jpki-rp/node-sdk/wire';
import { delayMilliseconds, pause } from './backoff.ts';
import { type Client, ConnectionError, RefusalError } from './client.ts';
import { readStatus } from './guard.ts';

export interface EventStream {
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

export interface WatchOptions {
  readonly client: Client;
  readonly id: string;
  readonly signal: AbortSignal;
  onStatus(status: TransactionStatus): void;
  /** Called on changes only. */
  onConnection?(connection: 'ok' | 'lost'): void;
  /** Opens an event stream; absent or `null` where there is none. */
  readonly openStream?: ((url: string) => EventStream) | null;
  /** Subscribes to "the page is visible or online again". */
  readonly onWake?: (listener: () => void) => () => void;
  readonly longPollSeconds?: number;
  /** An event stream that says nothing for so long after opening is taken to be held back by a proxy. */
  readonly silentStreamMilliseconds?: number;
}

const isEnd = (status: TransactionStatus): boolean => status.state === 'arrived' || status.state === 'done' || status.state === 'expired';

/**
 * Resolves when the transaction has arrived, is done or has expired, or on abort.
 * @throws RefusalError for a refusal that another try will not change, AnswerError for an answer that cannot be read.
 */
export async function watch(options: WatchOptions): Promise<void> {
  const { client, id, signal, onStatus, onConnection, onWake } = options;
  let lost = false;
  const tell = (next: 'ok' | 'lost'): void => {
    if ((next === 'lost') === lost || signal.aborted) return;
    lost = next === 'lost';
    onConnection?.(next);
  };
  let openStream = options.openStream ?? null;
  let failures = 0;
  while (!signal.aborted) {
    if (openStream) {
      const heard = await listen(openStream(client.eventsUrl(id)), options, tell);
      if (heard === 'end' || signal.aborted) return;
      if (heard === 'nothing') openStream = null;
    }
    const poll = new AbortController();
    const stop = (): void => poll.abort();
    signal.addEventListener('abort', stop);
    // A connection that slept with the page may be dead without knowing it: drop it and ask afresh.
    const unsubscribe = onWake?.(stop);
    try {
      const status = await client.status(id, openStream || lost ? 0 : (options.longPollSeconds ?? 25), poll.signal);
      if (signal.aborted) return;
      failures = 0;
      tell('ok');
      onStatus(status);
      if (isEnd(status)) return;
    } catch (error) {
      if (signal.aborted) return;
      if (poll.signal.aborted) continue;
      if (error instanceof RefusalError ? error.status < 500 && error.status !== 429 : !(error instanceof ConnectionError)) throw error;
      tell('lost');
      await pause(delayMilliseconds(failures++), signal, onWake);
    } finally {
      signal.removeEventListener('abort', stop);
      unsubscribe?.();
    }
  }
}

/** `end`: nothing more to learn. `broken`: it worked, then fell silent. `nothing`: it never said a word. */
function listen(
  stream: EventStream,
  options: WatchOptions,
  tell: (connection: 'ok' | 'lost') => void,
): Promise<'end' | 'broken' | 'nothing'> {
  const { id, signal, onStatus, onWake } = options;
  return new Promise((resolve, reject) => {
    let heard = false;
    const finish = (settle: () => void): void => {
      clearTimeout(silence);
      signal.removeEventListener('abort', onAbort);
      unsubscribe?.();
      stream.close();
      settle();
    };
    const giveUp = (): void => finish(() => resolve(heard ? 'broken' : 'nothing'));
    const onAbort = (): void => finish(() => resolve('end'));
    const silence = setTimeout(giveUp, options.silentStreamMilliseconds ?? 5_000);
    signal.addEventListener('abort', onAbort);
    const unsubscribe = onWake?.(() => finish(() => resolve('broken')));
    stream.addEventListener('status', (event) => {
      if (signal.aborted) return;
      clearTimeout(silence);
      heard = true;
      try {
        const status = readStatus(parse(event.data), id);
        tell('ok');
        onStatus(status);
        if (isEnd(status)) finish(() => resolve('end'));
      } catch (error) {
        finish(() => reject(error));
      }
    });
    stream.addEventListener('error', giveUp);
    if (signal.aborted) onAbort();
  });
}

function parse(data: unknown): unknown {
  if (typeof data !== 'string' || data.length > 65_536) return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
