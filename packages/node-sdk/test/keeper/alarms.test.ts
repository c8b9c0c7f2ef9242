import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AT, fileServer, HOUR, kept, listOf, testClock, until } from './stage.ts';

const MINUTE = 60_000;
const NEXT = AT + 30 * HOUR;

test('before the list is stale an alarm, when it is another, and the all-clear with the next list', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5));
  const clock = testClock();
  const { start, seen, of, events, keeper } = kept(server, {
    clock,
    alarms: { leadSeconds: 45 * 60 },
    schedule: { jitterSeconds: 0, everySeconds: 7 * 86_400, pollSeconds: 600 },
  });
  start();
  await seen('refreshed', 1);
  await until(() => of('alarm-cleared').length === 1);
  server.answer('/Mihon-shi.crl', (_, response) => void response.writeHead(503).end());
  const alarms = (): readonly string[] =>
    events.flatMap((event) => (event.type === 'alarm' ? `! ${event.code}` : event.type === 'alarm-cleared' ? `- ${event.code}` : []));
  const settled = async (at: number): Promise<void> => {
    clock.set(at);
    // The loop has looked at the new time once it sleeps again.
    await until(() => clock.sleeping().some((ms) => ms > 0 && ms <= 60_000), 'asleep');
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  expect(alarms()).toEqual(['! crl-missing', '- crl-missing']);
  await settled(NEXT - 45 * MINUTE - 1);
  expect(alarms()).toEqual(['! crl-missing', '- crl-missing']);
  clock.set(NEXT - 45 * MINUTE);
  await seen('alarm', 2);
  expect(await keeper.status()).toMatchObject([{ state: 'expiring' }]);
  await settled(NEXT);
  expect(alarms().at(-1)).toBe('! crl-expiring');
  clock.set(NEXT + 1);
  await seen('alarm', 3);
  expect(await keeper.status()).toMatchObject([{ state: 'stale' }]);
  server.publish('/Mihon-shi.crl', listOf(6, { thisUpdate: NEXT - HOUR, nextUpdate: NEXT + 30 * HOUR }));
  clock.advance(HOUR);
  await seen('refreshed', 2);
  await until(() => alarms().at(-1) === '- crl-stale');
  expect(alarms()).toEqual(['! crl-missing', '- crl-missing', '! crl-expiring', '- crl-expiring', '! crl-stale', '- crl-stale']);
  expect(
    keeper
      .metrics()
      .find(({ name }) => name === 'jpki_crl_alarm')
      ?.samples.map(({ labels, value }) => [labels['code'], value]),
  ).toEqual([
    ['crl-missing', 0],
    ['crl-expiring', 0],
    ['crl-stale', 0],
  ]);
});

test('a list without nextUpdate is stale from the start', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5, { nextUpdate: null }));
  const { keeper, of } = kept(server);
  await keeper.refresh();
  expect(of('alarm')).toMatchObject([{ code: 'crl-stale', detail: 'no-next-update' }]);
});

test('a rollback raises an alarm once, the old index serves on, and the next good list clears it', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5));
  const { keeper, of } = kept(server);
  await keeper.refresh();
  server.publish('/Mihon-shi.crl', listOf(4));
  await keeper.refresh({ force: true });
  await keeper.refresh({ force: true });
  expect(of('refresh-failed').map(({ code }) => code)).toEqual(['crl-rollback', 'crl-rollback']);
  expect(of('alarm')).toMatchObject([{ code: 'crl-rollback', detail: 'crl-number' }]);
  expect(await keeper.status()).toMatchObject([{ crlNumber: '5', state: 'fresh' }]);
  server.publish('/Mihon-shi.crl', listOf(6));
  await keeper.refresh({ force: true });
  expect(of('alarm-cleared')).toMatchObject([{ code: 'crl-rollback' }]);
});

test('an operator’s override lets the older list in, and is told with the operator’s name', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5));
  const { keeper, directory } = kept(server);
  await keeper.refresh();
  server.publish('/Mihon-shi.crl', listOf(4));
  const override = { operator: 'night shift', reason: 'number 5 was withdrawn' };
  const overriding = kept(server, { directory, override });
  expect(await overriding.keeper.refresh({ force: true })).toMatchObject({ published: 1 });
  expect(overriding.of('alarm')).toMatchObject([{ code: 'crl-rollback', override }]);
  expect(await overriding.keeper.status()).toMatchObject([{ crlNumber: '4' }]);
});

test('a damaged index is an alarm, stays until an operator decides, and only its own target suffers', async () => {
  const server = await fileServer();
  const towns = ['Mihon-shi', 'Tonari-shi'];
  for (const town of towns) server.publish(`/${town}.crl`, listOf(5, { town }));
  const { keeper, of, directory } = kept(server, { towns });
  await keeper.refresh();
  const [damaged] = await keeper.status();
  const path = join(directory, 'indexes', `${damaged?.id}.idx`);
  const octets = readFileSync(path);
  octets[octets.length - 1] = (octets[octets.length - 1] as number) ^ 1;
  writeFileSync(path, octets);
  for (const town of towns) server.publish(`/${town}.crl`, listOf(6, { town }));
  expect(await keeper.refresh({ force: true })).toMatchObject({ published: 1, failed: 1 });
  expect(of('alarm').map(({ code, target }) => [code, target])).toEqual([['index-corrupt', damaged?.id]]);
  expect((await keeper.status()).map(({ state }) => state)).toEqual(['unreadable', 'fresh']);
  const overriding = kept(server, { towns, directory, override: { operator: 'night shift', reason: 'disk' } });
  expect(await overriding.keeper.refresh({ force: true })).toMatchObject({ published: 1, failed: 0 });
  expect(readdirSync(join(directory, 'indexes')).length).toBe(2);
});
