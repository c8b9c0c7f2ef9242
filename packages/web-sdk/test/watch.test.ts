import type { TransactionStatus } from '@jpki-rp/node-sdk/wire';
import { describe, expect, it, vi } from 'vitest';
import { type Client, ConnectionError, RefusalError } from '../src/channel/client.ts';
import { AnswerError } from '../src/channel/guard.ts';
import { type EventStream, watch } from '../src/channel/watch.ts';

const id = 'transaction-1';
const status = (state: TransactionStatus['state']): TransactionStatus => ({
  v: 1,
  transactionId: id,
  state,
  expiresAt: '2026-11-22T01:00:00Z',
});

type Answer = TransactionStatus['state'] | Error | 'hang';

/** A client whose polls give these answers in turn; the last one repeats. */
function polling(answers: readonly Answer[]): { client: Client; waits: number[] } {
  const waits: number[] = [];
  const refuse = (): never => {
    throw new Error('not asked for');
  };
  const client: Client = {
    begin: refuse,
    complete: refuse,
    remove: refuse,
    eventsUrl: () => '/events',
    status: (_id, wait, signal) => {
      const answer = answers[Math.min(waits.length, answers.length - 1)] ?? 'hang';
      waits.push(wait);
      if (answer === 'hang') return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(status(answer));
    },
  };
  return { client, waits };
}

class FakeStream implements EventStream {
  readonly listeners = new Map<string, (event: { data?: unknown }) => void>();
  closed = false;
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.listeners.set(type, listener);
  }
  close(): void {
    this.closed = true;
  }
  say(state: TransactionStatus['state']): void {
    this.listeners.get('status')?.({ data: JSON.stringify(status(state)) });
  }
  fail(): void {
    this.listeners.get('error')?.({});
  }
}

const live = (): AbortController => new AbortController();

describe('by events', () => {
  it('tells each state and ends when the app has answered', async () => {
    const stream = new FakeStream();
    const heard: string[] = [];
    const { client, waits } = polling([]);
    const watching = watch({ client, id, signal: live().signal, onStatus: ({ state }) => heard.push(state), openStream: () => stream });
    stream.say('pending');
    stream.say('opened');
    stream.say('arrived');
    await watching;
    expect(heard).toEqual(['pending', 'opened', 'arrived']);
    expect(stream.closed).toBe(true);
    expect(waits).toEqual([]);
  });

  it('falls back to long polling when events do not get through', async () => {
    const stream = new FakeStream();
    const open = vi.fn(() => stream);
    const heard: string[] = [];
    const { client, waits } = polling(['pending', 'arrived']);
    const watching = watch({ client, id, signal: live().signal, onStatus: ({ state }) => heard.push(state), openStream: open });
    stream.fail();
    await watching;
    expect(heard).toEqual(['pending', 'arrived']);
    expect(waits).toEqual([25, 25]);
    expect(open).toHaveBeenCalledTimes(1);
  });

  it('falls back when a proxy holds them back in silence', async () => {
    const { client } = polling(['arrived']);
    const heard: string[] = [];
    await watch({
      client,
      id,
      signal: live().signal,
      onStatus: ({ state }) => heard.push(state),
      openStream: () => new FakeStream(),
      silentStreamMilliseconds: 5,
    });
    expect(heard).toEqual(['arrived']);
  });

  it('returns to events when they broke after having worked', async () => {
    const streams = [new FakeStream(), new FakeStream()];
    let opened = 0;
    const { client, waits } = polling(['opened']);
    const heard: string[] = [];
    const watching = watch({
      client,
      id,
      signal: live().signal,
      onStatus: ({ state }) => heard.push(state),
      openStream: () => streams[opened++] ?? new FakeStream(),
    });
    streams[0]?.say('pending');
    streams[0]?.fail();
    await vi.waitFor(() => expect(opened).toBe(2));
    streams[1]?.say('arrived');
    await watching;
    expect(heard).toEqual(['pending', 'opened', 'arrived']);
    expect(waits).toEqual([0]);
  });

  it('an event about another transaction stops it', async () => {
    const stream = new FakeStream();
    const watching = watch({
      client: polling([]).client,
      id: 'transaction-2',
      signal: live().signal,
      onStatus: () => {},
      openStream: () => stream,
    });
    stream.say('arrived');
    await expect(watching).rejects.toBeInstanceOf(AnswerError);
    expect(stream.closed).toBe(true);
  });

  it('ends at once on abort', async () => {
    const stream = new FakeStream();
    const controller = live();
    const watching = watch({ client: polling([]).client, id, signal: controller.signal, onStatus: () => {}, openStream: () => stream });
    controller.abort();
    await watching;
    expect(stream.closed).toBe(true);
  });
});

describe('by long polling', () => {
  it('outlives a lost connection, and says so', async () => {
    const { client, waits } = polling([new ConnectionError('x'), 'pending', 'arrived']);
    const connection: string[] = [];
    await watch({ client, id, signal: live().signal, onStatus: () => {}, onConnection: (state) => connection.push(state) });
    expect(connection).toEqual(['lost', 'ok']);
    expect(waits).toEqual([25, 0, 25]);
  });

  it('asks again at once when the page is visible again', async () => {
    const { client, waits } = polling(['hang', 'arrived']);
    const wake = new Set<() => void>();
    const watching = watch({
      client,
      id,
      signal: live().signal,
      onStatus: () => {},
      onWake: (listener) => {
        wake.add(listener);
        return () => wake.delete(listener);
      },
    });
    await vi.waitFor(() => expect(wake.size).toBe(1));
    for (const listener of [...wake]) listener();
    await watching;
    expect(waits.length).toBe(2);
    expect(wake.size).toBe(0);
  });

  it('a refusal that another try will not change ends it', async () => {
    const refusal = new RefusalError({ v: 1, code: 'transaction-unknown', messageKey: 'transaction-unknown', retryable: false }, 404);
    await expect(watch({ client: polling([refusal]).client, id, signal: live().signal, onStatus: () => {} })).rejects.toBe(refusal);
  });

  it('a busy server is asked again', async () => {
    const busy = new RefusalError({ v: 1, code: 'store-full', messageKey: 'store-full', retryable: true }, 503);
    const heard: string[] = [];
    await watch({ client: polling([busy, 'expired']).client, id, signal: live().signal, onStatus: ({ state }) => heard.push(state) });
    expect(heard).toEqual(['expired']);
  });
});
