import { describe, expect, test } from 'vitest';
import { codeOf, filesUnder, read } from './source.ts';

interface Ban {
  readonly where: RegExp;
  readonly except?: RegExp;
  readonly what: RegExp;
  readonly why: string;
}

const SOURCE = /^packages\/[\w-]+\/src\/.+\.ts$/;

/** What must not stand in the code (comments aside), and why. */
const BANS: readonly Ban[] = [
  {
    where: /^packages\/verifier\/src\//,
    // The rim: the one default for those who pass no clock.
    except: /^packages\/verifier\/src\/clock\.ts$/,
    what: /\bDate\s*\.\s*now\b|\bnew Date\(\s*\)|\bMath\s*\.\s*random\b|\bperformance\s*\.\s*now\b|\bhrtime\b/,
    why: 'time and chance are arguments of the verifier',
  },
  {
    where: /^packages\/web-sdk\/src\//,
    what: /\b(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|setHTMLUnsafe|srcdoc|eval)\b|\bdocument\.write|\bnew Function\b|\bsetTimeout\(\s*['"`]/,
    why: 'the page runs under a strict content security policy with Trusted Types',
  },
  { where: /^packages\/web-sdk\/src\//, what: /\bdocument\.cookie\b/, why: 'the binding is not the script’s to touch' },
  { where: SOURCE, except: /\/src\/cli\//, what: /\bprocess\s*\.\s*env\b/, why: 'a library does not read the environment' },
  { where: SOURCE, except: /\/src\/cli\//, what: /\bconsole\s*\.\s*\w+\(/, why: 'a library does not log; it emits events' },
  {
    where: SOURCE,
    except: /\/channel\/backoff\.ts$/,
    what: /\bMath\s*\.\s*random\b/,
    why: 'chance comes from node:crypto or crypto.getRandomValues',
  },
  { where: SOURCE, what: /:\s*any\b|\bas any\b|<any>/, why: 'types carry proof' },
  { where: SOURCE, what: /\brejectUnauthorized\s*:\s*false\b|\bNODE_TLS_REJECT_UNAUTHORIZED\b/, why: 'TLS is verified' },
];

describe.each(BANS)('$why', ({ where, except, what }) => {
  test(`${what}`, () => {
    const found = filesUnder('packages', /\.ts$/)
      .filter((file) => where.test(file) && except?.test(file) !== true)
      .flatMap((file) =>
        codeOf(file)
          .split('\n')
          .filter((line) => what.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(found).toEqual([]);
  });
});

test('no compiler check is switched off in published source', () => {
  const found = filesUnder('packages', /\/src\/.+\.ts$/).filter((file) => /@ts-(ignore|nocheck|expect-error)/.test(read(file)));
  expect(found).toEqual([]);
});

/** Data and the lockfile are not prose; the check script alone may know where the public suites lie beside the project. */
const TEXT = /\.(ts|mts|js|mjs|cjs|json|md|yaml|yml|html|css|svg|txt|sh)$|^\.ci\/|^\.npmrc$/;
const DATA = /^test\/vectors\/.+\.json$|^test\/simulator\/keys\/|^pnpm-lock\.yaml$/;

test('no path of a machine stands in the tree', () => {
  const machine = new RegExp(['(?<![\\w.$}])/(work', 'home', 'root)/'].join('|'));
  const beside = `..${'/'}shared`;
  const found = filesUnder('', TEXT)
    .filter((file) => !DATA.test(file))
    .flatMap((file) => {
      const text = read(file);
      return [
        ...(machine.test(text) ? [`${file}: an absolute path`] : []),
        ...(text.includes(beside) && file !== '.ci/run' ? [`${file}: ${beside}`] : []),
      ];
    });
  expect(found).toEqual([]);
});

test('no source file is longer than 350 lines, tables aside', () => {
  const tables = /\/codes\.ts$|\.generated\.ts$|\/oids\.ts$|\/messages?\/(ja|en|easy-ja)\.ts$/;
  const long = [
    ...filesUnder('packages', /\/src\/.+\.ts$/),
    ...filesUnder('test/simulator/src', /\.ts$/),
    ...filesUnder('examples', /\.ts$/),
  ]
    .filter((file) => !tables.test(file))
    .map((file) => [file, read(file).split('\n').length - 1] as const)
    .filter(([, lines]) => lines > 350)
    .map(([file, lines]) => `${file}: ${lines} lines`);
  expect(long).toEqual([]);
});

test('there is no drawer for odds and ends', () => {
  const drawers = filesUnder('packages').filter((file) => /\/src\/(.+\/)?(utils?|helpers?|common|misc)(\/|\.ts$)/.test(file));
  expect(drawers).toEqual([]);
});

test('no test is skipped, focused or left for later', () => {
  const word = new RegExp(`\\b(test|it|describe)(\\.\\w+)*\\.(${['skip', 'only', 'todo', 'fails'].join('|')})\\b`);
  const found = filesUnder('', /\.test\.ts$/).filter((file) => word.test(codeOf(file)));
  expect(found).toEqual([]);
});
