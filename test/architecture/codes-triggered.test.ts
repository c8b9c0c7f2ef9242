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

/** Details in the words of the sources: `detail: 'word'`, or the second word of a refusal. */
const DETAILS = [
  /\bdetail: '([a-z0-9-]+)'/g,
  /\b(?:refuse|unusable|uncovered|invalid|unknown|Refused|CrlIndexError)\('[a-z0-9-]+', '([a-z0-9-]+)'\)/g,
  /\b(?:failed|PlatformFault)\('([a-z0-9-]+)'[,)]/g,
];
/**
 * `circular` answers a question that another question asked, and stays inside; `displaced` would have to be sealed into an index by whoever writes it.
 */
const UNTRIGGERED = ['circular', 'displaced'];

test('every detail of a code in the verifier is triggered by a test', () => {
  const named = namedInTests();
  // In tables of tests a detail often stands behind its code: `crl-stale/next-update`.
  const tests = filesUnder('', /\/test\/.*\.ts$/)
    .filter((file) => !READERS.test(file))
    .map(read)
    .join('\n');
  const details = new Set<string>();
  for (const file of filesUnder('packages/verifier/src', /\.ts$/)) {
    const source = codeOf(file);
    for (const pattern of DETAILS) for (const [, detail] of source.matchAll(pattern)) details.add(detail as string);
  }
  expect(details.size).toBeGreaterThan(80);
  const untriggered = [...details].filter((detail) => !named.has(detail) && !new RegExp(`[/ ]${detail}['\`" ]`).test(tests));
  expect(untriggered.sort()).toEqual(UNTRIGGERED);
});

test('every reason of the vectors is a code of the registry, verbatim', () => {
  expect([...namedInVectors()].filter((reason) => !(reason in CODES))).toEqual([]);
});
