/** Server-sent events: the state now, each change, and the end. */
import type { Binding } from './binding.ts';
import type { TransactionStatus } from './wire.ts';

/** Short enough for proxies that cut silent connections after 30 s. */
const HEARTBEAT_SECONDS = 15;

export interface EventSource {
  readonly id: string;
  readonly binding: Binding;
  readonly first: TransactionStatus;
  readonly signal: AbortSignal;
  status(input: {
    readonly binding: Binding;
    readonly waitSeconds: number;
    readonly seen: TransactionStatus['state'];
    readonly signal: AbortSignal;
  }): Promise<TransactionStatus>;
  release(): void;
}

export function eventStream(source: EventSource): ReadableStream<Uint8Array> {
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, source.signal]);
  // Whoever leaves before reading never pulls and never cancels: its place is free all the same.
  if (source.signal.aborted) source.release();
  else source.signal.addEventListener('abort', () => source.release(), { once: true });
  const encoder = new TextEncoder();
  let last: TransactionStatus | null = null;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const known: TransactionStatus | null = last;
          const next: TransactionStatus =
            known === null
              ? source.first
              : await source.status({ binding: source.binding, waitSeconds: HEARTBEAT_SECONDS, seen: known.state, signal });
          if (signal.aborted) throw signal.reason;
          last = next;
          const changed = known === null || known.state !== next.state;
          controller.enqueue(encoder.encode(changed ? `event: status\ndata: ${JSON.stringify(next)}\n\n` : ': waiting\n\n'));
          if (next.state !== 'done' && next.state !== 'expired') return;
        } catch {
          // Cancelled elsewhere, or nobody listens any more: the page asks for the state and is told.
        }
        source.release();
        controller.close();
      },
      cancel() {
        gone.abort();
        source.release();
      },
    },
    { highWaterMark: 0 },
  );
}
