import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bank, startBank } from '../src/bank.ts';

let bank: Bank;
beforeAll(async () => {
  bank = await startBank({ people: 1 });
});
afterAll(() => bank.close());

test.each(['/', '/open', '/login', '/backstage', '/no-such-page'])('%s runs under a strict policy', async (path) => {
  const response = await fetch(bank.origin + path);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('x-powered-by')).toBeNull();
  const page = await response.text();
  expect(page).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle="|\son[a-z]+="/);
});

test('every script and style is what its page says it is', async () => {
  const page = await (await fetch(`${bank.origin}/login`)).text();
  const pinned = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)" integrity="(sha384-[^"]+)"/g)];
  expect(pinned).toHaveLength(3);
  for (const [, href, integrity] of pinned) {
    const response = await fetch(bank.origin + href);
    const body = Buffer.from(await response.arrayBuffer());
    expect(`sha384-${createHash('sha384').update(body).digest('base64')}`).toBe(integrity);
    expect(response.headers.get('cache-control')).toContain('immutable');
  }
});

test('an oversized form is refused, with a page', async () => {
  const response = await fetch(`${bank.origin}/open`, {
    method: 'POST',
    headers: { origin: bank.origin, 'content-type': 'application/x-www-form-urlencoded' },
    body: `branch=${'x'.repeat(9_000)}`,
  });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('受け付けられない内容です');
});

test.each([
  ['a lever that does not exist', '/backstage/launch', 'by=1h'],
  ['a person who does not exist', '/backstage/status', 'person=nobody&carrier=card&purpose=user-authentication&do=revoke'],
  ['a step backwards', '/backstage/advance', 'by=-1y'],
])('behind the scenes, %s moves nothing', async (_what, path, body) => {
  const before = bank.simulator.now().getTime();
  const response = await fetch(bank.origin + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: bank.origin, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
  expect(response.status).toBe(404);
  expect(bank.simulator.now().getTime() - before).toBeLessThan(60_000);
});
