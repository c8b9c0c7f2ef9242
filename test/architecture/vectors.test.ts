import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesUnder, read, root } from './source.ts';

/** The acceptance vectors are frozen: a verdict is never made right by changing the question. */
test('the vectors are byte for byte the ones that were given', () => {
  const files = filesUnder('test/vectors', /\/(cases|environment-[\w-]+)\.json$/);
  const today = files.map((file) => [
    file.split('/').at(-1),
    createHash('sha256')
      .update(readFileSync(join(root, file)))
      .digest('hex'),
  ]);
  expect(Object.fromEntries(today)).toEqual(JSON.parse(read('test/vectors/sha256.json')));
});
