/** What is claimed, read from a table of several ranges while claims move: nobody slips from where is still to be read to where was read already. */
import { createLinkLedger, hmacIdentifier, type LinkLedger, memorySweepLog, type RevokedCertificate } from '@jpki-rp/verifier/links';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { card, later, NOW, smartphone } from '../../../verifier/test/links/verdicts.ts';
import type { SqlClient, SqlPool } from '../../src/store/postgres/client.ts';
import { postgresLinkStore } from '../../src/store/postgres/index.ts';
import { type OwnSchema, ownSchema } from './postgres-schema.ts';

let schema: OwnSchema;
beforeAll(async () => {
  schema = await ownSchema(4);
});
afterAll(() => schema.drop());

const old = { keyId: 'k1', key: new Uint8Array(32).fill(7) };
const current = hmacIdentifier({ keyId: 'k2', key: new Uint8Array(32).fill(8), previous: [old] });
const sealCertificates = new Uint8Array(32).fill(5);
const CEREMONY = 'ceremony-1';
const DAY = 86_400;

/** Runs `once` after the first statement that reads a range of the claims. */
const interrupted = (pool: pg.Pool, once: () => Promise<unknown>): { readonly pool: SqlPool; readonly ranges: () => number } => {
  let ranges = 0;
  const through = (client: SqlClient): SqlClient['query'] => {
    return async (text, values) => {
      const result = await client.query(text, values);
      if (text.includes('ctid')) {
        ranges += 1;
        if (ranges === 1) await once();
      }
      return result;
    };
  };
  return {
    pool: {
      query: through(pool),
      connect: async () => {
        const connection = await pool.connect();
        return { query: through(connection), release: (destroy) => connection.release(destroy) };
      },
    },
    ranges: () => ranges,
  };
};

it('finds a certificate that was revoked, whoever gives its claim a new key between two ranges', async () => {
  const { pool } = schema;
  const sweeps = memorySweepLog();
  const ledgerOn = (on: SqlPool, identifier = current): LinkLedger =>
    createLinkLedger({
      store: postgresLinkStore({ pool: on }),
      identifier,
      clock: () => later(10 * DAY),
      notify: () => undefined,
      maxVerdictAgeSeconds: 20 * DAY,
      sealCertificates,
      sweeps,
    });
  // One row of 7 kB to a page: 8 200 pages are more than one range. What is deleted again leaves room in the first.
  await pool.query('alter table jpki_claim alter column name set storage plain');
  await pool.query(`insert into jpki_person (person, account, salt, key_id, head_mac, events) values ('filler', 'filler', '', '', '', 0)`);
  await pool.query(
    `insert into jpki_claim (ref, person, slot, name) select 'filler' || n, 'filler', 0, repeat('x', 7000) from generate_series(1, 8200) as n`,
  );
  const [theirs, phone] = [card(0x20000010, { ceremony: CEREMONY, der: 'c' }), smartphone(0x20000011, { ceremony: CEREMONY, der: 's' })];
  const before = createLinkLedger({
    store: postgresLinkStore({ pool }),
    identifier: hmacIdentifier(old),
    clock: () => NOW,
    notify: () => undefined,
    maxVerdictAgeSeconds: 600,
    sealCertificates,
  });
  expect(await before.establish(theirs, phone, { account: 'a', ceremony: { id: CEREMONY } })).toMatchObject({ ok: true });
  await pool.query(`delete from jpki_claim where ref = 'filler1'`);
  await pool.query('vacuum jpki_claim');

  let rekeyed: unknown;
  let movedTo = Number.NaN;
  const slow = interrupted(pool, async () => {
    rekeyed = await ledgerOn(pool).rekey();
    const { rows } = await pool.query(`select min((ctid::text::point)[0])::integer as block from jpki_claim where ref like 'k2.%'`);
    movedTo = rows[0].block;
  });
  const { issuerKeyId, serialNumber } = theirs.certificate;
  const revocations: RevokedCertificate[] = Array.from({ length: 400_000 }, (_, n) => ({
    issuerKeyId,
    serialNumber: (0x40000000 + n).toString(16),
    reason: 'keyCompromise',
  }));
  revocations.push({ issuerKeyId, serialNumber, reason: 'keyCompromise' });
  const report = await ledgerOn(slow.pool).reconcile({ revocations, asOf: later(9 * DAY), complete: 'card-user-authentication' });
  expect(slow.ranges()).toBe(2);
  // The filler is nobody's record.
  expect(rekeyed).toEqual({ rewritten: 1, failures: 1 });
  expect(movedTo).toBeLessThan(8_192);
  expect(report).toMatchObject({ changed: 1, failures: { 'link-busy': 0, 'link-integrity': 0 } });
  expect(await ledgerOn(pool).history('a')).toMatchObject({ ok: true, links: [{ state: 'ended' }] });
}, 120_000);
