/** Everything is judged at `at`; the machine’s clock plays no part. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { judge, OCSP, said, walk } from './case.ts';

afterEach(() => {
  vi.useRealTimers();
});

test.each(['1970-01-01T00:00:00Z', '2099-12-31T23:59:59Z'])('with the machine’s clock at %s every answer is the same', async (now) => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(now) });
  expect(await said(judge())).toBe('valid');
  expect(await said(judge({ revocation: 'ocsp', ocspResponses: [OCSP] }))).toBe('valid');
  expect(walk()).toBe('valid');
});

/** The rim: the one default clock. `net/` measures how long it waits, never what time it is. */
const RIM = /^(clock\.ts|net\/)/;

test('below the rim nobody reads a clock or rolls dice', () => {
  const root = fileURLToPath(new URL('../../src/', import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !RIM.test(file));
  expect(files.length).toBeGreaterThan(50);
  const readers = files.filter((file) =>
    /\bDate\.now\b|new Date\(\s*\)|Math\.random|performance\.now|process\.hrtime/.test(
      readFileSync(`${root}${file}`, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
    ),
  );
  expect(readers).toEqual([]);
});
