import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    express: 'src/express.ts',
    wire: 'src/http/wire.ts',
    door: 'src/door/index.ts',
    fastify: 'src/fastify.ts',
    hono: 'src/hono.ts',
    next: 'src/next.ts',
    postgres: 'src/store/postgres/index.ts',
    redis: 'src/store/redis/index.ts',
    outbox: 'src/outbox/index.ts',
    keeper: 'src/keeper/index.ts',
    cli: 'src/cli/main.ts',
  },
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  splitting: true,
  shims: false,
  sourcemap: true,
  clean: true,
});
