import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { build } from './built.ts';

let dist: string;
const read = (name: string): string => readFileSync(join(dist, name), 'utf8');
const NAMES = ['JpkiIdentifyElement', 'defineJpkiIdentify', 'hasPendingIdentification', 'startIdentification'];

beforeAll(() => {
  dist = build('with types');
});
afterAll(() => {
  rmSync(dist, { recursive: true, force: true });
});

it('is these files', () => {
  expect(readdirSync(dist).sort()).toEqual([
    'index.cjs',
    'index.d.cts',
    'index.d.ts',
    'index.js',
    'jpki-rp.global.js',
    'jpki-rp.global.js.sri',
  ]);
});

it('names no other package of this house, in code or types', () => {
  for (const name of readdirSync(dist)) expect(read(name), name).not.toContain('@jpki-rp/');
});

it('imports nothing', () => {
  for (const name of readdirSync(dist)) expect(read(name), name).not.toMatch(/^\s*import\b.*\bfrom\b|\brequire\(["'][^"']+["']\)/m);
});

it('uses no sink that Trusted Types guard, and nothing that a strict CSP forbids', () => {
  expect(read('jpki-rp.global.js')).not.toMatch(
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|createContextualFragment/,
  );
});

it('touches no cookie and opens no window', () => {
  expect(read('jpki-rp.global.js')).not.toMatch(/document\.cookie|cookieStore|window\.open|location\.(?:assign|replace|href\s*=)/);
});

it('loads in Node.js as ESM and CJS, without a DOM', async () => {
  const esm = (await import(pathToFileURL(join(dist, 'index.js')).href)) as object;
  const cjs = createRequire(import.meta.url)(join(dist, 'index.cjs')) as object;
  expect(Object.keys(esm).sort()).toEqual(NAMES);
  expect(Object.keys(cjs).sort()).toEqual(NAMES);
});

it('is one script with one global, in ASCII: a page of any encoding can carry it', () => {
  const script = read('jpki-rp.global.js');
  expect(script).toMatch(/^[\t\n\r\x20-\x7e]*$/);
  const names = runInNewContext(`${script}; Object.keys(JpkiRp)`, {}) as string[];
  expect([...names].sort()).toEqual(NAMES);
});

it('has the hash that belongs to it', () => {
  const digest = createHash('sha384')
    .update(readFileSync(join(dist, 'jpki-rp.global.js')))
    .digest('base64');
  expect(read('jpki-rp.global.js.sri')).toBe(`sha384-${digest}\n`);
});

it('weighs at most 30 kB on the wire', () => {
  expect(gzipSync(read('jpki-rp.global.js'), { level: 9 }).length).toBeLessThanOrEqual(30_000);
});
