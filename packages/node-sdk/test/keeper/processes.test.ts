import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openCrlIndex } from '@jpki-rp/verifier/crl';
import { expect, test, vi } from 'vitest';
import { contextOf, entry, int, OTHERS } from '../../../verifier/test/revocation/mint.ts';
import { keptCrlSource } from '../../src/keeper/index.ts';
import { type KeeperProcess, keeperProcess } from './processes.ts';
import { AT, environmentJson, fileServer, folder, kept, later, listOf, until } from './stage.ts';

vi.setConfig({ testTimeout: 180_000 });

/** CI kills a few times; `CRASHES=200` as often as one likes to wait. */
const CRASHES = Number(process.env['CRASHES'] ?? 12);
const leads = ({ told }: KeeperProcess): boolean => told.some(({ type, state }) => type === 'leadership' && state === 'gained');
const waits = ({ told }: KeeperProcess): boolean => told.some(({ type, state }) => type === 'leadership' && state === 'standby');
const publishes = ({ told }: KeeperProcess): boolean => told.some(({ type }) => type === 'refreshed');

test('of two processes on one directory one fetches; a third serves; when the first is killed the second goes on', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5));
  const directory = folder();
  const environment = environmentJson(server.host);
  const both = [keeperProcess(directory, environment, 3_600), keeperProcess(directory, environment, 3_600)];
  await until(() => both.every((one) => leads(one) || waits(one)), 'both have tried');
  await until(() => both.some(publishes), 'published');
  expect(both.filter(leads).length).toBe(1);
  expect(server.asked.length).toBe(1);

  const source = keptCrlSource({ directory });
  later(source.close);
  const query = { ...contextOf(), class: 'card-digital-signature' as const };
  expect(await source.check(query, { at: new Date(AT) })).toMatchObject({ report: { status: 'good' } });

  const [first, second] = both.toSorted((a, b) => Number(leads(b)) - Number(leads(a))) as [KeeperProcess, KeeperProcess];
  await first.kill();
  await until(() => leads(second), 'taken over');
  expect(server.asked.length).toBe(1);
  // A third, more eager than that, finds the new holder alive.
  const third = keeperProcess(directory, environment, 0.01);
  await until(() => waits(third), 'third waits');
  await second.kill();
  server.publish('/Mihon-shi.crl', listOf(6, { entries: [...OTHERS, entry({ reason: 1 })] }));
  await until(() => publishes(third), 'third publishes');
  expect(await source.check(query, { at: new Date(AT) })).toMatchObject({ report: { status: 'revoked' } });
  expect(both.map((one) => one.complaint()).concat(third.complaint())).toEqual(['', '', '']);
});

const COUNT = 1500;
const numbered = (n: number): Uint8Array =>
  listOf(n, {
    entries: Array.from({ length: COUNT }, (_, i) =>
      // Small and large serial numbers; the last octets tell the lists apart.
      entry({ serial: int(...(i % 2 === 0 ? [] : [1, 2, 3, 4, 5]), 1, i >> 8, i & 255, n & 127), reason: 1, date: AT - i * 1000 }),
    ),
  });

test(
  `killed ${CRASHES} times while it keeps: one whole index always, never an older one, and the next keeper goes on`,
  async () => {
    const server = await fileServer();
    let published = 0;
    let whole = true;
    server.answer('/Mihon-shi.crl', (_, response) => {
      published += 1;
      const crl = numbered(published);
      response.writeHead(200, { 'content-type': 'application/pkix-crl' });
      if (whole) response.end(crl);
      else response.write(crl.subarray(0, crl.length / 2));
    });
    const directory = folder();
    const environment = environmentJson(server.host);
    let [last, unfinished, restarts] = [0, 0, 0];
    for (let crash = 0; crash < CRASHES; crash++) {
      const before = published;
      whole = crash % 3 !== 1;
      const running = keeperProcess(directory, environment, 0.001);
      await until(() => leads(running), 'leads again');
      restarts += 1;
      // In turn: around a publication, in the middle of a download, and while a whole list is being indexed; each time a little later.
      if (crash % 3 === 0) await until(() => publishes(running), 'published');
      else if (crash % 3 === 1)
        await until(() => readdirSync(join(directory, 'indexes')).some((name) => name.startsWith('.')), 'half a list');
      else await until(() => published > before + (crash % 5), 'answered');
      await new Promise((resolve) => setTimeout(resolve, (crash * 7) % 23));
      await running.kill();
      expect(running.complaint()).toBe('');
      const [name, ...others] = readdirSync(join(directory, 'indexes')).filter((file) => !file.startsWith('.'));
      expect(others).toEqual([]);
      const index = await openCrlIndex(join(directory, 'indexes', String(name)), { mode: crash % 2 === 0 ? 'memory' : 'on-demand' });
      const number = Number(index.info.crlNumber);
      expect(number).toBeGreaterThanOrEqual(last);
      expect(number).toBeLessThanOrEqual(published);
      last = number;
      let right = 0;
      for (const { serialNumber, reason } of index.entries())
        if (serialNumber.at(-1) === (number & 127) && reason === 'keyCompromise') right += 1;
      expect([index.info.entries, right]).toEqual([COUNT, COUNT]);
      index.close();
      const [id] = readdirSync(join(directory, 'archive'));
      for (const room of ['indexes', 'state', join('archive', String(id))]) {
        unfinished += readdirSync(join(directory, room)).filter((file) => file.startsWith('.')).length;
      }
    }
    expect(restarts).toBe(CRASHES);
    // It was really killed at work.
    expect(unfinished).toBeGreaterThan(0);
    const end = kept(server, { directory });
    expect(await end.keeper.refresh({ force: true })).toMatchObject({ leader: true, published: 1 });
    const [id] = readdirSync(join(directory, 'archive'));
    for (const room of ['indexes', 'state', join('archive', String(id))]) {
      expect(readdirSync(join(directory, room)).filter((file) => file.startsWith('.'))).toEqual([]);
    }
  },
  60_000 + CRASHES * 5_000,
);
