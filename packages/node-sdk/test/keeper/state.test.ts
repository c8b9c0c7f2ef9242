/** What a keeper remembers is a file that others may have spoilt: it must cost no more than a download. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileServer, kept, listOf } from './stage.ts';

const ETAG = '"one"';
type Changes = (state: { full: Record<string, unknown> } & Record<string, unknown>) => unknown;
const feed =
  (changes: Record<string, unknown>): Changes =>
  (state) => ({ ...state, full: { ...state.full, ...changes } });

test.each<[string, Changes]>([
  ['an ETag that would end the header', feed({ etag: '"one"\r\nx-more: 1' })],
  ['an ETag that is none', feed({ etag: 'one' })],
  ['an ETag beyond ASCII', feed({ etag: '"一"' })],
  ['an ETag of any length', feed({ etag: `"${'a'.repeat(100_000)}"` })],
  ['a date that would end the header', feed({ etag: null, lastModified: 'Mon, 30 Nov 2026 00:00:00 GMT\n\n' })],
  ['a date that is none', feed({ etag: null, lastModified: 'yesterday\0' })],
  ['an ETag of another type', feed({ etag: 1 })],
  ['a member that is not known', (state) => ({ ...state, more: 1 })],
  ['another version', (state) => ({ ...state, version: 2 })],
  ['no object', () => []],
])('with %s the list is asked for once without conditions, and then as before', async (_, changes) => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5), { etag: ETAG });
  const { keeper, directory, of } = kept(server);
  await keeper.refresh();
  const [name] = readdirSync(join(directory, 'state'));
  const path = join(directory, 'state', String(name));
  writeFileSync(path, JSON.stringify(changes(JSON.parse(readFileSync(path, 'utf8')))));
  expect(await keeper.refresh({ force: true })).toMatchObject({ failed: 0, unchanged: 1 });
  expect(await keeper.refresh({ force: true })).toMatchObject({ failed: 0, unchanged: 1 });
  expect(server.asked.map(({ etag, since }) => etag ?? since)).toEqual([undefined, undefined, ETAG]);
  expect(of('refreshed').map(({ outcome }) => outcome)).toEqual(['published', 'unchanged', 'not-modified']);
});

test('octets that are no JSON cost one download too', async () => {
  const server = await fileServer();
  server.publish('/Mihon-shi.crl', listOf(5), { etag: ETAG });
  const { keeper, directory } = kept(server);
  await keeper.refresh();
  const [name] = readdirSync(join(directory, 'state'));
  writeFileSync(join(directory, 'state', String(name)), '{"version":1,');
  expect(await keeper.refresh({ force: true })).toMatchObject({ failed: 0, unchanged: 1 });
  expect(server.asked.at(-1)?.etag).toBeUndefined();
});
