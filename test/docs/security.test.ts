/** The threat model names tests that show its defences: each of them exists. */
import { expect, test } from 'vitest';
import { filesUnder, read } from '../architecture/source.ts';

const rows = [...read('SECURITY.md').matchAll(/\| `([^`]+\.test\.ts)` › (.+) \|$/gm)].map(
  ([, path, title]) => [path, title] as [string, string],
);
const tests = filesUnder('', /\.test\.ts$/);

const ROOMS = [
  'DER reader',
  'Certificate',
  'Profile and environment',
  'Signature',
  'Path',
  'Revocation',
  'Net',
  'Links',
  'Evidence',
  'Transaction',
  'Door',
  'HTTP and binding',
  'Web page',
];

test.each(ROOMS)('%s has a table in the threat model, every row of which names a test', (room) => {
  const section = read('SECURITY.md').split(`\n### ${room}`)[1]?.split('\n### ')[0] ?? '';
  const defences = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| asset '));
  expect(defences.length).toBeGreaterThanOrEqual(3);
  expect(defences.filter((line) => !/` › .+ \|$/.test(line))).toEqual([]);
});

test('the threat model has rows', () => {
  expect(rows.length).toBeGreaterThan(50);
});

test.each(rows)('%s › %s', (path, title) => {
  const files = tests.filter((file) => file.endsWith(`/${path}`) || file === path);
  expect(files, 'one file of that name').toHaveLength(1);
  const source = read(files[0] as string);
  const quoted = [`'${title}'`, `"${title}"`, `\`${title}\``];
  expect(quoted.some((literal) => source.includes(literal))).toBe(true);
});
