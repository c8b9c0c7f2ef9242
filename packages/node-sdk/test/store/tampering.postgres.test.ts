/** Someone who can write the database but has no key: what they change is noticed, and never lets anybody in. */
import { createLinkLedger, hmacIdentifier, type LinkLedger } from '@jpki-rp/verifier/links';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { card, NOW, smartphone } from '../../../verifier/test/links/verdicts.ts';
import { postgresLinkStore } from '../../src/store/postgres/index.ts';
import { type OwnSchema, ownSchema } from './postgres-schema.ts';

let schema: OwnSchema;
let ledger: LinkLedger;
let count = 0;
beforeAll(async () => {
  schema = await ownSchema(4);
  ledger = createLinkLedger({
    store: postgresLinkStore({ pool: schema.pool }),
    identifier: hmacIdentifier({ keyId: 'k1', key: new Uint8Array(32).fill(7) }),
    clock: () => NOW,
    notify: () => undefined,
  });
});
afterAll(() => schema.drop());

const write = (text: string, values: unknown[] = []) => schema.pool.query(text, values);
const linked = async () => {
  const n = 0x3000 + 2 * count++;
  const [account, ceremony] = [`account-${n}`, `ceremony-${n}`];
  const made = await ledger.establish(card(n, { ceremony }), smartphone(n + 1, { ceremony }), { account, ceremony: { id: ceremony } });
  if (!made.ok) throw new Error(made.code);
  const { rows } = await write('select person from jpki_person where account = $1', [account]);
  const found = () => ledger.find({ verdict: smartphone(n + 1) });
  expect(await found()).toMatchObject({ ok: true, account });
  return { account, n, link: made.link, person: String(rows[0]?.['person']), found };
};
const NOTICED = { ok: false, code: 'link-integrity' };

it('an end of a link is cut off, the number of events put right', async () => {
  const { account, link, person, found } = await linked();
  await ledger.suspend({ account, link: link.id }, { by: 'person' });
  expect(await found()).toEqual({ ok: false, code: 'link-suspended' });
  await write('delete from jpki_person_event where person = $1 and sequence = 4', [person]);
  await write('update jpki_person set events = 3 where person = $1', [person]);
  expect(await found()).toEqual(NOTICED);
  await write(
    'update jpki_person set head_mac = (select mac from jpki_person_event where person = $1 and sequence = 3) where person = $1',
    [person],
  );
  expect(await found()).toEqual(NOTICED);
});

it('two persons exchange their accounts', async () => {
  const [one, other] = [await linked(), await linked()];
  await write("update jpki_person set account = 'between' where person = $1", [one.person]);
  await write('update jpki_person set account = $2 where person = $1', [other.person, one.account]);
  await write('update jpki_person set account = $2 where person = $1', [one.person, other.account]);
  expect([await one.found(), await other.found()]).toEqual([NOTICED, NOTICED]);
});

it('two persons exchange their events, or the row that holds salt and head', async () => {
  const [one, other] = [await linked(), await linked()];
  await write(
    `update jpki_person_event e set event = o.event, mac = o.mac from jpki_person_event o
      where e.sequence = o.sequence and ((e.person = $1 and o.person = $2) or (e.person = $2 and o.person = $1))`,
    [one.person, other.person],
  );
  expect([await one.found(), await other.found()]).toEqual([NOTICED, NOTICED]);
  await write(
    `update jpki_person p set salt = o.salt, head_mac = o.head_mac from jpki_person o
      where (p.person = $1 and o.person = $2) or (p.person = $2 and o.person = $1)`,
    [one.person, other.person],
  );
  expect([await one.found(), await other.found()]).toEqual([NOTICED, NOTICED]);
});

it('a thief’s phone is claimed for the victim, or in place of the victim’s', async () => {
  const [victim, thief] = [await linked(), await linked()];
  await ledger.end({ account: thief.account, link: thief.link.id }, { by: 'person', reason: 'withdrawn' });
  await write('insert into jpki_claim (ref, person, slot) values ($1, $2, 0)', [thief.link.to.ref, victim.person]);
  expect(await thief.found()).toEqual(NOTICED);
  await write('delete from jpki_claim where person = $1 and ref = $2', [victim.person, victim.link.to.ref]);
  expect(await thief.found()).toEqual(NOTICED);
});

it('a card’s claim is removed, so that no sweep reaches its link', async () => {
  const { n, link, person, found } = await linked();
  await write('delete from jpki_claim where person = $1 and ref = $2', [person, link.from.ref]);
  const { issuerKeyId, serialNumber } = card(n).certificate;
  expect(await ledger.reconcile({ revocations: [{ issuerKeyId, serialNumber, reason: 'keyCompromise' }], asOf: NOW })).toMatchObject({
    changed: 0,
  });
  expect(await found()).toEqual(NOTICED);
});

it('a claim that is no identifier shifts the others: a long sweep stops instead of leaving them out', async () => {
  const { person } = await linked();
  await write('insert into jpki_claim (ref, person, slot) values ($1, $2, 0)', [`k1.${'*'.repeat(43)}`, person]);
  const noise = Array.from({ length: 25_000 }, (_, i) => ({
    issuerKeyId: '0a0b',
    serialNumber: (0x40000000 + i).toString(16),
    reason: 'superseded' as const,
  }));
  await expect(ledger.reconcile({ revocations: noise, asOf: NOW })).rejects.toThrow('no identifiers');
  await write("delete from jpki_claim where ref like 'k1.*%'");
  expect(await ledger.reconcile({ revocations: noise, asOf: NOW })).toMatchObject({ examined: 25_000, changed: 0 });
});

it('a person is written anew from an older copy: the chain holds, the head kept elsewhere shows it', async () => {
  const { account, link, person, found } = await linked();
  const { rows } = await write('select head_mac, events from jpki_person where person = $1', [person]);
  await ledger.suspend({ account, link: link.id }, { by: 'person' });
  const kept = await ledger.history(account);
  await write('delete from jpki_person_event where person = $1 and sequence > $2', [person, rows[0]?.['events']]);
  await write('update jpki_person set head_mac = $2, events = $3 where person = $1', [person, rows[0]?.['head_mac'], rows[0]?.['events']]);
  expect(await found()).toMatchObject({ ok: true });
  const now = await ledger.history(account);
  expect(now.ok && kept.ok && now.events.some(({ mac }) => mac === kept.head)).toBe(false);
});
