import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transactionStoreConformance } from '../../src/transaction/conformance.ts';
import { memoryTransactionStore } from '../../src/transaction/memory.ts';
import type { NewTransaction } from '../../src/transaction/record.ts';
import type { TransactionStore } from '../../src/transaction/store.ts';

describe('the memory store keeps the contract of every store', () => {
  transactionStoreConformance({ test: it, makeStore: ({ maxTransactions }) => memoryTransactionStore({ maxTransactions }) });
});

const NOW = 1_000_000;
const transaction = (id: string, bytes = 1): NewTransaction => ({
  id,
  operation: 'o',
  purpose: 'user-authentication',
  carriers: ['card'],
  scheme: 'rsa-pkcs1-sha256',
  carrierWitnesses: 'two',
  door: 'd',
  channel: 'qr',
  binding: 'b',
  message: new Uint8Array(bytes),
  returnTo: '/',
  lang: 'ja',
  createdAt: NOW,
  expiresAt: NOW + 60_000,
  ticket: `t-${id}`,
});

describe('the memory store is bounded', () => {
  it('in bytes: a message that does not fit any more is answered full', async () => {
    const store = memoryTransactionStore({ maxBytes: 100_000 });
    expect(await store.create(transaction('a', 60_000), NOW)).toBe('created');
    expect(await store.create(transaction('b', 60_000), NOW)).toBe('full');
    expect(await store.get('a')).not.toBeNull();
  });

  it('in bytes: an answer that does not fit is full, and can come again once there is room', async () => {
    const store = memoryTransactionStore({ maxBytes: 100_000 });
    await store.create(transaction('a', 60_000), NOW);
    await store.create(transaction('b'), NOW);
    await store.open('t-b', { answer: 'x', return: 'y' }, NOW);
    expect(await store.park('x', new Uint8Array(60_000), NOW)).toEqual({ id: 'b', result: 'full' });
    expect((await store.get('b'))?.state).toBe('opened');
    await store.cancel('a', NOW);
    expect(await store.park('x', new Uint8Array(60_000), NOW)).toEqual({ id: 'b', result: 'parked' });
  });

  it('in bytes: what is finished or cancelled gives its room back', async () => {
    const store = memoryTransactionStore({ maxBytes: 70_000 });
    for (let round = 0; round < 50; round += 1) {
      const id = `r${round}`;
      expect(await store.create(transaction(id, 60_000), NOW)).toBe('created');
      expect(await store.cancel(id, NOW)).toBe(true);
    }
  });

  it('in time: a life beyond the bound is misuse', async () => {
    const store = memoryTransactionStore({ maxLifetimeSeconds: 30 });
    await expect(store.create(transaction('a'), NOW)).rejects.toMatchObject({ code: 'argument-invalid', pointer: '/expiresAt' });
  });

  it('and refuses bounds that bound nothing', () => {
    expect(() => memoryTransactionStore({ maxTransactions: 0 })).toThrowError(expect.objectContaining({ code: 'argument-invalid' }));
  });

  it('keeps its own copy of an answer', async () => {
    const store = memoryTransactionStore();
    await store.create(transaction('a'), NOW);
    await store.open('t-a', { answer: 'x', return: 'y' }, NOW);
    const sent = Uint8Array.of(1, 2, 3);
    await store.park('x', sent, NOW);
    sent.fill(9);
    expect((await store.get('a'))?.unverifiedAnswer).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('keeps its books: whatever happened before, once all is over there is room for exactly as much as in a new one', async () => {
    const verbs = fc.constantFrom('create', 'open', 'park', 'match', 'consume', 'finish', 'cancel', 'keep', 'take', 'tick');
    const steps = fc.array(fc.tuple(verbs, fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 3_000 })), { maxLength: 60 });
    const room = async (store: TransactionStore, at: number): Promise<number> => {
      for (let count = 0; ; count += 1) {
        const created = await store.create({ ...transaction(`new-${count}`, 500), createdAt: at, expiresAt: at + 60_000 }, at);
        if (created === 'full') return count;
      }
    };
    const fresh = await room(memoryTransactionStore({ maxBytes: 50_000 }), NOW);
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const store = memoryTransactionStore({ maxBytes: 50_000 });
        let at = NOW;
        for (const [verb, which, size] of sequence) {
          const id = `t${which}`;
          const hashes = { answer: `a-${id}`, return: `r-${id}` };
          if (verb === 'create' && (await store.get(id)) === null) {
            await store.create({ ...transaction(id, size), createdAt: at, expiresAt: at + 60_000 }, at);
          }
          if (verb === 'open') await store.open(`t-${id}`, hashes, at);
          if (verb === 'park') await store.park(hashes.answer, new Uint8Array(size), at);
          if (verb === 'match') await store.spendMatch(id, at);
          if (verb === 'consume') await store.consume(id, at);
          if (verb === 'finish') await store.finish(id, { v: 1, result: 'identified', next: 'x'.repeat(size) });
          if (verb === 'cancel') await store.cancel(id, at);
          if (verb === 'keep') await store.keepCeremony(id, { sealed: 'x'.repeat(size), account: null, binding: 'b' }, at + 60_000, at);
          if (verb === 'take') await store.takeCeremony(id, at);
          if (verb === 'tick') at += 10 * size;
        }
        return (await room(store, at + 200_000)) === fresh;
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});
