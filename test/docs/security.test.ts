/** The threat model names tests that show its defences: each of them exists. */
import { expect, test } from 'vitest';
import { filesUnder, read } from '../architecture/source.ts';
import { filesNamed, hasTitle } from './named-tests.ts';

const rows = [...read('SECURITY.md').matchAll(/\| `([^`]+\.ts)` › (.+) \|$/gm)].map(([, path, title]) => [path, title] as [string, string]);
const sections = read('SECURITY.md')
  .split('\n### ')
  .slice(1)
  .map((section) => [section.split('\n', 1)[0] as string, section] as const);

test.each(sections)('%s has a table in the threat model, every row of which names a test', (_, section) => {
  const defences = section
    .split('\n## ')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| asset '));
  expect(defences?.length).toBeGreaterThanOrEqual(3);
  expect(defences?.filter((line) => !/` › .+ \|$/.test(line))).toEqual([]);
});

test('every room of every package stands in the heading of a table', () => {
  const headings = sections.map(([heading]) => heading).join('\n');
  const rooms = new Set<string>();
  for (const file of filesUnder('', /^packages\/[\w-]+\/src\/[\w-]+\/.*\.ts$/)) {
    const [, name, , folder] = file.split('/');
    rooms.add(name === 'web-sdk' ? 'web-sdk/src' : `${name}/src/${folder}`);
  }
  expect(rooms.size).toBeGreaterThan(15);
  expect([...rooms].filter((room) => !headings.includes(`\`${room}\``))).toEqual([]);
});

test('the threat model has rows', () => {
  expect(rows.length).toBeGreaterThan(50);
});

test.each(rows)('%s › %s', (path, title) => {
  const files = filesNamed(path);
  expect(files, 'one file of that name').toHaveLength(1);
  expect(hasTitle(files[0] as string, title)).toBe(true);
});
