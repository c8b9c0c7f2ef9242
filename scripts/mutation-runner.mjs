/**
 * A test runner for Stryker that stays in one process: the tests of a room are bundled and collected once, and each planted fault is switched on for those tests
 * alone that reach it. Starting vitest anew for every fault takes a hundred times as long as the tests do.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

/** The name under which Stryker's instrumented code looks for the active fault. */
globalThis.__stryker__ ??= {};
const faults = globalThis.__stryker__;
/** In the copy that Stryker plants the faults in, which is the working directory of every call but not of the import of this file. */
const bundleFile = () => resolve('.mutation/tests.mjs');
const timesFile = () => resolve('.mutation/times.json');
/** A test that takes longer has hung: no test of the rooms takes a third of it. */
const TEST_LIMIT_MS = 20_000;

export default class InProcessRunner {
  static inject = ['options'];
  #options;
  /** By identifier. */
  #tests = null;
  /** State of an earlier fault is left in the process: it must not be used again. */
  #spent = false;
  #runs = 0;

  constructor(options) {
    this.#options = options;
  }

  capabilities() {
    return { reloadEnvironment: false };
  }

  async init() {
    if (existsSync(bundleFile())) return;
    mkdirSync(resolve('.mutation'), { recursive: true });
    await bundle(this.#options.inProcess);
  }

  async dryRun() {
    faults.activeMutant = undefined;
    await this.#collect();
    const tests = [];
    for (const test of this.#tests.values()) {
      faults.currentTestId = test.id;
      const start = performance.now();
      const failure = await outcome(test);
      faults.currentTestId = undefined;
      const result = { id: test.id, name: test.name, fileName: test.file, timeSpentMs: performance.now() - start };
      tests.push(
        failure === null
          ? { ...result, status: 0 }
          : { ...result, status: 1, failureMessage: String(failure.error?.stack ?? failure.error) },
      );
    }
    writeFileSync(timesFile(), JSON.stringify(Object.fromEntries(tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]))));
    return { status: 'complete', tests, mutantCoverage: faults.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation }) {
    // Stryker answers an exception with a new process, and asks again.
    if (this.#spent) throw new Error('a fault before this one left its traces in the process');
    const first = this.#runs++ === 0;
    faults.hitLimit = hitLimit;
    faults.hitCount = 0;
    if (mutantActivation === 'static') faults.activeMutant = activeMutant.id;
    try {
      await this.#collect();
    } catch (error) {
      if (mutantActivation !== 'static') throw error;
      // No test can even begin: without the fault they all do.
      this.#spent = true;
      return { status: 'killed', killedBy: (testFilter ?? []).slice(0, 1), failureMessage: String(error), nrOfTests: 1 };
    }
    faults.activeMutant = activeMutant.id;
    const times = JSON.parse(readFileSync(timesFile(), 'utf8'));
    const chosen = (testFilter ?? [...this.#tests.keys()]).map((id) => this.#tests.get(id)).filter((test) => test !== undefined);
    if (testFilter !== undefined && chosen.length !== testFilter.length) throw new Error('a test has lost its name');
    chosen.sort((a, b) => times[a.id] - times[b.id]);
    let count = 0;
    for (const test of chosen) {
      count++;
      const failure = await outcome(test);
      if (hitLimit !== undefined && faults.hitCount > hitLimit) {
        this.#spent = true;
        return { status: 'timeout', reason: `a loop without end in: ${test.name}` };
      }
      if (failure === null) continue;
      if (failure.hung) {
        this.#spent = true;
        return { status: 'timeout', reason: `a test that hung: ${test.name}` };
      }
      // Only a test that holds without the fault, and fails under it again, has noticed the fault: a machine that was slow for a moment has not.
      if (mutantActivation !== 'static') {
        faults.activeMutant = undefined;
        if ((await outcome(test)) !== null) {
          this.#spent = true;
          if (!first) throw new Error('a fault before this one, or this one, left its traces in the process');
        } else {
          faults.activeMutant = activeMutant.id;
          if ((await outcome(test)) === null) continue;
        }
      }
      faults.activeMutant = undefined;
      return { status: 'killed', killedBy: [test.id], failureMessage: String(failure.error?.message ?? failure.error), nrOfTests: count };
    }
    faults.activeMutant = undefined;
    return { status: 'survived', nrOfTests: count };
  }

  async #collect() {
    if (this.#tests !== null) return;
    this.#tests = new Map();
    globalThis.__collected__ = this.#tests;
    await import(pathToFileURL(bundleFile()).href);
    for (const id of this.#tests.keys()) if (this.#options.inProcess.without.some((part) => id.includes(part))) this.#tests.delete(id);
  }
}

/** Null where the test holds. */
const outcome = async ({ run, after }) => {
  let timer;
  const hung = Symbol('hung');
  try {
    const limit = new Promise((settle) => {
      timer = setTimeout(settle, TEST_LIMIT_MS, hung);
    });
    const result = await Promise.race([run(), limit]);
    return result === hung ? { hung: true } : null;
  } catch (error) {
    return { hung: false, error };
  } finally {
    clearTimeout(timer);
    for (const hook of after) await hook();
  }
};

/** The part of vitest's interface that the tests of these rooms use; assertions are vitest's own. */
const VITEST = `
import { format } from 'node:util';
export { expect } from 'vitest';
export const vi = {
  async waitFor(holds) {
    for (let left = 100; ; left--) {
      try { return await holds(); } catch (error) { if (left === 0) throw error; }
      await new Promise((settle) => setTimeout(settle, 10));
    }
  },
};
let file = '';
let suites = [];
let hooks = [];
let first = [];
export const begin = (name) => { file = name; suites = []; hooks = []; first = []; };
export const describe = (name, body) => {
  const outer = [hooks, first];
  hooks = [...hooks];
  first = [...first];
  suites.push(name);
  try { body(); } finally { suites.pop(); [hooks, first] = outer; }
};
export const afterEach = (hook) => hooks.push(hook);
export const beforeEach = (hook) => first.push(hook);
export const test = (name, ...rest) => {
  const run = rest.find((part) => typeof part === 'function');
  const full = [...suites, name].join(' ');
  const tests = globalThis.__collected__;
  let id = file + '#' + full;
  for (let n = 2; tests.has(id); n++) id = file + '#' + full + ' ' + n;
  const before = first;
  tests.set(id, {
    id,
    name: full,
    file,
    run: async () => {
      for (const hook of before) await hook();
      return run();
    },
    after: hooks,
  });
};
const each = (declare) => (table) => (name, body) => {
  for (const row of table) {
    const parts = Array.isArray(row) ? row : [row];
    const shown = parts.filter((part) => typeof part === 'string' || typeof part === 'number');
    const named = name.replace(/\\$(\\w+)/g, (_, key) => String(row[key]));
    declare(format(named, ...shown), () => body(...parts));
  }
};
test.each = each(test);
describe.each = each(describe);
export const it = test;
`;

const bundle = async ({ tests, root }) => {
  const require = createRequire(resolve('package.json'));
  const esbuild = createRequire(require.resolve('tsup'))('esbuild');
  const { globSync } = createRequire(require.resolve('tsup'))('tinyglobby');
  // What replaces modules needs vitest itself.
  const mocks = (path) => readFileSync(path, 'utf8').includes('vi.mock(');
  const files = globSync([...tests], { absolute: true, ignore: ['**/node_modules/**'] })
    .filter((path) => !mocks(path))
    .sort();
  const numbered = files.map(
    (path, i) =>
      `const f${i} = async () => { begin(${JSON.stringify(relative(root ?? '.', path))}); await import(${JSON.stringify(path)}); };`,
  );
  await esbuild.build({
    stdin: {
      contents: `import { begin } from 'vitest-shim';\n${numbered.join('\n')}\n${files.map((_, i) => `await f${i}();`).join('\n')}`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@jpki-rp/source', 'node'],
    outfile: bundleFile(),
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
    external: ['fast-check'],
    logLevel: 'error',
    plugins: [
      {
        name: 'vitest',
        setup(build) {
          build.onResolve({ filter: /^vitest(-shim)?$/ }, ({ importer }) =>
            importer === 'shim' || importer.endsWith('/shim') ? { path: 'vitest', external: true } : { path: 'shim', namespace: 'shim' },
          );
          build.onLoad({ filter: /.*/, namespace: 'shim' }, () => ({ contents: VITEST, resolveDir: process.cwd() }));
        },
      },
    ],
  });
};

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', injectableClass: InProcessRunner }];
