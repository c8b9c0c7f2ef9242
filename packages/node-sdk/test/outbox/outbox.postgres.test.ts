import { createLinkLedger, hmacIdentifier } from '@jpki-rp/verifier/links';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { card, NOW, smartphone } from '../../../verifier/test/links/verdicts.ts';
import { deliverOutbox, hmacWebhookSigner, type OutboxStore } from '../../src/outbox/index.ts';
import { postgresLinkStore, postgresOutbox } from '../../src/store/postgres/index.ts';
import { type OwnSchema, ownSchema } from '../store/postgres-schema.ts';
import { outboxCases } from './cases.ts';

let schema: OwnSchema;
beforeAll(async () => {
  schema = await ownSchema();
});
afterAll(() => schema.drop());

describe('the outbox in PostgreSQL', () => outboxCases(() => schema.pool));

describe('eight senders at once, each crashing one time in three', () => {
  it('bring every event at least once, and none of a person out of order for the first time', async () => {
    await schema.pool.query('truncate jpki_outbox');
    let seconds = 0;
    const clock = (): Date => new Date(NOW.getTime() + seconds * 1_000);
    const ledger = createLinkLedger({
      store: postgresLinkStore({ pool: schema.pool, outbox: 'keep', clock }),
      identifier: hmacIdentifier({ keyId: 'k1', key: new Uint8Array(32).fill(7) }),
      clock: () => NOW,
      notify: () => undefined,
    });
    for (let person = 0; person < 8; person++) {
      for (let phone = 0; phone < 3; phone++) {
        const ceremony = `crowd-${person}-${phone}`;
        const [from, to] = [card(90_000 + person, { ceremony }), smartphone(91_000 + 3 * person + phone, { ceremony })];
        expect((await ledger.establish(from, to, { account: `crowd-${person}`, ceremony: { id: ceremony } })).ok).toBe(true);
      }
    }
    const { rows } = await schema.pool.query('select id from jpki_outbox order by position');
    const expected = rows.map((row) => String(row['id']));
    // Three links of one account: each but the first also supersedes the one before.
    expect(expected.length).toBe(8 * 5);

    const arrived: string[] = [];
    let calls = 0;
    const crash = (): boolean => calls++ % 3 === 0;
    const sender = async (): Promise<void> => {
      const store = postgresOutbox({ pool: schema.pool });
      const fragile: OutboxStore = {
        ...store,
        delivered: async (id) => {
          if (crash()) throw new Error('crashed');
          await store.delivered(id);
        },
      };
      await deliverOutbox({
        store: fragile,
        destinations: ['https://core.example/hooks'],
        sign: hmacWebhookSigner({ keyId: 'h1', key: new Uint8Array(32) }),
        clock,
        concurrency: 2,
        fetch: async (_url, init) => {
          const id = new Headers(init.headers).get('jpki-rp-webhook-id') ?? '';
          arrived.push(id);
          return new Response(null, { status: 204 });
        },
      }).catch((error) => {
        if (!(error instanceof Error) || error.message !== 'crashed') throw error;
      });
    };
    for (let round = 0; round < 100 && (await postgresOutbox({ pool: schema.pool }).backlog()).waiting > 0; round++) {
      await Promise.all(Array.from({ length: 8 }, sender));
      seconds += 60;
    }
    expect(await postgresOutbox({ pool: schema.pool }).backlog()).toEqual({ waiting: 0, givenUp: 0 });
    expect(new Set(arrived)).toEqual(new Set(expected));
    expect(arrived.length).toBeGreaterThan(expected.length);
    const firsts = [...new Set(arrived)];
    const personOf = (id: string): string => id.slice(0, id.lastIndexOf('.'));
    for (const person of new Set(expected.map(personOf))) {
      expect(firsts.filter((id) => personOf(id) === person)).toEqual(expected.filter((id) => personOf(id) === person));
    }
  });
});
