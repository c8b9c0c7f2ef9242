import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { openCrlIndex } from '../../src/crl/index.ts';
import { AT, akiOf, CA, crlNumber, entry, HOME_IDP, int, mintCrl } from '../revocation/mint.ts';
import { folder, HOME_TEXT, ISSUER, ingest } from './reference.ts';

const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
/** In all; half of them kill an ingest of one thread, half one that hashes in threads beside it, both at the same time. */
const CRASHES = Number(process.env['CRASHES'] ?? 200);

/** Node.js 20 runs no TypeScript: the sources as JavaScript, with the child beside them. */
const transpiled = (): string => {
  const out = folder();
  const source = join(packageRoot, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(source, name));
  for (const file of [...files, join(packageRoot, 'test/crl/crash-child.ts')]) {
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, rewriteRelativeImportExtensions: true },
    });
    const target = join(out, relative(packageRoot, file).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  return join(out, 'test/crl/crash-child.js');
};

const COUNT = 4000;
const listOf = (number: number): Uint8Array =>
  mintCrl({
    // Small and large serial numbers; the last octet tells the lists apart.
    entries: Array.from({ length: COUNT }, (_, i) =>
      entry({ serial: int(...(i % 2 === 0 ? [] : [1, 2, 3, 4, 5]), 1, i >> 8, i & 255, number), reason: 1, date: AT - i * 1000 }),
    ),
    extensions: [akiOf(CA), crlNumber(number), HOME_IDP],
  });

/** Kills a child that publishes two lists in turn, and looks each time at what stands there. Returns how often work was left unfinished. */
const killing = async (child: string, threads: 1 | 2, crashes: number): Promise<{ numbers: Set<string | null>; unfinished: number }> => {
  const where = folder();
  const into = join(where, 'published', 'index');
  mkdirSync(dirname(into));
  const crls = [7, 8].map((number) => {
    const path = join(where, `${number}.crl`);
    writeFileSync(path, listOf(number));
    return path;
  });
  writeFileSync(join(where, 'issuer.cer'), ISSUER);
  expect(await ingest(crls[0] as string, into)).toMatchObject({ ok: true });
  const numbers = new Set<string | null>();
  let unfinished = 0;
  for (let crash = 0; crash < crashes; crash++) {
    const running = spawn(process.execPath, [child, join(where, 'issuer.cer'), into, HOME_TEXT, String(threads), ...crls], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let complaint = '';
    running.stderr.on('data', (text) => {
      complaint += text;
    });
    const ended = new Promise((resolve) => running.once('exit', resolve));
    await Promise.race([new Promise((resolve) => running.stdout.once('data', resolve)), ended]);
    // Moments spread evenly over some tens of rounds of the child, never twice the same.
    await new Promise((resolve) => setTimeout(resolve, (crash * 37) % 131));
    running.kill('SIGKILL');
    await ended;
    expect(complaint).toBe('');

    const index = await openCrlIndex(into, { mode: crash % 2 === 0 ? 'memory' : 'on-demand' });
    const number = Number(index.info.crlNumber);
    numbers.add(index.info.crlNumber);
    let right = 0;
    for (const { serialNumber, reason } of index.entries()) if (serialNumber.at(-1) === number && reason === 'keyCompromise') right += 1;
    expect([index.info.entries, right]).toEqual([COUNT, COUNT]);
    index.close();
    unfinished += readdirSync(dirname(into)).length - 1;
  }
  await ingest(crls[1] as string, into, { override: { operator: 'crash test', reason: 'end' } });
  // The next run cleans up.
  expect(readdirSync(dirname(into))).toEqual(['index']);
  return { numbers, unfinished };
};

test(
  `killed ${CRASHES} times while it publishes: what stands there is always one whole index, old or new`,
  async () => {
    const child = transpiled();
    const lanes = await Promise.all([killing(child, 1, Math.ceil(CRASHES / 2)), killing(child, 2, Math.floor(CRASHES / 2))]);
    for (const { numbers, unfinished } of lanes) {
      expect([...numbers].every((number) => number === '7' || number === '8')).toBe(true);
      // It was really killed at work.
      expect(unfinished).toBeGreaterThan(0);
    }
  },
  60_000 + CRASHES * 3000,
);
