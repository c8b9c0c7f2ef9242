/** One identification that two processes share: whoever is asked next, the transaction is the same. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresTransactionStore } from '../../src/store/postgres/index.ts';
import { bodyOf, linkOf, type Stage, stage } from '../stage.ts';
import { type OwnSchema, ownSchema } from './postgres-schema.ts';
import { SEALING } from './sealing-key.ts';

let schema: OwnSchema;
let one: Stage;
let two: Stage;
beforeAll(async () => {
  schema = await ownSchema();
  [one, two] = [schema.also(2), schema.also(2)].map((pool) =>
    stage({ appLinkCompletion: 'default', transactions: postgresTransactionStore({ pool, sealing: SEALING, pollMilliseconds: 20 }) }),
  ) as [Stage, Stage];
});
afterAll(() => schema.drop());

it('begun here, redeemed there, answered here, returned there, completed here once', async () => {
  const browser = one.browser();
  const { transactionId, ...descriptor } = await browser.begin({ start: 'app-link' });
  const cookie = { cookie: browser.cookie() ?? '' };
  const other = two.browser();
  const phone = await two.open(linkOf({ transactionId, ...descriptor }));
  const waiting = other.send('GET', `/transactions/${transactionId}?wait=20&seen=opened`, undefined, cookie);
  const answer = phone.genuine();
  const callback = await one.browser().send('POST', '/callback/test-door', answer, { cookie: '', origin: '', 'sec-fetch-site': '' });
  expect(callback.status).toBe(204);
  const back = await other.send('GET', String(phone.request['backTo']), undefined, cookie);
  expect(back.status).toBe(303);
  expect(await bodyOf(await waiting)).toMatchObject({ state: 'arrived' });
  const [here, there] = await Promise.all([
    browser.complete(transactionId),
    other.send('POST', `/transactions/${transactionId}/complete`, { v: 1 }, cookie),
  ]);
  const results = [await bodyOf(here), await bodyOf(there)].map((body) => body['result'] ?? body['code']).sort();
  expect(results).toEqual(['already-completed', 'identified']);
  expect([...one.handled, ...two.handled].length).toBe(1);
});

it('another browser gets nothing out of either process', async () => {
  const { transactionId } = await one.browser().begin();
  const stranger = two.browser();
  await stranger.begin();
  expect((await stranger.status(transactionId)).status).toBe(404);
  expect((await stranger.complete(transactionId)).status).toBe(404);
});
