import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';

const NOTICE =
  '/*! JPKI relying-party page (web-sdk), Apache-2.0. Contains the encoder of qrcode, (c) 2012 Ryan Day, MIT; see THIRD-PARTY-NOTICES.txt */';

/** `JPKI_WEB_OUT`: another folder, for the test that looks at what is built. */
const outDir = process.env['JPKI_WEB_OUT'] ?? 'dist';
// Here and not by tsup's own `clean`: two builds share the folder, and one would sweep away the other's file.
rmSync(outDir, { recursive: true, force: true });

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** What a browser must not download: comments and indentation of the style sheet, and the QR encoder's modes that are never used. */
const slim: Plugin = {
  name: 'slim',
  setup(build) {
    build.onLoad({ filter: /element[\\/]style\.ts$/ }, async ({ path }) => {
      let contents = readFileSync(path, 'utf8');
      for (const [literal, css] of contents.matchAll(/`([^`]*)`/g)) {
        const { code } = await build.esbuild.transform(css ?? '', { loader: 'css', minify: true, target: 'esnext' });
        contents = contents.replace(literal, () => JSON.stringify(code.trim()));
      }
      return { contents, loader: 'ts' };
    });
    build.onResolve({ filter: /^\.\/segments$/ }, () => ({ path: resolve('scripts/byte-segments.cjs') }));
  },
};

const shared: Options = {
  outDir,
  target: 'es2022',
  platform: 'browser',
  // The QR encoder is small and the only dependency: it travels inside.
  noExternal: ['qrcode'],
  banner: { js: NOTICE },
  esbuildPlugins: [slim],
  // Source maps would carry the names of packages that are not part of what is published.
  sourcemap: false,
};

export default defineConfig([
  {
    ...shared,
    entry: { index: 'src/index.ts' },
    format: ['esm', 'cjs'],
    dts: {
      resolve: ['@jpki-rp/node-sdk/wire'],
      compilerOptions: {
        ignoreDeprecations: '6.0',
        paths: { '@jpki-rp/node-sdk/wire': ['../node-sdk/src/http/wire.ts'] },
      },
    },
    splitting: false,
  },
  {
    ...shared,
    entry: { 'jpki-rp': 'src/script.ts' },
    format: ['iife'],
    globalName: 'JpkiRp',
    minify: true,
    onSuccess: async () => {
      const file = join(outDir, 'jpki-rp.global.js');
      const digest = createHash('sha384').update(readFileSync(file)).digest('base64');
      writeFileSync(`${file}.sri`, `sha384-${digest}\n`);
    },
  },
]);
