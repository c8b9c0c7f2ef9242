/** What one index's disk does must not end the keeping of the others. */
import { beforeEach, expect, test, vi } from 'vitest';

const disk = vi.hoisted(() => ({ failing: new Map<bigint, string>(), names: new Set<string>() }));
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  const fault = (code: string, syscall: string): never => {
    throw Object.assign(new Error('fault'), { code, syscall });
  };
  return {
    ...fs,
    readSync: (fd: number, ...rest: [Uint8Array, number, number, number]) => {
      const code = disk.failing.size === 0 ? undefined : disk.failing.get(fs.fstatSync(fd, { bigint: true }).ino);
      return code === undefined ? fs.readSync(fd, ...rest) : fault(code, 'read');
    },
    statSync: (path: string, options: object) => (disk.names.has(path) ? fault('ESTALE', 'stat') : fs.statSync(path, options)),
    readFileSync: (path: string, ...rest: never[]) => (disk.names.has(path) ? fault('EIO', 'read') : fs.readFileSync(path, ...rest)),
  };
});
const { readdirSync, statSync } = await import('node:fs');
const { join } = await import('node:path');
const { contextOf } = await import('../../../verifier/test/revocation/mint.ts');
const { keptCrlSource } = await import('../../src/keeper/index.ts');
const { fileServer, kept, later, listOf, until } = await import('./stage.ts');

beforeEach(() => {
  disk.failing.clear();
  disk.names.clear();
});
const TOWNS = ['Mihon-shi', 'Tonari-shi'];
const arranged = async () => {
  const server = await fileServer();
  for (const town of TOWNS) server.publish(`/${town}.crl`, listOf(5, { town }));
  const first = kept(server, { towns: TOWNS });
  await first.keeper.refresh();
  const [mihon] = (await first.keeper.status()).filter(({ distributionPoint }) => distributionPoint.includes('Mihon'));
  const index = join(first.directory, 'indexes', `${mihon?.id}.idx`);
  expect(readdirSync(join(first.directory, 'indexes'))).toHaveLength(2);
  return { server, directory: first.directory, id: String(mihon?.id), index };
};
const reading = (index: string): void => void disk.failing.set(statSync(index, { bigint: true }).ino, 'EIO');
const stating = (index: string): void => void disk.names.add(index);

test.each([
  ['cannot be read', reading],
  ['cannot even be looked for', stating],
])('of an index that %s the status says so, the other is fresh, and both are said again when it can', async (_, spoil) => {
  const { server, directory, index } = await arranged();
  const { keeper } = kept(server, { towns: TOWNS, directory });
  spoil(index);
  expect((await keeper.status()).map(({ state }) => state).sort()).toEqual(['fresh', 'unreadable']);
  disk.failing.clear();
  disk.names.clear();
  expect((await keeper.status()).map(({ state }) => state)).toEqual(['fresh', 'fresh']);
});

test.each([
  ['cannot be read', reading],
  ['cannot even be looked for', stating],
])('of an index that %s there is an alarm, and the other list is kept', async (_, spoil) => {
  const { server, directory, id, index } = await arranged();
  spoil(index);
  for (const town of TOWNS) server.publish(`/${town}.crl`, listOf(6, { town }));
  const { start, seen, of, clock } = kept(server, { towns: TOWNS, directory });
  const { stop } = start();
  await seen('alarm', 1);
  clock.advance(86_400_000);
  const others = () => of('refreshed').filter(({ target }) => target !== id);
  await until(() => others().length > 0);
  await stop();
  expect(of('alarm')[0]).toMatchObject({ target: id, code: 'index-missing' });
  expect(others()[0]).toMatchObject({ outcome: 'published', crlNumber: '6' });
});

test.each([
  ['cannot be read', reading],
  ['cannot even be looked for', stating],
])('an index that %s is nothing known', async (_, spoil) => {
  const { directory, index } = await arranged();
  spoil(index);
  const source = keptCrlSource({ directory });
  later(source.close);
  const context = { ...contextOf(), class: 'card-digital-signature' as const };
  expect(await source.check(context, { at: new Date(context.at) })).toEqual({
    kind: 'failed',
    code: 'crl-missing',
    detail: 'index-missing',
  });
});

test('a state that cannot be read costs one download', async () => {
  const { server, directory, id } = await arranged();
  disk.names.add(join(directory, 'state', `${id}.json`));
  expect(await kept(server, { towns: TOWNS, directory }).keeper.refresh({ force: true })).toMatchObject({ failed: 0, unchanged: 2 });
});
