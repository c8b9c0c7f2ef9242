import { expect, test } from 'vitest';
import { Html, html } from '../src/pages/html.ts';

test.each([
  ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  ['" onmouseover="x', '&quot; onmouseover=&quot;x'],
  ["' onmouseover='x", '&#39; onmouseover=&#39;x'],
  ['&lt;', '&amp;lt;'],
])('%j is text, whatever it looks like', (value, written) => {
  expect(html`<p title="${value}">${value}</p>`.toString()).toBe(`<p title="${written}">${written}</p>`);
});

test('HTML inside HTML is left alone, also in lists', () => {
  const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}</ul>`.toString()).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>');
});

test('what is absent leaves no trace, and zero is not absent', () => {
  expect(html`[${null}${undefined}${false}${0}]`.toString()).toBe('[0]');
});

test('an object that only looks like HTML is not believed', () => {
  const forged = Object.assign(Object.create(null), { toString: () => '<script>' });
  expect(forged instanceof Html).toBe(false);
  expect(() => html`${forged}`.toString()).toThrow(TypeError);
});
