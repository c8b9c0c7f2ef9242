import { copyFileSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@jpki-rp/simulator';
import { loadEnvironment } from '@jpki-rp/verifier';
import { ingestCrl } from '@jpki-rp/verifier/crl';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Editions, IndexWatch } from './indexes.ts';

const PARTITION = 'card-user-authentication/2/minori-shi';
let simulator: Simulator;
const folders: string[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ crlPublication: 'on-demand' });
});
afterAll(() => simulator.close());
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Two editions of one CRL, indexed one after the other in a folder that is watched. */
const watched = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jpki-watch-'));
  folders.push(folder);
  const editions = new Editions();
  const watch = new IndexWatch(folder, editions);
  const environment = loadEnvironment(simulator.environment);
  const issuer = environment.anchors.find(({ id }) => id === 'user-authentication-g2');
  const { classes } = simulator.environment as {
    classes: Record<string, { crl: { sources: { url: string; distributionPoint: string }[] } }>;
  };
  const source = classes['card-user-authentication']?.crl.sources.find(({ url }) => url.endsWith(`${PARTITION}.crl`));
  if (issuer === undefined || source === undefined) throw new Error('the environment names both');
  const publish = async (edition: number, into = 'one.idx'): Promise<void> => {
    const person = await simulator.person({ municipality: 'minori-shi' });
    simulator.revoke(person, 'card', 'user-authentication');
    simulator.publishCrls();
    const crl = simulator.crl('card-user-authentication', 2, 'minori-shi');
    editions.add(edition, PARTITION, crl);
    const result = await ingestCrl(crl, {
      issuer,
      scope: { class: 'card-user-authentication', distributionPoint: source.distributionPoint },
      into: join(folder, into),
    });
    expect(result).toMatchObject({ ok: true });
  };
  await publish(0);
  await watch.scan();
  copyFileSync(join(folder, 'one.idx'), join(folder, 'kept'));
  await publish(1);
  await watch.scan();
  expect(watch.lost).toEqual([]);
  return { folder, file: join(folder, 'one.idx'), watch, publish };
};

test('editions are picked up in their order, and nothing is lost', async () => {
  const { watch } = await watched();
  expect(watch.pickedUp(PARTITION, Date.now())).toBe(1);
  expect(watch.pickedUp(PARTITION, 0)).toBe(-1);
  expect(watch.completedAt(1, [PARTITION])).toBeGreaterThan(0);
  expect(watch.completedAt(2, [PARTITION])).toBeNull();
  await watch.audit();
  expect(watch.lost).toEqual([]);
});

test('an index that is gone is lost', async () => {
  const { file, watch } = await watched();
  rmSync(file);
  await watch.audit();
  expect(watch.lost).toEqual(['one.idx: index-missing']);
});

test('an index that has become older is lost', async () => {
  const { folder, file, watch } = await watched();
  copyFileSync(join(folder, 'kept'), file);
  await watch.audit();
  expect(watch.lost).toEqual(['one.idx: older than before']);
});

test('an index cut short is lost', async () => {
  const { file, watch } = await watched();
  truncateSync(file, 100);
  await watch.audit();
  expect(watch.lost).toEqual([expect.stringMatching(/^one\.idx: index-(truncated|corrupt)$/)]);
});

test('an index of a CRL that nobody published is none', async () => {
  const { folder, watch, publish } = await watched();
  await publish(2, 'two.idx');
  await new IndexWatch(folder, new Editions()).scan();
  const stranger = new IndexWatch(folder, new Editions());
  await stranger.scan();
  expect(stranger.lost).toHaveLength(2);
  await watch.scan();
  expect(watch.lost).toEqual([]);
});

test('what a killed keeper leaves beside the indexes is counted, not taken for one', async () => {
  const { folder, watch } = await watched();
  writeFileSync(join(folder, '.one.idx.unfinished'), '');
  await watch.scan();
  expect(watch.leftovers).toBe(readdirSync(folder).length - 1);
  expect(watch.lost).toEqual([]);
});
