/** `crl ingest` from a URL and `keeper`, against a simulated JPKI: what is asked, what is answered, and what is never printed. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@jpki-rp/simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../packages/node-sdk/src/cli/run.ts';

interface Source {
  readonly anchor: string;
  readonly distributionPoint: string;
  readonly url: string;
}
interface Json {
  readonly anchors: { readonly id: string; readonly certificate: string }[];
  readonly classes: Record<string, { crl: { sources: Source[] } }>;
}

let folder: string;
let simulator: Simulator;
let interruption: AbortController;
const at = (name: string): string => join(folder, name);
const sourcesOf = (name: string): readonly Source[] => (simulator.environment as Json).classes[name]?.crl.sources ?? [];

beforeAll(async () => {
  simulator = await startSimulator({ seed: 17 });
});
afterAll(() => simulator.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jpki-rp-keeper-'));
  interruption = new AbortController();
  writeFileSync(at('environment.json'), JSON.stringify(simulator.environment));
});
afterEach(() => rmSync(folder, { recursive: true }));

const cli = async (args: readonly string[], onOut: (text: string) => void = () => undefined) => {
  const [out, err]: [string[], string[]] = [[], []];
  const exit = await runCli(args, {
    stdout: (text) => {
      out.push(text);
      onOut(text);
    },
    stderr: (text) => err.push(text),
    interactive: false,
    language: 'en',
    now: simulator.now,
    ask: null,
    interruption: () => interruption.signal,
  });
  return { exit, out: out.join(''), err: err.join('') };
};

describe('crl ingest from a URL', () => {
  const url = (): string => String(sourcesOf('card-digital-signature')[0]?.url);
  test('takes from the environment what the list has to be', async () => {
    const answered = await cli(['crl', 'ingest', url(), '--environment', at('environment.json'), '--into', at('index'), '--json']);
    expect([answered.exit, answered.err, JSON.parse(answered.out)]).toMatchObject([
      0,
      '',
      { ok: true, info: { class: 'card-digital-signature', distributionPoint: sourcesOf('card-digital-signature')[0]?.distributionPoint } },
    ]);
    expect((await cli(['crl', 'info', at('index')])).out).toMatch(/class +card-digital-signature/);
  });
  test('an option outweighs the environment, and a wrong one is refused', async () => {
    const point = String(sourcesOf('card-digital-signature')[1]?.distributionPoint);
    const wrong = ['--environment', at('environment.json'), '--into', at('index'), '--distribution-point', point, '--json'];
    const { exit, out } = await cli(['crl', 'ingest', url(), ...wrong]);
    expect([exit, JSON.parse(out)]).toEqual([1, { ok: false, code: 'crl-scope-mismatch', detail: 'distribution-point' }]);
    expect(existsSync(at('index'))).toBe(false);
  });
  test('a server in trouble is nothing known', async () => {
    simulator.faults.set('crl', 'down');
    const { exit, out } = await cli(['crl', 'ingest', url(), '--environment', at('environment.json'), '--into', at('index'), '--json']);
    simulator.faults.set('crl', null);
    expect([exit, JSON.parse(out)]).toMatchObject([2, { ok: false, code: 'crl-unavailable' }]);
  });
  test.each<[string, (url: string) => readonly string[], number]>([
    ['without an environment', (from) => [from, '--into', at('index')], 64],
    [
      'on a host that the environment does not name',
      () => ['http://127.0.0.1:1/x.crl', '--environment', at('environment.json'), '--into', at('index')],
      64,
    ],
    [
      'that the environment does not name, without saying what the list is',
      (from) => [`${from}?other`, '--environment', at('environment.json'), '--into', at('index')],
      64,
    ],
    ['with credentials', (from) => [from.replace('://', '://user@'), '--environment', at('environment.json'), '--into', at('index')], 64],
  ])('%s is a wrong command line, and nobody is asked', async (_, args, exit) => {
    expect(await cli(['crl', 'ingest', ...args(url())])).toMatchObject({ exit, out: '' });
  });
});

describe('keeper', () => {
  const place = (): readonly string[] => ['--environment', at('environment.json'), '--directory', at('kept')];
  test('one pass keeps every list of the environment; the status tells, in two languages', async () => {
    expect((await cli(['keeper', 'status', ...place(), '--json'])).exit).toBe(2);
    const count = Object.keys((simulator.environment as Json).classes).flatMap(sourcesOf).length;
    const first = await cli(['keeper', 'run', '--once', ...place(), '--metrics', at('metrics.prom'), '--json']);
    expect([first.exit, JSON.parse(first.out)]).toMatchObject([0, { leader: true, published: count, unchanged: 0, failed: 0 }]);
    expect(readFileSync(at('metrics.prom'), 'utf8')).toMatch(/^jpki_crl_entries\{target="card-/m);
    expect(await cli(['keeper', 'run', '--once', ...place()])).toMatchObject({ exit: 0, out: expect.stringMatching(/published +0\n/) });
    const status = await cli(['keeper', 'status', ...place()]);
    expect(status).toMatchObject({ exit: 0, out: expect.stringMatching(/state +fresh/) });
    expect((await cli(['keeper', 'status', ...place(), '--lang', 'ja'])).out).toMatch(/状態 +有効/);
    expect((await cli(['keeper', 'status', ...place(), '--lead', '999999999'])).exit).toBe(1);
  });
  test('metrics are for another user’s collector, whatever the umask; the lists are for the owner only', async () => {
    const before = process.umask(0o077);
    try {
      await cli(['keeper', 'run', '--once', ...place(), '--metrics', at('metrics.prom')]);
    } finally {
      process.umask(before);
    }
    expect(statSync(at('metrics.prom')).mode & 0o777).toBe(0o644);
    expect(statSync(at('kept')).mode & 0o777).toBe(0o700);
  });
  test('a folder that others may write to is wrong input, and says why', async () => {
    await cli(['keeper', 'run', '--once', ...place()]);
    chmodSync(at('kept'), 0o777);
    for (const words of [['run', '--once'], ['run'], ['status']]) {
      const answered = await cli(['keeper', ...words, ...place()]);
      expect(answered).toMatchObject({ exit: 65, out: '', err: expect.stringMatching(/^Others can write .* writable\n$/) });
    }
  });
  test('a server in trouble fails every list, and says so by its exit code', async () => {
    simulator.faults.set('crl', 'down');
    const { exit, out } = await cli(['keeper', 'run', '--once', ...place(), '--json']);
    simulator.faults.set('crl', null);
    expect([exit, JSON.parse(out)]).toMatchObject([2, { leader: true, published: 0 }]);
  });
  test('runs until it is stopped, one JSON value per event', async () => {
    const { exit, out } = await cli(['keeper', 'run', ...place(), '--swap-window', '03:00/30', '--json'], (text) => {
      if (text.includes('"refreshed"')) interruption.abort();
    });
    expect(exit).toBe(0);
    const told = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type?: string });
    expect(told.map(({ type }) => type)).toEqual(expect.arrayContaining(['leadership', 'alarm', 'refreshed']));
    expect(told.at(-1)).toEqual({ stopped: true });
  });
  test('what it prints names no host and no path', async () => {
    const seen: string[] = [];
    await cli(['keeper', 'run', ...place()], (text) => {
      seen.push(text);
      if (text.includes(' refreshed ')) interruption.abort();
    });
    expect(seen.join('')).not.toMatch(/127\.0\.0\.1|http|jpki-rp-keeper-/);
  });
  test.each([
    ['a time that no clock shows', ['--swap-window', '25:00/10']],
    ['a window of a day', ['--swap-window', '03:00/1440']],
    ['no number', ['--poll', 'often']],
    ['a negative number', ['--concurrency', '-1']],
  ])('%s is a wrong command line', async (_, options) => {
    expect(await cli(['keeper', 'run', '--once', ...place(), ...options])).toMatchObject({ exit: 64, out: '' });
  });
  test('an environment without lists, and a folder that is a file, are wrong input', async () => {
    const environment = structuredClone(simulator.environment) as Json;
    for (const one of Object.values(environment.classes)) one.crl.sources = [];
    writeFileSync(at('bare.json'), JSON.stringify(environment));
    expect((await cli(['keeper', 'run', '--once', '--environment', at('bare.json'), '--directory', at('kept')])).exit).toBe(65);
    expect((await cli(['keeper', 'run', '--once', '--environment', at('environment.json'), '--directory', at('bare.json')])).exit).toBe(65);
  });
  test('a second keeper on the directory is told that another publishes', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const environment = JSON.parse(
      JSON.stringify(simulator.environment).replaceAll(
        /http:\/\/127\.0\.0\.1:\d+/g,
        `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ),
    ) as unknown;
    writeFileSync(at('silent.json'), JSON.stringify(environment));
    const first = cli(['keeper', 'run', '--environment', at('silent.json'), '--directory', at('kept')]);
    const other = await cli(['keeper', 'run', '--once', ...place()]);
    expect(other).toMatchObject({ exit: 2, out: 'another process publishes here\n' });
    interruption.abort();
    expect((await first).exit).toBe(0);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
