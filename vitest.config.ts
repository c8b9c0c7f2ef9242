import { defineConfig } from 'vitest/config';
import { CAPABILITIES, patternsOf, probe } from './scripts/capabilities.mjs';

// No `import` or `module` here: the list also reaches Node.js as --conditions, and its require() would then be handed ES modules.
const conditions = ['@jpki-rp/source', 'node'];

const OUTSIDE = ['**/node_modules/**', '**/dist/**'];
const SOAK = 'test/soak/soak.test.ts';

export default defineConfig(async () => {
  const present = await probe();
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      environment: 'node',
      reporters: ['default', './test/reporter.ts'],
      testTimeout: 30_000,
      hookTimeout: 60_000,
      maxWorkers: 2,
      projects: [
        {
          extends: true as const,
          test: {
            name: 'all',
            include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
            exclude: [...OUTSIDE, SOAK, ...CAPABILITIES.filter((name) => !present.has(name)).flatMap(patternsOf)],
          },
        },
        // Alone and last: it asks for so many verifications a second, and would starve and be starved beside others.
        { extends: true as const, test: { name: 'soak', include: [SOAK], exclude: OUTSIDE, sequence: { groupOrder: 1 } } },
      ],
    },
  };
});
