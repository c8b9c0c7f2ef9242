import { describe, expect, it } from 'vitest';
import { createWaiters } from '../../src/store/waiters.ts';

const never = (): AbortSignal => new AbortController().signal;

describe('whoever waits for a change in a shared store', () => {
  it('is woken by a look that finds another version, or none', async () => {
    const versions = new Map([
      ['changes', 1],
      ['goes', 1],
    ]);
    const waiters = createWaiters(async (ids) => new Map(ids.flatMap((id) => (versions.has(id) ? [[id, versions.get(id) ?? 0]] : []))), 5);
    const both = Promise.all([waiters.wait('changes', 1, never()), waiters.wait('goes', 1, never())]);
    versions.set('changes', 2);
    versions.delete('goes');
    await both;
    expect(versions.get('changes')).toBe(2);
  });

  it('does not wait for what has changed already', async () => {
    let looks = 0;
    const waiters = createWaiters(async () => {
      looks += 1;
      return new Map([['t', 2]]);
    }, 60_000);
    await waiters.wait('t', 1, never());
    expect(looks).toBe(1);
  });

  it('is woken by its own process without a look, and only for its own transaction', async () => {
    const woken: string[] = [];
    const waiters = createWaiters(async (ids) => new Map(ids.map((id) => [id, 1])), 60_000);
    const a = waiters.wait('a', 1, never()).then(() => woken.push('a'));
    const stop = new AbortController();
    const b = waiters.wait('b', 1, stop.signal).then(() => woken.push('b'));
    await new Promise((resolve) => setImmediate(resolve));
    waiters.wake('a');
    await a;
    expect(woken).toEqual(['a']);
    stop.abort();
    await b;
  });

  it('goes on waiting while the store does not answer, and hears of the change afterwards', async () => {
    let down = 3;
    const waiters = createWaiters(async () => {
      if (down-- > 0) throw new Error('down');
      return new Map([['t', 2]]);
    }, 5);
    await waiters.wait('t', 1, never());
    expect(down).toBeLessThan(0);
  });

  it('leaves on abort, before and while it waits, whatever the store does', async () => {
    const waiters = createWaiters(() => new Promise(() => undefined), 5);
    await waiters.wait('t', 1, AbortSignal.abort());
    const stop = new AbortController();
    const waiting = waiters.wait('t', 1, stop.signal);
    stop.abort();
    expect(await Promise.race([waiting.then(() => 'left'), new Promise((resolve) => setTimeout(resolve, 1_000, 'stuck'))])).toBe('left');
  });

  it('shares one look with everybody else', async () => {
    const looks: (readonly string[])[] = [];
    let version = 1;
    const waiters = createWaiters(async (ids) => {
      looks.push(ids);
      return new Map(ids.map((id) => [id, version]));
    }, 50);
    const all = Promise.all(Array.from({ length: 100 }, (_, i) => waiters.wait(`t${i}`, 1, never())));
    await new Promise((resolve) => setImmediate(resolve));
    expect(looks.length).toBe(100);
    version = 2;
    await all;
    expect(looks.length).toBe(101);
    expect(looks.at(-1)?.length).toBe(100);
  });
});
