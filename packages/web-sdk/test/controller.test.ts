import type { PublicOutcome, StartDescriptor, TransactionStatus } from '@jpki-rp/node-sdk/wire';
import { describe, expect, it, vi } from 'vitest';
import { type Client, ConnectionError, RefusalError } from '../src/channel/client.ts';
import { createFlow, type Flow, type FlowPorts } from '../src/flow/controller.ts';
import type { FlowState } from '../src/flow/machine.ts';
import { createPending } from '../src/flow/pending.ts';

const id = 'transaction-1';
const identified: PublicOutcome = { v: 1, result: 'identified', next: 7 };
const refusal = (code: string, status = 409): RefusalError => new RefusalError({ v: 1, code, messageKey: code, retryable: false }, status);

const descriptor = (kind: 'app-link' | 'qr'): StartDescriptor => ({
  v: 1,
  transactionId: id,
  expiresAt: '2026-11-22T01:02:00.000Z',
  start: kind === 'qr' ? { kind, content: 'https://app.test/' } : { kind, href: 'https://app.test/' },
  ...(kind === 'qr' ? { match: { digits: 2 as const } } : {}),
  show: { relyingParty: 'b', operation: 'o', purpose: 'user-authentication', carriers: ['smartphone', 'card'] },
});

class Area {
  readonly map = new Map<string, string>();
  getItem(key: string): string | null {
    return this.map.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.map.set(key, value);
  }
  removeItem(key: string): void {
    this.map.delete(key);
  }
}

interface Scene {
  readonly flow: Flow;
  readonly states: FlowState[];
  readonly outcomes: PublicOutcome[];
  readonly asked: string[];
  readonly session: Area;
  readonly local: Area;
  server: { state: TransactionStatus['state']; outcome?: PublicOutcome };
}

const NOW = Date.UTC(2026, 10, 22, 1, 0);

function scene(overrides: Partial<Client> = {}, storage: { session?: Area; local?: Area } = {}, ports: Partial<FlowPorts> = {}): Scene {
  const session = storage.session ?? new Area();
  const local = storage.local ?? new Area();
  const asked: string[] = [];
  const states: FlowState[] = [];
  const outcomes: PublicOutcome[] = [];
  const server: Scene['server'] = { state: 'pending' };
  const client: Client = {
    begin: async ({ start }) => ({ descriptor: descriptor(start ?? 'qr'), serverTime: NOW }),
    status: async (_id, wait) => {
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      return {
        v: 1,
        transactionId: id,
        state: server.state,
        expiresAt: '2026-11-22T01:02:00.000Z',
        ...(server.outcome ? { outcome: server.outcome } : {}),
      };
    },
    complete: async () => identified,
    remove: async (removed) => {
      asked.push(`remove ${removed}`);
    },
    eventsUrl: () => '',
    ...overrides,
  };
  const now = (): number => 0;
  const wallClock = (): number => NOW;
  const pending = createPending({
    endpoint: 'https://b.test/jpki',
    operation: 'o',
    wallClock,
    now,
    session: () => session,
    local: () => local,
  });
  const flow = createFlow(
    { client, pending, now, wallClock, ...ports },
    { operation: 'o', lang: 'ja', onState: (state) => states.push(state), onOutcome: (outcome) => outcomes.push(outcome) },
  );
  return { flow, states, outcomes, asked, session, local, server };
}

const phase = (flow: Flow, expected: FlowState['phase']): Promise<void> => vi.waitFor(() => expect(flow.state.phase).toBe(expected));

describe('the way to an outcome', () => {
  it('by app link', async () => {
    const { flow, outcomes, server, session, local, states } = scene();
    flow.choose('smartphone', 'app-link');
    await phase(flow, 'ready');
    expect(session.map.size).toBe(0);
    flow.followed();
    expect([session.map.size, local.map.size]).toEqual([1, 1]);
    server.state = 'arrived';
    await phase(flow, 'done');
    expect(outcomes).toEqual([identified]);
    expect([session.map.size, local.map.size]).toEqual([0, 0]);
    expect(states.map((state) => state.phase)).toEqual(['starting', 'ready', 'waiting', 'completing', 'done']);
  });

  it('what is kept across a navigation holds no link, no ticket and no number', async () => {
    const { flow, session } = scene();
    flow.choose('card', 'qr');
    await phase(flow, 'qr');
    const [kept] = [...session.map.values()];
    expect(kept).not.toContain('app.test');
    expect(Object.keys(JSON.parse(kept ?? '{}') as object).sort()).toEqual(['choice', 'expiresAt', 'id', 'kind', 'match', 'show', 'until']);
    flow.dispose();
  });
});

describe('when the network fails', () => {
  it('beginning is tried three times, then said', async () => {
    const begin = vi.fn(async () => Promise.reject(new ConnectionError('x')));
    const { flow, outcomes } = scene({ begin });
    flow.choose('auto', 'qr');
    await vi.waitFor(() => expect(flow.state.phase).toBe('done'), 5_000);
    expect(begin).toHaveBeenCalledTimes(3);
    expect(outcomes).toMatchObject([{ result: 'try-again', code: 'network-failed', place: 'browser', retryable: true }]);
  });

  it('a refusal to begin is not repeated', async () => {
    const begin = vi.fn(async () => Promise.reject(refusal('operation-closed', 404)));
    const { flow, outcomes } = scene({ begin });
    flow.choose('auto', 'qr');
    await phase(flow, 'done');
    expect(begin).toHaveBeenCalledTimes(1);
    expect(outcomes).toMatchObject([{ result: 'refused', code: 'operation-closed' }]);
  });

  it('a completion whose answer was lost is found again in the status', async () => {
    let tries = 0;
    const { flow, outcomes, server } = scene({
      complete: async () => {
        tries += 1;
        server.state = 'done';
        server.outcome = identified;
        throw tries === 1 ? new ConnectionError('lost') : refusal('already-completed');
      },
    });
    flow.choose('smartphone', 'app-link');
    await phase(flow, 'ready');
    server.state = 'arrived';
    await phase(flow, 'done');
    expect(tries).toBe(2);
    expect(outcomes).toEqual([identified]);
  });

  it('a page left in the background leaves the redeeming to the tab in front, and shows what it got', async () => {
    const complete = vi.fn(async () => Promise.reject(refusal('already-completed')));
    let front = (): void => {};
    const whenVisible = (): Promise<void> => new Promise((resolve) => (front = resolve));
    const { flow, outcomes, server } = scene({ complete }, {}, { whenVisible });
    flow.choose('smartphone', 'app-link');
    await phase(flow, 'ready');
    server.state = 'arrived';
    await phase(flow, 'completing');
    expect(complete).not.toHaveBeenCalled();
    Object.assign(server, { state: 'done', outcome: identified });
    front();
    await phase(flow, 'done');
    expect(outcomes).toEqual([identified]);
  });

  it('a completion under way in another tab is waited for', async () => {
    const { flow, outcomes, server } = scene({
      complete: async () => {
        setTimeout(() => Object.assign(server, { state: 'done', outcome: identified }), 50);
        return { v: 1, result: 'refused', code: 'already-completed' };
      },
    });
    flow.choose('smartphone', 'app-link');
    await phase(flow, 'ready');
    server.state = 'arrived';
    await vi.waitFor(() => expect(outcomes).toEqual([identified]), 5_000);
  });

  it('a server that is not ready after all is asked again, but not in a rush', async () => {
    const complete = vi.fn(async (): Promise<PublicOutcome> => ({ v: 1, result: 'try-again', code: 'not-ready' }));
    const { flow, server } = scene({ complete });
    flow.choose('smartphone', 'app-link');
    await phase(flow, 'ready');
    server.state = 'arrived';
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(complete).toHaveBeenCalledTimes(1);
    flow.dispose();
  });

  it('an answer nobody can read is never taken for a success', async () => {
    const { AnswerError } = await import('../src/channel/guard.ts');
    const { flow, outcomes, server } = scene({ complete: async () => Promise.reject(new AnswerError('result')) });
    flow.choose('smartphone', 'app-link');
    await phase(flow, 'ready');
    server.state = 'arrived';
    await phase(flow, 'done');
    expect(outcomes).toMatchObject([{ result: 'try-again', code: 'answer-unknown' }]);
  });
});

describe('coming back', () => {
  async function left(): Promise<Scene> {
    const before = scene();
    before.flow.choose('smartphone', 'app-link');
    await phase(before.flow, 'ready');
    before.flow.followed();
    before.flow.dispose();
    return before;
  }

  it('the same tab continues', async () => {
    const { session } = await left();
    const after = scene({}, { session });
    after.server.state = 'arrived';
    expect(await after.flow.resume()).toBe(true);
    await phase(after.flow, 'done');
    expect(after.outcomes).toEqual([identified]);
  });

  it.each<[TransactionStatus['state'], boolean]>([
    ['pending', false],
    ['opened', false],
    ['arrived', true],
  ])('a new tab, with the transaction %s, takes it up: %s', async (state, taken) => {
    const { local } = await left();
    const after = scene({}, { local });
    after.server.state = state;
    expect(await after.flow.resume()).toBe(taken);
    after.flow.dispose();
  });

  it.each<[string, (note: Record<string, unknown>) => unknown]>([
    ['is not JSON', () => '{'],
    ['has an id that climbs in the path', (note) => ({ ...note, id: '../x' })],
    ['is of another kind', (note) => ({ ...note, kind: 'sms' })],
    ['is over', (note) => ({ ...note, until: NOW - 1 })],
    ['claims to last for days', (note) => ({ ...note, until: NOW + 864e5 })],
  ])('a note that %s is thrown away', async (_title, change) => {
    const { session } = await left();
    const [key, text] = [...session.map][0] ?? ['', '{}'];
    const value = change(JSON.parse(text) as Record<string, unknown>);
    session.map.set(key, typeof value === 'string' ? value : JSON.stringify(value));
    const after = scene({}, { session });
    expect(await after.flow.resume()).toBe(false);
    expect(session.map.size).toBe(0);
  });

  it('forbidden storage is no obstacle', async () => {
    const forbidden = (): never => {
      throw new DOMException('denied', 'SecurityError');
    };
    const pending = createPending({
      endpoint: 'x',
      operation: 'o',
      wallClock: () => 0,
      now: () => 0,
      session: forbidden,
      local: forbidden,
    });
    expect(pending.load()).toBeNull();
    expect(() => pending.clear()).not.toThrow();
  });
});

describe('leaving', () => {
  it('cancel deletes the transaction on the server', async () => {
    const { flow, asked, outcomes } = scene();
    flow.choose('card', 'qr');
    await phase(flow, 'qr');
    flow.cancel();
    expect(asked).toEqual([`remove ${id}`]);
    expect(outcomes).toMatchObject([{ code: 'cancelled' }]);
  });

  it('dispose is silent: the page may only be navigating', async () => {
    const { flow, asked, states, server } = scene();
    flow.choose('card', 'qr');
    await phase(flow, 'qr');
    const count = states.length;
    flow.dispose();
    server.state = 'arrived';
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked).toEqual([]);
    expect(states.length).toBe(count);
  });

  it('a page whose clock is a day off still counts down by the server’s', async () => {
    const { flow } = scene({ begin: async () => ({ descriptor: descriptor('qr'), serverTime: Date.UTC(2026, 10, 22, 1, 1, 30) }) });
    flow.choose('card', 'qr');
    await phase(flow, 'qr');
    expect(flow.state).toMatchObject({ transaction: { deadline: 30_000 } });
    flow.dispose();
  });
});
