/** What stands in the database, and what happens when someone writes into it. */
import { createLinkLedger, hmacIdentifier } from '@jpki-rp/verifier/links';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { card, NOW, smartphone } from '../../../verifier/test/links/verdicts.ts';
import { migrate, postgresLinkStore, postgresTransactionStore } from '../../src/store/postgres/index.ts';
import { MIGRATIONS } from '../../src/store/postgres/migrations.ts';
import { type OwnSchema, ownSchema } from './postgres-schema.ts';
import { SEALING } from './sealing-key.ts';
import { AT, PERSONAL, someTransaction } from './transactions.ts';

let schema: OwnSchema;
beforeAll(async () => {
  schema = await ownSchema();
});
afterAll(() => schema.drop());

const dump = async (...tables: string[]): Promise<string> => {
  const found = await Promise.all(tables.map((table) => schema.pool.query(`select t::text as line from ${table} t`)));
  return found.flatMap(({ rows }) => rows.map((row) => String(row['line']))).join('\n');
};

describe('transactions at rest', () => {
  beforeEach(async () => {
    await schema.pool.query('truncate jpki_transaction, jpki_kept_ceremony');
  });
  const store = () => postgresTransactionStore({ pool: schema.pool, sealing: SEALING });
  const arrived = async (id: string): Promise<void> => {
    await store().create(someTransaction(id), AT);
    await store().open(`ticket-${id}`, { answer: `answer-${id}`, return: `return-${id}` }, AT);
    await store().park(`answer-${id}`, new TextEncoder().encode(PERSONAL), AT);
  };

  it('say nothing about the person, at no state', async () => {
    await arrived('t');
    await store().keepCeremony('c', { sealed: 'sealed', account: 'account-of-hanako', binding: 'binding' }, AT + 1_000, AT);
    await store().consume('t', AT);
    const before = await dump('jpki_transaction', 'jpki_kept_ceremony');
    await store().finish('t', { v: 1, result: 'identified', next: PERSONAL });
    const all = `${before}\n${await dump('jpki_transaction')}`;
    expect(all).toContain('completing');
    for (const secret of [PERSONAL, '見本', 'hanako', 'open-account', Buffer.from(PERSONAL).toString('base64url').slice(0, 12)]) {
      expect(all).not.toContain(secret);
    }
    expect((await store().get('t'))?.outcome?.next).toBe(PERSONAL);
  });

  it('decide nothing once another transaction’s content was put into them', async () => {
    await arrived('mine');
    await arrived('foreign');
    await schema.pool.query(
      `update jpki_transaction set content = (select content from jpki_transaction where id = 'foreign') where id = 'mine'`,
    );
    await expect(store().consume('mine', AT)).rejects.toThrow();
    expect((await store().consume('foreign', AT))?.id).toBe('foreign');
  });

  it('decide nothing once a single character was changed', async () => {
    await arrived('t');
    await schema.pool.query(`update jpki_transaction set fixed = overlay(fixed placing 'AAAA' from 40)`);
    await expect(store().get('t')).rejects.toThrow();
  });

  it('open under the key before a rotation, and under no other', async () => {
    await arrived('t');
    const key = new Uint8Array(32).fill(4);
    const rotated = postgresTransactionStore({ pool: schema.pool, sealing: { keyId: 's2', key, previous: [SEALING] } });
    expect((await rotated.get('t'))?.documentText).toBe(PERSONAL);
    const stranger = postgresTransactionStore({ pool: schema.pool, sealing: { keyId: 's1', key } });
    await expect(stranger.get('t')).rejects.toThrow();
  });

  it('refuse a short key, a key id used twice, and bounds that bound nothing', () => {
    const misuse = expect.objectContaining({ code: 'argument-invalid' });
    const pool = schema.pool;
    expect(() => postgresTransactionStore({ pool, sealing: { keyId: 's', key: new Uint8Array(31) } })).toThrowError(misuse);
    expect(() => postgresTransactionStore({ pool, sealing: { ...SEALING, previous: [SEALING] } })).toThrowError(misuse);
    expect(() => postgresTransactionStore({ pool, sealing: SEALING, bounds: { maxBytes: 0 } })).toThrowError(misuse);
  });

  it('are refused twice under one id or ticket, and beyond the longest life', async () => {
    await store().create(someTransaction('t'), AT);
    const misuse = { code: 'argument-invalid' };
    await expect(store().create(someTransaction('t', { ticket: 'another' }), AT)).rejects.toMatchObject(misuse);
    await expect(store().create(someTransaction('u', { ticket: 'ticket-t' }), AT)).rejects.toMatchObject(misuse);
    await expect(store().create(someTransaction('v', { expiresAt: AT + 901_000 }), AT)).rejects.toMatchObject(misuse);
  });

  it('find room again in bytes once something is cancelled', async () => {
    const tight = postgresTransactionStore({ pool: schema.pool, sealing: SEALING, bounds: { maxBytes: 8_000 } });
    expect(await tight.create(someTransaction('a'), AT)).toBe('created');
    expect(await tight.create(someTransaction('b'), AT)).toBe('created');
    expect(await tight.create(someTransaction('c'), AT)).toBe('full');
    await tight.cancel('a', AT);
    expect(await tight.create(someTransaction('c'), AT)).toBe('created');
    await tight.open('ticket-c', { answer: 'x', return: 'y' }, AT);
    expect(await tight.park('x', new Uint8Array(6_000), AT)).toEqual({ id: 'c', result: 'full' });
    expect((await tight.get('c'))?.state).toBe('opened');
  });
});

describe('links at rest', () => {
  const ledger = () =>
    createLinkLedger({
      store: postgresLinkStore({ pool: schema.pool, outbox: 'keep' }),
      identifier: hmacIdentifier({ keyId: 'k1', key: new Uint8Array(32).fill(7) }),
      clock: () => NOW,
      notify: () => Promise.reject(new Error('the channel is down')),
    });
  const tables = ['jpki_person', 'jpki_person_event', 'jpki_claim', 'jpki_ceremony', 'jpki_notice', 'jpki_outbox', 'jpki_tombstone'];
  const establish = (account: string, serial: number) =>
    ledger().establish(card(serial, { ceremony: `c-${serial}` }), smartphone(serial + 1, { ceremony: `c-${serial}` }), {
      account,
      ceremony: { id: `c-${serial}` },
    });

  it('hold no serial number', async () => {
    const serial = 987_654_321;
    expect((await establish('a-1', serial)).ok).toBe(true);
    const all = await dump(...tables);
    expect(all).toContain('a-1');
    for (const text of [String(serial), serial.toString(16)]) expect(all).not.toContain(text);
  });

  it('are not believed once an event was rewritten in the database', async () => {
    await establish('a-2', 500);
    await schema.pool.query(
      `update jpki_person_event e set event = replace(event::text, 'same-session', 'operator')::json
        from jpki_person p where p.person = e.person and p.account = 'a-2'`,
    );
    expect(await ledger().history('a-2')).toEqual({ ok: false, code: 'link-integrity' });
  });

  it('leave nothing of an erased person but the tombstone, also in the outbox', async () => {
    await establish('a-3', 600);
    const before = await dump(...tables);
    expect(before).toContain('a-3');
    expect((await ledger().erase('a-3')).ok).toBe(true);
    expect(await dump(...tables)).not.toContain('a-3');
  });

  it('keep notice and outbox entry of a change in the same transaction, or nothing of either', async () => {
    const count = async (): Promise<unknown> =>
      (await schema.pool.query('select (select count(*) from jpki_outbox)::integer as o, (select count(*) from jpki_notice)::integer as n'))
        .rows[0];
    await establish('a-4', 700);
    const before = await count();
    expect(await establish('a-5', 700)).toEqual({ ok: false, code: 'link-ceremony' });
    expect(await count()).toEqual(before);
  });

  it('are not committed on a snapshot that is older than the locks', async () => {
    const old = schema.also(1);
    await old.query('set default_transaction_isolation to "repeatable read"');
    const commit = createLinkLedger({
      store: postgresLinkStore({ pool: old }),
      identifier: hmacIdentifier({ keyId: 'k1', key: new Uint8Array(32).fill(7) }),
      clock: () => NOW,
      notify: () => undefined,
    }).establish(card(800, { ceremony: 'c' }), smartphone(801, { ceremony: 'c' }), { account: 'a-6', ceremony: { id: 'c' } });
    await expect(commit).rejects.toThrow('read committed');
  });
});

describe('migrations', () => {
  it('run once, in however many processes at once', async () => {
    const fresh = await ownSchema();
    try {
      expect(await migrate(fresh.pool)).toEqual([]);
      const before = await fresh.pool.query('select version from jpki_migration order by version');
      expect(before.rows.map((row) => row['version'])).toEqual(MIGRATIONS.map((_, index) => index + 1));
      await fresh.pool.query(
        `do $$ declare t record; begin
          for t in select 'drop view ' || viewname || ' cascade' as q from pg_views where schemaname = current_schema() loop execute t.q; end loop;
          for t in select 'drop table ' || tablename || ' cascade' as q from pg_tables where schemaname = current_schema() loop execute t.q; end loop;
          for t in select 'drop function ' || p.oid::regprocedure || ' cascade' as q from pg_proc p
            join pg_namespace n on n.oid = p.pronamespace where n.nspname = current_schema() loop execute t.q; end loop;
        end $$`,
      );
      const ran = await Promise.all(Array.from({ length: 8 }, () => migrate(fresh.also(1))));
      expect(ran.flat()).toEqual(MIGRATIONS.map((_, index) => index + 1));
    } finally {
      await fresh.drop();
    }
  });

  it('leave a database alone that is newer than this package', async () => {
    const fresh = await ownSchema();
    try {
      await fresh.pool.query('insert into jpki_migration (version) values (1000)');
      await expect(migrate(fresh.pool)).rejects.toThrow('newer');
    } finally {
      await fresh.drop();
    }
  });
});
