import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    oids: 'src/der/oids.ts',
    path: 'src/path/index.ts',
    cms: 'src/signature/cms.ts',
    links: 'src/links/index.ts',
    evidence: 'src/evidence/index.ts',
    crl: 'src/crl/index.ts',
    inspect: 'src/inspect/index.ts',
    net: 'src/net/index.ts',
  },
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  dts: { compilerOptions: { ignoreDeprecations: '6.0', customConditions: ['@jpki-rp/source'] } },
  splitting: true,
  shims: false,
  sourcemap: true,
  clean: true,
});
