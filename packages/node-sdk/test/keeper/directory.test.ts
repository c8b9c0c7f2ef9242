/** Whoever else may write below the keeper's directory decides what is revoked: without a MAC key anybody can seal an index. */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { contextOf, entry, OTHERS } from '../../../verifier/test/revocation/mint.ts';
import { writeWhole } from '../../src/keeper/directory.ts';
import { keptCrlSource, prometheusText } from '../../src/keeper/index.ts';
import { type FileServer, fileServer, folder, kept, later, listOf } from './stage.ts';

const ROOMS = ['indexes', 'archive', 'state', 'lock'] as const;
const STRANGER = 54_321;

const serving = async (): Promise<FileServer> => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5, { entries: [...OTHERS, entry({ reason: 1 })] }));
  return server;
};
const answerOf = async (directory: string) => {
  const source = keptCrlSource({ directory });
  later(source.close);
  const context = { ...contextOf(), class: 'card-digital-signature' as const };
  return await source.check(context, { at: new Date(context.at) });
};
/** Root gives the folder away; anybody else becomes somebody else. */
const strange = (path: string): void => {
  if (process.getuid?.() === 0) {
    chownSync(path, STRANGER, STRANGER);
    return;
  }
  const spied = vi.spyOn(process, 'getuid' as never).mockReturnValue(STRANGER as never);
  later(() => spied.mockRestore());
};
const linked = (path: string): void => {
  renameSync(path, `${path}-elsewhere`);
  symlinkSync(`${path}-elsewhere`, path);
};
const filed = (path: string): void => {
  rmSync(path, { recursive: true });
  writeFileSync(path, '');
};

const SPOILT: readonly (readonly [string, string, (path: string) => void])[] = [
  ['that belongs to somebody else', 'owner', strange],
  ['that its group may write to', 'writable', (path) => chmodSync(path, 0o770)],
  ['that everybody may write to', 'writable', (path) => chmodSync(path, 0o707)],
];

describe('a folder', () => {
  test.each([
    ...SPOILT.map((one) => ['', ...one] as const),
    ...ROOMS.flatMap((room) => SPOILT.map((one) => [room, ...one] as const)),
    ...ROOMS.map((room) => [room, 'that is a link', 'link', linked] as const),
    ...ROOMS.map((room) => [room, 'that is a file', 'no-folder', filed] as const),
  ])('%s %s is refused by the keeper, and nothing is fetched', async (room, _, detail, spoil) => {
    const server = await serving();
    const first = kept(server);
    await first.keeper.refresh();
    const asked = server.asked.length;
    spoil(join(first.directory, room));
    const { keeper } = kept(server, { directory: first.directory });
    const refused = { name: 'KeeperDirectoryError', code: 'keeper-directory', detail };
    await expect(keeper.refresh({ force: true })).rejects.toMatchObject(refused);
    await expect(keeper.run({ signal: new AbortController().signal })).rejects.toMatchObject(refused);
    await expect(keeper.status()).rejects.toMatchObject(refused);
    expect(server.asked.length).toBe(asked);
  });

  test.each([
    ...SPOILT.flatMap(([how, , spoil]) => ['', 'indexes'].map((room) => [room, how, spoil] as const)),
    ['indexes', 'that is a link', linked] as const,
  ])('%s %s answers nothing', async (room, _, spoil) => {
    const { keeper, directory } = kept(await serving());
    await keeper.refresh();
    expect(await answerOf(directory)).toMatchObject({ report: { status: 'revoked' } });
    spoil(join(directory, room));
    expect(await answerOf(directory)).toEqual({ kind: 'failed', code: 'crl-missing', detail: 'keeper-directory' });
  });

  test('that somebody made before the keeper, for everybody, with an empty index of his own: revoked stays not good', async () => {
    const server = await serving();
    const honest = kept(server);
    await honest.keeper.refresh();
    const empty = await fileServer();
    empty.publish('/Mihon-shi.crl', listOf(6));
    const foreign = kept(empty);
    await foreign.keeper.refresh();
    const [index] = readdirSync(join(foreign.directory, 'indexes'));
    const directory = join(folder(), 'crl');
    mkdirSync(join(directory, 'indexes'), { recursive: true });
    for (const path of [directory, join(directory, 'indexes')]) chmodSync(path, 0o777);
    renameSync(join(foreign.directory, 'indexes', String(index)), join(directory, 'indexes', String(index)));
    expect(await answerOf(directory)).toMatchObject({ kind: 'failed', detail: 'keeper-directory' });
    await expect(kept(server, { directory }).keeper.refresh()).rejects.toMatchObject({ code: 'keeper-directory' });
  });

  test('that is reached by a link of this user is used; it and what is below it are for the owner only', async () => {
    const place = folder();
    const real = join(place, 'deep', 'real');
    const { keeper } = kept(await serving(), { directory: real });
    await keeper.refresh();
    expect(['', ...ROOMS].map((room) => statSync(join(real, room)).mode & 0o777)).toEqual(Array(5).fill(0o700));
    symlinkSync(real, join(place, 'link'));
    const again = kept(await serving(), { directory: join(place, 'link') });
    expect(await again.keeper.refresh()).toMatchObject({ leader: true, failed: 0 });
    expect(await answerOf(join(place, 'link'))).toMatchObject({ report: { status: 'revoked' } });
  });
});

describe('sweeping', () => {
  test('goes past what is not its own, and past what it cannot remove', async () => {
    const { keeper, directory } = kept(await serving());
    await keeper.refresh();
    const [id] = readdirSync(join(directory, 'archive'));
    const foreign = ['archive/notes', `archive/${id}/.nfs0000000000000001`, 'indexes/.keep', 'state/.DS_Store'];
    for (const path of foreign) writeFileSync(join(directory, path), 'mine');
    const folders = ['indexes/.snapshot', 'state/.x.unfinished', 'archive/.git'];
    for (const path of folders) mkdirSync(join(directory, path));
    writeFileSync(join(directory, 'archive/.git/.a.unfinished-b'), 'half');
    writeFileSync(join(directory, `archive/${id}/.a.crl.unfinished-b@1-c`), 'half');
    expect(await keeper.refresh({ force: true })).toMatchObject({ leader: true, failed: 0 });
    expect([...foreign, ...folders].filter((path) => !existsSync(join(directory, path)))).toEqual([]);
    expect(existsSync(join(directory, `archive/${id}/.a.crl.unfinished-b@1-c`))).toBe(false);
  });

  test('counts what the disk refuses, and the keeper keeps', async () => {
    const { keeper, directory } = kept(await serving());
    await keeper.refresh();
    // Gone between two looks of the same pass: the folder cannot be listed.
    const leadership = {
      retryMs: 1_000,
      acquire: async () => {
        renameSync(join(directory, 'archive'), join(directory, 'archive-away'));
        return { lost: new AbortController().signal, confirm: async () => true, release: async () => undefined };
      },
    };
    const again = kept(await serving(), { directory, leadership });
    expect(await again.keeper.refresh()).toMatchObject({ leader: true, failed: 0 });
    expect(prometheusText(again.keeper.metrics())).toMatch(
      /^jpki_crl_refresh_failures_total\{target="",feed="",code="keeper-storage"\} 1$/m,
    );
  });
});

test('a link that waits under the unfinished name is not written through', () => {
  const place = folder();
  writeFileSync(join(place, 'victim'), 'untouched');
  symlinkSync(join(place, 'victim'), join(place, '.file.unfinished'));
  writeWhole(place, 'file', 'text');
  expect(readFileSync(join(place, 'victim'), 'utf8')).toBe('untouched');
  expect(readFileSync(join(place, 'file'), 'utf8')).toBe('text');
  expect(lstatSync(join(place, 'file')).isSymbolicLink()).toBe(false);
  expect(statSync(join(place, 'file')).mode & 0o777).toBe(0o600);
});
