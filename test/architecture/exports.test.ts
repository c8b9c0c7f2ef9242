import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportedNames, read, root } from './source.ts';

/** Package entry → exported names. A change here is a change of the public contract: `UPDATE_EXPORTS=1 npx vitest run test/architecture/exports`. */
const PINNED = 'test/architecture/exported-names.json';

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly '@jpki-rp/source'?: string }>>;
}

const entries = ['verifier', 'node-sdk', 'web-sdk'].flatMap((folder) => {
  const { name, exports } = JSON.parse(read(`packages/${folder}/package.json`)) as Manifest;
  return Object.entries(exports).flatMap(([subpath, target]) => {
    const source = typeof target === 'string' ? undefined : target['@jpki-rp/source'];
    return source === undefined ? [] : [{ id: join(name, subpath), file: join('packages', folder, source) }];
  });
});

const today = (): Record<string, unknown> => Object.fromEntries(entries.map(({ id, file }) => [id, exportedNames(file)]));

test('every entry of an exports map has its source file', () => {
  expect(entries.filter(({ file }) => !existsSync(join(root, file))).map(({ id }) => id)).toEqual([]);
});

test('an entry is an explicit list: nothing is exported by star', () => {
  const starred = entries.filter(({ file }) => exportedNames(file).values.includes('*'));
  expect(starred.map(({ id }) => id)).toEqual([]);
});

test('the exported names are the pinned ones', () => {
  const names = today();
  if (process.env['UPDATE_EXPORTS'] !== undefined) writeFileSync(join(root, PINNED), `${JSON.stringify(names, null, 2)}\n`);
  expect(names).toEqual(JSON.parse(read(PINNED)));
});
