/** Installs and builds what is missing or stale, and nothing else. Needs only Node.js and npm. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pnpm, root } from './process.mjs';

/** In the order in which they must be built. */
const WORKSPACES = ['packages/verifier', 'packages/node-sdk', 'packages/web-sdk', 'test/simulator'];
const STAMPS = join(root, 'node_modules', '.jpki-rp');

const manifests = () => {
  const examples = existsSync(join(root, 'examples')) ? readdirSync(join(root, 'examples')).map((name) => `examples/${name}`) : [];
  return [...WORKSPACES, ...examples].filter((folder) => existsSync(join(root, folder, 'package.json')));
};

function* files(path) {
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name === 'test') continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) yield* files(child);
    else yield child;
  }
}

/** Content, not times: a fresh clone, a checkout and a touched file all give the same answer. */
function hash(paths) {
  const sum = createHash('sha256');
  for (const path of paths) sum.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0');
  return sum.digest('hex');
}

const stampOf = (name) => join(STAMPS, name.replaceAll('/', '-'));
const isFresh = (name, value) => existsSync(stampOf(name)) && readFileSync(stampOf(name), 'utf8') === value;
function stamp(name, value) {
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stampOf(name), value);
}

const step = async (ja, en, work) => {
  console.log(`\n▸ ${ja} / ${en}`);
  const code = await work();
  if (code !== 0) {
    console.error(`✗ 失敗: ${ja} / failed: ${en} (exit ${code})`);
    process.exit(code);
  }
};

/** Installs from the lockfile unless the same lockfile and manifests were installed before. */
export async function install() {
  const inputs = ['pnpm-lock.yaml', 'package.json', ...manifests().map((folder) => `${folder}/package.json`)].map((path) =>
    join(root, path),
  );
  const value = hash(inputs);
  const present = manifests().every((folder) => existsSync(join(root, folder, 'node_modules'))) && existsSync(join(root, 'node_modules'));
  if (present && isFresh('install', value)) return;
  await step('依存パッケージを入れています', 'installing dependencies', () => pnpm(['install', '--frozen-lockfile', '--prefer-offline']));
  stamp('install', value);
}

/** Builds the packages whose sources (or whose dependencies' sources) differ from what was built last. */
export async function build({ examples = true, force = false } = {}) {
  const upstream = [];
  for (const folder of manifests()) {
    if (!examples && folder.startsWith('examples/')) continue;
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    upstream.push(hash(files(join(root, folder))));
    const value = createHash('sha256').update(upstream.join()).digest('hex');
    if (manifest.scripts?.build === undefined) continue;
    if (!force && existsSync(join(root, folder, 'dist')) && isFresh(folder, value)) continue;
    await step(`${folder} をビルドしています`, `building ${folder}`, () => pnpm(['--dir', folder, 'run', 'build']));
    stamp(folder, value);
  }
}
