import { expect, it } from 'vitest';
import * as index from '../src/index.ts';

it('a message key has a text in both languages, and nothing else has one', () => {
  expect(index.messageFor('pin-locked', 'ja')).toContain('市区町村');
  expect(index.messageFor('pin-locked', 'en')).toContain('municipality');
  expect(index.messageFor('constructor', 'en')).toBeNull();
});
