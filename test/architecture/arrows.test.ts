import { describe, expect, test } from 'vitest';
import { codeOf, filesUnder, type Import, importsOf, read, resolveRelative } from './source.ts';

interface Room {
  /** Packages that may be imported for their values (their types too). */
  readonly values: RegExp;
  /** Packages of which only types may be imported. */
  readonly types?: RegExp;
  /** One file, one exception: an adapter knows its framework, a port file its library. */
  readonly only?: Readonly<Record<string, RegExp>>;
}

/** The arrows of docs/architecture.md, as code. What is not listed is not allowed. */
const ROOMS: Readonly<Record<string, Room>> = {
  'packages/verifier/src': { values: /^(node:.+|jose|undici|zod|pkijs)$/ },
  'packages/node-sdk/src': {
    values: /^(node:.+|@jpki-rp\/verifier(\/\w+)?|jose|zod|openid-client|qrcode)$/,
    types: /^(express|fastify|hono|next)(\/.+)?$/,
    only: {
      'packages/node-sdk/src/cli/': /^(citty|cli-progress|@peculiar\/x509|reflect-metadata)$/,
      'packages/node-sdk/src/store/': /^(pg|ioredis|@electric-sql\/pglite)$/,
    },
  },
  'packages/web-sdk/src': { values: /^qrcode(\/.+)?$/, types: /^@jpki-rp\/node-sdk\/wire$/ },
  'test/simulator/src': {
    values: /^(node:.+|@peculiar\/x509|asn1js|pkijs|jose|reflect-metadata|@jpki-rp\/verifier\/oids)$/,
    types: /^@jpki-rp\/(verifier|node-sdk)(\/\w+)?$/,
  },
};

const sources = (room: string): string[] => filesUnder(room, /\.(ts|mts|js|mjs)$/);

const isAllowed = (room: Room, file: string, { specifier, typeOnly }: Import): boolean =>
  room.values.test(specifier) ||
  (typeOnly && room.types?.test(specifier) === true) ||
  Object.entries(room.only ?? {}).some(([place, allowed]) => file.startsWith(place) && allowed.test(specifier));

describe.each(Object.entries(ROOMS))('%s', (folder, room) => {
  test('imports only what the architecture lets it import', () => {
    const forbidden = sources(folder).flatMap((file) =>
      importsOf(file)
        .filter(({ specifier }) => !specifier.startsWith('.'))
        .filter((item) => !isAllowed(room, file, item))
        .map(({ specifier, typeOnly }) => `${file} → ${specifier}${typeOnly ? ' (type)' : ''}`),
    );
    expect(forbidden).toEqual([]);
  });

  test('its relative imports stay inside its package and name existing files with their extension', () => {
    const all = new Set(filesUnder(folder.replace(/\/src$/, '')));
    const stray = sources(folder).flatMap((file) =>
      importsOf(file)
        .map(({ specifier }) => resolveRelative(file, specifier))
        .filter((target): target is string => target !== undefined && !all.has(target))
        .map((target) => `${file} → ${target}`),
    );
    expect(stray).toEqual([]);
  });

  test('no file reaches itself through the values it imports', () => {
    const graph = new Map(
      sources(folder).map((file) => [
        file,
        importsOf(file).flatMap(({ specifier, typeOnly }) => (typeOnly ? [] : (resolveRelative(file, specifier) ?? []))),
      ]),
    );
    expect(cyclesOf(graph)).toEqual([]);
  });
});

test('the cycle finder finds a cycle, and only where there is one', () => {
  const edges = (list: Record<string, string[]>) => new Map(Object.entries(list));
  expect(cyclesOf(edges({ a: ['b'], b: ['c'], c: [] }))).toEqual([]);
  expect(cyclesOf(edges({ a: ['b'], b: ['c'], c: ['a'] }))).toEqual(['a → b → c → a']);
});

test('nothing under packages/ mentions a simulator except as an environment kind', () => {
  const sentences = filesUnder('packages', /\/(src\/.+\.ts|package\.json)$/).flatMap((file) => {
    const text = file.endsWith('.ts') ? codeOf(file) : read(file);
    return text
      .split('\n')
      .filter((line) => /simulator/i.test(line.replaceAll(/(['"])simulator\1/g, '')))
      .map((line) => `${file}: ${line.trim()}`);
  });
  expect(sentences).toEqual([]);
});

test('the manifests draw the same arrows', () => {
  const ours = (path: string, key: string): string[] =>
    Object.keys((JSON.parse(read(path))[key] ?? {}) as Record<string, string>)
      .filter((name) => name.startsWith('@jpki-rp/'))
      .sort();
  expect(ours('packages/verifier/package.json', 'dependencies')).toEqual([]);
  expect(ours('packages/verifier/package.json', 'devDependencies')).toEqual([]);
  expect(ours('packages/node-sdk/package.json', 'dependencies')).toEqual(['@jpki-rp/verifier']);
  expect(ours('packages/node-sdk/package.json', 'devDependencies')).toEqual([]);
  expect(ours('packages/web-sdk/package.json', 'dependencies')).toEqual([]);
  expect(ours('packages/web-sdk/package.json', 'devDependencies')).toEqual(['@jpki-rp/node-sdk']);
});

/** Each cycle once, as `a → b → a`, starting with its first file in alphabetical order. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Set<string>();
  const finished = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start >= 0) {
      const cycle = trail.slice(start);
      const first = cycle.indexOf([...cycle].sort()[0] ?? file);
      const turned = [...cycle.slice(first), ...cycle.slice(0, first)];
      found.add([...turned, turned[0]].join(' → '));
      return;
    }
    if (finished.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
    finished.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return [...found].sort();
}
