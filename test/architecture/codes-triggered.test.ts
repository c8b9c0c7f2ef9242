import { expect, test } from 'vitest';
import { CODES } from '../../packages/verifier/src/codes.ts';
import { codeOf, filesUnder, read } from './source.ts';

/** Tests that read the registry as a whole trigger nothing. */
const READERS = /^test\/(architecture|docs)\//;

/** Every string a test source names: codes stand there in quotes, as literals or as members of a table. */
function namedInTests(): Set<string> {
  const tests = filesUnder('', /\.ts$/).filter(
    (file) =>
      !READERS.test(file) &&
      (/\.test\.ts$/.test(file) || /^packages\/[\w-]+\/test\//.test(file) || /^test\/(?!simulator\/src\/)/.test(file)),
  );
  const named = new Set<string>();
  for (const file of tests) for (const [, word] of codeOf(file).matchAll(/['"`]([a-z0-9]+(?:-[a-z0-9]+)*)['"`]/g)) named.add(word ?? '');
  return named;
}

/** The frozen vectors all run through `verifier.verify`; each names the code it must give. */
const namedInVectors = (): Set<string> =>
  new Set(
    (JSON.parse(read('test/vectors/cases.json')) as { expected: { reason: string | null } }[]).flatMap(
      ({ expected: { reason } }) => reason ?? [],
    ),
  );

test('every code of the registry is triggered by a test', () => {
  const named = namedInTests();
  const cases = namedInVectors();
  const untriggered = Object.keys(CODES).filter((code) => !named.has(code) && !cases.has(code));
  expect(untriggered).toEqual([]);
});

test('every reason of the vectors is a code of the registry, verbatim', () => {
  expect([...namedInVectors()].filter((reason) => !(reason in CODES))).toEqual([]);
});
