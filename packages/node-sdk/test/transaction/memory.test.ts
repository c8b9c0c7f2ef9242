import { describe, expect, it } from 'vitest';
import { transactionStoreConformance } from '../../src/transaction/conformance.ts';
import { memoryTransactionStore } from '../../src/transaction/memory.ts';
import type { NewTransaction } from '../../src/transaction/record.ts';

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
});
