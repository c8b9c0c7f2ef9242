/** One test per case of a public suite, and one line per suite: passed / wrong accept / wrong reject. Reads the suites, writes nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { conformance } from '../capabilities.ts';

export interface SuiteCase {
  readonly id: string;
  /** `either`: the suite's authors leave it open; the case only has to end in an answer. */
  readonly expected: 'valid' | 'invalid' | 'either';
  /** True where we accept; a string says why we do not. */
  readonly accepts: () => true | string;
}

/** Runs the cases and prints the tally when the last one is done. */
export const runSuite = (name: string, cases: readonly SuiteCase[]): void => {
  const tally = { passed: 0, wrongAccept: [] as string[], wrongReject: [] as string[] };
  describe(name, () => {
    test('the suite is there', () => {
      expect(cases.length).toBeGreaterThan(0);
    });
    test.each(cases.map((item) => [item.id, item] as const))('%s', (id, { expected, accepts }) => {
      const answer = accepts();
      const verdict = answer === true ? 'valid' : 'invalid';
      if (expected === 'either' || verdict === expected) tally.passed += 1;
      else (verdict === 'valid' ? tally.wrongAccept : tally.wrongReject).push(id);
      expect(['valid', 'invalid']).toContain(verdict);
      if (expected !== 'either') expect({ verdict, why: verdict === expected ? null : answer }).toEqual({ verdict: expected, why: null });
    });
    afterAll(() => {
      const { passed, wrongAccept, wrongReject } = tally;
      process.stdout.write(
        `conformance ${name}: ${passed} passed, ${wrongAccept.length} wrong-accept, ${wrongReject.length} wrong-reject${listed(wrongAccept)}${listed(wrongReject)}\n`,
      );
    });
  });
};

const listed = (ids: readonly string[]): string => (ids.length === 0 ? '' : ` [${ids.join(', ')}]`);

export const suiteFile = (...path: readonly string[]): string => join(conformance(), ...path);
export const readBytes = (...path: readonly string[]): Uint8Array => new Uint8Array(readFileSync(suiteFile(...path)));
export const readJson = <T>(...path: readonly string[]): T => JSON.parse(readFileSync(suiteFile(...path), 'utf8')) as T;

/** The blocks of a PEM file. */
export const readPems = (...path: readonly string[]): readonly Uint8Array[] =>
  [...readFileSync(suiteFile(...path), 'latin1').matchAll(/-----BEGIN [^-]+-----([^-]+)-----END/g)].map(
    ([, block]) => new Uint8Array(Buffer.from(block as string, 'base64')),
  );

/** The first block of a PEM file. */
export const readPem = (...path: readonly string[]): Uint8Array => {
  const [first] = readPems(...path);
  if (first === undefined) throw new Error(`no PEM block in ${path.join('/')}`);
  return first;
};
