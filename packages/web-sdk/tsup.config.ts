import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Options } from 'tsup';

const NOTICE =
  '/*! @jpki-rp/web-sdk, Apache-2.0. Contains parts of qrcode (c) 2012 Ryan Day and dijkstrajs (c) 2008 Wyatt Baldwin, both MIT; see THIRD-PARTY-NOTICES.txt */';

/** `JPKI_WEB_OUT`: another folder, for the test that looks at what is built. */
const outDir = process.env['JPKI_WEB_OUT'] ?? 'dist';

const shared: Options = {
  outDir,
  target: 'es2022',
  platform: 'browser',
  // The QR encoder is small and the only dependency: it travels inside.
  noExternal: ['qrcode'],
  banner: { js: NOTICE },
  sourcemap: true,
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
    sourcemap: false,
    onSuccess: async () => {
      const file = join(outDir, 'jpki-rp.global.js');
      const digest = createHash('sha384').update(readFileSync(file)).digest('base64');
      writeFileSync(`${file}.sri`, `sha384-${digest}\n`);
    },
  },
]);
