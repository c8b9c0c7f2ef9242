/** The contract of a TransactionStore, as tests. Every store runs it; it knows no test framework. */
import assert from 'node:assert/strict';
import { MATCH_TRIES, type NewTransaction } from './record.ts';
import type { TransactionStore } from './store.ts';

export interface TransactionStoreConformance {
  /** `it` of any framework. */
  readonly test: (name: string, run: () => Promise<void>) => void;
  /** An empty store, bounded to `maxTransactions` where the suite asks for it. */
  readonly makeStore: (bounds: { readonly maxTransactions: number }) => TransactionStore | Promise<TransactionStore>;
  /** An instant the store can live with; expiry is always relative to it. Default 2026-01-01. */
  readonly now?: number;
}

export function transactionStoreConformance({ test, makeStore, now = Date.UTC(2026, 0, 1) }: TransactionStoreConformance): void {
  let count = 0;
  const some = (life = 60_000): NewTransaction => {
    count += 1;
    return {
      id: `transaction-${count}`,
      operation: 'open-account',
      purpose: 'digital-signature',
      carriers: ['card', 'smartphone'],
      scheme: 'rsa-pkcs1-sha256',
      carrierWitnesses: 'two',
      door: 'door',
      channel: 'qr',
      binding: `binding-${count}`,
      message: new TextEncoder().encode(`message ${count}`),
      documentText: '宣言',
      account: `account-${count}`,
      ceremony: { id: `ceremony-${count}`, step: 'card' },
      carrierHint: 'smartphone',
      returnTo: '/done?x=1',
      lang: 'ja',
      createdAt: now,
      expiresAt: now + life,
      ticket: `ticket-${count}`,
      matchNumber: '07',
    };
  };
  const hashesOf = ({ id }: NewTransaction): { answer: string; return: string } => ({ answer: `answer-${id}`, return: `return-${id}` });
  const roomy = (): TransactionStore | Promise<TransactionStore> => makeStore({ maxTransactions: 100 });
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const opened = async (store: TransactionStore): Promise<NewTransaction> => {
    const transaction = some();
    assert.equal(await store.create(transaction, now), 'created');
    assert.equal((await store.open(transaction.ticket, hashesOf(transaction), now))?.state, 'opened');
    return transaction;
  };
  const arrived = async (store: TransactionStore): Promise<NewTransaction> => {
    const transaction = await opened(store);
    assert.deepEqual(await store.park(hashesOf(transaction).answer, bytes('answer'), now), { id: transaction.id, result: 'parked' });
    return transaction;
  };
  const many = async <T>(run: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 20 }, run));

  test('gives back what was created, field by field', async () => {
    const store = await roomy();
    const transaction = some();
    assert.equal(await store.create(transaction, now), 'created');
    const found = await store.get(transaction.id);
    assert.ok(found);
    const { state, version, matchesLeft, returned, ...fixed } = found;
    assert.deepEqual({ ...fixed, message: [...fixed.message] }, { ...transaction, message: [...transaction.message] });
    assert.deepEqual([state, matchesLeft, returned, version > 0], ['pending', MATCH_TRIES, false, true]);
    assert.equal(await store.get('another'), null);
  });

  test('spends a ticket once, under concurrency', async () => {
    const store = await roomy();
    const transaction = some();
    await store.create(transaction, now);
    const results = await many(() => store.open(transaction.ticket, hashesOf(transaction), now));
    assert.equal(results.filter((result) => result !== null).length, 1);
    assert.equal(await store.open('no-such-ticket', hashesOf(transaction), now), null);
  });

  test('does not spend an expired ticket', async () => {
    const store = await roomy();
    const transaction = some();
    await store.create(transaction, now);
    assert.equal(await store.open(transaction.ticket, hashesOf(transaction), transaction.expiresAt), null);
  });

  test('keeps the first answer and ignores every later one', async () => {
    const store = await roomy();
    const transaction = await arrived(store);
    const { answer } = hashesOf(transaction);
    assert.deepEqual(await store.park(answer, bytes('another'), now), { id: transaction.id, result: 'ignored' });
    const found = await store.get(transaction.id);
    assert.deepEqual([found?.state, Buffer.from(found?.unverifiedAnswer ?? []).toString()], ['arrived', 'answer']);
    assert.equal(await store.park('no-such-answer', bytes('x'), now), null);
  });

  test('keeps exactly one of many answers at once', async () => {
    const store = await roomy();
    const transaction = await opened(store);
    const results = await many(() => store.park(hashesOf(transaction).answer, bytes('x'), now));
    assert.equal(results.filter((result) => result?.result === 'parked').length, 1);
  });

  test('takes no answer before the ticket is spent, nor after expiry', async () => {
    const store = await roomy();
    const unopened = some();
    await store.create(unopened, now);
    assert.equal(await store.park(hashesOf(unopened).answer, bytes('x'), now), null);
    const late = await opened(store);
    assert.equal(await store.park(hashesOf(late).answer, bytes('x'), late.expiresAt), null);
  });

  test('is consumed once, under concurrency', async () => {
    const store = await roomy();
    const transaction = await arrived(store);
    const results = await many(() => store.consume(transaction.id, now));
    const winners = results.filter((result) => result !== null);
    assert.equal(winners.length, 1);
    assert.equal(Buffer.from(winners[0]?.unverifiedAnswer ?? []).toString(), 'answer');
    assert.equal((await store.get(transaction.id))?.state, 'completing');
  });

  test('is not consumed before an answer is there, nor after expiry', async () => {
    const store = await roomy();
    const transaction = await opened(store);
    assert.equal(await store.consume(transaction.id, now), null);
    const late = await arrived(store);
    assert.equal(await store.consume(late.id, late.expiresAt), null);
  });

  test('counts number tries before they are compared, under concurrency', async () => {
    const store = await roomy();
    const transaction = await arrived(store);
    const results = await many(() => store.spendMatch(transaction.id, now));
    assert.deepEqual(results.filter((left) => left !== null).sort(), [0, 1, 2]);
    assert.equal((await store.get(transaction.id))?.matchesLeft, 0);
  });

  test('keeps the outcome and forgets message, document and answer', async () => {
    const store = await roomy();
    const transaction = await arrived(store);
    await store.consume(transaction.id, now);
    await store.finish(transaction.id, { v: 1, result: 'identified', next: { hello: 'こんにちは' } });
    const found = await store.get(transaction.id);
    assert.deepEqual(found?.outcome, { v: 1, result: 'identified', next: { hello: 'こんにちは' } });
    assert.deepEqual(
      [found?.state, found?.message.length, found?.documentText, found?.unverifiedAnswer],
      ['done', 0, undefined, undefined],
    );
    await store.finish(transaction.id, { v: 1, result: 'refused' });
    assert.equal((await store.get(transaction.id))?.outcome?.result, 'identified');
  });

  test('finishes nothing that was not consumed', async () => {
    const store = await roomy();
    const transaction = await arrived(store);
    await store.finish(transaction.id, { v: 1, result: 'identified' });
    assert.equal((await store.get(transaction.id))?.state, 'arrived');
  });

  test('cancels what is open, and nothing that is consumed', async () => {
    const store = await roomy();
    const open = await arrived(store);
    assert.equal(await store.cancel(open.id, now), true);
    assert.equal(await store.consume(open.id, now), null);
    assert.equal(await store.park(hashesOf(open).answer, bytes('x'), now), null);
    const taken = await arrived(store);
    await store.consume(taken.id, now);
    assert.equal(await store.cancel(taken.id, now), false);
  });

  test('knows the way back from the moment the ticket is spent', async () => {
    const store = await roomy();
    const transaction = await opened(store);
    assert.equal((await store.findByReturn(hashesOf(transaction).return, now))?.id, transaction.id);
    assert.equal(await store.findByReturn('another', now), null);
    await store.markReturned(transaction.id, now);
    assert.equal((await store.get(transaction.id))?.returned, true);
  });

  test('answers full at its bound and removes nothing that lives', async () => {
    const store = await makeStore({ maxTransactions: 3 });
    const first = some(10_000);
    const others = [some(), some()];
    for (const transaction of [first, ...others]) assert.equal(await store.create(transaction, now), 'created');
    assert.equal(await store.create(some(), now), 'full');
    for (const transaction of [first, ...others]) assert.ok(await store.get(transaction.id));
    assert.equal(await store.create(some(), first.expiresAt), 'created');
    for (const transaction of others) assert.ok(await store.get(transaction.id));
  });

  test('does not exceed its bound under concurrency', async () => {
    const store = await makeStore({ maxTransactions: 3 });
    const results = await many(() => store.create(some(), now));
    assert.equal(results.filter((result) => result === 'created').length, 3);
  });

  test('wakes whoever waits for a change, at the latest on abort', async () => {
    const store = await roomy();
    const transaction = await opened(store);
    const version = (await store.get(transaction.id))?.version ?? 0;
    const change = store.waitForChange(transaction.id, version, AbortSignal.timeout(20_000));
    await store.park(hashesOf(transaction).answer, bytes('x'), now);
    await change;
    assert.equal((await store.get(transaction.id))?.state, 'arrived');
    await store.waitForChange(transaction.id, version, AbortSignal.timeout(20_000));
    const current = (await store.get(transaction.id))?.version ?? 0;
    await store.waitForChange(transaction.id, current, AbortSignal.timeout(10));
  });

  test('gives a kept ceremony once, and not after its time', async () => {
    const store = await roomy();
    const kept = { sealed: 'sealed', account: 'account', binding: 'binding' };
    assert.equal(await store.keepCeremony('ceremony', kept, now + 1_000, now), 'kept');
    const results = await many(() => store.takeCeremony('ceremony', now));
    assert.deepEqual(
      results.filter((result) => result !== null),
      [kept],
    );
    await store.keepCeremony('late', { ...kept, account: null }, now + 1_000, now);
    assert.equal(await store.takeCeremony('late', now + 1_000), null);
  });
}
