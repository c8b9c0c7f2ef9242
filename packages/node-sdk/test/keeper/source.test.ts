import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingestCrl } from '@jpki-rp/verifier/crl';
import { describe, expect, test } from 'vitest';
import { contextOf, entry, HOME, OTHERS } from '../../../verifier/test/revocation/mint.ts';
import { type KeptCrlSource, type KeptCrlSourceOptions, keptCrlSource } from '../../src/keeper/index.ts';
import { AT, type FileServer, fileServer, folder, HOUR, ISSUER, kept, later, listOf } from './stage.ts';

const CONTEXT = { ...contextOf(), class: 'card-digital-signature' as const };
const sourceOf = (directory: string, options: Partial<KeptCrlSourceOptions> = {}): KeptCrlSource => {
  const source = keptCrlSource({ directory, ...options });
  later(source.close);
  return source;
};
const ask = async (source: KeptCrlSource, context = CONTEXT) => {
  const answer = await source.check(context, { at: new Date(context.at) });
  return answer.kind === 'determination'
    ? answer.report.status
    : `${answer.kind} ${answer.kind === 'failed' ? `${answer.code} ${answer.detail}` : ''}`;
};
const clean = (n: number): Uint8Array => listOf(n);
const revoked = (n: number): Uint8Array => listOf(n, { entries: [...OTHERS, entry({ reason: 1 })] });
const swap = async (server: FileServer, { keeper }: Pick<ReturnType<typeof kept>, 'keeper'>, crl: Uint8Array): Promise<void> => {
  server.publish('/Mihon-shi.crl', crl);
  expect(await keeper.refresh({ force: true })).toMatchObject({ published: 1 });
};

describe.each(['on-demand', 'memory'] as const)('%s', (mode) => {
  test('every check is of the newest index, from the first one after a swap', async () => {
    const server = await fileServer();
    const stage = kept(server);
    const source = sourceOf(stage.directory, { mode });
    expect(await ask(source)).toBe('failed crl-missing no-index');
    for (let n = 1; n <= 6; n++) {
      await swap(server, stage, n % 2 === 0 ? revoked(n) : clean(n));
      expect(await ask(source)).toBe(n % 2 === 0 ? 'revoked' : 'good');
    }
  });
  test('checks that run while indexes are swapped are each of one whole index', async () => {
    const server = await fileServer();
    const stage = kept(server);
    const source = sourceOf(stage.directory, { mode });
    await swap(server, stage, clean(1));
    const answers: string[] = [];
    let swapping = true;
    const asking = Array.from({ length: 8 }, async () => {
      while (swapping) {
        answers.push(await ask(source));
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    });
    for (let n = 2; n <= 12; n++) await swap(server, stage, n % 2 === 0 ? revoked(n) : clean(n));
    swapping = false;
    await Promise.all(asking);
    expect(new Set(answers)).toEqual(new Set(['good', 'revoked']));
  });
});

describe('never good', () => {
  test('where the index is of another class, under the same key and name', async () => {
    const server = await fileServer();
    const stage = kept(server);
    await swap(server, stage, clean(1));
    const context = { ...contextOf(), class: 'smartphone-digital-signature' as const };
    const query = { ...context, profile: { ...context.profile, class: 'smartphone-digital-signature' as const } };
    expect(await sourceOf(stage.directory).check(query, { at: new Date(AT) })).toMatchObject({ kind: 'failed', detail: 'no-index' });
  });
  test('where a file of another class has been put in its place', async () => {
    const server = await fileServer();
    const stage = kept(server);
    await swap(server, stage, clean(1));
    const [name] = readdirSync(join(stage.directory, 'indexes'));
    const foreign = join(folder(), 'index');
    const scope = {
      class: 'smartphone-digital-signature' as const,
      distributionPoint: String((await stage.keeper.status())[0]?.distributionPoint),
    };
    expect(await ingestCrl(clean(1), { issuer: ISSUER, scope, into: foreign })).toMatchObject({ ok: true });
    writeFileSync(join(stage.directory, 'indexes', String(name)), readFileSync(foreign));
    expect(await ask(sourceOf(stage.directory))).toBe('failed crl-scope-mismatch no-scope');
  });
  test.each([
    ['damaged', (path: string) => writeFileSync(path, readFileSync(path).reverse()), 'failed crl-missing index-corrupt'],
    ['cut off', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 100)), 'failed crl-missing index-truncated'],
    ['gone', (path: string) => rmSync(path), 'failed crl-missing no-index'],
  ])('where what stands published is %s, although it was good before; and good again with the next', async (_, spoil, answer) => {
    const server = await fileServer();
    const stage = kept(server, { override: { operator: 'test', reason: 'after the damage' } });
    await swap(server, stage, clean(1));
    const source = sourceOf(stage.directory);
    expect(await ask(source)).toBe('good');
    const [name] = readdirSync(join(stage.directory, 'indexes'));
    spoil(join(stage.directory, 'indexes', String(name)));
    expect(await ask(source)).toBe(answer);
    await swap(server, stage, clean(2));
    expect(await ask(source)).toBe('good');
  });
  test('where it is past its nextUpdate', async () => {
    const server = await fileServer();
    const stage = kept(server);
    await swap(server, stage, clean(1));
    const late = { ...CONTEXT, at: AT + 31 * HOUR };
    expect(await ask(sourceOf(stage.directory), late)).toBe('unusable');
  });
  test('without the MAC key it was written with', async () => {
    const server = await fileServer();
    const key = new Uint8Array(16).fill(7);
    const stage = kept(server, { key });
    await swap(server, stage, clean(1));
    expect(await ask(sourceOf(stage.directory, { key }))).toBe('good');
    expect(await ask(sourceOf(stage.directory))).toBe('failed crl-missing index-key');
    expect(await ask(sourceOf(stage.directory, { key: new Uint8Array(16).fill(8) }))).toBe('failed crl-missing index-key');
  });
});

test('the index of a partition answers for its certificates, whatever others there are', async () => {
  const server = await fileServer();
  const towns = ['Tonari-shi', 'Mihon-shi'];
  server.publish('/Tonari-shi.crl', listOf(1, { town: 'Tonari-shi' }));
  server.publish('/Mihon-shi.crl', revoked(1));
  const stage = kept(server, { towns });
  await stage.keeper.refresh();
  expect(await ask(sourceOf(stage.directory))).toBe('revoked');
  expect(HOME).toBeDefined();
});

test('with recheckMs the file system is asked that rarely', async () => {
  const server = await fileServer();
  const stage = kept(server);
  const source = sourceOf(stage.directory, { recheckMs: 3_600_000 });
  await swap(server, stage, clean(1));
  expect(await ask(source)).toBe('good');
  await swap(server, stage, revoked(2));
  expect(await ask(source)).toBe('good');
  expect(await ask(sourceOf(stage.directory))).toBe('revoked');
});

test('a closed source, and options that are none, are misuse', async () => {
  const source = keptCrlSource({ directory: folder() });
  source.close();
  await expect(ask(source)).rejects.toMatchObject({ code: 'argument-invalid' });
  expect(() => keptCrlSource({ directory: folder(), recheckMs: -1 })).toThrow(expect.objectContaining({ code: 'argument-invalid' }));
  expect(() => keptCrlSource({ directory: folder(), key: new Uint8Array(15) })).toThrow(
    expect.objectContaining({ code: 'argument-invalid' }),
  );
});
