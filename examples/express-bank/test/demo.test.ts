import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellStory } from '../src/story.ts';
import { createTeller } from '../src/teller.ts';

const lines: string[] = [];
let file = '';

beforeAll(async () => {
  await tellStory(createTeller((line) => lines.push(line), false));
  file = /(\S+evidence\.jws)/.exec(lines.join('\n'))?.[1] ?? '';
});
afterAll(async () => {
  if (file !== '') await rm(dirname(file), { recursive: true, force: true });
});

const story = (): string => lines.join('\n');

test('the story has its chapters in order', () => {
  const chapters = lines.flatMap((line) => /^\d {2}(\S+)/.exec(line)?.[1] ?? []);
  expect(chapters).toEqual(['舞台', '取引', 'アプリ', '判定', '証跡', 'つながり', 'カードの失効']);
});

test('it tells what the app returned, without its bytes', () => {
  expect(story()).toMatch(/result 0000, holder SP, certificate \d{3,4} bytes, signature 256 bytes/);
});

test('it explains thirteen checks, then the verdict', () => {
  const verdict = lines.findIndex((line) => line.includes('判定: valid'));
  expect(lines.slice(0, verdict).filter((line) => line.startsWith('   ✓'))).toHaveLength(13);
});

test('the evidence is in the file that it names', async () => {
  expect((await readFile(file, 'utf8')).split('.')).toHaveLength(3);
  expect(story()).toContain('一文字変えると: evidence-seal');
});

test('card and smartphone are linked, and the smartphone alone logs in', () => {
  expect(story()).toContain('active, same-session, assurance control');
  expect(story()).toContain('スマートフォンだけでログイン');
});

test('once the card is revoked the next attempt is refused, and the link has ended', () => {
  expect(story()).toContain('✗ 拒否: revoked');
  expect(story()).toContain('ended(card-revoked)');
  expect(story()).toContain('スマートフォンでも口座は見つからない: link-not-found');
});

test('colours are kept out of what is not a terminal', () => {
  expect(story()).not.toContain('\u001b');
});
