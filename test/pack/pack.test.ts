import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Simulator, startSimulator } from '@jpki-rp/simulator';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Consumer, cleanEnvironment, createConsumer, filesIn, PACKAGES, type PackageName, root, run } from './consumer.ts';
import { identify, startBank } from './identify.ts';

// Compilers and package managers run here, on machines that may be busy.
vi.setConfig({ testTimeout: 240_000 });

/** Measured on a prototype with all libraries of the first release; more needs a reason. */
const MOST_PACKAGES = 29;
const MOST_MEGABYTES = 20;

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

let consumer: Consumer;
beforeAll(() => {
  consumer = createConsumer();
}, 900_000);
afterAll(() => {
  if (consumer !== undefined) rmSync(dirname(consumer.folder), { recursive: true, force: true });
});

const installed = (name: PackageName): string => join(consumer.folder, 'node_modules', '@jpki-rp', name);
const manifestOf = (name: PackageName): Manifest => JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8')) as Manifest;
/** `@jpki-rp/verifier/path` and so on: what can be imported as a module. */
const specifiersOf = (name: PackageName): string[] =>
  Object.entries(manifestOf(name).exports)
    .filter(([, target]) => typeof target !== 'string')
    .map(([subpath]) => `@jpki-rp/${name}${subpath.slice(1)}`);

describe.each(PACKAGES)('%s', (name) => {
  test('carries code, types, README and licence, and neither sources nor tests', () => {
    const files = [...filesIn(installed(name))].filter((file) => !file.startsWith('node_modules/'));
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'LICENSE',
        'dist/index.js',
        'dist/index.cjs',
        'dist/index.d.ts',
        'dist/index.d.cts',
      ]),
    );
    expect(
      files.filter((file) => !/^(package\.json|README\.md|LICENSE|CHANGELOG\.md|THIRD-PARTY-NOTICES\.txt|dist\/.+)$/.test(file)),
    ).toEqual([]);
    expect(files.filter((file) => /\.(test|spec)\./.test(file))).toEqual([]);
  });

  test('its exports map no longer names sources, and its dependencies are plain versions', () => {
    const manifest = manifestOf(name);
    expect(JSON.stringify(manifest)).not.toMatch(/@jpki-rp\/source|workspace:|simulator/);
    expect(Object.values(manifest.dependencies ?? {}).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test('every export loads as ES module and as CommonJS, and both give the same names', () => {
    for (const specifier of specifiersOf(name)) {
      const print =
        'process.stdout.write(JSON.stringify(Object.keys(m).filter(k=>k!=="default"&&k!=="module.exports"&&k!=="__esModule").sort()))';
      const esm = run(process.execPath, ['--input-type=module', '-e', `import * as m from '${specifier}';${print}`], consumer.folder);
      const cjs = run(process.execPath, ['-e', `const m=require('${specifier}');${print}`], consumer.folder);
      expect([specifier, esm.status, cjs.status, esm.output, cjs.output]).toEqual([specifier, 0, 0, cjs.output, esm.output]);
    }
  });

  test('its declarations name no third-party library and no private package', () => {
    const allowed = {
      verifier: /^(node:.+|\.{1,2}\/.+)$/,
      'node-sdk': /^(node:.+|\.{1,2}\/.+|@jpki-rp\/verifier(\/\w+)?|express|fastify|hono|next)$/,
      'web-sdk': /^\.{1,2}\/.+$/,
    }[name];
    const foreign = [...filesIn(join(installed(name), 'dist'))]
      .filter((file) => /\.d\.c?ts$/.test(file))
      .flatMap((file) =>
        [...readFileSync(join(installed(name), 'dist', file), 'utf8').matchAll(/(?<![\w'"-])(?:from\s+|import\s*\(?\s*)['"]([^'"]+)['"]/g)]
          .map(([, specifier]) => specifier ?? '')
          .filter((specifier) => !allowed.test(specifier))
          .map((specifier) => `${file} → ${specifier}`),
      );
    expect(foreign).toEqual([]);
  });

  test('publint finds nothing', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed(name), pack: false, strict: true, level: 'suggestion' });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test('its types are right for every resolution in use', () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const scripts = Object.entries(manifestOf(name).exports).filter(([, target]) => typeof target === 'string');
    const excluded = scripts.length === 0 ? [] : ['--exclude-entrypoints', ...scripts.map(([subpath]) => subpath)];
    // `node16` leaves out TypeScript's old `node10` resolution, which knows no exports map.
    const ran = run(
      process.execPath,
      [attw, consumer.tarballs[name], '--profile', 'node16', '--no-emoji', '--no-color', ...excluded],
      consumer.folder,
    );
    expect(ran.status, ran.output).toBe(0);
  });
});

test('a strict TypeScript project compiles against the declarations alone', () => {
  const lines = PACKAGES.flatMap((name) => specifiersOf(name)).map(
    (specifier, index) => `import * as m${index} from '${specifier}';\nvoid m${index};`,
  );
  writeFileSync(join(consumer.folder, 'all.mts'), lines.join('\n'));
  writeFileSync(
    join(consumer.folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        module: 'nodenext',
        target: 'es2023',
        lib: ['es2023', 'dom', 'dom.iterable'],
        noEmit: true,
        skipLibCheck: false,
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
        // Frameworks are optional peers: their types come from the consumer, here from ours.
        paths: { express: [join(root, 'node_modules/@types/express')] },
      },
      files: ['all.mts'],
    }),
  );
  const ran = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], consumer.folder);
  expect(ran.output).toBe('');
});

describe('what the install brings', () => {
  interface Locked {
    readonly hasInstallScript?: boolean;
    readonly optional?: boolean;
  }
  const locked = (): [string, Locked][] =>
    Object.entries(
      (JSON.parse(readFileSync(join(consumer.folder, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }).packages,
    ).filter(([path]) => path !== '');

  test(`at most ${MOST_PACKAGES} packages and ${MOST_MEGABYTES} MB`, () => {
    expect(locked().length).toBeLessThanOrEqual(MOST_PACKAGES);
    const modules = join(consumer.folder, 'node_modules');
    const bytes = [...filesIn(modules)].reduce((sum, file) => sum + statSync(join(modules, file)).size, 0);
    expect(bytes / 1e6).toBeLessThanOrEqual(MOST_MEGABYTES);
  });

  test('no install script and no native module', () => {
    expect(locked().filter(([, entry]) => entry.hasInstallScript === true)).toEqual([]);
    expect(
      [...filesIn(join(consumer.folder, 'node_modules'))].filter((file) => /\.(node|wasm|so|dylib|dll)$|binding\.gyp$/.test(file)),
    ).toEqual([]);
  });

  test('one verifier: what it proves is known to the server side', () => {
    expect(
      locked()
        .filter(([path]) => path.endsWith('/@jpki-rp/verifier'))
        .map(([path]) => path),
    ).toEqual(['node_modules/@jpki-rp/verifier']);
  });
});

describe('the installed command', () => {
  const jpkiRp = (...args: string[]): ReturnType<typeof run> =>
    run(join(consumer.folder, 'node_modules/.bin/jpki-rp'), args, consumer.folder);

  test('reads a certificate to people and keeps attributes to itself', () => {
    const cases = JSON.parse(readFileSync(join(root, 'test/vectors/cases.json'), 'utf8')) as {
      id: string;
      input: { certificate: string };
      expected: { attributes?: { name: string } };
    }[];
    const vector = cases.find(({ id }) => id === 'happy/card-digital-signature-g3-crl');
    const name = vector?.expected.attributes?.name ?? 'no such vector';
    writeFileSync(join(consumer.folder, 'leaf.der'), Buffer.from(vector?.input.certificate ?? '', 'base64'));
    const quiet = jpkiRp('inspect', 'leaf.der', '--lang', 'en');
    expect(quiet.status, quiet.output).toBe(0);
    expect(quiet.output).toContain('2.999.8.5.1.1.20');
    expect(quiet.output).not.toContain(name);
    expect(jpkiRp('inspect', 'leaf.der', '--lang', 'en', '--show-attributes').output).toContain(name);
  });

  test('refuses what it does not know', () => {
    expect(jpkiRp('inspect', 'leaf.der', '--no-such-option').status).toBe(64);
    expect(jpkiRp('inspect', 'missing.der').status).toBe(65);
  });
});

/** Last, as it brings Express into the folder that was measured above. */
describe('an Express application on the installed packages identifies a person', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    const ran = run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', 'express@5.3.0'], consumer.folder);
    expect(ran.status, ran.output).toBe(0);
    simulator = await startSimulator();
    writeFileSync(join(consumer.folder, 'given.json'), JSON.stringify({ environment: simulator.environment, door: simulator.doorProfile }));
  }, 180_000);
  afterAll(() => simulator?.close());

  test.each(['bank.mjs', 'bank.cjs'])('%s', async (file) => {
    copyFileSync(new URL(`apps/${file}`, import.meta.url), join(consumer.folder, file));
    const bank = await startBank(file, ['given.json'], consumer.folder, cleanEnvironment());
    try {
      const person = await simulator.person();
      const identified = await identify(bank, simulator, person);
      expect(identified).toMatchObject({ result: 'identified', next: { class: 'smartphone-user-authentication' } });

      simulator.revoke(person, 'smartphone', 'user-authentication');
      expect(await identify(bank, simulator, person)).toMatchObject({ result: 'refused', code: 'revoked' });
    } finally {
      await bank.stop();
    }
  });
});
