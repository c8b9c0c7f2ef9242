import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'tsup';

const out = process.env['SOAK_BUILD'] ?? 'test/output/soak-build';

/** The sources of all packages as they stand, in three processes that plain Node.js runs. */
export default defineConfig({
  entry: { run: 'test/soak/run.ts', keeper: 'test/soak/keeper.ts', party: 'test/soak/party.ts' },
  outDir: out,
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  splitting: false,
  silent: true,
  noExternal: [/.*/],
  banner: { js: "import { createRequire as soakRequire } from 'node:module'; const require = soakRequire(import.meta.url);" },
  esbuildOptions: (options) => {
    options.conditions = ['@jpki-rp/source', 'node'];
  },
  onSuccess: async () => cpSync('test/simulator/src/page', join(out, 'page'), { recursive: true }),
});
