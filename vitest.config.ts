import { defineConfig } from 'vitest/config';
import { CAPABILITIES, patternsOf, probe } from './scripts/capabilities.mjs';

// No `import` or `module` here: the list also reaches Node.js as --conditions, and its require() would then be handed ES modules.
const conditions = ['@jpki-rp/source', 'node'];

export default defineConfig(async () => {
  const present = await probe();
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
      exclude: ['**/node_modules/**', '**/dist/**', ...CAPABILITIES.filter((name) => !present.has(name)).flatMap(patternsOf)],
      environment: 'node',
      reporters: ['default', './test/reporter.ts'],
      testTimeout: 30_000,
      hookTimeout: 60_000,
      maxWorkers: 2,
    },
  };
});
