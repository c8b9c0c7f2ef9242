import { cpSync } from 'node:fs';
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts' },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  shims: false,
  sourcemap: true,
  clean: true,
  // The verifier's object identifiers are constants: inlined, so that the simulator runs without it.
  noExternal: ['@jpki-rp/verifier'],
  esbuildOptions: (options) => {
    options.conditions = ['@jpki-rp/source'];
  },
  onSuccess: async () => cpSync('src/page', 'dist/page', { recursive: true }),
});
