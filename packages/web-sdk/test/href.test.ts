import { expect, it } from 'vitest';
import { safeHref } from '../src/open/href.ts';

it.each([
  ['https://app.example.test/open?t=1', 'https:', 'https://app.example.test/open?t=1'],
  ['myna-test://open?t=1', 'https:', 'myna-test://open?t=1'],
  ['intent://open#Intent;scheme=x;end', 'https:', 'intent://open#Intent;scheme=x;end'],
  ['http://127.0.0.1:4000/app?t=1', 'https:', 'http://127.0.0.1:4000/app?t=1'],
  ['http://192.168.0.5:4000/app?t=1', 'http:', 'http://192.168.0.5:4000/app?t=1'],
])('an app link %s may stand in a page that came by %s', (href, protocol, expected) => {
  expect(safeHref(href, 'app-link', protocol)).toBe(expected);
});

it.each([
  'javascript:alert(1)',
  ' JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>1</script>',
  'blob:https://a.test/1',
  'vbscript:x',
  'file:///etc/passwd',
  'about:blank',
  '/relative',
  '//host/path',
  '',
  'https://user:password@a.test/',
  'http://bank.example.test/',
])('%j may not', (href) => {
  expect(safeHref(href, 'app-link', 'https:')).toBeNull();
});

it('a redirect is https, or loopback', () => {
  expect(safeHref('https://a.test/x', 'redirect', 'https:')).toBe('https://a.test/x');
  expect(safeHref('myna-test://open', 'redirect', 'https:')).toBeNull();
  expect(safeHref('http://localhost:1/x', 'redirect', 'https:')).toBe('http://localhost:1/x');
  expect(safeHref('http://localhost.evil.test/x', 'redirect', 'https:')).toBeNull();
});
