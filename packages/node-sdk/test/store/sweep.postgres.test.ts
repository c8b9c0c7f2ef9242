/** A sweep over PostgreSQL that crashes a hundred times, beside one that does not: the same end, and every event told. */
import { createHash } from 'node:crypto';
import { createLinkLedger, hmacIdentifier, type LinkLedger, type LinkStore, type RevokedCertificate } from '@jpki-rp/verifier/links';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { card, later, NOW, smartphone } from '../../../verifier/test/links/verdicts.ts';
import { deliverOutbox, hmacWebhookSigner, type OutboxStore } from '../../src/outbox/index.ts';
import { postgresLinkStore, postgresOutbox } from '../../src/store/postgres/index.ts';
import { type OwnSchema, ownSchema } from './postgres-schema.ts';

const PERSONS = 240;
const identifier = hmacIdentifier({ keyId: 'k1', key: new Uint8Array(32).fill(7) });

let calm: OwnSchema;
let crashing: OwnSchema;
beforeAll(async () => {
  [calm, crashing] = [await ownSchema(4), await ownSchema(4)];
});
afterAll(() => Promise.all([calm.drop(), crashing.drop()]));

const ledgerOver = (store: LinkStore): LinkLedger =>
  createLinkLedger({
    store,
    identifier,
    clock: () => later(10),
    notify: () => Promise.reject(new Error('down')),
    maxVerdictAgeSeconds: 600,
  });
const storeOn = ({ pool }: OwnSchema): LinkStore => postgresLinkStore({ pool, outbox: 'keep', clock: () => NOW });

const fill = async (ledger: LinkLedger): Promise<RevokedCertificate[]> => {
  const revocations: RevokedCertificate[] = [];
  for (let person = 0; person < PERSONS; person++) {
    const ceremony = `ceremony-${person}`;
    const [from, to] = [card(1_000 + person, { ceremony }), smartphone(5_000 + person, { ceremony })];
    expect((await ledger.establish(from, to, { account: `a${person}`, ceremony: { id: ceremony } })).ok).toBe(true);
    const { issuerKeyId, serialNumber } = from.certificate;
    if (person % 2 === 0) revocations.push({ issuerKeyId, serialNumber, reason: person % 4 === 0 ? 'keyCompromise' : 'certificateHold' });
  }
  return revocations;
};

const endOf = async (ledger: LinkLedger): Promise<string[]> => {
  const found: string[] = [];
  for (let person = 0; person < PERSONS; person++) {
    const history = await ledger.history(`a${person}`);
    if (!history.ok) throw new Error(history.code);
    found.push(
      `${person} ${history.events.map(({ event }) => event.type).join(' ')} → ${history.links.map(({ state }) => state).join(' ')}`,
    );
  }
  return found;
};

/** Where it crashes is drawn from the seed: before the write, after it, or between two. */
const dice = (seed: string): (() => number) => {
  let count = 0;
  return () => createHash('sha256').update(`${seed}/${count++}`).digest().readUInt32BE(0) / 2 ** 32;
};

it('ends as if it had never crashed, and tells everything at least once', async () => {
  const quiet = ledgerOver(storeOn(calm));
  const revocations = await fill(quiet);
  await quiet.reconcile({ revocations, asOf: later(5), batch: 5 });

  const roll = dice('crash');
  let crashes = 0;
  const store = storeOn(crashing);
  const crash = (): never => {
    crashes += 1;
    throw new Error('crashed');
  };
  const writing = async <T>(write: () => Promise<T>): Promise<T> => {
    const fate = roll();
    if (fate < 0.6) crash();
    const result = await write();
    if (fate > 0.7) crash();
    return result;
  };
  const fragile: LinkStore = {
    ...store,
    commit: (change) => writing(() => store.commit(change)),
    settle: (settlements) => writing(() => store.settle(settlements)),
  };
  await fill(ledgerOver(store));
  let cursor = 0;
  for (let round = 0; round < 2_000 && cursor < revocations.length; round++) {
    // Where the sweep last stood is where it goes on.
    await ledgerOver(fragile)
      .reconcile({
        revocations,
        asOf: later(5),
        batch: 2,
        cursor,
        onProgress: (progress) => {
          cursor = progress.cursor;
        },
      })
      .catch((error) => {
        if (!(error instanceof Error) || error.message !== 'crashed') throw error;
      });
  }
  expect(cursor).toBe(revocations.length);
  expect(crashes).toBeGreaterThanOrEqual(100);
  expect(await endOf(ledgerOver(store))).toEqual(await endOf(quiet));

  const told = new Set<string>();
  let at = NOW;
  const outbox = postgresOutbox({ pool: crashing.pool });
  const forgetful: OutboxStore = { ...outbox, delivered: async (id) => (roll() < 0.3 ? crash() : await outbox.delivered(id)) };
  for (let round = 0; round < 1_000 && (await outbox.backlog()).waiting > 0; round++) {
    await deliverOutbox({
      store: forgetful,
      destinations: ['https://core.example/hooks'],
      sign: hmacWebhookSigner({ keyId: 'h1', key: new Uint8Array(32) }),
      clock: () => at,
      fetch: async (_url, init) => {
        const { data, type } = JSON.parse(Buffer.from(init.body as Uint8Array).toString('utf8')) as {
          data: { account: string };
          type: string;
        };
        told.add(`${data.account} ${type}`);
        return new Response(null, { status: 204 });
      },
    }).catch(() => undefined);
    at = later(60, at);
  }
  const expected = Array.from({ length: PERSONS }, (_, person) => [
    `a${person} link.established`,
    ...(person % 4 === 0 ? [`a${person} link.ended`] : person % 4 === 2 ? [`a${person} link.suspended`] : []),
  ]).flat();
  expect([...told].sort()).toEqual(expected.sort());
}, 120_000);
