import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { directoryLeadership, type LeadershipTerm } from '../../src/keeper/index.ts';
import { folder, later, testClock, until } from './stage.ts';

const clock = testClock();
const taking = async (place: string, missedBeats = 3): Promise<LeadershipTerm | null> => {
  const term = await directoryLeadership({ folder: place, beatMs: 1_000, missedBeats }).acquire(clock);
  if (term !== null) later(() => term.release());
  return term;
};
const held = async (place: string): Promise<LeadershipTerm> => {
  const term = await taking(place);
  if (term === null) throw new Error('not held');
  return term;
};
const only = (place: string): string => {
  const [name, ...more] = readdirSync(place);
  expect(more).toEqual([]);
  return String(name);
};
/** As if another process, or another machine, had written it. */
const rewritten = (place: string, changes: (text: string) => string): void => {
  const path = join(place, only(place));
  writeFileSync(path, changes(readFileSync(path, 'utf8')));
};
const elsewhere = (text: string): string => text.replace(/"machine":"[^"]*"/, '"machine":"another"');

test('one holds; the next does when it is released; a generation is never used twice', async () => {
  const place = folder();
  const first = await held(place);
  expect(await taking(place)).toBeNull();
  expect(await first.confirm()).toBe(true);
  await first.release();
  expect(first.lost.aborted).toBe(false);
  const second = await held(place);
  expect(only(place)).toBe('000000000002.json');
  expect(await second.confirm()).toBe(true);
});

test('of a process of this machine that is gone it is taken at once', async () => {
  const place = folder();
  await held(place);
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  rewritten(place, (text) => text.replace(/"pid":\d+/, `"pid":${pid}`));
  expect(await taking(place)).not.toBeNull();
});

describe('of another machine, or of whom nothing can be read', () => {
  test.each([
    ['another machine', elsewhere],
    ['octets that are no lock', () => 'garbage'],
    ['an empty file', () => ''],
  ])('%s: only when it has not moved for long enough', async (_, changes) => {
    const place = folder();
    const holder = await held(place);
    rewritten(place, changes);
    const contender = directoryLeadership({ folder: place, beatMs: 1_000, missedBeats: 3 });
    const watching = testClock();
    for (let look = 0; look < 3; look++) {
      expect(await contender.acquire(watching)).toBeNull();
      watching.advance(1_000);
    }
    const taken = await contender.acquire(watching);
    expect(taken).not.toBeNull();
    await taken?.release();
    expect(await holder.confirm()).toBe(false);
    expect(holder.lost.aborted).toBe(true);
  });
  test('one that moves is alive, however long', async () => {
    const place = folder();
    await held(place);
    const contender = directoryLeadership({ folder: place, beatMs: 1_000, missedBeats: 3 });
    const watching = testClock();
    for (let look = 0; look < 20; look++) {
      rewritten(place, (text) => elsewhere(text).replace(/"beat":"\d+"/, `"beat":"${String(look).padStart(12, '0')}"`));
      expect(await contender.acquire(watching)).toBeNull();
      watching.advance(1_000);
    }
  });
  test('however often it is looked at within the time of the beats, it is alive', async () => {
    const place = folder();
    const holder = await held(place);
    rewritten(place, elsewhere);
    const contender = directoryLeadership({ folder: place, beatMs: 1_000, missedBeats: 3 });
    const watching = testClock();
    for (let look = 0; look < 30; look++) {
      expect(await contender.acquire(watching)).toBeNull();
      watching.advance(99);
    }
    expect(await holder.confirm()).toBe(true);
    watching.advance(30);
    expect(await contender.acquire(watching)).not.toBeNull();
  });
  test.each([
    ['ahead', 3_600_000],
    ['back', -3_600_000],
  ])('a clock that is set %s between two looks kills nobody', async (_, by) => {
    const place = folder();
    await held(place);
    rewritten(place, elsewhere);
    const contender = directoryLeadership({ folder: place, beatMs: 1_000, missedBeats: 3 });
    const watching = testClock();
    expect(await contender.acquire(watching)).toBeNull();
    watching.advance(by);
    expect(await contender.acquire(watching)).toBeNull();
    watching.advance(1_000);
    expect(await contender.acquire(watching)).toBeNull();
  });
});

test('the holder moves its file at every beat', async () => {
  const place = folder();
  await held(place);
  const path = join(place, only(place));
  const before = readFileSync(path, 'utf8');
  clock.advance(1_000);
  await until(() => readFileSync(path, 'utf8') !== before);
  expect(readFileSync(path, 'utf8').length).toBe(before.length);
});

test('a holder that was taken for dead notices at the next beat, and its release does not disturb the new one', async () => {
  const place = folder();
  const first = await held(place);
  rewritten(place, elsewhere);
  const second = await taking(place, 0);
  expect(second).not.toBeNull();
  clock.advance(1_000);
  await until(() => first.lost.aborted);
  await first.release();
  expect(await second?.confirm()).toBe(true);
  expect(await taking(place)).toBeNull();
});

test('whoever finds a higher generation after making its own gives way', async () => {
  const place = folder();
  // Two generations ahead: the one between was swept while this contender was looking.
  writeFileSync(join(place, '000000000009.json'), '');
  const contender = directoryLeadership({ folder: place, beatMs: 1_000, missedBeats: 0 });
  const term = await contender.acquire(clock);
  expect(term).not.toBeNull();
  expect(only(place)).toBe('000000000010.json');
  writeFileSync(join(place, '000000000012.json'), '');
  expect(await term?.confirm()).toBe(false);
});
