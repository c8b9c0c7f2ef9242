/** Every requirement has its row; what is called held or partly held names a test that exists. */
import { expect, test } from 'vitest';
import { read } from '../architecture/source.ts';
import { filesNamed, hasTitle } from './named-tests.ts';

interface Row {
  readonly id: string;
  readonly state: string;
  readonly last: string;
}

const rows = [...read('docs/requirements.md').matchAll(/^\| (R-\d\d) \| ([^|]+) \| ([a-z]+) \| ([^|]+) \|$/gm)].map(
  ([, id, , state, last]): Row => ({ id: id as string, state: state as string, last: last as string }),
);

test('no requirement is left out, and none is there twice', () => {
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 60 }, (_, i) => `R-${String(i + 1).padStart(2, '0')}`));
});

test.each(rows)('$id is $state', ({ state, last }) => {
  const shown = /^`([^`]+)` › (.+?)(?: · (.+))?$/.exec(last);
  switch (state) {
    case 'held':
    case 'partly': {
      const [, path, title, missing] = shown ?? [];
      const files = filesNamed(path as string);
      expect(files, 'one file of that name').toHaveLength(1);
      expect(hasTitle(files[0] as string, title as string), 'a test of that title').toBe(true);
      // What is held in part says which part is not.
      expect(missing === undefined).toBe(state === 'held');
      return;
    }
    default:
      expect(['open', 'out']).toContain(state);
      expect(shown).toBeNull();
      expect(last.length).toBeGreaterThan(10);
  }
});
