import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`./packages/verifier/src/${path}`, import.meta.url));

const tests = 'packages/verifier/test';
/** The tests that are nearest to each room: a fault that only a distant test would notice counts as unnoticed. */
const NEAREST: Readonly<Record<string, readonly string[]>> = {
  profile: [`${tests}/profile/**/*.test.ts`],
  signature: [`${tests}/signature/**/*.test.ts`, `${tests}/historic/{signature,algorithm}.test.ts`],
  revocation: [`${tests}/revocation/**/*.test.ts`],
  path: [`${tests}/path/**/*.test.ts`],
};

/** Tests run on the copy of the source in which faults are planted. */
export default defineConfig({
  resolve: {
    conditions: ['@jpki-rp/source', 'node'],
    alias: [
      { find: /^@jpki-rp\/verifier$/, replacement: source('index.ts') },
      { find: /^@jpki-rp\/verifier\/path$/, replacement: source('path/index.ts') },
    ],
  },
  test: {
    include: [...(NEAREST[(process.env['MUTATION_PLACE'] ?? 'profile').split('/')[0] ?? ''] ?? [])],
    exclude: ['**/node_modules/**', '**/bits.test.ts'],
    environment: 'node',
    testTimeout: 20_000,
    maxWorkers: 1,
  },
});
