/** Many processes at once on a real server: what only a database that is shared can get wrong. */
import { createLinkLedger, hmacIdentifier, type LinkLedger } from '@jpki-rp/verifier/links';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { card, NOW, smartphone } from '../../../verifier/test/links/verdicts.ts';
import { postgresLinkStore, postgresTransactionStore, type SqlPool } from '../../src/store/postgres/index.ts';
import { type OwnSchema, ownSchema } from './postgres-schema.ts';
import { SEALING } from './sealing-key.ts';
import { someTransaction } from './transactions.ts';

let schema: OwnSchema;
let pools: SqlPool[];
let ledgers: LinkLedger[];
let count = 0;

beforeAll(async () => {
  schema = await ownSchema();
  // 32 pools of one connection each: no two wait for the same one.
  pools = Array.from({ length: 32 }, () => schema.also(1));
  ledgers = pools.map((pool) => ledgerOn(pool, 1));
});
afterAll(() => schema.drop());

const ledgerOn = (pool: SqlPool, accountsPerCertificate: number, maxActive = 1): LinkLedger =>
  createLinkLedger({
    store: postgresLinkStore({ pool, outbox: 'keep' }),
    identifier: hmacIdentifier({ keyId: 'k1', key: new Uint8Array(32).fill(7) }),
    clock: () => NOW,
    notify: () => undefined,
    accountsPerCertificate,
    maxActive,
  });

const establish = (ledger: LinkLedger, account: string, cardSerial: number, phoneSerial: number, ceremony = `race-${count++}`) =>
  ledger.establish(card(cardSerial, { ceremony }), smartphone(phoneSerial, { ceremony }), { account, ceremony: { id: ceremony } });

const outcomes = (results: readonly { readonly ok: boolean; readonly code?: string }[]): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const result of results) found[result.ok ? 'ok' : (result.code ?? '')] = (found[result.ok ? 'ok' : (result.code ?? '')] ?? 0) + 1;
  return found;
};

describe('32 at once', () => {
  it('one certificate for 32 accounts: one has it, 31 are told that another account has it', async () => {
    const results = await Promise.all(ledgers.map((ledger, i) => establish(ledger, `one-card-${i}`, 1_000, 2_000 + i)));
    expect(outcomes(results)).toEqual({ ok: 1, 'link-other-account': 31 });
  });

  it('one certificate that three accounts may hold: three have it', async () => {
    const roomy = pools.map((pool) => ledgerOn(pool, 3));
    const results = await Promise.all(roomy.map((ledger, i) => establish(ledger, `three-${i}`, 1_100, 2_100 + i)));
    expect(outcomes(results)).toEqual({ ok: 3, 'link-other-account': 29 });
  });

  it('two certificates crossed, half taken from either side: nobody waits for ever, and no certificate has two accounts', async () => {
    const results = await Promise.all(
      ledgers.map((ledger, i) => establish(ledger, `crossed-${i}`, 1_200 + (i % 4), 2_200 + (Math.floor(i / 4) % 4))),
    );
    const { ok = 0, 'link-other-account': others = 0 } = outcomes(results);
    expect(ok + others).toBe(32);
    expect(ok).toBeGreaterThanOrEqual(1);
    expect(ok).toBeLessThanOrEqual(4);
    const { rows } = await schema.pool.query(
      `select c.ref from jpki_claim c join jpki_person p using (person) where p.account like 'crossed-%' group by c.ref having count(*) > 1`,
    );
    expect(rows).toEqual([]);
  });

  it('one account links 32 phones to its card: exactly one link lives at the end, and each step is in the history', async () => {
    const settled = await Promise.all(
      ledgers.map(async (ledger, i) => {
        for (;;) {
          const result = await establish(ledger, 'one-account', 1_300, 2_300 + i);
          if (result.ok || result.code !== 'link-busy') return result;
        }
      }),
    );
    expect(outcomes(settled)).toEqual({ ok: 32 });
    const history = await ledgers[0]?.history('one-account');
    if (history?.ok !== true) throw new Error('no history');
    expect(history.links.length).toBe(32);
    expect(history.links.filter(({ state }) => state === 'active').length).toBe(1);
    expect(history.links.filter(({ state }) => state === 'superseded').length).toBe(31);
  });

  it('one account that may have three phones links 32: the three that came last live, each claimed once, all others were superseded', async () => {
    const roomy = pools.map((pool) => ledgerOn(pool, 1, 3));
    const settled = await Promise.all(
      roomy.map(async (ledger, i) => {
        for (;;) {
          const result = await establish(ledger, 'three-phones', 1_600, 2_600 + i);
          if (result.ok || result.code !== 'link-busy') return result;
        }
      }),
    );
    expect(outcomes(settled)).toEqual({ ok: 32 });
    const history = await roomy[0]?.history('three-phones');
    if (history?.ok !== true) throw new Error('no history');
    expect(history.links.map(({ state }) => state)).toEqual([...Array(29).fill('superseded'), ...Array(3).fill('active')]);
    const { rows } = await schema.pool.query(
      `select c.ref from jpki_claim c join jpki_person p using (person) where p.account = 'three-phones'`,
    );
    const live = history.links.slice(-3).flatMap(({ from, to }) => [from.ref, to.ref]);
    expect(rows.map(({ ref }) => ref).sort()).toEqual([...new Set(live)].sort());
    expect(rows.length).toBe(4);
  });

  it('32 accounts with room for two phones each after the same two phones: each phone has one account, nobody has more than two', async () => {
    const roomy = pools.map((pool) => ledgerOn(pool, 1, 2));
    const results = await Promise.all(
      roomy.flatMap((ledger, i) => [0, 1].map((phone) => establish(ledger, `pair-${i}`, 1_700 + i, 2_700 + phone))),
    );
    const { ok = 0, 'link-other-account': others = 0, 'link-busy': busy = 0 } = outcomes(results);
    expect(ok).toBe(2);
    expect(others + busy).toBe(62);
    const { rows } = await schema.pool.query(
      `select c.ref from jpki_claim c join jpki_person p using (person) where p.account like 'pair-%' group by c.ref having count(*) > 1`,
    );
    expect(rows).toEqual([]);
  });

  it('one ceremony 32 times: redeemed once', async () => {
    const results = await Promise.all(ledgers.map((ledger, i) => establish(ledger, `replay-${i}`, 1_400 + i, 2_400 + i, 'the-same')));
    expect(outcomes(results)).toEqual({ ok: 1, 'link-ceremony': 31 });
  });

  it('a person erased while others link to it: every link made is either erased or of a new person', async () => {
    await establish(ledgers[0] as LinkLedger, 'erased', 1_500, 2_500);
    const [erased, ...results] = await Promise.all([
      (ledgers[0] as LinkLedger).erase('erased'),
      ...ledgers.slice(1).map((ledger, i) => establish(ledger, 'erased', 1_500, 2_501 + i)),
    ]);
    expect(erased.ok || erased.code === 'link-busy').toBe(true);
    for (const result of results) expect(result.ok || result.code === 'link-busy').toBe(true);
    const { rows } = await schema.pool.query("select count(*)::integer as n from jpki_person where account = 'erased'");
    expect(rows[0]?.['n']).toBeLessThanOrEqual(1);
  });

  it('one transaction consumed: one of 32 has it', async () => {
    const stores = pools.map((pool) => postgresTransactionStore({ pool, sealing: SEALING }));
    const [first] = stores;
    const transaction = someTransaction('consumed');
    await first?.create(transaction, transaction.createdAt);
    await first?.open(transaction.ticket, { answer: 'race-answer', return: 'race-return' }, transaction.createdAt);
    await first?.park('race-answer', new Uint8Array([1]), transaction.createdAt);
    const results = await Promise.all(stores.map((store) => store.consume(transaction.id, transaction.createdAt)));
    expect(results.filter((result) => result !== null).length).toBe(1);
  });

  it('a store with room for three: three of 32 begin', async () => {
    await schema.pool.query('truncate jpki_transaction');
    const stores = pools.map((pool) => postgresTransactionStore({ pool, sealing: SEALING, bounds: { maxTransactions: 3 } }));
    const results = await Promise.all(
      stores.map((store, i) => {
        const transaction = someTransaction(`bounded-${i}`);
        return store.create(transaction, transaction.createdAt);
      }),
    );
    expect(results.filter((result) => result === 'created').length).toBe(3);
  });

  it('a page that waits in one process hears of a change in another', async () => {
    await schema.pool.query('truncate jpki_transaction');
    const [here, there] = pools.map((pool) => postgresTransactionStore({ pool, sealing: SEALING, pollMilliseconds: 20 }));
    const transaction = someTransaction('waits');
    await there?.create(transaction, transaction.createdAt);
    const changed = here?.waitForChange(transaction.id, 1, AbortSignal.timeout(20_000));
    await there?.open(transaction.ticket, { answer: 'a', return: 'r' }, transaction.createdAt);
    await changed;
    expect((await here?.get(transaction.id))?.state).toBe('opened');
  });
});
