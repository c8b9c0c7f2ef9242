import { expect, test } from 'vitest';
import { filesUnder, read } from './source.ts';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly packageManager?: string;
  readonly scripts?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

const manifests = filesUnder('', /(^|\/)package\.json$/).map((path) => ({ path, manifest: JSON.parse(read(path)) as Manifest }));
const published = manifests.filter(({ path }) => path.startsWith('packages/'));

/** Everything a newcomer's install brings is named here; one more needs a reason. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  '@jpki-rp/verifier': ['jose', 'pkijs', 'undici', 'zod'],
  '@jpki-rp/node-sdk': [
    '@jpki-rp/verifier',
    '@peculiar/x509',
    'citty',
    'cli-progress',
    'jose',
    'openid-client',
    'qrcode',
    'reflect-metadata',
    'zod',
  ],
  '@jpki-rp/web-sdk': [],
};

test('the packages depend at run time on nothing but the agreed libraries', () => {
  const extra = published.flatMap(({ manifest }) =>
    Object.keys(manifest.dependencies ?? {})
      .filter((name) => !ALLOWED[manifest.name]?.includes(name))
      .map((name) => `${manifest.name} → ${name}`),
  );
  expect(extra).toEqual([]);
});

test('every dependency is pinned exactly', () => {
  const loose = manifests.flatMap(({ path, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
      .filter(([, version]) => !/^(\d+\.\d+\.\d+|workspace:\*)$/.test(version))
      .map(([name, version]) => `${path}: ${name}@${version}`),
  );
  expect(loose).toEqual([]);
});

test('peers are optional', () => {
  const demanded = published.flatMap(({ manifest }) =>
    Object.keys(manifest.peerDependencies ?? {})
      .filter((name) => manifest.peerDependenciesMeta?.[name]?.optional !== true)
      .map((name) => `${manifest.name} → ${name}`),
  );
  expect(demanded).toEqual([]);
});

test('one version of asn1js is in the lockfile, as two would break instanceof between libraries', () => {
  const versions = new Set([...read('pnpm-lock.yaml').matchAll(/^ {2}asn1js@([\d.]+):/gm)].map(([, version]) => version));
  expect([...versions]).toEqual(['3.1.0']);
});

test('no package runs a script when it is installed', () => {
  const scripted = manifests.filter(({ manifest }) =>
    ['preinstall', 'install', 'postinstall', 'prepare'].some((name) => manifest.scripts?.[name]),
  );
  expect(scripted.map(({ path }) => path)).toEqual([]);
});

test('every package is Apache-2.0, and the published ones are not private', () => {
  expect(manifests.filter(({ manifest }) => manifest.license !== 'Apache-2.0').map(({ path }) => path)).toEqual([]);
  expect(published.filter(({ manifest }) => manifest.private === true).map(({ path }) => path)).toEqual([]);
});

test('no packageManager field: it breaks one of the pnpm versions in use', () => {
  expect(manifests.filter(({ manifest }) => manifest.packageManager !== undefined).map(({ path }) => path)).toEqual([]);
});
