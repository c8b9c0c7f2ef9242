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

interface Lists {
  readonly entries: number;
  /** Kills come at moments evenly spread over this long: some rounds of the child. */
  readonly withinMs: number;
  /** Octets of entry `i` of the list with this number. */
  readonly entry: (i: number, number: number) => Uint8Array;
}

/** Small and large serial numbers; the last octet tells the lists apart. */
const MIXED: Lists = {
  entries: 4000,
  withinMs: 131,
  entry: (i, number) =>
    entry({ serial: int(...(i % 2 === 0 ? [] : [1, 2, 3, 4, 5]), 1, i >> 8, i & 255, number), reason: 1, date: AT - i * 1000 }),
};

const NATIONAL_ENTRY = entry({ serial: int(1, 0, 0, 0), reason: 1, date: AT });

/** Enough small serial numbers that their pages are made part by part, by two threads at once. */
const NATIONAL: Lists = {
  entries: 300_000,
  withinMs: 997,
  entry: (i, number) => {
    const one = Uint8Array.from(NATIONAL_ENTRY);
    // 30 L 02 04 | 01 … | the last octet tells the lists apart.
    one.set([1 + (i >> 16), (i >> 8) & 255, i & 255, number], 4);
    return one;
  },
};

const listOf = (lists: Lists, number: number): Uint8Array =>
  mintCrl({
    // In one piece: as arguments of a function they would be too many.
    entries: [Buffer.concat(Array.from({ length: lists.entries }, (_, i) => lists.entry(i, number)))],
    extensions: [akiOf(CA), crlNumber(number), HOME_IDP],
  });

/** Kills a child that publishes two lists in turn, and looks each time at what stands there. Returns how often work was left unfinished. */
const killing = async (
  child: string,
  lists: Lists,
  threads: 1 | 2,
  crashes: number,
): Promise<{ numbers: Set<string | null>; unfinished: number }> => {
  const where = folder();
  const into = join(where, 'published', 'index');
  mkdirSync(dirname(into));
  const crls = [7, 8].map((number) => {
    const path = join(where, `${number}.crl`);
    writeFileSync(path, listOf(lists, number));
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
    await new Promise((resolve) => setTimeout(resolve, (crash * 37) % lists.withinMs));
    running.kill('SIGKILL');
    await ended;
    expect(complaint).toBe('');

    const index = await openCrlIndex(into, { mode: crash % 2 === 0 ? 'memory' : 'on-demand' });
    const number = Number(index.info.crlNumber);
    numbers.add(index.info.crlNumber);
    let right = 0;
    for (const { serialNumber, reason } of index.entries()) if (serialNumber.at(-1) === number && reason === 'keyCompromise') right += 1;
    expect([index.info.entries, right]).toEqual([lists.entries, lists.entries]);
    index.close();
    unfinished += readdirSync(dirname(into)).length - 1;
  }
  await ingest(crls[1] as string, into, { override: { operator: 'crash test', reason: 'end' } });
  // The next run cleans up.
  expect(readdirSync(dirname(into))).toEqual(['index']);
  return { numbers, unfinished };
};

const kills = (lists: Lists, crashes: number, timeout: number): void =>
  test(
    `killed ${crashes} times while it publishes ${lists.entries} entries: what stands there is always one whole index, old or new`,
    async () => {
      const child = transpiled();
      const lanes = await Promise.all([
        killing(child, lists, 1, Math.ceil(crashes / 2)),
        killing(child, lists, 2, Math.floor(crashes / 2)),
      ]);
      for (const { numbers, unfinished } of lanes) {
        expect([...numbers].every((number) => number === '7' || number === '8')).toBe(true);
        // It was really killed at work.
        expect(unfinished).toBeGreaterThan(0);
      }
    },
    timeout,
  );

kills(MIXED, CRASHES, 60_000 + CRASHES * 3000);
kills(NATIONAL, Math.ceil(CRASHES / 8), 120_000 + CRASHES * 1000);
