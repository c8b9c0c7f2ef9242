import { expect, it } from 'vitest';
import { mountedAt } from '../../src/http/mount.ts';

it.each<[string | undefined, string, string | undefined]>([
  ['/jpki/*', '/jpki/transactions', '/jpki'],
  ['/api/v2/identify/*', '/api/v2/identify/transactions/x/events', '/api/v2/identify'],
  ['/:tenant/jpki/*', '/bank-1/jpki/transactions', '/bank-1/jpki'],
  ['/jpki/*', '/jpki/', '/jpki'],
  ['/jpki/*', '/jpki', undefined],
  ['/jpki', '/jpki', undefined],
  ['/*', '/jpki/transactions', undefined],
  [undefined, '/jpki/transactions', undefined],
])('the pattern %s on %s is mounted at %s', (pattern, pathname, expected) => {
  expect(mountedAt(pattern, pathname)).toBe(expected);
});
