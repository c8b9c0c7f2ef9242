import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', express: 'src/express.ts', wire: 'src/http/wire.ts', door: 'src/door/index.ts' },
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  splitting: true,
  shims: false,
  sourcemap: true,
  clean: true,
});
